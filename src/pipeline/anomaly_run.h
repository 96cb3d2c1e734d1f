// Tests by history: measures a number of a table, and judges it against what earlier runs measured.
#pragma once

#include <optional>
#include <string>

#include "pipeline/node_run.h"
#include "quality/anomaly.h"

namespace tarn::pipeline {

// Does the test judge a number against those of earlier runs.
bool IsByHistory(const Node& node);

// What the test measures, of which ops.quality keeps the history whatever else the test says.
std::string MeasureOf(const Node& node);

// `sql` gives the number, `measured`; `judged` is the node that ops.quality says it of, and `table`
// the tested table. What is measured of runs comes from ops.runs.
quality::AnomalyVerdict MeasureAnomaly(const BuildScope& scope, const Node& node,
                                       const std::string& sql, const std::string& judged,
                                       const std::string& table);

// The verdict as rows: one that is an anomaly, or none.
std::string RowsOf(const quality::AnomalyVerdict& verdict);

}  // namespace tarn::pipeline
