// Semantic models, metrics and saved queries of a dbt project: from what other tools make queries.
// They are read and shown in lists and artifacts with what they are made from; nothing is computed
// from them here.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/yaml.h"

namespace tarn::pipeline {

struct SemanticEntry {
    std::string type;  // "semantic_model", "metric", "saved_query"
    std::string name;
    std::string file;
    std::string package = {};  // whose files say it
    TextSpot spot{};
    std::string model = {};                      // of a semantic model: Jinja, "ref('orders')"
    std::vector<std::string> own_measures = {};  // of a semantic model
    // What it is made from, by name.
    std::vector<std::string> measures = {};
    std::vector<std::string> metrics = {};
    std::vector<std::string> tags = {};
    bool enabled = true;
    // What a manifest says of it, beside its ids and what it is made from.
    nlohmann::ordered_json body = nlohmann::ordered_json::object();
};

// An entry below `semantic_models:`, and the metrics that its measures are by themselves
// (`create_metric`). InvalidInput with its place: a key that it must have is not there.
std::vector<SemanticEntry> ReadSemanticModel(const YamlNode& node, const std::string& file);
// Of `metrics:` and `saved_queries:`. InvalidInput: as above, or a metric's type is none.
SemanticEntry ReadMetric(const YamlNode& node, const std::string& file);
SemanticEntry ReadSavedQuery(const YamlNode& node, const std::string& file);

}  // namespace tarn::pipeline
