// YAML beside models, in dbt's form with Tarn's keys (expectations, deduplicate, owner,
// service_level, consumers): laid over the models of a project.
#pragma once

#include <string>

#include "base/yaml.h"
#include "pipeline/model.h"
#include "pipeline/template_settings.h"

namespace tarn::pipeline {

// Which file is read: its name, whose it is, and what its texts may call.
struct YamlFile {
    std::string name;
    std::string package;
    const TemplateSettings& settings;
    // Settings of its snapshots by folder.
    nlohmann::ordered_json snapshots = nlohmann::ordered_json::object();
    // Settings of its tests by folder, and the folders that it lies in.
    nlohmann::ordered_json tests = nlohmann::ordered_json::object();
    std::vector<std::string> folders = {};
};

// Reads one file's `models:`, `seeds:` and `sources:` into the project. An entry means the model of
// that name in the file's own schema, else the only one of that name; "schema.name" is exact; in a
// dbt project the package's own of that name; where there is none, a notice says so. Settings that
// hold Jinja are rendered. InvalidInput at the mistake.
void ReadModelYaml(const YamlNode& root, const YamlFile& file, Project& project);

}  // namespace tarn::pipeline
