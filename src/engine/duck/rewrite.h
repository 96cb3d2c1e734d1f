// Writing files again without some of their rows.
#pragma once

#include <memory>
#include <vector>

#include "engine/duck/table_entry.h"
#include "engine/duck/table_writer.h"
#include "table/data_file.h"

namespace tarn::engine::duck {

struct TouchedFile {
    table::DataFile file;
    std::vector<uint64_t> gone;  // positions, sorted
};

// Every row of the files that neither a deletion vector nor `gone` hides goes to the writer; all
// threads help.
void RewriteWithout(duckdb::ClientContext& client, const std::shared_ptr<TableEntry>& entry,
                    const std::vector<TouchedFile>& touched, TableWriter& writer);

}  // namespace tarn::engine::duck
