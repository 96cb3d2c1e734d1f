#include "engine/duck/view_definition.h"

#include "engine/duck/client_state.h"
#include "engine/duck/table_texts.h"
#include "sql/lexer.h"
#include "sql/quote.h"

namespace tarn::engine::duck {
namespace {

constexpr std::string_view kOwn = "tarn.";
constexpr const char* kColumns = "tarn.columns";
constexpr const char* kQuery = "tarn.query";

std::string Named(const DirectoryEntry& view, const char* key) {
    const auto found = view.properties.find(key);
    return found == view.properties.end() ? std::string() : found->second;
}

}  // namespace

void CheckPropertyName(const std::string& key) {
    if (!key.starts_with(kOwn)) return;
    throw Error(ErrorKind::kInvalidInput,
                "the property {} of a view is Tarn's own: take a name "
                "that does not begin with {}",
                key, kOwn);
}

void DescribeView(duckdb::ClientContext& client, const std::optional<DirectoryEntry>& existing,
                  DirectoryEntry& row) {
    const sql::EntryClauses& said = ClientState::Of(client).entry;
    if (said.keeps_rest && existing) {
        row.comment = existing->comment;
        row.properties = PropertiesOf(*existing);
    }
    if (said.comment) row.comment = *said.comment;
    for (const auto& [key, value] : said.properties) {
        CheckPropertyName(key);
        row.properties[key] = value;
    }
    if (!said.columns.empty()) row.properties[kColumns] = said.columns;
    if (!said.query.empty()) row.properties[kQuery] = said.query;
}

std::map<size_t, std::string> ColumnComments(const DirectoryEntry& view) {
    std::map<size_t, std::string> comments;
    const std::string columns = Named(view, kColumns);
    const std::vector<sql::Token> tokens = sql::Lex(columns, {}, sql::Dialect::kSpark);
    size_t place = 0;
    for (size_t i = 0; i + 1 < tokens.size(); i++) {
        if (sql::IsSymbol(tokens[i], ",")) place++;
        const bool is_comment =
            sql::IsWord(tokens[i], "COMMENT") && tokens[i + 1].kind == sql::TokenKind::kString;
        if (is_comment) comments[place] = sql::UnquoteSparkLiteral(tokens[i + 1].text);
    }
    return comments;
}

std::map<std::string, std::string> PropertiesOf(const DirectoryEntry& view) {
    std::map<std::string, std::string> properties = view.properties;
    std::erase_if(properties, [](const auto& one) { return one.first.starts_with(kOwn); });
    return properties;
}

std::string QueryText(const DirectoryEntry& view) {
    const std::string written = Named(view, kQuery);
    return written.empty() ? view.sql : written;
}

std::string CreateViewText(const DirectoryEntry& view, sql::Dialect dialect) {
    std::string text = "CREATE VIEW " + QuotedName(view.name, dialect);
    const std::string columns = Named(view, kColumns);
    if (!columns.empty()) text += " " + columns;
    text += CommentAndProperties(view.comment, PropertiesOf(view), dialect);
    return text + "\nAS " + QueryText(view);
}

}  // namespace tarn::engine::duck
