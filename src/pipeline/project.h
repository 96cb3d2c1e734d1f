// Reads a lake's folder of models: models/**/*.sql with their YAML, macros/**/*.sql, tests/**/*.sql
// and the variables. Reading changes nothing; no SQL is rendered. The first folder below models/
// is a model's schema (models/silver/flights.sql is silver.flights; a model in models/ itself lies
// in main).
// With a dbt_project.yml dbt's rules hold instead: its paths, seeds (CSV files that become tables),
// settings by folder, and the target's schema, which a model's own `schema` is appended to
// (dbt_names.h gives models their schemas, for that takes rendering).
#pragma once

#include <string>

#include "pipeline/model.h"
#include "pipeline/template_settings.h"

namespace tarn::pipeline {

// What stands in the files, without any of them: for tests and for projects that are not on a disk.
struct ProjectFile {
    std::string path;  // relative to the project, "/" between parts
    std::string text;
};

struct ProjectOptions {
    TemplateSettings settings;
    std::string target;  // an output of the project's profile; empty: the profile's own choice
    // Where profiles.yml lies; empty: what DBT_PROFILES_DIR says, the project's folder, ~/.dbt.
    std::string profiles_folder = {};
    std::string profile = {};  // of profiles.yml; empty: as the project says
};

// InvalidInput with file, line and column: bad YAML, an unknown key (the nearest is named), a YAML
// entry for a model that is not there, a model twice. A folder without models/ gives a project
// without models. The text of a seed is not read. `name` is the lake's; a dbt project has its own.
Project LoadProject(const std::string& root, const std::string& name,
                    const ProjectOptions& options);
Project ParseProject(const std::string& name, const std::vector<ProjectFile>& files,
                     const ProjectOptions& options);

}  // namespace tarn::pipeline
