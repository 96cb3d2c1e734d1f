// Reads a lake's folder of models: models/**/*.sql with their YAML, macros/**/*.sql, tests/**/*.sql
// and the variables. Reading changes nothing; nothing is rendered. The first folder below models/
// is a model's schema (models/silver/flights.sql is silver.flights; a model in models/ itself lies
// in main).
#pragma once

#include <string>

#include "pipeline/model.h"

namespace tarn::pipeline {

// What stands in the files, without any of them: for tests and for projects that are not on a disk.
struct ProjectFile {
    std::string path;  // relative to the project, "/" between parts
    std::string text;
};

// Unsupported: a dbt_project.yml (dbt projects come with the pipelines issue). InvalidInput with
// file, line and column: bad YAML, an unknown key (the nearest is named), a YAML entry for a model
// that is not there, a model twice. A folder without models/ gives a project without models.
Project LoadProject(const std::string& root, const std::string& name);
Project ParseProject(const std::string& name, const std::vector<ProjectFile>& files);

}  // namespace tarn::pipeline
