// The rows of a seed as SQL: a CSV file of the project, its columns typed as dbt types them.
#pragma once

#include <string>

#include "engine/session.h"
#include "pipeline/compiled_sql.h"
#include "pipeline/model.h"

namespace tarn::pipeline {

struct SeedRows {
    CompiledSql sql;
    std::string file_hash;  // of the file's bytes
};

// A column's type is the first of integer, double, date, timestamp, boolean and text that fits all
// its values, or what `column_types` says of it; "" and "null" (in any case) are NULL. `root` is
// the project's folder. NotFound, Unavailable: the file; InvalidInput: it is no CSV, a column twice
// or without a name, a `column_types` of a column that is not there, a value that does not fit.
SeedRows ReadSeed(engine::Session& session, const std::string& root, const Model& seed);

}  // namespace tarn::pipeline
