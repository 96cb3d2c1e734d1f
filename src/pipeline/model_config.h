// A model's settings as a typed value, from the JSON that its YAML and config(...) give.
#pragma once

#include <nlohmann/json.hpp>

#include "pipeline/model.h"

namespace tarn::pipeline {

// InvalidInput for an unknown key (naming the nearest), a wrong type, or a value outside what a key
// allows; Unsupported for values that dbt knows and this version does not build.
ModelConfig ParseConfig(const nlohmann::ordered_json& config);

}  // namespace tarn::pipeline
