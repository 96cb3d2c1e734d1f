// `strict: true`: a model casts by its own words alone. What it selects has the types that its YAML
// declares and that its table has, and nothing in its SELECT is taken for another type unasked,
// between texts and numbers, dates or times.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/session.h"
#include "pipeline/graph.h"

namespace tarn::pipeline {

// As the node's settings say, else as tarn.yml says of its layer.
bool IsStrict(const Node& node, const std::vector<std::string>& strict_layers);

// `table`: that is there and gets the rows. InvalidInput naming each column or value, both types,
// and the CAST to write.
void CheckTypes(engine::Session& session, const Node& node, const std::string& select,
                const std::optional<engine::TableName>& table);

}  // namespace tarn::pipeline
