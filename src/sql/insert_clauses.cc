#include "sql/insert_clauses.h"

#include "sql/quote.h"

namespace tarn::sql {
namespace {

using Replaces = InsertClauses::Replaces;

bool BeginsQuery(const Token& token) {
    return IsWord(token, "SELECT") || IsWord(token, "VALUES") || IsWord(token, "WITH") ||
           IsWord(token, "FROM") || IsWord(token, "TABLE");
}

class Reader {
public:
    Reader(const TokenCursor& cursor, StatementRewriter& rewriter)
        : cursor_(cursor), rewriter_(rewriter) {}

    std::optional<InsertClauses> Read() {
        while (!cursor_.AtEnd() && !cursor_.AtWord("INSERT")) cursor_.SkipGroup();
        cursor_.Next();
        cursor_.AcceptWords({"WITH", "SCHEMA", "EVOLUTION"});
        if (cursor_.AtWord("OVERWRITE")) {
            rewriter_.Replace(cursor_.index(), "INTO");
            cursor_.Next();
            clauses_.replaces = Replaces::kAll;
            Drop("INTO");
        } else if (!cursor_.AcceptWord("INTO")) {
            return std::nullopt;
        }
        if (cursor_.Peek(1).kind != TokenKind::kSymbol && !BeginsQuery(cursor_.Peek(1)))
            Drop("TABLE");
        clauses_.table = cursor_.ExpectQualifiedName("a table name").ToSql();
        if (cursor_.AtWord("PARTITION")) ReadPartition();
        ReadReplace();
        const bool has_any = clauses_.replaces != Replaces::kNothing || !clauses_.partition.empty();
        return has_any ? std::optional(std::move(clauses_)) : std::nullopt;
    }

private:
    void Drop(std::string_view word) {
        if (!cursor_.AcceptWord(word)) return;
        rewriter_.Cut(cursor_.index() - 1, cursor_.index());
    }

    // As the engine spells it: the user's bytes, but for names in backticks.
    std::string TextOf(size_t begin, size_t end) const {
        const std::vector<Token>& tokens = rewriter_.tokens();
        std::string text;
        for (size_t i = begin; i < end; ++i) {
            if (i > begin && tokens[i - 1].end() != tokens[i].begin) text += ' ';
            const bool is_backtick =
                tokens[i].kind == TokenKind::kQuotedIdentifier && tokens[i].text.front() == '`';
            text += is_backtick ? QuoteIdentifier(UnquoteIdentifier(tokens[i].text))
                                : std::string(tokens[i].text);
        }
        return text;
    }

    // PARTITION (a = 'x', b)
    void ReadPartition() {
        const size_t begin = cursor_.index();
        cursor_.Next();
        cursor_.ExpectSymbol("(");
        do {
            const std::string name = cursor_.ExpectName("a partition column");
            std::optional<std::string> value;
            if (cursor_.AcceptSymbol("=")) {
                const size_t first = cursor_.index();
                while (!cursor_.AtEnd() && !cursor_.AtSymbol(",") && !cursor_.AtSymbol(")"))
                    cursor_.SkipGroup();
                if (cursor_.index() == first) cursor_.FailExpected("a value");
                value = TextOf(first, cursor_.index());
            }
            clauses_.partition.emplace_back(name, std::move(value));
        } while (cursor_.AcceptSymbol(","));
        cursor_.ExpectSymbol(")");
        rewriter_.Cut(begin, cursor_.index());
        if (clauses_.replaces == Replaces::kAll) clauses_.replaces = Replaces::kPartitions;
    }

    // [[AS] alias] [(columns)] [BY NAME] REPLACE ...
    void ReadReplace() {
        const size_t alias = cursor_.index();
        cursor_.AcceptWord("AS");
        const bool is_named = cursor_.AtName() && !cursor_.AtWord("REPLACE") &&
                              !cursor_.AtWord("BY") && !BeginsQuery(cursor_.Peek());
        if (is_named) clauses_.target_alias = cursor_.ExpectName("an alias");
        const size_t alias_end = cursor_.index();
        if (cursor_.AtSymbol("(") && !BeginsQuery(cursor_.Peek(1))) cursor_.SkipGroup();
        cursor_.AcceptWords({"BY", "NAME"});
        const size_t begin = cursor_.index();
        if (cursor_.AcceptWords({"REPLACE", "WHERE"})) {
            clauses_.replaces = Replaces::kWhere;
            clauses_.condition = ReadCondition();
        } else if (cursor_.AcceptWords({"REPLACE", "USING"})) {
            clauses_.replaces = Replaces::kSameColumns;
            cursor_.ExpectSymbol("(");
            do {
                clauses_.columns.push_back(cursor_.ExpectName("a column"));
            } while (cursor_.AcceptSymbol(","));
            cursor_.ExpectSymbol(")");
        } else if (cursor_.AcceptWords({"REPLACE", "ON"})) {
            clauses_.replaces = Replaces::kMatching;
            clauses_.condition = ReadCondition();
            ReadSourceAlias();
        } else {
            return;
        }
        rewriter_.Cut(begin, cursor_.index());
        if (is_named) rewriter_.Cut(alias, alias_end);
    }

    // Up to the query, which ends no expression.
    std::string ReadCondition() {
        const size_t first = cursor_.index();
        while (!cursor_.AtEnd() && !AtQuery(first)) cursor_.SkipGroup();
        if (cursor_.index() == first) cursor_.FailExpected("a condition");
        if (cursor_.AtEnd()) cursor_.FailExpected("the rows to insert");
        return TextOf(first, cursor_.index());
    }

    bool AtQuery(size_t first) const {
        if (BeginsQuery(cursor_.Peek())) return true;
        if (!cursor_.AtSymbol("(") || !BeginsQuery(cursor_.Peek(1))) return false;
        if (cursor_.index() == first) return false;
        const Token& before = rewriter_.tokens()[cursor_.index() - 1];
        const bool takes_query = IsWord(before, "IN") || IsWord(before, "EXISTS") ||
                                 IsWord(before, "AND") || IsWord(before, "OR") ||
                                 IsWord(before, "NOT") || IsWord(before, "ANY") ||
                                 IsWord(before, "ALL");
        return !takes_query && (before.kind != TokenKind::kSymbol || before.text == ")");
    }

    // (query) [AS] alias
    void ReadSourceAlias() {
        if (!cursor_.AtSymbol("(")) return;
        TokenCursor behind = cursor_;
        behind.SkipGroup();
        const size_t begin = behind.index();
        behind.AcceptWord("AS");
        if (!behind.AtName()) return;
        clauses_.source_alias = behind.ExpectName("an alias");
        rewriter_.Cut(begin, behind.index());
    }

    TokenCursor cursor_;
    StatementRewriter& rewriter_;
    InsertClauses clauses_;
};

}  // namespace

std::optional<InsertClauses> ReadInsertClauses(TokenCursor cursor, StatementRewriter& rewriter) {
    return Reader(cursor, rewriter).Read();
}

}  // namespace tarn::sql
