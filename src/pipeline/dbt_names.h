// What tables a dbt project's models and seeds become: dbt's rule, or the project's own macros
// generate_schema_name and generate_alias_name.
#pragma once

#include "engine/table_directory.h"
#include "pipeline/model.h"
#include "pipeline/model_context.h"

namespace tarn::pipeline {

// Gives each model its schema (the target's, or `<target's>_<own>` where it says one) and its
// table's name (its alias, or the file's name), as its YAML and config(...) say them, and drops
// models that config(enabled=false) leaves out. `context` is of this project. InvalidInput: two
// resources that would be one table. Does nothing to a project that is none of dbt's. Gives what
// the models were found to call, as far as it still holds.
Discoveries NameTables(Project& project, ModelContext& context);

// Where the rows that break a test are kept, when they are.
engine::TableName FailuresTable(const Project& project, const std::string& test,
                                const quality::TestOptions& options);

}  // namespace tarn::pipeline
