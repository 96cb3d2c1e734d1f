#include "sql/create_table.h"

#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "sql/quote.h"
#include "sql/type_names.h"

namespace tarn::sql {

namespace {

class CreateTableReader {
public:
    CreateTableReader(TokenCursor& cursor, StatementRewriter& rewriter)
        : cursor_(cursor), rewriter_(rewriter) {}

    CreateTable Read() {
        cursor_.AcceptWords({"IF", "NOT", "EXISTS"});
        clauses().table = cursor_.ExpectQualifiedName("a table name");
        if (cursor_.AtSymbol("(")) {
            create_.has_columns = true;
            ReadColumns();
        }
        while (!cursor_.AtEnd()) {
            if (AtQuery()) {
                create_.has_query = true;
                break;
            }
            size_t first = cursor_.index();
            if (ReadClause()) {
                rewriter_.Cut(first, cursor_.index());
            } else {
                cursor_.SkipGroup();
            }
        }
        return std::move(create_);
    }

private:
    TableClauses& clauses() { return create_.clauses; }

    // Spark lets AS be left out before the query; the engine does not.
    bool AtQuery() {
        if (cursor_.AtWord("AS")) return true;
        bool is_query = cursor_.AtWord("SELECT") || cursor_.AtWord("VALUES") ||
                        (cursor_.AtWord("WITH") && !IsSymbol(cursor_.Peek(1), "("));
        if (is_query) rewriter_.InsertBefore(cursor_.index(), "AS ");
        return is_query;
    }

    void ReadColumns() {
        cursor_.Next();
        while (!cursor_.AtEnd() && !cursor_.AtSymbol(")")) {
            ReadColumn();
            cursor_.AcceptSymbol(",");
        }
        cursor_.AcceptSymbol(")");
    }

    bool AtTableConstraint() const {
        return cursor_.AtWord("CONSTRAINT") || cursor_.AtWord("PRIMARY") ||
               cursor_.AtWord("UNIQUE") || cursor_.AtWord("CHECK") || cursor_.AtWord("FOREIGN") ||
               cursor_.AtWord("LIKE");
    }

    // One entry of the list: a column, its type rewritten and its COMMENT taken, or anything else,
    // untouched.
    void ReadColumn() {
        bool is_column = cursor_.AtName() && !AtTableConstraint();
        std::string name = is_column ? cursor_.ExpectName("a column name") : "";
        bool has_type = cursor_.Peek().kind == TokenKind::kIdentifier ||
                        cursor_.Peek().kind == TokenKind::kQuotedIdentifier;
        if (is_column && has_type) RewriteColumnType(cursor_, rewriter_);
        while (!cursor_.AtEnd() && !cursor_.AtSymbol(",") && !cursor_.AtSymbol(")")) {
            size_t first = cursor_.index();
            if (is_column && cursor_.AtWord("COMMENT") &&
                cursor_.Peek(1).kind == TokenKind::kString) {
                cursor_.Next();
                clauses().column_comments.emplace_back(name, cursor_.ExpectString("a comment"));
                rewriter_.Cut(first, cursor_.index());
            } else {
                cursor_.SkipGroup();
            }
        }
    }

    // One clause of ours, if one stands here.
    bool ReadClause() {
        clause_position_ = cursor_.Peek().position;
        if (cursor_.AcceptWord("USING")) {
            ReadFormat();
        } else if (cursor_.AcceptWords({"PARTITIONED", "BY"})) {
            RefuseTwice(clauses().partition_columns.empty(), "PARTITIONED BY");
            clauses().partition_columns = ReadColumnNames("PARTITIONED BY");
        } else if (cursor_.AcceptWords({"CLUSTER", "BY"})) {
            ReadClusterBy();
        } else if (cursor_.AcceptWord("LOCATION")) {
            RefuseTwice(!clauses().location, "LOCATION");
            clauses().location = cursor_.ExpectString("a folder in quotes");
        } else if (cursor_.AtWord("COMMENT") && !IsWord(cursor_.Peek(1), "ON")) {
            cursor_.Next();
            RefuseTwice(!clauses().comment, "COMMENT");
            clauses().comment = cursor_.ExpectString("the text of the comment");
        } else if (cursor_.AcceptWord("TBLPROPERTIES")) {
            ReadProperties();
        } else if (cursor_.AtWord("OPTIONS") || cursor_.AtWords({"CLUSTERED", "BY"})) {
            FailUnsupported(
                fmt::format("the clause {} of CREATE TABLE", AsciiUpper(cursor_.Peek().text)));
        } else {
            return false;
        }
        return true;
    }

    static std::string AsciiUpper(std::string_view text) {
        std::string upper(text);
        for (char& c : upper) {
            if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        }
        return upper;
    }

    void RefuseTwice(bool is_first, std::string_view clause) const {
        if (is_first) return;
        throw Error(ErrorKind::kInvalidInput, "{} is given twice", clause)
            .At(SpotOf(clause_position_));
    }

    [[noreturn]] void FailUnsupported(std::string_view what) const {
        throw Error(ErrorKind::kUnsupported, "{} is not supported", what)
            .At(SpotOf(cursor_.Peek().position));
    }

    void ReadFormat() {
        RefuseTwice(!clauses().format, "USING");
        if (!cursor_.AtName()) cursor_.FailExpected("a table format: DELTA or ICEBERG");
        std::string format = AsciiLower(cursor_.Peek().text);
        if (format != "delta" && format != "iceberg") {
            FailUnsupported(fmt::format("the table format {} (use DELTA or ICEBERG)", format));
        }
        cursor_.Next();
        clauses().format = std::move(format);
    }

    std::vector<std::string> ReadColumnNames(std::string_view clause) {
        std::vector<std::string> names;
        cursor_.ExpectSymbol("(");
        do {
            names.push_back(cursor_.ExpectName("a column name"));
            if (cursor_.AtSymbol("(")) FailUnsupported(fmt::format("a transform in {}", clause));
            if (cursor_.AtSymbol("."))
                FailUnsupported(fmt::format("a nested column in {}", clause));
            if (cursor_.Peek().kind == TokenKind::kIdentifier) {
                FailUnsupported(
                    fmt::format("a type in {} (name the type in the column list)", clause));
            }
        } while (cursor_.AcceptSymbol(","));
        cursor_.ExpectSymbol(")");
        return names;
    }

    void ReadClusterBy() {
        RefuseTwice(clauses().cluster_columns.empty(), "CLUSTER BY");
        if (cursor_.AtWord("AUTO")) FailUnsupported("CLUSTER BY AUTO");
        if (cursor_.AcceptWord("NONE")) return;
        clauses().cluster_columns = ReadColumnNames("CLUSTER BY");
    }

    // ('key' = 'value', dotted.key = true, ...); the '=' may be left out.
    void ReadProperties() {
        RefuseTwice(clauses().properties.empty(), "TBLPROPERTIES");
        cursor_.ExpectSymbol("(");
        do {
            TextPosition at = cursor_.Peek().position;
            std::string key = ReadPropertyKey();
            if (!cursor_.AcceptSymbol("=")) cursor_.AcceptSymbol("==");
            bool is_new = clauses().properties.emplace(key, ReadPropertyValue()).second;
            if (!is_new) {
                throw Error(ErrorKind::kInvalidInput, "the property {} is given twice", key)
                    .At(SpotOf(at));
            }
        } while (cursor_.AcceptSymbol(","));
        cursor_.ExpectSymbol(")");
    }

    std::string ReadPropertyKey() {
        if (cursor_.Peek().kind == TokenKind::kString) return cursor_.ExpectString("a property");
        std::string key;
        do {
            const Token& part = cursor_.Peek();
            if (part.kind != TokenKind::kIdentifier && part.kind != TokenKind::kQuotedIdentifier) {
                cursor_.FailExpected("a property's name");
            }
            key += (key.empty() ? "" : ".") + UnquoteIdentifier(cursor_.Next().text);
        } while (cursor_.AcceptSymbol("."));
        return key;
    }

    std::string ReadPropertyValue() {
        if (cursor_.Peek().kind == TokenKind::kString) return cursor_.ExpectString("a value");
        std::string sign = cursor_.AcceptSymbol("-") ? "-" : "";
        if (cursor_.Peek().kind == TokenKind::kNumber)
            return sign + std::string(cursor_.Next().text);
        if (sign.empty() && (cursor_.AtWord("TRUE") || cursor_.AtWord("FALSE"))) {
            return AsciiLower(cursor_.Next().text);
        }
        cursor_.FailExpected("a property's value: a string, a number, TRUE or FALSE");
    }

    TokenCursor& cursor_;
    StatementRewriter& rewriter_;
    TextPosition clause_position_;
    CreateTable create_;
};

}  // namespace

CreateTable ReadCreateTable(TokenCursor& cursor, StatementRewriter& rewriter) {
    return CreateTableReader(cursor, rewriter).Read();
}

}  // namespace tarn::sql
