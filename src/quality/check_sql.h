// What the SQL of many checks is made from, and the arguments that many of them take. Text only.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "quality/set_check.h"

namespace tarn::quality {

using Kind = ArgumentKind;

template <size_t N, size_t M>
constexpr std::array<CheckArgument, N + M> Joined(const std::array<CheckArgument, N>& one,
                                                  const std::array<CheckArgument, M>& other) {
    std::array<CheckArgument, N + M> all{};
    for (size_t i = 0; i < N; ++i) all[i] = one[i];
    for (size_t i = 0; i < M; ++i) all[N + i] = other[i];
    return all;
}

// Of which rows; and how large a part of those that have a value must do.
inline constexpr std::array kRow = {CheckArgument{"row_condition"},
                                    CheckArgument{"mostly", Kind::kNumber, "1"}};
inline constexpr std::array kRowConditionOnly = {CheckArgument{"row_condition"}};
inline constexpr std::array kGrouped = {CheckArgument{"group_by", Kind::kColumns},
                                        CheckArgument{"row_condition"}};
inline constexpr std::array kGroupColumns = {CheckArgument{"group_by_columns", Kind::kColumns}};
inline constexpr std::array kBounds = {CheckArgument{"min_value"}, CheckArgument{"max_value"},
                                       CheckArgument{"strictly", Kind::kFlag, "false"},
                                       CheckArgument{"strict_min", Kind::kFlag, "false"},
                                       CheckArgument{"strict_max", Kind::kFlag, "false"}};
inline constexpr std::string_view kBoundNeeds = "min_value max_value";
inline constexpr std::string_view kDateParts =
    "microsecond millisecond second minute hour day week month quarter year";

// The rows of which the condition holds: those that break the check. With `mostly`, only where they
// are too large a part of the rows that have a value in the column (of all, where there is none).
std::string EachRow(const CheckCall& call, const std::string& broken_by);
// The same, where a NULL breaks the check as well.
std::string EachRowWithNulls(const CheckCall& call, const std::string& broken_by);
// The condition that a value lies between `min_value` and `max_value`; NULL for a NULL.
std::string InBounds(const CheckCall& call, const std::string& value);
// An aggregate over the rows, in each group of `groups`; a row for each whose value, `measured`, is
// FALSE for `must_hold`.
std::string OfGroups(const CheckCall& call, std::string_view groups, const std::string& aggregate,
                     const std::string& must_hold);
// The columns of the rows: name, type and place, from 1.
std::string ColumnsOf(const std::string& rows);
// "a, b, " of columns, and "GROUP BY a, b"; both empty where there are none.
std::string Before(const std::vector<std::string>& columns);
std::string GroupBy(const std::vector<std::string>& columns);
// "PARTITION BY a, b "
std::string PartitionBy(const std::vector<std::string>& columns);
// `count` parts of a date as an interval.
std::string Interval(const std::string& count, const std::string& part);

// The tables of checks, each of one file.
std::span<const SetCheck> ValueChecks();
std::span<const SetCheck> PatternChecks();
std::span<const SetCheck> SetOfValueChecks();
std::span<const SetCheck> AggregateChecks();
std::span<const SetCheck> SeveralColumnChecks();
std::span<const SetCheck> TableChecks();
std::span<const SetCheck> OtherTableChecks();
std::span<const SetCheck> TimeChecks();
std::span<const SetCheck> MetricChecks();
std::span<const SetCheck> AnomalyChecks();

}  // namespace tarn::quality
