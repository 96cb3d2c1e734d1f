#include "sql/create_table.h"

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "sql/cluster_by_auto.h"
#include "sql/collation.h"
#include "sql/column_clauses.h"
#include "sql/quote.h"
#include "sql/type_names.h"

namespace tarn::sql {

namespace {

class CreateTableReader {
public:
    CreateTableReader(TokenCursor& cursor, StatementRewriter& rewriter, bool is_temporary)
        : cursor_(cursor), rewriter_(rewriter), is_temporary_(is_temporary) {}

    CreateTable Read() {
        cursor_.AcceptWords({"IF", "NOT", "EXISTS"});
        clauses().table = cursor_.ExpectQualifiedName("a table name");
        if (!is_temporary_ && cursor_.AcceptWord("LIKE"))
            create_.like = cursor_.ExpectQualifiedName("the name of a table");
        const bool has_columns = cursor_.AtSymbol("(");
        if (has_columns) ReadColumns();
        bool is_ours = true;
        while (!cursor_.AtEnd()) {
            if (AtQuery()) {
                create_.has_query = true;
                break;
            }
            size_t first = cursor_.index();
            if (ReadClause()) {
                rewriter_.Cut(first, cursor_.index());
            } else {
                is_ours = false;
                cursor_.SkipGroup();
            }
        }
        if (clusters_by_auto_) ClusterByAuto();
        if (!clauses().format) DropEnginesLimits();
        create_.is_bare = is_ours && !create_.has_query && !has_columns;
        if (create_.like && !create_.is_bare) FailBesideLike();
        return std::move(create_);
    }

private:
    TableClauses& clauses() { return create_.clauses; }

    [[noreturn]] void FailBesideLike() const {
        throw Error(ErrorKind::kInvalidInput,
                    "CREATE TABLE {} LIKE {} takes its columns from that table: it has neither a "
                    "list of columns nor a query; use CREATE TABLE ... AS SELECT for these",
                    create_.clauses.table.ToSql(), create_.like->ToSql())
            .At(SpotOf(create_.like->position));
    }

    // The engine's VARCHAR(n) is any text, until a format says whose columns these are.
    void DropEnginesLimits() {
        for (ColumnClauses& column : clauses().column_rules)
            column.text_limits = OwnLimits(std::move(column.text_limits));
        std::erase_if(clauses().column_rules,
                      [](const ColumnClauses& column) { return !column.HasAny(); });
    }

    // Spark lets AS be left out before the query; the engine does not.
    bool AtQuery() {
        if (cursor_.AtWord("AS")) return true;
        bool is_query = cursor_.AtWord("SELECT") || cursor_.AtWord("VALUES") ||
                        (cursor_.AtWord("WITH") && !IsSymbol(cursor_.Peek(1), "(") &&
                         !IsWord(cursor_.Peek(1), "ROW"));
        if (is_query) rewriter_.InsertBefore(cursor_.index(), "AS ");
        return is_query;
    }

    void ReadColumns() {
        cursor_.Next();
        while (!cursor_.AtEnd() && !cursor_.AtSymbol(")")) {
            if (ReadTableCheck() || ReadKey()) continue;
            ReadColumn();
            last_comma_ = cursor_.index();
            if (!cursor_.AcceptSymbol(",")) last_comma_ = 0;
        }
        columns_end_ = cursor_.index();
        cursor_.AcceptSymbol(")");
    }

    bool ReadTableCheck() {
        const size_t first = cursor_.index();
        if (is_temporary_ || !ReadCheck(cursor_, clauses().checks)) return false;
        CutEntry(first);
        return true;
    }

    // An entry among the columns goes with the comma behind it, or with the last one before it.
    void CutEntry(size_t first) {
        const bool is_last = !cursor_.AcceptSymbol(",");
        rewriter_.Cut(first, cursor_.index());
        if (is_last && last_comma_ > 0) rewriter_.Cut(last_comma_, last_comma_ + 1);
    }

    // [CONSTRAINT name] PRIMARY KEY (...) | FOREIGN KEY (...) REFERENCES ...: tables keep none.
    bool ReadKey() {
        const size_t first = cursor_.index();
        if (is_temporary_ || !AcceptKey()) return false;
        while (!cursor_.AtEnd() && !cursor_.AtSymbol(",") && !cursor_.AtSymbol(")"))
            cursor_.SkipGroup();
        CutEntry(first);
        return true;
    }

    bool AcceptKey() {
        auto key = ReadKeyWords(cursor_);
        if (key) clauses().unenforced.push_back(*std::move(key));
        return key.has_value();
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
        const TextPosition position = cursor_.Peek().position;
        std::string name = is_column ? cursor_.ExpectName("a column name") : "";
        if (is_column && !columns_.insert(AsciiLower(name)).second) {
            throw Error(ErrorKind::kInvalidInput, "the column {} is named twice", name)
                .At(SpotOf(position));
        }
        bool has_type = cursor_.Peek().kind == TokenKind::kIdentifier ||
                        cursor_.Peek().kind == TokenKind::kQuotedIdentifier;
        ColumnClauses rules;
        rules.column = name;
        const TextPosition type_position = cursor_.Peek().position;
        if (is_column && has_type) {
            TypeRules of_type = RewriteColumnType(cursor_, rewriter_, is_temporary_);
            rules.not_null_fields = std::move(of_type.not_null);
            if (!is_temporary_) rules.text_limits = std::move(of_type.text_limits);
        }
        if (is_temporary_ && !rules.not_null_fields.empty()) {
            throw Error(ErrorKind::kUnsupported,
                        "column {}: only tables of the lake have NOT NULL within a type", name)
                .At(SpotOf(type_position));
        }
        while (!cursor_.AtEnd() && !cursor_.AtSymbol(",") && !cursor_.AtSymbol(")")) {
            size_t first = cursor_.index();
            if (is_column && cursor_.AtWord("COMMENT") &&
                cursor_.Peek(1).kind == TokenKind::kString) {
                cursor_.Next();
                clauses().column_comments.emplace_back(name, cursor_.ExpectString("a comment"));
                rewriter_.Cut(first, cursor_.index());
            } else if (is_column && !is_temporary_ && AcceptKey()) {
                SkipReference();
                for (const char* word : {"NOT", "ENFORCED", "RELY", "NORELY"})
                    cursor_.AcceptWord(word);
                rewriter_.Cut(first, cursor_.index());
            } else if (is_column && cursor_.AtWord("MASK")) {
                FailUnsupported("MASK of a column");
            } else if (is_column && !is_temporary_ &&
                       ReadColumnClause(cursor_, rules, clauses().checks)) {
                rewriter_.Cut(first, cursor_.index());
            } else {
                cursor_.SkipGroup();
            }
        }
        if (rules.HasAny()) clauses().column_rules.push_back(std::move(rules));
    }

    // REFERENCES name [(columns)]
    void SkipReference() {
        if (!cursor_.AcceptWord("REFERENCES")) return;
        cursor_.ExpectQualifiedName("a table");
        if (cursor_.AtSymbol("(")) cursor_.SkipGroup();
    }

    // One clause of ours, if one stands here.
    bool ReadClause() {
        clause_position_ = cursor_.Peek().position;
        if (cursor_.AcceptWord("USING")) {
            ReadFormat();
        } else if (cursor_.AcceptWords({"PARTITIONED", "BY"})) {
            RefuseTwice(clauses().partition_columns.empty(), "PARTITIONED BY");
            clauses().partition_columns = ReadPartitionColumns();
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
            RefuseTwice(clauses().properties.empty(), "TBLPROPERTIES");
            clauses().properties = ReadProperties(cursor_);
        } else if (cursor_.AcceptWords({"DEFAULT", "COLLATION"})) {
            const TextPosition at = cursor_.Peek().position;
            CheckCollation(cursor_.ExpectName("a collation"), at);
        } else if (cursor_.AtWord("OPTIONS") || cursor_.AtWords({"CLUSTERED", "BY"}) ||
                   cursor_.AtWords({"STORED", "AS"}) || cursor_.AtWords({"ROW", "FORMAT"}) ||
                   cursor_.AtWords({"WITH", "ROW"})) {
            FailUnsupported(fmt::format(
                "the clause {} of CREATE TABLE",
                AsciiUpper(fmt::format("{} {}", cursor_.Peek().text, cursor_.Peek(1).text))));
        } else {
            return false;
        }
        return true;
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

    // A name with a type is a column more, behind those of the list.
    std::vector<std::string> ReadPartitionColumns() {
        std::vector<std::string> names;
        cursor_.ExpectSymbol("(");
        do {
            const size_t at = cursor_.index();
            names.push_back(cursor_.ExpectName("a column name"));
            if (cursor_.AtSymbol("(")) FailUnsupported("a transform in PARTITIONED BY");
            if (cursor_.AtSymbol(".")) FailUnsupported("a nested column in PARTITIONED BY");
            if (cursor_.AtSymbol(",") || cursor_.AtSymbol(")")) continue;
            if (columns_end_ == 0) {
                FailUnsupported("a type in PARTITIONED BY (name the type in the column list)");
            }
            DefineColumn(names.back(), at);
        } while (cursor_.AcceptSymbol(","));
        cursor_.ExpectSymbol(")");
        return names;
    }

    // The cursor stands at the column's type.
    void DefineColumn(const std::string& name, size_t at) {
        auto [type, rules] = ReadColumnType(cursor_);
        ColumnClauses column;
        column.column = name;
        column.text_limits = std::move(rules.text_limits);
        if (column.HasAny()) clauses().column_rules.push_back(std::move(column));
        if (cursor_.AtWord("COMMENT")) {
            cursor_.Next();
            clauses().column_comments.emplace_back(name, cursor_.ExpectString("a comment"));
        }
        rewriter_.InsertBehind(columns_end_ - 1, ", " + QuoteIdentifier(name) + " " + type, at);
    }

    void ClusterByAuto() {
        if (!clauses().partition_columns.empty()) {
            throw Error(ErrorKind::kInvalidInput,
                        "CLUSTER BY and PARTITIONED BY exclude each other: choose one")
                .At(SpotOf(clause_position_));
        }
        clauses().properties[kClusterByAuto] = "true";
    }

    void ReadClusterBy() {
        RefuseTwice(clauses().cluster_columns.empty(), "CLUSTER BY");
        if (cursor_.AcceptWord("AUTO")) {
            clusters_by_auto_ = true;
            return;
        }
        if (cursor_.AcceptWord("NONE")) return;
        cursor_.ExpectSymbol("(");
        do clauses().cluster_columns.push_back(Join(ReadColumnPath(cursor_), "."));
        while (cursor_.AcceptSymbol(","));
        cursor_.ExpectSymbol(")");
    }

    TokenCursor& cursor_;
    StatementRewriter& rewriter_;
    const bool is_temporary_;
    std::set<std::string> columns_;  // in small letters
    size_t last_comma_ = 0;          // token of the comma behind the last column, 0: none
    size_t columns_end_ = 0;         // token that closes the columns, 0: there is no list
    bool clusters_by_auto_ = false;
    TextPosition clause_position_;
    CreateTable create_;
};

}  // namespace

CreateTable ReadCreateTable(TokenCursor& cursor, StatementRewriter& rewriter, bool is_temporary) {
    return CreateTableReader(cursor, rewriter, is_temporary).Read();
}

}  // namespace tarn::sql
