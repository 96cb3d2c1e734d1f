// What a data file itself carries about its columns, for a predicate: partition values and those of
// its statistics that were read. Thread-safe; what it is made from outlives it.
#pragma once

#include <string>
#include <vector>

#include "table/data_file.h"
#include "table/predicate.h"
#include "table/snapshot.h"

namespace tarn::table {

class DataFileFacts final : public FileFacts {
public:
    DataFileFacts(const TableMetadata& metadata, const DataFile& file)
        : metadata_(metadata), file_(file) {}

    ColumnFacts Of(const std::vector<std::string>& column) const override;

private:
    const TableMetadata& metadata_;
    const DataFile& file_;
};

// The statistics of a column, by its physical names from the top; null when there are none.
const ColumnStatistics* FindStatistics(const DataFile& file, const std::vector<std::string>& path);

// Position of a top-level column among the partition columns, or -1.
int PartitionIndexOf(const TableMetadata& metadata, const std::string& column);

}  // namespace tarn::table
