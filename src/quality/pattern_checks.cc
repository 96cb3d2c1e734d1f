// Checks of what texts look like: their length, patterns, formats, and the type of a column.
#include "base/text.h"
#include "quality/check_sql.h"
#include "sql/quote.h"

namespace tarn::quality {
namespace {

std::string LengthOf(const CheckCall& call) {
    return fmt::format("length(CAST({} AS VARCHAR))", call.Column());
}

std::string LengthsBetween(const CheckCall& call) {
    return EachRow(call, fmt::format("NOT ({})", InBounds(call, LengthOf(call))));
}

std::string LengthsEqual(const CheckCall& call) {
    return EachRow(call, fmt::format("NOT ({} = {})", LengthOf(call), call.Sql("value")));
}

// What each of several patterns says of a value, joined as `match_on` has it.
std::string MatchOf(const CheckCall& call, std::string_view patterns, bool is_regex, bool is_not) {
    std::vector<std::string> matches;
    for (const std::string& pattern : call.Literals(patterns)) {
        std::string match =
            is_regex ? fmt::format("regexp_matches(CAST({} AS VARCHAR), {}{})", call.Column(),
                                   pattern, call.Has("flags") ? ", " + call.Literal("flags") : "")
                     : fmt::format("{} LIKE {}", call.Column(), pattern);
        matches.push_back(is_not ? "NOT (" + match + ")" : match);
    }
    const bool is_list = patterns.ends_with("_list");
    return Join(matches, is_list && call.Text("match_on") == "all" ? " AND " : " OR ");
}

template <bool is_regex, bool is_not>
std::string Matches(const CheckCall& call) {
    return EachRow(call, fmt::format("NOT ({})", MatchOf(call, is_regex ? "regex" : "like_pattern",
                                                         is_regex, is_not)));
}

template <bool is_regex, bool is_not>
std::string MatchesList(const CheckCall& call) {
    return EachRow(
        call, fmt::format("NOT ({})", MatchOf(call, is_regex ? "regex_list" : "like_pattern_list",
                                              is_regex, is_not)));
}

// Values that are there and of which the expression is not TRUE.
std::string Readable(const CheckCall& call, const std::string& expression) {
    return EachRow(call,
                   fmt::format("{} IS NOT NULL AND ({}) IS NOT TRUE", call.Column(), expression));
}

std::string Json(const CheckCall& call) {
    return Readable(call, fmt::format("json_valid(CAST({} AS VARCHAR))", call.Column()));
}

std::string Time(const CheckCall& call) {
    return Readable(call, fmt::format("try_strptime(CAST({} AS VARCHAR), {}) IS NOT NULL",
                                      call.Column(), call.Literal("strftime_format")));
}

std::string AnyTime(const CheckCall& call) {
    return Readable(call, fmt::format("TRY_CAST({} AS TIMESTAMPTZ) IS NOT NULL", call.Column()));
}

std::string Casing(const CheckCall& call) {
    if (call.Flag("display_inconsistent_columns")) {
        return fmt::format(
            "SELECT lower({0}) AS value, count(DISTINCT {0}) AS spellings FROM {1} WHERE {0} IS "
            "NOT NULL GROUP BY lower({0}) HAVING count(DISTINCT {0}) > 1",
            call.Column(), call.Rows());
    }
    return fmt::format(
        "SELECT * FROM (SELECT count(DISTINCT {0}) AS spellings, count(DISTINCT lower({0})) AS "
        "words FROM {1}) AS counted WHERE spellings <> words",
        call.Column(), call.Rows());
}

struct TypeWord {
    std::string_view said;
    std::string_view engine;
};

// Names of other systems for the engine's types.
constexpr TypeWord kTypeWords[] = {
    {"STRING", "VARCHAR"},     {"TEXT", "VARCHAR"},
    {"CHAR", "VARCHAR"},       {"INT", "INTEGER"},
    {"INT4", "INTEGER"},       {"INT8", "BIGINT"},
    {"LONG", "BIGINT"},        {"INT64", "BIGINT"},
    {"SHORT", "SMALLINT"},     {"BYTE", "TINYINT"},
    {"REAL", "FLOAT"},         {"DOUBLE PRECISION", "DOUBLE"},
    {"FLOAT8", "DOUBLE"},      {"FLOAT64", "DOUBLE"},
    {"BOOL", "BOOLEAN"},       {"TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE"},
    {"DATETIME", "TIMESTAMP"}, {"TIMESTAMP_NTZ", "TIMESTAMP"},
    {"BINARY", "BLOB"},        {"BYTES", "BLOB"},
};

// A condition on the engine's name of a type.
std::string IsType(std::string_view said) {
    std::string type = AsciiUpper(Trim(said));
    for (const TypeWord& word : kTypeWords) {
        if (type == word.said) type = word.engine;
    }
    if (type.starts_with("NUMERIC")) type = "DECIMAL" + type.substr(sizeof("NUMERIC") - 1);
    if (type == "DECIMAL") return "starts_with(upper(type), 'DECIMAL')";
    return "upper(type) = " + sql::QuoteLiteral(type);
}

std::string OfTypes(const CheckCall& call, std::string_view argument) {
    std::vector<std::string> types;
    for (const std::string& literal : call.Literals(argument))
        types.push_back(IsType(sql::UnquoteLiteral(literal)));
    return fmt::format(
        "SELECT {0} AS missing_type WHERE NOT EXISTS (SELECT 1 FROM {1} AS columns WHERE "
        "lower(name) = lower({0}) AND ({2}))",
        sql::QuoteLiteral(sql::UnquoteIdentifier(call.Column())), ColumnsOf(call.Rows()),
        Join(types, " OR "));
}

std::string OfType(const CheckCall& call) { return OfTypes(call, "column_type"); }
std::string OfTypeList(const CheckCall& call) { return OfTypes(call, "column_type_list"); }

constexpr std::array kBetween = Joined(kBounds, kRow);
constexpr std::array kValue =
    Joined(std::array{CheckArgument{"value", Kind::kNumber, {}, true}}, kRow);
constexpr std::array kMatchOn = {
    CheckArgument{"match_on", Kind::kWord, "any", false, {}, "any all"}};
constexpr std::array kLike =
    Joined(std::array{CheckArgument{"like_pattern", Kind::kText, {}, true}}, kRow);
constexpr std::array kLikes = Joined(
    Joined(std::array{CheckArgument{"like_pattern_list", Kind::kTexts, {}, true}}, kMatchOn), kRow);
constexpr std::array kRegexOptions = {CheckArgument{"is_raw", Kind::kFlag, "false"},
                                      CheckArgument{"flags", Kind::kText}};
constexpr std::array kRegex =
    Joined(Joined(std::array{CheckArgument{"regex", Kind::kText, {}, true}}, kRegexOptions), kRow);
constexpr std::array kRegexes = Joined(
    Joined(Joined(std::array{CheckArgument{"regex_list", Kind::kTexts, {}, true}}, kRegexOptions),
           kMatchOn),
    kRow);
constexpr std::array kFormat =
    Joined(std::array{CheckArgument{"strftime_format", Kind::kText, {}, true}}, kRow);
constexpr std::array kDisplay = {
    CheckArgument{"display_inconsistent_columns", Kind::kFlag, "false"}};
constexpr std::array kType = {CheckArgument{"column_type", Kind::kText, {}, true, "type_"}};
constexpr std::array kTypes = {
    CheckArgument{"column_type_list", Kind::kTexts, {}, true, "type_list"}};

constexpr CheckSubject kColumn = CheckSubject::kColumn;
constexpr std::string_view kExpectations = "dbt_expectations great_expectations";
constexpr std::string_view kGreat = "great_expectations";

constexpr SetCheck kChecks[] = {
    {"expect_column_value_lengths_to_be_between", kExpectations, "", kColumn, kBetween,
     "every text has so many characters", LengthsBetween, "max_value: 10", kBoundNeeds},
    {"expect_column_value_lengths_to_equal", kExpectations, "", kColumn, kValue,
     "every text has so many characters", LengthsEqual, "value: 3"},
    {"expect_column_values_to_match_regex", kExpectations, "", kColumn, kRegex,
     "the regular expression is found in every text", Matches<true, false>, "regex: '^[a-z]+$'"},
    {"expect_column_values_to_not_match_regex", kExpectations, "", kColumn, kRegex,
     "the regular expression is found in no text", Matches<true, true>, "regex: '[0-9]'"},
    {"expect_column_values_to_match_regex_list", kExpectations, "", kColumn, kRegexes,
     "one of the expressions (`match_on: all`: each) is found in every text",
     MatchesList<true, false>, "regex_list: ['^a', 'z$']"},
    {"expect_column_values_to_not_match_regex_list", kExpectations, "", kColumn, kRegexes,
     "one of the expressions (`match_on: all`: each) is not found in a text",
     MatchesList<true, true>, "regex_list: ['^a', 'z$']\nmatch_on: all"},
    {"expect_column_values_to_match_like_pattern", kExpectations, "", kColumn, kLike,
     "every text is LIKE the pattern", Matches<false, false>, "like_pattern: 'a%'"},
    {"expect_column_values_to_not_match_like_pattern", kExpectations, "", kColumn, kLike,
     "no text is LIKE the pattern", Matches<false, true>, "like_pattern: 'a%'"},
    {"expect_column_values_to_match_like_pattern_list", kExpectations, "", kColumn, kLikes,
     "every text is LIKE one of the patterns (`match_on: all`: each)", MatchesList<false, false>,
     "like_pattern_list: ['a%', 'b%']"},
    {"expect_column_values_to_not_match_like_pattern_list", kExpectations, "", kColumn, kLikes,
     "a text is not LIKE one of the patterns (`match_on: all`: each)", MatchesList<false, true>,
     "like_pattern_list: ['a%', 'b%']\nmatch_on: all"},
    {"expect_column_values_to_have_consistent_casing", "dbt_expectations", "", kColumn, kDisplay,
     "no two texts differ in case alone. One failure; with `display_inconsistent_columns` one a "
     "word",
     Casing},
    {"expect_column_values_to_be_of_type", kExpectations, "", kColumn, kType,
     "the column has this type", OfType, "column_type: integer"},
    {"expect_column_values_to_be_in_type_list", kExpectations, "", kColumn, kTypes,
     "the column has one of these types", OfTypeList, "column_type_list: [integer, bigint]"},
    {"expect_column_values_to_be_json_parseable", kGreat, "", kColumn, kRow, "every text is JSON",
     Json},
    {"expect_column_values_to_match_strftime_format", kGreat, "", kColumn, kFormat,
     "every text is a time of this format", Time, "strftime_format: '%Y-%m-%d'"},
    {"expect_column_values_to_be_dateutil_parseable", kGreat, "", kColumn, kRow,
     "every text is a date or a time", AnyTime},
};

}  // namespace

std::span<const SetCheck> PatternChecks() { return kChecks; }

}  // namespace tarn::quality
