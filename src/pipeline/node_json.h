// Nodes of a project as templates see them, in the shape of dbt's manifest: `model`, `graph.nodes`.
// Pure.
#pragma once

#include <nlohmann/json.hpp>

#include "pipeline/model.h"

namespace tarn::pipeline {

nlohmann::ordered_json NodeJson(const Model& model, const Project& project);
nlohmann::ordered_json NodeJson(const SingularTest& test, const Project& project);
nlohmann::ordered_json NodeJson(const UnitTest& test, const Model& model);
// {"nodes": {unique id: node}, "sources": {...}, ...}
nlohmann::ordered_json GraphJson(const Project& project);

}  // namespace tarn::pipeline
