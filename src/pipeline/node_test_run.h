// Runs a test: a SELECT whose rows should not be, or a unit test.
#pragma once

#include <cstdint>
#include <optional>

#include "pipeline/node_run.h"

namespace tarn::pipeline {

// A test of severity error that does not hold makes the report failed, one of severity warn warned;
// each is a notice, and a record in ops.quality of a run of its own.
void RunTest(const BuildScope& scope, const Node& node, NodeReport& report);

}  // namespace tarn::pipeline
