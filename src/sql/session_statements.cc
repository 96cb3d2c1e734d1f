#include "sql/session_statements.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "base/text.h"
#include "sql/quote.h"

namespace tarn::sql {
namespace {

constexpr std::string_view kSpark = "spark";
// Of a session of Databricks SQL; the engine has none of these names.
constexpr std::string_view kParameters[] = {"ansi_mode",
                                            "enable_photon",
                                            "legacy_time_parser_policy",
                                            "max_file_partition_bytes",
                                            "read_only_external_metastore",
                                            "use_cached_result"};

bool IsText(const Token& token) { return token.kind == TokenKind::kString; }

// The rest as it stands, without spaces; a text without its quotes.
std::string RestOf(TokenCursor& cursor) {
    std::string rest;
    while (!cursor.AtEnd()) {
        const Token& token = cursor.Next();
        rest += IsText(token) ? UnquoteLiteral(token.text) : std::string(token.text);
    }
    return rest;
}

// CACHE [LAZY] TABLE name [OPTIONS (..)] [AS] query makes a view of that name.
bool NamesQuery(TokenCursor cursor) {
    cursor.Next();
    cursor.AcceptWord("LAZY");
    if (!cursor.AcceptWord("TABLE")) return false;
    while (!cursor.AtEnd()) {
        for (const char* word : {"AS", "SELECT", "WITH", "VALUES"}) {
            if (cursor.AtWord(word)) return true;
        }
        cursor.SkipGroup();
    }
    return false;
}

}  // namespace

std::optional<SparkSetting> ReadSparkSetting(TokenCursor cursor) {
    SparkSetting setting;
    setting.is_reset = cursor.AtWord("RESET");
    if (!setting.is_reset && !cursor.AtWord("SET")) return std::nullopt;
    cursor.Next();
    const bool is_told_more =
        !setting.is_reset && IsSymbol(cursor.Peek(), "-") && IsWord(cursor.Peek(1), "V");
    if (cursor.AtEnd() || (is_told_more && cursor.Peek(2).kind == TokenKind::kEnd)) return setting;
    cursor.AcceptWord("SESSION");
    const Token& first = cursor.Peek();
    const std::string name = first.kind == TokenKind::kQuotedIdentifier
                                 ? UnquoteIdentifier(first.text)
                                 : std::string(first.text);
    const bool is_quoted = first.kind == TokenKind::kQuotedIdentifier;
    const bool is_spark =
        EqualsIgnoreCase(name.substr(0, kSpark.size()), kSpark) &&
        (is_quoted ? name.substr(kSpark.size()).starts_with('.') : IsSymbol(cursor.Peek(1), "."));
    const std::string parameter = AsciiLower(name);
    const bool is_parameter = std::find(std::begin(kParameters), std::end(kParameters),
                                        parameter) != std::end(kParameters) &&
                              (setting.is_reset || IsSymbol(cursor.Peek(1), "="));
    if (!is_spark && !is_parameter) return std::nullopt;
    cursor.Next();
    setting.name = name;
    while (cursor.AcceptSymbol(".")) setting.name += "." + std::string(cursor.Next().text);
    if (cursor.AtEnd()) return setting;
    cursor.ExpectSymbol("=");
    setting.value = RestOf(cursor);
    return setting;
}

std::optional<NothingToDo> ReadNothingToDo(TokenCursor cursor) {
    const bool caches = cursor.AtWord("CACHE") && !NamesQuery(cursor);
    if (caches || cursor.AtWord("UNCACHE") || cursor.AtWords({"CLEAR", "CACHE"}))
        return NothingToDo{"Tarn caches what is read often by itself: nothing to do"};
    if (cursor.AtWord("REFRESH") && !IsWord(cursor.Peek(1), "MATERIALIZED") &&
        !IsWord(cursor.Peek(1), "STREAMING"))
        return NothingToDo{"every statement reads the latest version: nothing to refresh"};
    if (cursor.AtWords({"ANALYZE", "TABLE"}) || cursor.AtWords({"ANALYZE", "TABLES"}))
        return NothingToDo{"statistics are written with every file: nothing to compute"};
    if (cursor.AcceptWords({"ALTER", "VIEW"}) && cursor.AtName()) {
        cursor.ExpectQualifiedName("a view");
        if (cursor.AtWords({"WITH", "SCHEMA"})) {
            return NothingToDo{
                "a view's query is bound anew whenever it is read: nothing to change"};
        }
    }
    return std::nullopt;
}

}  // namespace tarn::sql
