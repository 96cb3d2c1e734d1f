#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "sql/collation.h"
#include "sql/quote.h"
#include "sql/syntax_parser.h"
#include "sql/syntax_writer.h"
#include "sql/type_text.h"

namespace tarn::sql {
namespace {

using Kind = SyntaxKind;

struct Unit {
    std::string_view word;
    std::string_view name;      // the engine's
    std::string_view interval;  // the engine's function of a number of them
    int months = 0;             // that it is long
};
constexpr Unit kUnits[] = {{"YEAR", "year", "to_years", 12},
                           {"QUARTER", "quarter", "to_quarters", 3},
                           {"MONTH", "month", "to_months", 1},
                           {"WEEK", "week", "to_weeks"},
                           {"DAY", "day", "to_days"},
                           {"DAYOFYEAR", "day", "to_days"},
                           {"HOUR", "hour", "to_hours"},
                           {"MINUTE", "minute", "to_minutes"},
                           {"SECOND", "second", "to_seconds"},
                           {"MILLISECOND", "millisecond", "to_milliseconds"},
                           {"MICROSECOND", "microsecond", "to_microseconds"}};

const Unit* UnitNamed(std::string_view word) {
    for (const Unit& unit : kUnits)
        if (EqualsIgnoreCase(unit.word, word)) return &unit;
    return nullptr;
}

// A name of ours that no name of the user's can be.
std::string OwnName(std::string_view name) { return QuoteIdentifier("tarn " + std::string(name)); }

}  // namespace

// dateadd(MONTH, n, time), timestampdiff(MONTH, from, to)
std::optional<SqlText> SyntaxWriter::WriteTimeArithmetic(const SyntaxNode& node) const {
    const Unit* unit = UnitNamed(Source(node.parts[0]));
    if (unit == nullptr) {
        throw Error(ErrorKind::kInvalidInput,
                    "{} is no unit of time: YEAR, QUARTER, MONTH, WEEK, DAY, HOUR, MINUTE, SECOND, "
                    "MILLISECOND, MICROSECOND are",
                    Source(node.parts[0]))
            .At(SpotOf(tokens_[node.parts[0].first].position));
    }
    const bool is_difference = node.word.ends_with("diff");
    const std::string months = "spark_whole_months(CAST($t2 AS TIMESTAMP), CAST($t3 AS TIMESTAMP))";
    if (is_difference && unit->months > 0) {
        return Filled(
            WithCasts(unit->months == 1 ? months : fmt::format("({} // {})", months, unit->months)),
            node);
    }
    const std::string pattern = is_difference ? fmt::format("date_sub('{}', $t2, $t3)", unit->name)
                                              : fmt::format("($t3 + {}($i2))", unit->interval);
    return Filled(WithCasts(pattern), node);
}

// decode(x, search, result, .., otherwise): NULL is found by NULL.
SqlText SyntaxWriter::WriteDecode(const SyntaxNode& node) const {
    const std::vector<SqlText> parts = Parts(node);
    SqlText text = SqlText::Of("CASE", Place(node));
    size_t i = 1;
    for (; i + 1 < parts.size(); i += 2) {
        text.Append(Fill(" WHEN spark_same($1, $2) THEN $3", {parts[0], parts[i], parts[i + 1]},
                         Place(node)));
    }
    if (i < parts.size()) text.Append(" ELSE ").Append(parts[i]);
    return text.Append(" END");
}

// make_interval(years, months, weeks, days, hours, minutes, seconds), from the left
SqlText SyntaxWriter::WriteMakeInterval(const SyntaxNode& node) const {
    constexpr size_t kParts = 7;
    std::vector<SqlText> parts = Parts(node);
    while (parts.size() < kParts) parts.push_back(SqlText::Of("0", Place(node)));
    return Fill(
        WithCasts("spark_make_interval($i1 * 12 + $i2, $i3 * 7 + $i4, $l5 * 60 + $l6, $f7)"), parts,
        Place(node));
}

// A text that is a type as the NULL of that type.
SqlText SyntaxWriter::WriteTypeText(const SyntaxNode& text, std::string_view what) const {
    const auto type =
        text.kind == Kind::kString ? EngineTypeInText(Meaning(text)) : std::optional<std::string>();
    if (!type) {
        throw Error(ErrorKind::kInvalidInput, "{}", what).At(SpotOf(tokens_[text.first].position));
    }
    return SqlText::Of("CAST(NULL AS " + *type + ")", Place(text));
}

// from_json(text, 'a INT, b STRING', map('key', 'value')), and from_csv
SqlText SyntaxWriter::WriteFromText(const SyntaxNode& node) const {
    const SyntaxNode& schema = node.parts[1];
    std::vector<SqlText> parts = Parts(node);
    // schema_of_json('{..}') is known once its argument is.
    if (!schema.word.starts_with("schema_of_")) {
        parts[1] =
            WriteTypeText(schema, node.word +
                                      " takes a schema for its second argument, written as "
                                      "a text: 'a INT, b STRING' or 'ARRAY<STRUCT<a: INT>>'");
    }
    const std::string pattern =
        "spark_" + node.word + (parts.size() == 2 ? "($s1, $2)" : "($s1, $2, $3)");
    return Fill(WithCasts(pattern), parts, Place(node));
}

// variant_get(v, '$.a', 'int')
SqlText SyntaxWriter::WriteVariantGet(const SyntaxNode& node) const {
    std::vector<SqlText> parts = Parts(node);
    parts[2] = WriteTypeText(node.parts[2],
                             node.word + " takes a type for its third argument, written as a text");
    return Fill("spark_" + node.word + "($1, $2, $3)", parts, Place(node));
}

// collate(x, 'UTF8_BINARY') and x COLLATE UTF8_BINARY: texts are compared by their bytes.
SqlText SyntaxWriter::WriteCollated(const SyntaxNode& value, size_t name) const {
    const Token& collation = tokens_[name];
    CheckCollation(collation.kind == TokenKind::kString ? UnquoteSparkLiteral(collation.text)
                                                        : UnquoteIdentifier(collation.text),
                   collation.position);
    return Fill(WithCasts("$s1"), {Write(value)}, Place(value));
}

// arrays_zip(a, t.b, c + 1): its fields are called a, b and, by its place, 2.
SqlText SyntaxWriter::WriteArraysZip(const SyntaxNode& node) const {
    std::vector<std::string> names;
    for (const SyntaxNode& part : node.parts) {
        const Token& last = tokens_[part.end - 1];
        const bool has_name = part.is_named || (part.kind == Kind::kName && !IsWord(last, "NULL"));
        names.push_back(
            QuoteLiteral(has_name ? UnquoteIdentifier(last.text) : std::to_string(names.size())));
    }
    return Fill("spark_arrays_zip(list_value(" + tarn::Join(names, ", ") + "), $*)", Parts(node),
                Place(node));
}

// array_sort(array, (left, right) -> body): each element's place is the number of those that the
// comparison puts before it, and among equal ones their order counts.
SqlText SyntaxWriter::WriteArraySort(const SyntaxNode& node) const {
    const std::string items = OwnName("items");
    const std::string left = OwnName("left");
    const std::string right = OwnName("right");
    const std::string at = OwnName("at");
    const std::string other = OwnName("other");
    const std::string order = OwnName("order");
    const std::string entry = OwnName("entry");
    SqlText body = BodyWith(node.parts[1], {left, right});
    const std::string pattern = fmt::format(
        "list_transform(list_value($1), lambda {0}: CASE WHEN {0} IS NOT NULL THEN list_transform("
        "list_sort(list_zip(list_transform({0}, lambda {1}, {3}: list_sum(list_transform({0}, "
        "lambda {2}, {4}: list_transform(list_value($2), lambda {5}: CASE WHEN {5} > 0 OR ({5} = 0 "
        "AND {4} < {3}) THEN 1 WHEN {5} IS NULL THEN spark_fail('the comparison of array_sort "
        "gives "
        "NULL', NULL) ELSE 0 END)[1]))), {0})), lambda {6}: {6}[2]) END)[1]",
        items, left, right, at, other, order, entry);
    return Fill(pattern, {Write(node.parts[0]), body}, Place(node));
}

// A list of one value, whose element has the name within the body: (x -> body)(value).
SqlText SyntaxWriter::BodyWith(const SyntaxNode& lambda,
                               const std::vector<std::string>& values) const {
    SqlText body = Write(lambda.parts[0]);
    for (size_t i = std::min(values.size(), lambda.marks.size()); i > 0; --i) {
        body = SqlText::Of("list_transform(list_value(" + values[i - 1] + "), lambda " +
                               Name(lambda.marks[i - 1]) + ": ",
                           Place(lambda))
                   .Append(body)
                   .Append(")[1]");
    }
    return body;
}

// x -> body or (x, i) -> body, where i counts from 0 and the engine's from 1.
SqlText SyntaxWriter::WriteItemLambda(const SyntaxNode& lambda) const {
    if (lambda.kind != Kind::kLambda || lambda.marks.size() < 2) return Write(lambda);
    const std::string item = OwnName("item");
    const std::string place = OwnName("place");
    return SqlText::Of(fmt::format("lambda {}, {}: ", item, place), Place(lambda))
        .Append(BodyWith(lambda, {item, fmt::format("CAST({} - 1 AS INTEGER)", place)}));
}

// aggregate(array, start, (sum, item) -> body): the engine's sum is of the items' own type, so both
// go through as one record.
SqlText SyntaxWriter::WriteAggregate(const SyntaxNode& node) const {
    const SyntaxNode& lambda = node.parts[2];
    std::vector<SqlText> parts = {Write(node.parts[0]), Write(node.parts[1])};
    if (lambda.kind != Kind::kLambda) {
        parts.push_back(Write(lambda));
        return Fill("list_reduce($1, $3, $2)", parts, Place(node));
    }
    const std::string items = OwnName("items");
    const std::string item = OwnName("item");
    const std::string left = OwnName("left");
    const std::string right = OwnName("right");
    parts.push_back(BodyWith(lambda, {left + ".sum", right + ".item"}));
    const std::string pattern = fmt::format(
        "list_transform(list_value($1), lambda {0}: list_reduce(list_transform({0}, lambda {1}: "
        "struct_pack(sum := CASE WHEN FALSE THEN $2 END, item := {1})), lambda {2}, {3}: "
        "struct_pack(sum := $3, item := {3}.item), struct_pack(sum := $2, item := CASE WHEN FALSE "
        "THEN {0}[1] END)).sum)[1]",
        items, item, left, right);
    return Fill(pattern, parts, Place(node));
}

std::optional<SqlText> SyntaxWriter::WriteHigherOrder(const SyntaxNode& node) const {
    const std::string& word = node.word;
    const SyntaxNode& lambda = node.parts[std::min<size_t>(node.parts.size() - 1, 2)];
    const size_t place = Place(node);
    const auto fill = [&](std::string_view pattern, std::vector<SqlText> parts) {
        return Fill(pattern, parts, place);
    };
    const auto first = [&] { return Write(node.parts[0]); };
    const std::string entry = OwnName("entry");
    if (word == "transform" || word == "filter" || word == "exists" || word == "forall") {
        const std::string_view pattern = word == "transform" ? "list_transform($1, $2)"
                                         : word == "filter"  ? "list_filter($1, $2)"
                                         : word == "exists"  ? "spark_any(list_transform($1, $2))"
                                                             : "spark_all(list_transform($1, $2))";
        return fill(pattern, {first(), WriteItemLambda(node.parts[1])});
    }
    if (word == "aggregate" || word == "reduce") {
        SqlText reduced = WriteAggregate(node);
        if (node.parts.size() == 3) return reduced;
        return fill("list_transform(list_value($1), $2)[1]", {reduced, Write(node.parts[3])});
    }
    if (lambda.kind != Kind::kLambda) return std::nullopt;
    if (word == "array_sort") return WriteArraySort(node);
    if (word == "zip_with") {
        SqlText body = BodyWith(lambda, {entry + "[1]", entry + "[2]"});
        return fill("list_transform(list_zip($1, $2), lambda " + entry + ": $3)",
                    {first(), Write(node.parts[1]), body});
    }
    if (word == "map_zip_with") {
        const std::string left = OwnName("left");
        const std::string right = OwnName("right");
        const std::string key = OwnName("key");
        SqlText body = BodyWith(lambda, {key, "map_extract_value(" + left + ", " + key + ")",
                                         "map_extract_value(" + right + ", " + key + ")"});
        const std::string pattern = fmt::format(
            "list_transform(list_value($1), lambda {0}: list_transform(list_value($2), lambda {1}: "
            "map_from_entries(list_transform(spark_array_union(map_keys({0}), map_keys({1})), "
            "lambda {2}: row({2}, $3))))[1])[1]",
            left, right, key);
        return fill(pattern, {first(), Write(node.parts[1]), body});
    }
    SqlText body = BodyWith(lambda, {entry + ".key", entry + ".value"});
    const std::string head = "map_from_entries(list_transform(map_entries($1), lambda " + entry;
    if (word == "map_filter") {
        return fill("map_from_entries(list_filter(map_entries($1), lambda " + entry + ": $2))",
                    {first(), body});
    }
    if (word == "transform_keys")
        return fill(head + ": row($2, " + entry + ".value)))", {first(), body});
    return fill(head + ": row(" + entry + ".key, $2)))", {first(), body});
}

std::optional<SqlText> SyntaxWriter::WriteByCode(const SyntaxNode& node) const {
    const size_t count = node.parts.size();
    const std::string& word = node.word;
    const auto is_any = [&](std::initializer_list<std::string_view> words) {
        return std::find(words.begin(), words.end(), word) != words.end();
    };
    if (count == 3 && is_any({"date_add", "dateadd", "timestampadd", "date_diff", "datediff",
                              "timediff", "timestampdiff"}))
        return WriteTimeArithmetic(node);
    if (word == "extract") {
        return Fill(
            "spark_extract($1, $2)",
            {SqlText::Of(QuoteLiteral(Source(node.parts[0])), Place(node)), Write(node.parts[1])},
            Place(node));
    }
    const bool is_first = word == "first" || word == "first_value" || word == "any_value";
    const bool keeps_null = count == 2 && IsWord(tokens_[node.parts[1].first], "FALSE");
    if (keeps_null && (is_first || word == "last" || word == "last_value"))
        return Fill(is_first ? "first($1)" : "last($1)", {Write(node.parts[0])}, Place(node));
    if (word == "window" || word == "session_window") {
        throw Error(ErrorKind::kUnsupported,
                    "windows of time stand in GROUP BY, or in the SELECT of tables without *; a "
                    "query has one such window")
            .At(SpotOf(tokens_[node.first].position));
    }
    if (word == "is_variant_null") {
        const SyntaxNode& value = node.parts[0];
        if (value.end == value.first + 1 && IsWord(tokens_[value.first], "NULL"))
            return SqlText::Of("FALSE", Place(node));
        const bool is_call = value.kind == Kind::kCall && value.is_plain_call;
        if (is_call && value.word.ends_with("variant_get") && value.parts.size() > 1)
            return Fill("spark_is_null_at($1, $2)", {Write(value.parts[0]), Write(value.parts[1])},
                        Place(node));
        if (is_call && value.word.ends_with("parse_json") && value.parts.size() == 1)
            return Fill("coalesce(trim($1) = 'null', FALSE)", {Write(value.parts[0])}, Place(node));
        if (value.kind == Kind::kPath)
            return Fill(
                "spark_is_null_at($1, $2)",
                {Write(value.parts[0]), SqlText::Of(QuoteLiteral(value.word), Place(value))},
                Place(node));
    }
    if (word == "decode" && count > 2) return WriteDecode(node);
    if (word == "make_interval") return WriteMakeInterval(node);
    if (word == "from_json" || word == "from_csv") return WriteFromText(node);
    if (word == "collate") return WriteCollated(node.parts[0], node.parts[1].first);
    if (word == "arrays_zip") return WriteArraysZip(node);
    if (word.ends_with("variant_get") && count == 3) return WriteVariantGet(node);
    const bool is_higher =
        is_any({"transform", "filter", "exists", "forall", "aggregate", "reduce", "zip_with",
                "map_zip_with", "map_filter", "transform_keys", "transform_values"}) ||
        (word == "array_sort" && count == 2);
    return is_higher ? WriteHigherOrder(node) : std::nullopt;
}

}  // namespace tarn::sql
