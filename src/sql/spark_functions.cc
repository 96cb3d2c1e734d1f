#include "sql/spark_functions.h"

#include <algorithm>
#include <tuple>

#include "base/error.h"

namespace tarn::sql {
namespace {

struct Cast {
    char letter;
    std::string_view type;
};
constexpr Cast kCasts[] = {{'s', "VARCHAR"}, {'p', "VARCHAR"},   {'i', "INTEGER"},
                           {'l', "BIGINT"},  {'f', "DOUBLE"},    {'b', "BOOLEAN"},
                           {'d', "DATE"},    {'n', "TIMESTAMP"}, {'t', "TIMESTAMP WITH TIME ZONE"}};

bool IsBefore(const SparkFunction& left, const SparkFunction& right) {
    return std::tuple(left.name, left.least) < std::tuple(right.name, right.least);
}

}  // namespace

std::string_view NameOf(SparkTopic topic) {
    constexpr std::string_view kNames[] = {"strings", "regexps",      "times", "json",
                                           "hashes",  "conditionals", "maths", "arrays",
                                           "maps",    "aggregates"};
    return kNames[static_cast<size_t>(topic)];
}

const std::vector<SparkFunction>& SparkFunctions() {
    static const std::vector<SparkFunction> all = [] {
        std::vector<SparkFunction> rows;
        for (const auto part : {SparkTextFunctions(), SparkTimeFunctions(), SparkValueFunctions()})
            rows.insert(rows.end(), part.begin(), part.end());
        std::sort(rows.begin(), rows.end(), IsBefore);
        return rows;
    }();
    return all;
}

std::span<const SparkFunction> SparkFunctionsNamed(std::string_view name) {
    const std::vector<SparkFunction>& all = SparkFunctions();
    const auto first = std::lower_bound(
        all.begin(), all.end(), name,
        [](const SparkFunction& row, std::string_view word) { return row.name < word; });
    auto end = first;
    while (end != all.end() && end->name == name) ++end;
    return {first, end};
}

const SparkFunction* FindSparkFunction(std::string_view name, size_t count) {
    for (const SparkFunction& row : SparkFunctionsNamed(name)) {
        if (row.Takes(count)) return &row;
    }
    return nullptr;
}

std::string WithCasts(std::string_view pattern) {
    std::string text;
    for (size_t i = 0; i < pattern.size(); ++i) {
        text += pattern[i];
        if (pattern[i] != '$' || i + 2 >= pattern.size()) continue;
        for (const Cast& cast : kCasts) {
            if (pattern[i + 1] != cast.letter) continue;
            text.pop_back();
            const std::string value =
                fmt::format("spark_cast(${}, CAST(NULL AS {}))", pattern[i + 2], cast.type);
            text += cast.letter == 'p' ? "spark_pattern(" + value + ")" : value;
            i += 2;
            break;
        }
    }
    return text;
}

}  // namespace tarn::sql
