#include "sql/type_names.h"

#include <iterator>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "sql/collation.h"

namespace tarn::sql {

namespace {

constexpr TypeSpelling kSpellings[] = {
    {"BYTE", "TINYINT"},
    {"TIMESTAMP_NTZ", "TIMESTAMP"},
    {"TIMESTAMP_LTZ", "TIMESTAMP WITH TIME ZONE"},
};

struct LimitedType {
    std::string_view name;
    bool is_char;
    bool is_engines;
};
constexpr LimitedType kLimitedTypes[] = {
    {"VARCHAR", false, true},        {"CHAR", true, true},        {"CHARACTER", true, true},
    {"SPARK_VARCHAR", false, false}, {"SPARK_CHAR", true, false},
};

class TypeRewriter {
public:
    TypeRewriter(TokenCursor& cursor, StatementRewriter& rewriter, bool keeps_collations)
        : cursor_(cursor), rewriter_(rewriter), keeps_collations_(keeps_collations) {}

    TypeRules Rewrite(int depth) {
        if (depth > kMaxNesting) {
            throw Error(ErrorKind::kLimitExceeded, "types nest deeper than {} levels", kMaxNesting)
                .At(SpotOf(cursor_.Peek().position));
        }
        TypeRules rules = RewriteWithoutSuffix(depth);
        while (cursor_.AtSymbol("[")) {
            cursor_.SkipGroup();
            rules = Below("element", std::move(rules));
        }
        return rules;
    }

private:
    TypeRules RewriteWithoutSuffix(int depth) {
        const bool is_struct = cursor_.AtWord("STRUCT") || cursor_.AtWord("ROW");
        if (is_struct && IsSymbol(cursor_.Peek(1), "(")) return RewriteOwnStruct(depth);
        if (IsSymbol(cursor_.Peek(1), "<")) {
            if (cursor_.AtWord("ARRAY")) return RewriteArray(depth);
            if (cursor_.AtWord("MAP")) return RewriteMap(depth);
            if (cursor_.AtWord("STRUCT")) return RewriteStruct(depth);
        }
        for (const TypeSpelling& spelling : kSpellings) {
            if (cursor_.AtWord(spelling.written)) ReplaceHere(std::string(spelling.engine));
        }
        if (cursor_.Peek().kind != TokenKind::kIdentifier &&
            cursor_.Peek().kind != TokenKind::kQuotedIdentifier) {
            cursor_.FailExpected("a type");
        }
        TypeRules rules;
        if (auto limit = ReadLimited()) {
            rules.text_limits.push_back(*std::move(limit));
        } else {
            cursor_.Next();
            while (cursor_.AtSymbol("(")) cursor_.SkipGroup();
        }
        if (!keeps_collations_) CutCollation();
        return rules;
    }

    // VARCHAR(n); what the engine does not know becomes VARCHAR.
    std::optional<TextLimit> ReadLimited() {
        if (!IsSymbol(cursor_.Peek(1), "(") || !IsSymbol(cursor_.Peek(3), ")")) return std::nullopt;
        for (const LimitedType& type : kLimitedTypes) {
            if (!cursor_.AtWord(type.name)) continue;
            const size_t word = cursor_.index();
            const auto length = ParseInt(cursor_.Peek(2).text);
            cursor_.MoveTo(word + 2);
            if (!length) cursor_.FailExpected("a length");
            cursor_.MoveTo(word + 4);
            if (!type.is_engines) {
                rewriter_.Replace(word, "VARCHAR");
                for (size_t i = word + 1; i < word + 4; ++i) rewriter_.Replace(i, "");
            }
            return TextLimit{{}, type.is_char, *length, type.is_engines};
        }
        return std::nullopt;
    }

    // Texts are compared by their bytes: the collation that says so needs no word.
    void CutCollation() {
        const size_t first = cursor_.index();
        if (!cursor_.AcceptWord("COLLATE")) return;
        const TextPosition at = cursor_.Peek().position;
        CheckCollation(cursor_.ExpectQualifiedName("a collation").parts.back(), at);
        rewriter_.Cut(first, cursor_.index());
    }

    void ReplaceHere(std::string text) { rewriter_.Replace(cursor_.index(), std::move(text)); }

    void ExpectReplaced(std::string_view symbol, std::string replacement) {
        if (!cursor_.AtSymbol(symbol)) cursor_.FailExpected(fmt::format("'{}'", symbol));
        ReplaceHere(std::move(replacement));
        cursor_.Next();
    }

    static TypeRules Below(const std::string& name, TypeRules rules) {
        for (auto& path : rules.not_null) path.insert(path.begin(), name);
        for (TextLimit& limit : rules.text_limits) limit.path.insert(limit.path.begin(), name);
        return rules;
    }

    static void Append(TypeRules more, TypeRules& rules) {
        std::move(more.not_null.begin(), more.not_null.end(), std::back_inserter(rules.not_null));
        std::move(more.text_limits.begin(), more.text_limits.end(),
                  std::back_inserter(rules.text_limits));
    }

    // ARRAY<T> to T[]
    TypeRules RewriteArray(int depth) {
        size_t word = cursor_.index();
        cursor_.MoveTo(word + 2);
        rewriter_.Cut(word, word + 2);
        TypeRules rules = Below("element", Rewrite(depth + 1));
        ExpectReplaced(">", "[]");
        return rules;
    }

    // MAP<K, V> to MAP(K, V)
    TypeRules RewriteMap(int depth) {
        cursor_.Next();
        ExpectReplaced("<", "(");
        TypeRules rules = Below("key", Rewrite(depth + 1));
        cursor_.ExpectSymbol(",");
        Append(Below("value", Rewrite(depth + 1)), rules);
        ExpectReplaced(">", ")");
        return rules;
    }

    // STRUCT<a: T NOT NULL COMMENT 'x', b: U> to STRUCT(a T, b U)
    TypeRules RewriteStruct(int depth) {
        cursor_.Next();
        ExpectReplaced("<", "(");
        TypeRules rules = RewriteFields(depth, false);
        ExpectReplaced(">", ")");
        return rules;
    }

    // STRUCT(a T NOT NULL, b U) to STRUCT(a T, b U)
    TypeRules RewriteOwnStruct(int depth) {
        cursor_.Next();
        cursor_.ExpectSymbol("(");
        TypeRules rules = RewriteFields(depth, true);
        cursor_.ExpectSymbol(")");
        return rules;
    }

    // Types of several words are the engine's own.
    void SkipRestOfType() {
        while (!cursor_.AtEnd() && !cursor_.AtSymbol(",") && !cursor_.AtSymbol(")") &&
               !cursor_.AtWords({"NOT", "NULL"}) && !cursor_.AtWord("COMMENT")) {
            cursor_.SkipGroup();
        }
    }

    TypeRules RewriteFields(int depth, bool is_own) {
        TypeRules rules;
        do {
            const std::string name = cursor_.ExpectName("a field name");
            if (cursor_.AtSymbol(":")) ExpectReplaced(":", " ");
            Append(Below(name, Rewrite(depth + 1)), rules);
            if (is_own) SkipRestOfType();
            const size_t clauses = cursor_.index();
            if (cursor_.AcceptWords({"NOT", "NULL"})) rules.not_null.push_back({name});
            if (cursor_.AcceptWord("COMMENT")) cursor_.ExpectString("the text of the comment");
            if (cursor_.index() > clauses) rewriter_.Cut(clauses, cursor_.index());
        } while (cursor_.AcceptSymbol(","));
        return rules;
    }

    TokenCursor& cursor_;
    StatementRewriter& rewriter_;
    const bool keeps_collations_;
};

}  // namespace

std::span<const TypeSpelling> TypeSpellings() { return kSpellings; }

TypeRules RewriteColumnType(TokenCursor& cursor, StatementRewriter& rewriter,
                            bool keeps_collations) {
    return TypeRewriter(cursor, rewriter, keeps_collations).Rewrite(0);
}

std::pair<std::string, TypeRules> ReadColumnType(TokenCursor& cursor) {
    const std::vector<Token>& tokens = cursor.tokens();
    const size_t first = cursor.index();
    // Once to find its end, with edits that nobody reads.
    Statement whole;
    whole.text.assign(tokens.back().end(), ' ');
    StatementRewriter ignored(whole, tokens);
    RewriteColumnType(cursor, ignored);
    const char* begin = tokens[first].text.data();
    const Token& last = tokens[cursor.index() - 1];
    Statement type;
    type.text = std::string(begin, last.text.data() + last.text.size());
    const std::vector<Token> own = Lex(type.text);
    StatementRewriter rewriter(type, own);
    TokenCursor inner(own);
    TypeRules rules = RewriteColumnType(inner, rewriter);
    return {rewriter.Build().text, std::move(rules)};
}

std::vector<TextLimit> OwnLimits(std::vector<TextLimit> limits) {
    std::erase_if(limits, [](const TextLimit& limit) { return limit.is_engines; });
    return limits;
}

}  // namespace tarn::sql
