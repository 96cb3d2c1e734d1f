#include "sql/statement_parts.h"

#include <utility>

#include "sql/column_fields.h"
#include "sql/keywords.h"
#include "sql/quote.h"
#include "sql/statement_class.h"
#include "sql/syntax_parser.h"

namespace tarn::sql {
namespace {

class StatementReader {
public:
    StatementReader(const std::vector<Token>& tokens, Dialect dialect)
        : parser_(tokens, dialect), cursor_(parser_.cursor()), dialect_(dialect) {}

    SyntaxNode Read() {
        ReadHead();
        root_.end = cursor_.tokens().size() - 1;
        if (IsSpark()) MarkFields(cursor_.tokens(), parser_.tables(), root_);
        return std::move(root_);
    }

private:
    void Add(SyntaxNode part) { root_.parts.push_back(std::move(part)); }
    bool IsSpark() const { return dialect_ == Dialect::kSpark; }
    void ExpectEnd() {
        if (!cursor_.AtEnd()) cursor_.FailExpected("the end of the statement");
    }

    void ReadHead() {
        if (cursor_.AcceptWord("EXPLAIN")) SkipExplain();
        if (cursor_.AtWord("WITH")) Add(parser_.ParseWith());
        if (parser_.AtQuery()) {
            Add(parser_.ParseQuery());
            return ExpectEnd();
        }
        switch (Classify(cursor_)) {
            case StatementClass::kInsert:
                return ReadInsert();
            case StatementClass::kUpdate:
                return ReadUpdate();
            case StatementClass::kDelete:
                return ReadDelete();
            case StatementClass::kMerge:
                return ReadMerge();
            case StatementClass::kCreateView:
                return ReadToQuery();
            case StatementClass::kCopy:
                return cursor_.AtWord("INSERT") ? ReadToQuery() : ReadOther();
            case StatementClass::kCreateTable:
                return ReadCreateTable();
            case StatementClass::kAlter:
                if (cursor_.AtWords({"ALTER", "VIEW"})) return ReadToQuery();
                return RenameTypes(cursor_.tokens().size(), true);
            case StatementClass::kDescribe:
                cursor_.Next();
                cursor_.AcceptWord("QUERY");
                if (parser_.AtQuery()) Add(parser_.ParseQuery());
                return;
            default:
                return ReadOther();
        }
    }

    void SkipExplain() {
        for (const char* word : {"ANALYZE", "FORMATTED", "EXTENDED", "CODEGEN", "COST", "LOGICAL"})
            cursor_.AcceptWord(word);
        if (cursor_.AtSymbol("(") && !parser_.AtQuery()) cursor_.SkipGroup();
    }

    // OPTIMIZE name WHERE condition; CREATE FUNCTION ... RETURN expression
    void ReadOther() {
        const bool is_create = cursor_.AcceptWord("CREATE");
        if (is_create) {
            cursor_.AcceptWords({"OR", "REPLACE"});
            if (!cursor_.AcceptWord("TEMP")) cursor_.AcceptWord("TEMPORARY");
            if (cursor_.AcceptWord("FUNCTION")) ReadFunction();
            return;
        }
        if (cursor_.AtWord("CACHE")) return ReadToQuery();
        const bool is_reorg = cursor_.AcceptWord("REORG");
        if (!is_reorg && !cursor_.AcceptWord("OPTIMIZE")) return;
        while (!cursor_.AtEnd() && !cursor_.AtWord("WHERE")) cursor_.SkipGroup();
        if (cursor_.AcceptWord("WHERE")) Add(parser_.ParseExpression());
    }

    void ReadFunction() {
        const size_t name = cursor_.index();
        while (!cursor_.AtEnd() && !cursor_.AtSymbol("(")) cursor_.Next();
        NoteTables(name, cursor_.index());
        const size_t parameters = cursor_.index();
        size_t body = parameters;
        while (body + 1 < cursor_.tokens().size() && !IsWord(cursor_.tokens()[body], "RETURN"))
            ++body;
        for (size_t i = parameters; i < body; ++i) {
            const Token& before = cursor_.tokens()[i - 1];
            if (!IsWord(cursor_.tokens()[i], "DEFAULT") || IsSymbol(before, "(") ||
                IsSymbol(before, ","))
                continue;
            RenameTypes(i + 1, false);
            cursor_.MoveTo(i + 1);
            Add(parser_.ParseExpression());
            i = cursor_.index();
        }
        RenameTypes(body + 1, false);
        cursor_.MoveTo(body);
        if (!cursor_.AcceptWord("RETURN") || cursor_.AtEnd()) return;
        Add(parser_.AtQuery() ? parser_.ParseQuery() : parser_.ParseExpression());
        if (IsSpark()) ExpectEnd();
    }

    // Up to the query that the statement ends in, if it does.
    void ReadToQuery() {
        while (!cursor_.AtEnd()) {
            if (cursor_.AcceptWords({"WITH", "SCHEMA"})) continue;  // of a view
            const bool begins =
                cursor_.AtWord("AS") || cursor_.AtWord("SELECT") || cursor_.AtWord("WITH");
            if (cursor_.AtWord("AS")) cursor_.Next();
            if (begins && parser_.AtQuery()) {
                Add(parser_.ParseQuery());
                return ExpectEnd();
            }
            if (!cursor_.AtEnd()) cursor_.SkipGroup();
        }
    }

    // INSERT [WITH SCHEMA EVOLUTION] INTO|OVERWRITE [TABLE] name ... rows
    void ReadInsert() {
        while (!cursor_.AtWord("INTO") && !cursor_.AtWord("OVERWRITE")) {
            if (cursor_.AtEnd()) return cursor_.FailExpected("INTO or OVERWRITE");
            cursor_.Next();
        }
        cursor_.Next();
        cursor_.AcceptWord("INTO");
        if (cursor_.Peek(1).kind != TokenKind::kSymbol) cursor_.AcceptWord("TABLE");
        const size_t target = cursor_.index();
        cursor_.ExpectQualifiedName("a table");
        NoteTables(target, cursor_.index());
        while (!cursor_.AtEnd() && !parser_.AtQuery()) {
            if (cursor_.AcceptWords({"REPLACE", "WHERE"}) ||
                cursor_.AcceptWords({"REPLACE", "ON"})) {
                Add(parser_.ParseExpression());
            } else {
                const size_t at = cursor_.index();
                SkipNames();
                if (cursor_.index() == at + 1) NoteTables(at, at + 1);  // AS name
            }
        }
        if (!parser_.AtQuery()) return;
        SyntaxNode query = parser_.ParseQuery();
        NoteTables(cursor_.index(), cursor_.tokens().size());
        const bool is_rows =
            query.parts.size() == 1 && query.parts.front().kind == SyntaxKind::kRows;
        if (is_rows) query.parts.front().word.clear();  // they are values, DEFAULT among them
        Add(std::move(query));
        if (IsSpark() && !cursor_.AtWord("AS") && !cursor_.AtName()) ExpectEnd();
    }

    // The names among the tokens, of which some are a table's.
    void NoteTables(size_t first, size_t end) {
        for (size_t i = first; i < end; ++i) {
            const Token& token = cursor_.tokens()[i];
            const bool is_name =
                token.kind == TokenKind::kIdentifier || token.kind == TokenKind::kQuotedIdentifier;
            if (is_name) parser_.NoteTable(token.text);
        }
    }

    // a = x, b.c = y
    void ReadAssignments() {
        do {
            const size_t first = cursor_.index();
            while (!cursor_.AtSymbol("=")) {
                if (cursor_.AtEnd()) cursor_.FailExpected("'='");
                cursor_.SkipGroup();
            }
            QuoteNames(first, cursor_.index());
            cursor_.Next();
            Add(parser_.ParseExpression());
        } while (cursor_.AcceptSymbol(","));
    }

    void ReadCondition() {
        if (cursor_.AcceptWord("WHERE")) Add(parser_.ParseExpression());
        if (IsSpark()) ExpectEnd();
    }

    void ReadUpdate() {
        cursor_.Next();
        Add(parser_.ParseTableFactor());
        cursor_.ExpectWord("SET");
        ReadAssignments();
        if (cursor_.AcceptWord("FROM")) Add(parser_.ParseTables());
        ReadCondition();
    }

    void ReadDelete() {
        if (!cursor_.AcceptWords({"DELETE", "FROM"})) return;
        Add(parser_.ParseTableFactor());
        if (cursor_.AcceptWord("USING")) Add(parser_.ParseTables());
        ReadCondition();
    }

    void ReadMerge() {
        while (!cursor_.AtWord("INTO")) {
            if (cursor_.AtEnd()) return cursor_.FailExpected("INTO");
            cursor_.Next();
        }
        cursor_.Next();
        Add(parser_.ParseTableFactor());
        cursor_.ExpectWord("USING");
        Add(parser_.ParseTableFactor());
        if (cursor_.AcceptWord("ON")) Add(parser_.ParseExpression());
        while (!cursor_.AtEnd()) ReadMergeClause();
    }

    void ReadMergeClause() {
        const bool is_condition = cursor_.AtWord("AND");
        if (is_condition) {
            cursor_.Next();
            Add(parser_.ParseExpression());
        } else if (cursor_.AtWord("SET") && !IsSymbol(cursor_.Peek(1), "*")) {
            cursor_.Next();
            ReadAssignments();
        } else if (cursor_.AtWord("VALUES")) {
            Add(parser_.ParseRows());
        } else {
            SkipNames();
        }
    }

    // Over a token, or over a list of columns.
    void SkipNames() {
        const size_t first = cursor_.index();
        cursor_.SkipGroup();
        if (cursor_.index() > first + 1) QuoteNames(first + 1, cursor_.index());
    }

    // The names of columns among the tokens that only the engine's grammar reserves.
    void QuoteNames(size_t first, size_t end) {
        if (!IsSpark()) return;
        const std::vector<Token>& tokens = cursor_.tokens();
        for (size_t i = first; i < end; ++i) {
            const Token& next = tokens[i + 1];
            const bool begins = i == first || IsSymbol(tokens[i - 1], ",");
            const bool ends = IsSymbol(next, ",") || IsSymbol(next, ")") || IsSymbol(next, "=");
            const bool is_name =
                tokens[i].kind == TokenKind::kIdentifier && IsReservedForTables(tokens[i].text);
            if (is_name && begins && ends) Rename(i, QuoteIdentifier(tokens[i].text));
        }
    }

    void ReadCreateTable() {
        while (!cursor_.AcceptWord("TABLE")) cursor_.Next();
        cursor_.AcceptWords({"IF", "NOT", "EXISTS"});
        cursor_.ExpectQualifiedName("a table");
        // TABLE may be a column's name there.
        const bool has_columns =
            cursor_.AtSymbol("(") && (IsWord(cursor_.Peek(1), "TABLE") || !parser_.AtQuery());
        if (has_columns) RenameTypesOfColumns();
        while (!cursor_.AtEnd() && !cursor_.AtWord("AS") && !cursor_.AtWord("SELECT") &&
               !cursor_.AtWord("WITH")) {
            const bool has_types =
                cursor_.AcceptWords({"PARTITIONED", "BY"}) && cursor_.AtSymbol("(");
            has_types ? RenameTypesOfColumns() : cursor_.SkipGroup();
        }
        ReadToQuery();
    }

    void RenameTypesOfColumns() {
        const size_t first = cursor_.index();
        cursor_.SkipGroup();
        const size_t end = cursor_.index();
        cursor_.MoveTo(first);
        RenameTypes(end, true);
        cursor_.MoveTo(end);
    }

    // Up to `end`: where a type stands whose name means another in Tarn's own spelling. The length
    // of a text counts in the columns of tables.
    void RenameTypes(size_t end, bool is_table) {
        if (!IsSpark()) return;
        const std::vector<Token>& tokens = cursor_.tokens();
        for (size_t i = cursor_.index() + 1; i + 1 < end; ++i) {
            const Token& before = tokens[i - 1];
            const bool is_listed = (IsSymbol(before, "(") || IsSymbol(before, ",")) &&
                                   tokens[i + 1].kind == TokenKind::kIdentifier &&
                                   !StartsConstraint(tokens[i], tokens[i + 1]);
            const bool names_column = is_listed || IsWord(before, "COLUMN") ||
                                      IsWord(before, "AFTER") || IsWord(before, "TO");
            if (names_column && tokens[i].kind == TokenKind::kIdentifier &&
                IsReservedForTables(tokens[i].text))
                Rename(i, QuoteIdentifier(tokens[i].text));
            const bool is_place = before.kind == TokenKind::kQuotedIdentifier ||
                                  IsSymbol(before, "<") || IsSymbol(before, ":") ||
                                  (IsSymbol(before, ",") && IsSymbol(tokens[i + 1], ">")) ||
                                  (before.kind == TokenKind::kIdentifier && !TakesName(before)) ||
                                  tokens[i + 1].kind == TokenKind::kString;
            const bool is_char = IsWord(tokens[i], "CHAR") || IsWord(tokens[i], "CHARACTER");
            const bool is_text = is_char || IsWord(tokens[i], "VARCHAR");
            if (is_table && is_text && AtLength(i)) {
                Rename(i, is_char ? "SPARK_CHAR" : "SPARK_VARCHAR");
                continue;
            }
            if (!is_place) continue;
            if (IsWord(tokens[i], "TIMESTAMP")) Rename(i, "TIMESTAMP_LTZ");
            const bool has_digits = IsSymbol(tokens[i + 1], "(");
            const bool is_decimal = IsWord(tokens[i], "DECIMAL") || IsWord(tokens[i], "DEC") ||
                                    IsWord(tokens[i], "NUMERIC");
            if (is_decimal && !has_digits) Rename(i, "DECIMAL(10, 0)");
        }
    }

    // CHAR(n), where it is no call of the function: of a column, or within its type.
    bool AtLength(size_t word) const {
        const std::vector<Token>& tokens = cursor_.tokens();
        const bool is_whole = word + 3 < tokens.size() && IsSymbol(tokens[word + 1], "(") &&
                              tokens[word + 2].kind == TokenKind::kNumber &&
                              IsSymbol(tokens[word + 3], ")");
        if (!is_whole) return false;
        const Token& before = tokens[word - 1];
        if (before.kind == TokenKind::kQuotedIdentifier || IsSymbol(before, ":")) return true;
        const bool is_within = IsSymbol(before, "<") && (IsWord(tokens[word - 2], "ARRAY") ||
                                                         IsWord(tokens[word - 2], "MAP"));
        const bool ends_map = IsSymbol(before, ",") && IsSymbol(tokens[word + 4], ">");
        if (is_within || ends_map) return true;
        for (const char* one : {"DEFAULT", "AS", "WHEN", "THEN", "ELSE", "IN", "LIKE", "BETWEEN"}) {
            if (IsWord(before, one)) return false;
        }
        return before.kind == TokenKind::kIdentifier && !TakesName(before);
    }

    static bool StartsConstraint(const Token& word, const Token& next) {
        for (const char* one : {"CONSTRAINT", "UNIQUE", "CHECK", "NOT", "NULL", "CAST", "CASE"}) {
            if (IsWord(word, one)) return true;
        }
        return (IsWord(word, "PRIMARY") || IsWord(word, "FOREIGN")) && IsWord(next, "KEY");
    }

    // Does a column's name follow this word, not a type.
    static bool TakesName(const Token& word) {
        for (const char* one :
             {"COLUMN", "COLUMNS", "EXISTS", "AFTER", "TO", "BY", "TABLE", "DROP", "KEY", "CHECK",
              "ADD", "ALTER", "RENAME", "CHANGE", "NOT", "AND", "OR"}) {
            if (IsWord(word, one)) return true;
        }
        return false;
    }

    void Rename(size_t token, std::string_view word) {
        SyntaxNode node;
        node.kind = SyntaxKind::kReplaced;
        node.first = token;
        node.end = token + 1;
        node.word = word;
        Add(std::move(node));
    }

    SyntaxParser parser_;
    TokenCursor& cursor_;
    Dialect dialect_;
    SyntaxNode root_;
};

}  // namespace

SyntaxNode PartsOfStatement(const std::vector<Token>& tokens, Dialect dialect) {
    return StatementReader(tokens, dialect).Read();
}

}  // namespace tarn::sql
