// YAML beside models, in dbt's form with Tarn's keys (expectations, deduplicate, owner,
// service_level, consumers): laid over the models of a project.
#pragma once

#include <string>

#include "base/yaml.h"
#include "pipeline/dbt_project.h"
#include "pipeline/model.h"
#include "pipeline/template_settings.h"

namespace tarn::pipeline {

// Which file is read: its name, whose it is, and what its texts may call.
struct YamlFile {
    std::string name;
    std::string package;
    const TemplateSettings& settings;
    // Of a dbt project: what its dbt_project.yml sets by folder, the folders that the file lies in
    // and, of a file of a package, what the project's own says, which wins. Both outlive the file.
    const DbtProject* layout = nullptr;
    std::vector<std::string> folders = {};
    const DbtProject* over = nullptr;
};

// Reads one file's `models:`, `seeds:` and `sources:` into the project. An entry means the model of
// that name in the file's own schema, else the only one of that name; "schema.name" is exact; in a
// dbt project the package's own of that name; where there is none, a notice says so. Settings that
// hold Jinja are rendered. InvalidInput at the mistake.
void ReadModelYaml(const YamlNode& root, const YamlFile& file, Project& project);

}  // namespace tarn::pipeline
