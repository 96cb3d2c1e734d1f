#include "base/error.h"
#include "base/text.h"
#include "sql/column_names.h"
#include "sql/file_reader.h"
#include "sql/quote.h"
#include "sql/syntax_writer.h"

namespace tarn::sql {
namespace {

using Kind = SyntaxKind;

// The last step of $['a']['b'][0].
std::string LastNameOf(std::string_view path) {
    const size_t begin = path.rfind("['");
    const size_t end = path.find("']", begin);
    return std::string(path.substr(begin + 2, end - begin - 2));
}

}  // namespace

// Spark sorts NULL before all else, and so behind it all when sorting down.
SqlText SyntaxWriter::WriteOrderItem(const SyntaxNode& node) const {
    SqlText text = AsWritten(node);
    const bool is_all = IsWord(tokens_[node.first], "ALL") && node.end <= node.first + 2;
    if (IsSpark() && node.marks.empty() && !is_all)
        text.Append(node.is_down ? " NULLS LAST" : " NULLS FIRST");
    return text;
}

// A column without a name is called as the user wrote it, also where it was written anew; in
// Spark's dialect as Spark calls it.
SqlText SyntaxWriter::WriteSelectItem(const SyntaxNode& node) const {
    const SyntaxNode& item = node.parts[0];
    if (item.kind == Kind::kCall) {
        std::vector<std::string> names;
        for (const size_t mark : node.marks) names.push_back(Name(mark));
        if (names.empty() && node.is_named) names.push_back(Name(node.end - 1));
        const bool is_inline = item.word == "inline" || item.word == "inline_outer";
        const std::vector<SqlText> columns = is_inline && !names.empty() && item.parts.size() == 1
                                                 ? InlinedAs(item, names)
                                                 : GeneratedBy(item, false, names);
        if (!columns.empty()) return Join(columns, ", ");
    }
    SqlText text = AsWritten(node);
    if (node.is_named || item.is_star) return text;
    const auto name = ColumnName(item, text);
    return name ? text.Append(" AS " + QuoteIdentifier(*name)) : text;
}

std::optional<std::string> SyntaxWriter::ColumnName(const SyntaxNode& item,
                                                    const SqlText& written) const {
    if (item.kind == Kind::kPath) return LastNameOf(item.word);
    const std::string source(Source(item));
    const bool is_same = written.text() == source;
    ColumnNames names(tokens_);
    if (names.IsColumn(item)) return std::nullopt;
    if (IsSpark() && item.kind == Kind::kName && !item.marks.empty())
        return UnquoteIdentifier(tokens_[item.end - 1].text);
    const auto name = IsSpark() ? names.NameOf(item) : std::nullopt;
    if (name && (item.kind != Kind::kNumber || *name != written.text())) return name;
    return is_same || item.kind == Kind::kName ? std::nullopt : std::optional(source);
}

// Where rows stand for a table, they stand in parentheses; their columns are col1, col2 in Spark.
SqlText SyntaxWriter::WriteRows(const SyntaxNode& node) const {
    SqlText text;
    bool has_bare_rows = false;
    for (const SyntaxNode& row : node.parts) {
        const bool has_parentheses = IsSymbol(tokens_[row.first], "(") &&
                                     IsSymbol(tokens_[row.end - 1], ")") &&
                                     (row.kind == Kind::kParens || row.kind == Kind::kPlain);
        has_bare_rows = has_bare_rows || !has_parentheses;
    }
    if (has_bare_rows) {
        std::vector<SqlText> rows;
        for (const SyntaxNode& row : node.parts)
            rows.push_back(SqlText::Of("(", Place(row)).Append(Write(row)).Append(")"));
        text = SqlText::Of("VALUES ", Place(node)).Append(Join(rows, ", "));
    } else {
        text = AsWritten(node);
    }
    const bool is_query = IsSpark() && node.word == "QUERY" && !node.is_outer;
    if (!node.is_outer && !is_query) return text;
    SqlText table =
        SqlText::Of(is_query ? "SELECT * FROM (" : "(", Place(node)).Append(text).Append(")");
    if (!IsSpark() || (node.is_named && !is_query)) return table;
    const SyntaxNode& row = node.parts[0];
    const size_t width = row.kind == Kind::kPlain ? row.parts.size() : 1;
    table.Append(" AS inline_table(");
    for (size_t i = 1; i <= width; ++i) table.Append((i > 1 ? ", col" : "col") + std::to_string(i));
    return table.Append(")");
}

SqlText SyntaxWriter::WritePathTable(const SyntaxNode& node) const {
    if (const FileReader* reader = FindFileReader(node.word)) {
        const std::string name = UnquoteIdentifier(tokens_[node.first + 2].text);
        if (IsSpark() && reader->format == "CSV")
            return SqlText::Of("(" + FileQuery(*reader, {{"path", name}}) + ")", Place(node));
        const std::string path = FilesBelow(name, *reader);
        return Fill(reader->call, {SqlText::Of(QuoteLiteral(path), Place(node))}, Place(node));
    }
    throw Error(ErrorKind::kUnsupported, "files of the format {} cannot be read by their path",
                AsciiLower(node.word))
        .At(SpotOf(tokens_[node.first].position));
}

SqlText SyntaxWriter::WriteStatement(const SyntaxNode& node) const {
    const SyntaxNode& name = node.parts[0];
    std::string table;
    for (size_t i = name.first; i < name.end; ++i) {
        const bool is_quoted = tokens_[i].kind == TokenKind::kQuotedIdentifier;
        table += is_quoted ? Name(i) : std::string(tokens_[i].text);
    }
    return SqlText::Of(
        fmt::format("SELECT * FROM table_{}({})", AsciiLower(node.word), QuoteLiteral(table)),
        Place(node));
}

// A single aggregate gives its columns no name of its own.
SqlText SyntaxWriter::WritePivot(const SyntaxNode& node) const {
    if (node.parts.size() == 1) return PivotValue(node.parts[0].parts[0]).Append(" FOR");
    if (!IsSpark()) return AsWritten(node);
    std::vector<SqlText> values;
    for (const SyntaxNode& item : node.parts) {
        values.push_back(PivotValue(item.parts[0]));
        const auto name = item.is_named
                              ? std::optional(UnquoteIdentifier(tokens_[item.end - 1].text))
                              : ColumnName(item.parts[0], values.back());
        if (name) values.back().Append(" AS " + QuoteIdentifier(*name));
    }
    return Join(values, ", ").Append(" FOR");
}

// To the engine a count of no rows is 0; in Spark a cell that no row falls into is NULL, also where
// a list of no rows is empty elsewhere. The engine
// takes one aggregate a value, and no lambda.
SqlText SyntaxWriter::PivotValue(const SyntaxNode& value) const {
    const bool is_set = value.word == "collect_set";
    const bool collects = IsSpark() && value.kind == Kind::kCall && value.parts.size() == 1 &&
                          (is_set || value.word == "collect_list" || value.word == "array_agg");
    const bool is_distinct = !value.is_plain_call && value.parts.size() == 1 &&
                             IsWord(tokens_[value.first + 2], "DISTINCT");
    if (collects && (value.is_plain_call || is_distinct)) {
        return Filled(is_set || is_distinct
                          ? "list_distinct(list($1))"
                          : "flatten(list(CASE WHEN ($1) IS NULL THEN [] ELSE [$1] END))",
                      value);
    }
    const bool counts = IsSpark() && value.kind == Kind::kCall && !value.parts.empty() &&
                        (value.word == "count" || value.word == "count_if");
    if (!counts) return Write(value);
    std::vector<SqlText> conditions;
    if (!value.is_plain_call) {
        if (!is_distinct) return Write(value);
        return Fill("list_aggregate(list(DISTINCT $1), 'count')", {Write(value.parts[0])},
                    Place(value));
    }
    for (const SyntaxNode& part : value.parts) {
        if (part.is_star) continue;
        conditions.push_back(SqlText::Of("(", Place(part)).Append(Write(part)).Append(")"));
        if (value.word == "count") conditions.back().Append(" IS NOT NULL");
    }
    if (conditions.empty()) conditions.push_back(SqlText::Of("TRUE", Place(value)));
    return SqlText::Of("CAST(sum(CASE WHEN ", Place(value))
        .Append(Join(conditions, " AND "))
        .Append(" THEN 1 ELSE 0 END) AS BIGINT)");
}

}  // namespace tarn::sql
