// What a table asks of its writers so that it can be had as an Iceberg table too (PROTOCOL.md,
// "Writer Requirements for IcebergCompatV1", "... for IcebergCompatV2"). Each refusal is
// InvalidInput, or Unsupported where files that are there would have to be written again. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "table/snapshot.h"

namespace tarn::delta {

class Snapshot;
struct PreparedChange;

enum class IcebergCompat { kNone, kV1, kV2 };

// What the properties switch on.
IcebergCompat IcebergCompatOf(const std::map<std::string, std::string>& properties);

// A new table of these has its columns mapped by name where its properties do not say how.
void MapForIceberg(table::TableMetadata& description);

// Ids of the parts of the arrays and maps of a column ("delta.columnMapping.nested.ids"), by their
// path from its physical name: "tags.element", "scores.key".
using NestedIds = std::map<std::string, int32_t>;
NestedIds NestedIdsOf(const table::Field& field);
// Gives the parts that have none one above `max_id`; the highest id then.
int32_t GiveNestedIds(std::vector<table::Field>& fields, int32_t max_id);

// Columns, properties and partitions of a table whose properties switch one on; `before` is what
// it was, null for a new one.
void CheckIcebergDescription(const table::TableMetadata& description,
                             const table::TableMetadata* before);

// The whole of a commit: its files too, and those of the base where the commit switches one on.
// Marks what it adds. `base` is null for a new table.
void FinishForIceberg(const Snapshot* base, const table::Change& change,
                      const table::TableMetadata& description, PreparedChange& prepared);

}  // namespace tarn::delta
