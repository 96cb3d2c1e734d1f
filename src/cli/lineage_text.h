// A walk through the lineage as text for people and as JSON. Pure.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "catalog/lineage_graph.h"

namespace tarn::cli {

// Both directions of one point; one that was not asked for is nothing.
struct LineageWalks {
    catalog::LineagePoint from;
    std::optional<catalog::LineageStep> upstream;
    std::optional<catalog::LineageStep> downstream;
};

// Trees, and below the downstream one what dropping the point breaks.
std::string LineageText(const LineageWalks& walks);
nlohmann::ordered_json LineageJson(const LineageWalks& walks);

}  // namespace tarn::cli
