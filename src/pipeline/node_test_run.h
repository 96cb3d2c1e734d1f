// Runs tests: those declared beside a model's columns, after the model, and the singular ones of
// tests/.
#pragma once

#include <cstdint>
#include <optional>

#include "pipeline/node_run.h"

namespace tarn::pipeline {

// The declared tests of the model's columns. A test of severity error that does not hold makes the
// report failed, one of severity warn warned; each is a notice, and a record of `run_number` in
// ops.quality.
void RunDataTests(const BuildScope& scope, const Node& node, NodeReport& report);

// A singular test: the node fails when its SELECT gives rows.
void RunSingularTest(const BuildScope& scope, const Node& node, NodeReport& report);

}  // namespace tarn::pipeline
