// The conditions of a test, `warn_if` and `error_if`: on the number of failures ("> 5"), or on how
// many of a hundred tested rows they are ("> 0.5%"). Pure.
#pragma once

#include <string>

#include "quality/data_tests.h"

namespace tarn::pipeline {

// Does the condition count of a hundred rows.
bool IsInPercent(const std::string& condition);

// The condition as SQL over `n`, the failures, and `rows`, those that were tested.
std::string ConditionSql(const std::string& condition);

// What a test is held to, for people: "error if != 0, warn if > 5%".
std::string ThresholdOf(const quality::TestOptions& options);

}  // namespace tarn::pipeline
