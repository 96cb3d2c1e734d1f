// What turning files of a table into actions and back needs to know of the table: where it lies,
// its columns, which of them partition it and which have statistics. Immutable value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "delta/actions.h"
#include "delta/file_set.h"
#include "delta/stats_json.h"
#include "table/data_file.h"
#include "table/snapshot.h"

namespace tarn::delta {

struct TableShape {
    std::string root;
    table::Schema schema;
    std::vector<table::Field> partition_fields;  // in the order of the metadata
    std::vector<LeafColumn> indexed;             // columns with statistics

    // Corrupt when a partition column is not in the schema; Unsupported for unknown types, mapping
    // or type changes.
    static TableShape Of(std::string root, const Protocol& protocol, const Metadata& metadata);
};

// The partition's values in the order of the shape. A column without an entry is NULL.
std::vector<table::Value> PartitionValuesOf(const TableShape& shape, const PartitionTexts& texts);

// The same as the log has them. InvalidInput when their number is another.
PartitionTexts PartitionTextsOf(const TableShape& shape, const std::vector<table::Value>& values);

// The add action of a file to commit. InvalidInput when its partition values do not fit the table.
Add MakeAdd(const TableShape& shape, const table::DataFile& file);
// The remove action of a live file.
Remove MakeRemove(const Add& file, bool data_change, int64_t now_ms);

// A live file for readers; statistics are the caller's to set.
table::DataFile MakeDataFile(const TableShape& shape, const FileView& file,
                             std::vector<table::Value> partition_values);

// A deletion vector for readers and back. Internal when the descriptor is not ours.
table::DeletionVectorRef MakeVectorRef(const DeletionVector& vector);
DeletionVector ParseVectorRef(const table::DeletionVectorRef& ref);

// What the properties ask of data files; of a size that is not understood: none.
table::FileRules FileRulesOf(const std::map<std::string, std::string>& properties);

// The table's description out of the log's metadata, and back (`previous` keeps what the
// description does not know: format, creation time).
table::TableMetadata DescribeTable(const TableShape& shape, const Metadata& metadata,
                                   const std::map<std::string, DomainMetadata>& domains);
Metadata MakeMetadata(const table::TableMetadata& description, const Metadata* previous);

// Does a column of that name need column mapping.
bool NeedsMapping(std::string_view name);

// InvalidInput or Unsupported for columns that a Delta table cannot have.
void CheckColumns(const table::TableMetadata& description);

}  // namespace tarn::delta
