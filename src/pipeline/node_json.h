// Nodes of a project as templates see them, in the shape of dbt's manifest: `model`, `graph.nodes`.
// Pure.
#pragma once

#include <nlohmann/json.hpp>

#include "pipeline/inventory.h"
#include "pipeline/model.h"

namespace tarn::pipeline {

nlohmann::ordered_json NodeJson(const Model& model, const Project& project);
nlohmann::ordered_json NodeJson(const SingularTest& test, const Project& project);
nlohmann::ordered_json NodeJson(const UnitTest& test, const Model& model);
// {"nodes": {unique id: node}, "sources": {...}, ...}
nlohmann::ordered_json GraphJson(const Project& project, const Graph& graph,
                                 const Inventory& inventory);

// As the artifacts have them, too.
nlohmann::ordered_json ColumnsJson(const std::vector<ModelColumn>& columns);
nlohmann::ordered_json GroupJson(const Group& group);
// Under which key they keep the items of a type.
std::string PartOf(const std::string& type);
nlohmann::ordered_json ConstraintsJson(const std::vector<Constraint>& constraints, bool of_column);

}  // namespace tarn::pipeline
