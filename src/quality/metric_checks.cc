// Checks of one number of a table, as Soda and the Open Data Contract Standard name them: what it
// must be is said beside it. One failure, `measured`, where it is not so.
#include "base/error.h"
#include "base/text.h"
#include "quality/check_sql.h"
#include "quality/must_be.h"

namespace tarn::quality {
namespace {

// What follows the number in a condition.
std::string MustBe(const CheckCall& call, const std::string& unless_said) {
    std::vector<std::string> said;
    for (const auto& [word, operation] : kMustBeOperators) {
        if (call.Has(word)) said.push_back(fmt::format("{} {}", operation, call.Sql(word)));
    }
    for (const auto& [word, range] : kMustBeRanges) {
        if (!call.Has(word)) continue;
        const std::vector<std::string> ends = call.Columns(word);
        if (ends.size() != 2)
            throw Error(ErrorKind::kInvalidInput, "`{}`: expected two numbers, the smaller first",
                        word);
        said.push_back(fmt::format("{} {} AND {}", range, ends[0], ends[1]));
    }
    if (said.empty()) said.push_back(unless_said);
    return said[0] + (said.size() == 1 ? ""
                                       : " AND measured " + Join({said.begin() + 1, said.end()},
                                                                 " AND measured "));
}

std::string Metric(const CheckCall& call, const std::string& value,
                   const std::string& unless_said = "= 0") {
    return fmt::format(
        "SELECT * FROM (SELECT {} AS measured FROM {}) AS metric WHERE (measured {}) IS NOT TRUE",
        value, call.Rows(), MustBe(call, unless_said));
}

// The rows of which the condition holds: how many, or how many of a hundred.
std::string Counted(const CheckCall& call, const std::string& condition, bool in_percent) {
    const std::string count = fmt::format("count(*) FILTER (WHERE {})", condition);
    if (!in_percent && call.Text("unit") == "rows") return Metric(call, count);
    return Metric(call, fmt::format("coalesce(100.0 * {} / nullif(count(*), 0), 0)", count));
}

std::string AsText(const CheckCall& call) {
    return fmt::format("CAST({} AS VARCHAR)", call.Column());
}

std::string IsMissing(const CheckCall& call) {
    std::string condition = call.Column() + " IS NULL";
    if (call.Has("missing_values")) {
        condition += fmt::format(" OR {} IN ({})", AsText(call),
                                 Join(call.Literals("missing_values"), ", "));
    }
    if (call.Has("missing_regex")) {
        condition +=
            fmt::format(" OR regexp_matches({}, {})", AsText(call), call.Literal("missing_regex"));
    }
    return "(" + condition + ")";
}

// Values that are there and that one of the rules does not let be.
std::string IsInvalid(const CheckCall& call) {
    std::vector<std::string> broken;
    const auto add = [&](const char* argument, const std::string& format,
                         const std::string& value) {
        if (call.Has(argument))
            broken.push_back(fmt::format(fmt::runtime(format), AsText(call), value));
    };
    add("valid_values", "{} NOT IN ({})", Join(call.Literals("valid_values"), ", "));
    add("invalid_values", "{} IN ({})", Join(call.Literals("invalid_values"), ", "));
    add("valid_regex", "NOT regexp_matches({}, {})", call.Literal("valid_regex"));
    add("invalid_regex", "regexp_matches({}, {})", call.Literal("invalid_regex"));
    add("pattern", "NOT regexp_full_match({}, {})", call.Literal("pattern"));
    add("valid_length", "length({}) <> {}", call.Sql("valid_length"));
    add("valid_min_length", "length({}) < {}", call.Sql("valid_min_length"));
    add("valid_max_length", "length({}) > {}", call.Sql("valid_max_length"));
    if (call.Has("valid_min")) broken.push_back(call.Column() + " < " + call.Sql("valid_min"));
    if (call.Has("valid_max")) broken.push_back(call.Column() + " > " + call.Sql("valid_max"));
    return fmt::format("(NOT {} AND ({}))", IsMissing(call), Join(broken, " OR "));
}

std::string Missing(const CheckCall& call) { return Counted(call, IsMissing(call), false); }
std::string MissingPercent(const CheckCall& call) { return Counted(call, IsMissing(call), true); }
std::string Invalid(const CheckCall& call) { return Counted(call, IsInvalid(call), false); }
std::string InvalidPercent(const CheckCall& call) { return Counted(call, IsInvalid(call), true); }

// Soda counts the values that stand more than once, or the rows that have one of them.
std::string Duplicates(const CheckCall& call, bool in_percent) {
    const std::string counts =
        fmt::format("(SELECT count(*) AS n FROM {0} WHERE {1} IS NOT NULL GROUP BY {1})",
                    call.Rows(), call.Column());
    const std::string value = in_percent || call.Text("unit") != "rows"
                                  ? "coalesce(100.0 * sum(n) FILTER (WHERE n > 1) / sum(n), 0)"
                                  : "count(*) FILTER (WHERE n > 1)";
    return fmt::format(
        "SELECT * FROM (SELECT {} AS measured FROM {}) AS metric WHERE (measured {}) IS NOT TRUE",
        value, counts, MustBe(call, "= 0"));
}

std::string DuplicateCount(const CheckCall& call) { return Duplicates(call, false); }
std::string DuplicatePercent(const CheckCall& call) { return Duplicates(call, true); }

// The standard counts the rows that there are more than different values.
std::string DuplicateValues(const CheckCall& call) {
    const std::vector<std::string> columns = call.Columns("properties");
    if (columns.empty() && call.Column().empty())
        throw Error(ErrorKind::kInvalidInput,
                    "duplicateValues of a table needs `properties`, the columns that are meant");
    const std::string value =
        columns.empty() ? fmt::format("count({0}) - count(DISTINCT {0})", call.Column())
                        : fmt::format("count(*) - count(DISTINCT row({}))", Join(columns, ", "));
    if (call.Text("unit") == "rows") return Metric(call, value);
    return Metric(call, fmt::format("coalesce(100.0 * ({}) / nullif(count(*), 0), 0)", value));
}

std::string RowCount(const CheckCall& call) { return Metric(call, "count(*)", "> 0"); }

std::string Freshness(const CheckCall& call) {
    return Metric(call, fmt::format("epoch(now() - max(CAST({} AS TIMESTAMPTZ))) / epoch(INTERVAL "
                                    "1 {})",
                                    call.Column(), call.Text("unit")));
}

std::string Average(const CheckCall& call) { return Metric(call, "avg(" + call.Column() + ")"); }
std::string Least(const CheckCall& call) { return Metric(call, "min(" + call.Column() + ")"); }
std::string Most(const CheckCall& call) { return Metric(call, "max(" + call.Column() + ")"); }
std::string Sum(const CheckCall& call) { return Metric(call, "sum(" + call.Column() + ")"); }
std::string Deviation(const CheckCall& call) {
    return Metric(call, "stddev(" + call.Column() + ")");
}
std::string Length(const CheckCall& call, const char* aggregate) {
    return Metric(call, fmt::format("{}(length({}))", aggregate, AsText(call)));
}
std::string AverageLength(const CheckCall& call) { return Length(call, "avg"); }
std::string LeastLength(const CheckCall& call) { return Length(call, "min"); }
std::string MostLength(const CheckCall& call) { return Length(call, "max"); }

constexpr std::string_view kMustBeNeeds =
    "mustBe mustNotBe mustBeGreaterThan mustBeGreaterOrEqualTo mustBeLessThan mustBeLessOrEqualTo "
    "mustBeBetween mustNotBeBetween";
constexpr std::array kMustBe = {
    CheckArgument{"mustBe", Kind::kNumber, {}, false, "must_be"},
    CheckArgument{"mustNotBe", Kind::kNumber, {}, false, "must_not_be"},
    CheckArgument{"mustBeGreaterThan", Kind::kNumber, {}, false, "must_be_greater_than"},
    CheckArgument{
        "mustBeGreaterOrEqualTo", Kind::kNumber, {}, false, "must_be_greater_than_or_equal"},
    CheckArgument{"mustBeLessThan", Kind::kNumber, {}, false, "must_be_less_than"},
    CheckArgument{"mustBeLessOrEqualTo", Kind::kNumber, {}, false, "must_be_less_than_or_equal"},
    CheckArgument{"mustBeBetween", Kind::kColumns, {}, false, "must_be_between"},
    CheckArgument{"mustNotBeBetween", Kind::kColumns, {}, false, "must_not_be_between"},
    CheckArgument{"row_condition", Kind::kSql, {}, false, "filter"}};
constexpr std::array kUnit = {
    CheckArgument{"unit", Kind::kWord, "rows", false, "metric", "rows count percent"}};
constexpr std::array kMissing =
    Joined(Joined(kMustBe, kUnit),
           std::array{CheckArgument{"missing_values", Kind::kTexts, {}, false, "missingValues"},
                      CheckArgument{"missing_regex", Kind::kText}});
constexpr std::array kInvalid = Joined(
    kMissing,
    std::array{CheckArgument{"valid_values", Kind::kTexts, {}, false, "validValues"},
               CheckArgument{"invalid_values", Kind::kTexts},
               CheckArgument{"valid_regex", Kind::kText},
               CheckArgument{"invalid_regex", Kind::kText}, CheckArgument{"pattern", Kind::kText},
               CheckArgument{"valid_min", Kind::kNumber}, CheckArgument{"valid_max", Kind::kNumber},
               CheckArgument{"valid_length", Kind::kNumber},
               CheckArgument{"valid_min_length", Kind::kNumber},
               CheckArgument{"valid_max_length", Kind::kNumber}});
constexpr std::string_view kInvalidNeeds =
    "valid_values invalid_values valid_regex invalid_regex pattern valid_min valid_max "
    "valid_length valid_min_length valid_max_length";
constexpr std::array kDuplicate = Joined(kMustBe, kUnit);
constexpr std::array kDuplicateValues =
    Joined(kDuplicate, std::array{CheckArgument{"properties", Kind::kColumns}});
constexpr std::array kFreshness = Joined(
    kMustBe,
    std::array{CheckArgument{"unit", Kind::kWord, "hour", false, {}, "second minute hour day"}});

constexpr CheckSubject kColumn = CheckSubject::kColumn;
constexpr CheckSubject kTable = CheckSubject::kTable;

constexpr SetCheck kChecks[] = {
    {"row_count", "soda odcs", "rowCount", kTable, kMustBe,
     "the number of rows; more than 0 where nothing is said", RowCount, "mustBeGreaterThan: 0"},
    {"missing_count", "soda odcs", "missing nullValues missingValues", kColumn, kMissing,
     "rows whose value is NULL or one of those that stand for nothing; 0 where nothing is said",
     Missing, "missing_values: ['', n/a]\nmustBeLessThan: 5"},
    {"missing_percent", "soda", "", kColumn, kMissing, "the same, of a hundred rows",
     MissingPercent, "mustBeLessThan: 5"},
    {"invalid_count", "soda odcs", "invalid invalidValues", kColumn, kInvalid,
     "rows whose value is there and breaks one of the rules; 0 where nothing is said", Invalid,
     "valid_values: [open, shut]\nmustBe: 0", kInvalidNeeds},
    {"invalid_percent", "soda", "", kColumn, kInvalid, "the same, of a hundred rows",
     InvalidPercent, "valid_min: 0\nmustBeLessThan: 5", kInvalidNeeds},
    {"duplicate_count", "soda", "duplicate", kColumn, kDuplicate,
     "values that stand more than once; 0 where nothing is said", DuplicateCount, "mustBe: 0"},
    {"duplicate_percent", "soda", "", kColumn, kDuplicate,
     "rows that share their value, of a hundred that have one", DuplicatePercent,
     "mustBeLessThan: 5"},
    {"duplicateValues", "odcs", "", CheckSubject::kEither, kDuplicateValues,
     "rows that there are more than different values; 0 where nothing is said", DuplicateValues,
     "properties: [a, b]\nmustBe: 0"},
    {"freshness", "soda", "", kColumn, kFreshness,
     "how old the newest time is, in `unit`; without rows it is too old", Freshness,
     "mustBeLessThan: 24", kMustBeNeeds},
    {"avg", "soda", "", kColumn, kMustBe, "the mean", Average, "mustBeBetween: [1, 5]",
     kMustBeNeeds},
    {"min", "soda", "", kColumn, kMustBe, "the least value", Least, "mustBeGreaterThan: 0",
     kMustBeNeeds},
    {"max", "soda", "", kColumn, kMustBe, "the greatest value", Most, "mustBeLessThan: 10",
     kMustBeNeeds},
    {"sum", "soda", "", kColumn, kMustBe, "the sum", Sum, "mustBe: 10", kMustBeNeeds},
    {"stddev", "soda", "", kColumn, kMustBe, "the standard deviation of a sample", Deviation,
     "mustBeLessThan: 10", kMustBeNeeds},
    {"avg_length", "soda", "", kColumn, kMustBe, "the mean length of texts", AverageLength,
     "mustBeLessThan: 10", kMustBeNeeds},
    {"min_length", "soda", "", kColumn, kMustBe, "the least length of texts", LeastLength,
     "mustBeGreaterThan: 0", kMustBeNeeds},
    {"max_length", "soda", "", kColumn, kMustBe, "the greatest length of texts", MostLength,
     "mustBeLessThan: 10", kMustBeNeeds},
};

}  // namespace

std::span<const SetCheck> MetricChecks() { return kChecks; }

}  // namespace tarn::quality
