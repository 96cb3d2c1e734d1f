// The laws of layers (vocabulary.h has them), checked on the graph before anything runs.
#pragma once

#include "pipeline/graph.h"

namespace tarn::pipeline {

// InvalidInput at the model's YAML (or SQL), naming the law (context "rule").
void CheckLayerLaws(const Graph& graph);

}  // namespace tarn::pipeline
