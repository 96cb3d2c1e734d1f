// A Parquet file that another engine wrote, by its footer: its columns as a table has them, and
// what the footer says of their values. No row is read.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "duckdb/main/client_context.hpp"
#include "table/data_file.h"
#include "table/type.h"

namespace tarn::engine::duck {

struct ForeignParquet {
    std::vector<table::Field> fields;  // every one may be NULL
    table::FileStatistics statistics;
    std::vector<std::string> notices;  // of types that tables hold as others
};

// Statistics: the rows, and what can be trusted of the leaves: null counts, and bounds of whole
// numbers, decimals of up to 18 digits, texts, dates and times. Footers may leave NaN out of the
// bounds of floating point, and old writers ordered other types wrongly. InvalidInput for what is
// no Parquet file, and for a type that tables do not hold.
ForeignParquet ReadForeignParquet(duckdb::ClientContext& client, const std::string& location);

// What the columns of both are, those that only `more` has at the end. InvalidInput, naming the
// column and both files, where one differs in its type or in the case of its name.
void MergeForeignFields(std::vector<table::Field>& fields, const std::string& first_file,
                        const std::vector<table::Field>& more, const std::string& file);

}  // namespace tarn::engine::duck
