#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "sql/quote.h"
#include "sql/syntax_writer.h"

namespace tarn::sql {
namespace {

using Kind = SyntaxKind;

// What a function that makes rows of one value gives. Each column's SQL has $1 for the value, and
// for OUTER a row of NULL where there is none.
struct Generator {
    std::string_view function;
    std::vector<std::string_view> columns;
    std::vector<std::string_view> names;
};

constexpr std::string_view kPlaces = "range(len($1))";

std::vector<Generator> Generators(bool of_map) {
    if (of_map) {
        return {{"explode", {"map_keys($1)", "map_values($1)"}, {"key", "value"}},
                {"posexplode",
                 {"range(CAST(cardinality($1) AS BIGINT))", "map_keys($1)", "map_values($1)"},
                 {"pos", "key", "value"}}};
    }
    return {{"explode", {"$1"}, {"col"}}, {"posexplode", {kPlaces, "$1"}, {"pos", "col"}}};
}

// The rows of a list, for OUTER one of NULL where there is none; of structs also their fields.
std::string Unnested(const std::string& list, bool is_outer, bool with_fields) {
    const std::string rows =
        is_outer ? fmt::format("CASE WHEN len({0}) > 0 THEN {0} ELSE [NULL] END", list) : list;
    return "unnest(" + rows + (with_fields ? ", max_depth := 2)" : ")");
}

}  // namespace

std::vector<SqlText> SyntaxWriter::GeneratedBy(const SyntaxNode& call, bool is_outer,
                                               const std::vector<std::string>& names) const {
    if (call.word.empty() || call.parts.empty()) return {};
    std::string function = call.word;
    constexpr std::string_view kOuter = "_outer";
    if (function.ends_with(kOuter)) {
        is_outer = true;
        function.resize(function.size() - kOuter.size());
    }
    const size_t places = function == "posexplode" ? 1 : 0;
    const bool of_map = names.size() == places + 2 || call.parts[0].word == "map";
    std::vector<SqlText> columns;
    if (function == "stack") return StackedColumns(call, names);
    if (function == "json_tuple") return TupleColumns(call, names);
    if (function == "inline") return {Filled(Unnested("$1", is_outer, true), call)};
    const bool explodes = function == "explode" || function == "posexplode";
    const bool is_array = call.parts[0].word == "array" || names.size() == places + 1;
    if (IsSpark() && explodes && !of_map && !is_array)  // its type says which columns
        return {Filled(Unnested("spark_" + function + "d($1)", is_outer, true), call)};
    for (const Generator& generator : Generators(of_map)) {
        if (generator.function != function) continue;
        for (size_t i = 0; i < generator.columns.size(); ++i) {
            const std::string name =
                i < names.size() ? names[i] : QuoteIdentifier(generator.names[i]);
            std::string pattern = Unnested(std::string(generator.columns[i]), is_outer, false);
            if (i < places) pattern = "CAST(" + pattern + " AS INTEGER)";
            columns.push_back(Filled(pattern + " AS " + name, call));
        }
    }
    return columns;
}

// inline(x) AS (a, b): the fields by their places.
std::vector<SqlText> SyntaxWriter::InlinedAs(const SyntaxNode& call,
                                             const std::vector<std::string>& names) const {
    std::vector<SqlText> columns;
    for (size_t i = 0; i < names.size(); ++i) {
        const std::string field = fmt::format(
            "list_transform($1, lambda spark_item: struct_extract_at(spark_item, {}))", i + 1);
        const std::string rows = Unnested(field, call.word.ends_with("_outer"), false);
        columns.push_back(Filled(rows + " AS " + names[i], call));
    }
    return columns;
}

// json_tuple(text, name, ..): the members of these names.
std::vector<SqlText> SyntaxWriter::TupleColumns(const SyntaxNode& call,
                                                const std::vector<std::string>& names) const {
    std::vector<SqlText> columns;
    for (size_t i = 1; i < call.parts.size(); ++i) {
        const std::string name =
            i <= names.size() ? names[i - 1] : QuoteIdentifier("c" + std::to_string(i - 1));
        columns.push_back(Fill("spark_json_field($1, $2) AS " + name,
                               {Write(call.parts[0]), Write(call.parts[i])}, Place(call)));
    }
    return columns;
}

// stack(n, a1, b1, a2, b2): n rows, and NULL where values are too few.
std::vector<SqlText> SyntaxWriter::StackedColumns(const SyntaxNode& call,
                                                  const std::vector<std::string>& names) const {
    const auto rows = ParseInt(tokens_[call.parts[0].first].text);
    if (!rows || *rows < 1 || call.parts.size() < 2) {
        throw Error(ErrorKind::kInvalidInput,
                    "stack takes a number of rows, written as a number, and then their values")
            .At(SpotOf(tokens_[call.parts[0].first].position));
    }
    const size_t count = call.parts.size() - 1;
    const auto height = static_cast<size_t>(*rows);
    const size_t width = (count + height - 1) / height;
    std::vector<SqlText> columns;
    for (size_t column = 0; column < width; ++column) {
        std::vector<SqlText> values;
        for (size_t at = column; at < height * width; at += width) {
            values.push_back(at < count ? Write(call.parts[at + 1])
                                        : SqlText::Of("NULL", Place(call)));
        }
        const std::string name =
            column < names.size() ? names[column] : QuoteIdentifier("col" + std::to_string(column));
        columns.push_back(SqlText::Of("unnest(list_value(", Place(call))
                              .Append(Join(values, ", "))
                              .Append(")) AS " + name));
    }
    return columns;
}

// LATERAL VIEW f(x) t AS a: the rows of f beside those of the tables before it.
SqlText SyntaxWriter::WriteLateralView(const SyntaxNode& node) const {
    std::vector<std::string> names;
    for (const size_t mark : node.marks) names.push_back(Name(mark));
    std::string table = QuoteIdentifier("lateral_view");
    if (node.is_named) {
        table = names.front();
        names.erase(names.begin());
    }
    const SyntaxNode& call = node.parts[0];
    const std::vector<SqlText> columns = GeneratedBy(call, node.is_outer, names);
    SqlText text = SqlText::Of(", LATERAL ", Place(node));
    if (columns.empty()) {
        text.Append(Write(call));
    } else {
        text.Append("(SELECT ").Append(Join(columns, ", ")).Append(")");
    }
    text.Append(" AS " + table);
    const bool renames = columns.empty() || call.word.starts_with("inline");
    if (renames && !names.empty()) {
        std::string list;
        for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
        text.Append("(" + list + ")");
    }
    return text;
}

// explode(x) and range(n) where a table stands.
SqlText SyntaxWriter::WriteTableCall(const SyntaxNode& node) const {
    const SyntaxNode& call = node.parts[0];
    if (call.kind == Kind::kCall) {
        const std::vector<SqlText> columns = GeneratedBy(call, false, {});
        if (!columns.empty())
            return SqlText::Of("(SELECT ", Place(node)).Append(Join(columns, ", ")).Append(")");
        if (IsSpark() && call.word == "read_files") {
            throw Error(ErrorKind::kUnsupported,
                        "read_files is not there yet: read them as csv.`/folder`, json.`/folder` "
                        "or parquet.`/folder`, or by a view with USING and OPTIONS")
                .At(SpotOf(tokens_[call.first].position));
        }
        if (IsSpark() && call.word == "range" && !call.parts.empty()) {
            SqlText text = SqlText::Of("(SELECT range AS id FROM range(", Place(node));
            const size_t most = std::min<size_t>(call.parts.size(), 3);  // a fourth: partitions
            for (size_t i = 0; i < most; ++i) {
                if (i > 0) text.Append(", ");
                text.Append(Write(call.parts[i]));
            }
            return text.Append("))");
        }
    }
    return AsWritten(node);
}

}  // namespace tarn::sql
