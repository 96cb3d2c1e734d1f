// YAML beside models, in dbt's form with Tarn's keys (expectations, deduplicate, owner,
// service_level, consumers): laid over the models of a project.
#pragma once

#include <string>

#include "base/yaml.h"
#include "pipeline/model.h"
#include "pipeline/template_settings.h"

namespace tarn::pipeline {

// Reads one file's `models:`, `seeds:` and `sources:` into the project. An entry means the model of
// that name in the file's own schema, else the only one of that name; "schema.name" is exact; in a
// dbt project the only one of that name. Settings that hold Jinja are rendered. InvalidInput at the
// mistake.
void ReadModelYaml(const YamlNode& root, const std::string& file, const TemplateSettings& settings,
                   Project& project);

}  // namespace tarn::pipeline
