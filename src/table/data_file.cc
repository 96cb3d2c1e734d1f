#include "table/data_file.h"

namespace tarn::table {

std::optional<uint64_t> DataFile::LiveRows() const {
    if (!statistics || !statistics->record_count) return std::nullopt;
    const uint64_t deleted = deletion_vector ? deletion_vector->cardinality : 0;
    if (deleted > *statistics->record_count) return std::nullopt;  // the log contradicts itself
    return *statistics->record_count - deleted;
}

}  // namespace tarn::table
