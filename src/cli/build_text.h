// What `tarn build` prints: a line a node, a summary, or the whole report as JSON. Pure.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "pipeline/backfill.h"
#include "pipeline/build.h"

namespace tarn::cli {

// The node's line, padded for names of `name_width`, and below it what it has to say.
std::string NodeText(const pipeline::NodeReport& node, size_t index, size_t count,
                     size_t name_width);
std::string BuildSummaryText(const pipeline::BuildReport& report);
nlohmann::ordered_json BuildJson(const pipeline::BuildReport& report);

// What a backfill finds: a line a span of batches.
std::string BackfillText(const std::vector<pipeline::BackfillSpan>& plan);
nlohmann::ordered_json BackfillJson(const std::vector<pipeline::BackfillSpan>& plan);

}  // namespace tarn::cli
