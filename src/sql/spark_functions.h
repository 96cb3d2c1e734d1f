// Spark's functions of SQL and what they are in the engine: the one table that queries in Spark's
// dialect, expressions that tables keep, and the reference page are made of. Each topic is tested
// against Spark's own answers (test/spark_functions/expressions/TOPIC.txt). Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::sql {

enum class SparkTopic {
    kStrings,
    kRegexps,
    kTimes,
    kJson,
    kHashes,
    kConditionals,
    kMaths,
    kArrays,
    kMaps,
    kAggregates
};
std::string_view NameOf(SparkTopic topic);

// A function with so many arguments; one name may stand in several rows, for different numbers.
struct SparkFunction {
    SparkTopic topic;
    std::string_view name;
    int least;  // arguments
    int most;   // -1: any number
    // The engine has no function of this name: then it means the same in every dialect.
    bool is_sparks_alone;
    // SQL of the engine with $1, $2 for the arguments, $* for all of them with commas, and a letter
    // before the number for the argument as Spark would cast it: $s1 to a text, $p1 to a text that
    // is a regular expression, $i1 to an INT, $l1 to a BIGINT, $f1 to a DOUBLE, $b1 to a truth
    // value, $d1 to a DATE, $t1 to a TIMESTAMP, $n1 to a TIMESTAMP_NTZ. Empty: written by code, or
    // refused.
    std::string_view engine;
    // Of an aggregate: what its result is made of, with $1 for the call and what stands behind it
    // (FILTER, OVER); empty: as it is.
    std::string_view result = "";
    // Refused by name: what to use instead.
    std::string_view instead = "";

    bool Takes(size_t count) const {
        return static_cast<int>(count) >= least && (most < 0 || static_cast<int>(count) <= most);
    }
    // May an expression that a table keeps call it?
    bool IsStorable() const { return topic != SparkTopic::kAggregates && !engine.empty(); }
};

// All rows, sorted by name and number of arguments.
const std::vector<SparkFunction>& SparkFunctions();
// The rows of a name in small letters; none for a name that is none of Spark's.
std::span<const SparkFunction> SparkFunctionsNamed(std::string_view name);
// The row for a call with so many arguments; null when there is none.
const SparkFunction* FindSparkFunction(std::string_view name, size_t count);

// The pattern with its casts written out: $s1 as spark_cast($1, CAST(NULL AS VARCHAR)).
std::string WithCasts(std::string_view pattern);

// The parts of the table, by the kind of what they take.
std::span<const SparkFunction> SparkTextFunctions();
std::span<const SparkFunction> SparkTimeFunctions();
std::span<const SparkFunction> SparkValueFunctions();

}  // namespace tarn::sql
