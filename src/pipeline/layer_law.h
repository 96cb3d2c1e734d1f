// The laws of layers, checked on the graph before anything runs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/graph.h"

namespace tarn::pipeline {

struct LayerLaw {
    std::string_view name;
    std::string_view meaning;
};
// gold_has_owner, gold_has_service_level, gold_has_consumers, gold_has_description,
// gold_reads_no_bronze.
const std::vector<LayerLaw>& LayerLaws();

// InvalidInput at the model's YAML (or SQL), naming the law (context "rule").
void CheckLayerLaws(const Graph& graph);

}  // namespace tarn::pipeline
