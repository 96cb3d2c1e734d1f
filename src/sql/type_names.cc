#include "sql/type_names.h"

#include <string_view>

#include "base/error.h"

namespace tarn::sql {

namespace {

constexpr TypeSpelling kSpellings[] = {
    {"BYTE", "TINYINT"},
    {"TIMESTAMP_NTZ", "TIMESTAMP"},
    {"TIMESTAMP_LTZ", "TIMESTAMP WITH TIME ZONE"},
};

class TypeRewriter {
public:
    TypeRewriter(TokenCursor& cursor, StatementRewriter& rewriter)
        : cursor_(cursor), rewriter_(rewriter) {}

    void Rewrite(int depth) {
        if (depth > kMaxNesting) {
            throw Error(ErrorKind::kLimitExceeded, "types nest deeper than {} levels", kMaxNesting)
                .At(SpotOf(cursor_.Peek().position));
        }
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
        while (cursor_.AtSymbol("(") || cursor_.AtSymbol("[")) cursor_.SkipGroup();
    }

private:
    void ReplaceHere(std::string text) { rewriter_.Replace(cursor_.index(), std::move(text)); }

    void ExpectReplaced(std::string_view symbol, std::string replacement) {
        if (!cursor_.AtSymbol(symbol)) cursor_.FailExpected(fmt::format("'{}'", symbol));
        ReplaceHere(std::move(replacement));
        cursor_.Next();
    }

    // ARRAY<T> to T[]
    void RewriteArray(int depth) {
        size_t word = cursor_.index();
        cursor_.MoveTo(word + 2);
        rewriter_.Cut(word, word + 2);
        Rewrite(depth + 1);
        ExpectReplaced(">", "[]");
    }

    // MAP<K, V> to MAP(K, V)
    void RewriteMap(int depth) {
        cursor_.Next();
        ExpectReplaced("<", "(");
        Rewrite(depth + 1);
        cursor_.ExpectSymbol(",");
        Rewrite(depth + 1);
        ExpectReplaced(">", ")");
    }

    // STRUCT<a: T COMMENT 'x', b: U> to STRUCT(a T, b U)
    void RewriteStruct(int depth) {
        cursor_.Next();
        ExpectReplaced("<", "(");
        do {
            cursor_.ExpectName("a field name");
            if (cursor_.AtSymbol(":")) ExpectReplaced(":", " ");
            Rewrite(depth + 1);
            if (cursor_.AtWord("COMMENT")) {
                size_t comment = cursor_.index();
                cursor_.Next();
                cursor_.ExpectString("the text of the comment");
                rewriter_.Cut(comment, cursor_.index());
            }
        } while (cursor_.AcceptSymbol(","));
        ExpectReplaced(">", ")");
    }

    TokenCursor& cursor_;
    StatementRewriter& rewriter_;
};

}  // namespace

std::span<const TypeSpelling> TypeSpellings() { return kSpellings; }

void RewriteColumnType(TokenCursor& cursor, StatementRewriter& rewriter) {
    TypeRewriter(cursor, rewriter).Rewrite(0);
}

}  // namespace tarn::sql
