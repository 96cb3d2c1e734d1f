#include "sql/type_names.h"

#include <iterator>
#include <utility>

#include "base/error.h"
#include "sql/collation.h"

namespace tarn::sql {

namespace {

constexpr TypeSpelling kSpellings[] = {
    {"BYTE", "TINYINT"},
    {"TIMESTAMP_NTZ", "TIMESTAMP"},
    {"TIMESTAMP_LTZ", "TIMESTAMP WITH TIME ZONE"},
};

class TypeRewriter {
public:
    TypeRewriter(TokenCursor& cursor, StatementRewriter& rewriter, bool keeps_collations)
        : cursor_(cursor), rewriter_(rewriter), keeps_collations_(keeps_collations) {}

    FieldPaths Rewrite(int depth) {
        if (depth > kMaxNesting) {
            throw Error(ErrorKind::kLimitExceeded, "types nest deeper than {} levels", kMaxNesting)
                .At(SpotOf(cursor_.Peek().position));
        }
        FieldPaths not_null = RewriteWithoutSuffix(depth);
        while (cursor_.AtSymbol("[")) {
            cursor_.SkipGroup();
            not_null = Below("element", std::move(not_null));
        }
        return not_null;
    }

private:
    FieldPaths RewriteWithoutSuffix(int depth) {
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
        cursor_.Next();
        while (cursor_.AtSymbol("(")) cursor_.SkipGroup();
        if (!keeps_collations_) CutCollation();
        return {};
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

    static FieldPaths Below(const std::string& name, FieldPaths paths) {
        for (auto& path : paths) path.insert(path.begin(), name);
        return paths;
    }

    static void Append(FieldPaths more, FieldPaths& paths) {
        paths.insert(paths.end(), std::make_move_iterator(more.begin()),
                     std::make_move_iterator(more.end()));
    }

    // ARRAY<T> to T[]
    FieldPaths RewriteArray(int depth) {
        size_t word = cursor_.index();
        cursor_.MoveTo(word + 2);
        rewriter_.Cut(word, word + 2);
        FieldPaths not_null = Below("element", Rewrite(depth + 1));
        ExpectReplaced(">", "[]");
        return not_null;
    }

    // MAP<K, V> to MAP(K, V)
    FieldPaths RewriteMap(int depth) {
        cursor_.Next();
        ExpectReplaced("<", "(");
        FieldPaths not_null = Below("key", Rewrite(depth + 1));
        cursor_.ExpectSymbol(",");
        Append(Below("value", Rewrite(depth + 1)), not_null);
        ExpectReplaced(">", ")");
        return not_null;
    }

    // STRUCT<a: T NOT NULL COMMENT 'x', b: U> to STRUCT(a T, b U)
    FieldPaths RewriteStruct(int depth) {
        cursor_.Next();
        ExpectReplaced("<", "(");
        FieldPaths not_null = RewriteFields(depth, false);
        ExpectReplaced(">", ")");
        return not_null;
    }

    // STRUCT(a T NOT NULL, b U) to STRUCT(a T, b U)
    FieldPaths RewriteOwnStruct(int depth) {
        cursor_.Next();
        cursor_.ExpectSymbol("(");
        FieldPaths not_null = RewriteFields(depth, true);
        cursor_.ExpectSymbol(")");
        return not_null;
    }

    // Types of several words are the engine's own.
    void SkipRestOfType() {
        while (!cursor_.AtEnd() && !cursor_.AtSymbol(",") && !cursor_.AtSymbol(")") &&
               !cursor_.AtWords({"NOT", "NULL"}) && !cursor_.AtWord("COMMENT")) {
            cursor_.SkipGroup();
        }
    }

    FieldPaths RewriteFields(int depth, bool is_own) {
        FieldPaths not_null;
        do {
            const std::string name = cursor_.ExpectName("a field name");
            if (cursor_.AtSymbol(":")) ExpectReplaced(":", " ");
            Append(Below(name, Rewrite(depth + 1)), not_null);
            if (is_own) SkipRestOfType();
            const size_t clauses = cursor_.index();
            if (cursor_.AcceptWords({"NOT", "NULL"})) not_null.push_back({name});
            if (cursor_.AcceptWord("COMMENT")) cursor_.ExpectString("the text of the comment");
            if (cursor_.index() > clauses) rewriter_.Cut(clauses, cursor_.index());
        } while (cursor_.AcceptSymbol(","));
        return not_null;
    }

    TokenCursor& cursor_;
    StatementRewriter& rewriter_;
    const bool keeps_collations_;
};

}  // namespace

std::span<const TypeSpelling> TypeSpellings() { return kSpellings; }

FieldPaths RewriteColumnType(TokenCursor& cursor, StatementRewriter& rewriter,
                             bool keeps_collations) {
    return TypeRewriter(cursor, rewriter, keeps_collations).Rewrite(0);
}

std::pair<std::string, FieldPaths> ReadColumnType(TokenCursor& cursor) {
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
    FieldPaths not_null = RewriteColumnType(inner, rewriter);
    return {rewriter.Build().text, std::move(not_null)};
}

}  // namespace tarn::sql
