// One live file of a table as the log's actions tell it, without copying them.
#pragma once

#include <cstdint>
#include <string_view>

#include "delta/actions.h"

namespace tarn::delta {

// Valid only as long as whoever gave it says.
struct FileView {
    std::string_view path;  // as the log has it
    std::string_view stats;
    int64_t size_bytes = 0;
    int64_t modification_time_ms = 0;
    int64_t record_count = -1;  // physical rows; -1 unknown
    const PartitionTexts* partition_values = nullptr;
    const DeletionVector* deletion_vector = nullptr;  // null: none
    const FileExtras* extras = nullptr;               // null: none

    static FileView Of(const Add& add);
    // The action that would add it; dataChange as given.
    Add ToAdd(bool data_change) const;
};

}  // namespace tarn::delta
