// For tests: data files as plans see them.
#pragma once

#include <memory>
#include <string>

#include "table/data_file.h"

namespace tarn::upkeep {

// Of 100 rows, in the partition of a day; of its rows so many are hidden.
inline table::DataFile FileOf(const std::string& path, uint64_t size_bytes, int64_t day = 0,
                              uint64_t hidden = 0) {
    table::DataFile file;
    file.path = path;
    file.size_bytes = size_bytes;
    file.partition_values = {day};
    if (hidden > 0) file.deletion_vector = table::DeletionVectorRef{"v" + path, "", hidden};
    table::FileStatistics statistics;
    statistics.record_count = 100;
    file.statistics = std::make_shared<const table::FileStatistics>(statistics);
    return file;
}

}  // namespace tarn::upkeep
