// Schemas as JSON (PROTOCOL.md, "Schema Serialization Format") with the column mapping in their
// metadata. Metadata of columns that Tarn does not know survives a round trip.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "table/type.h"

namespace tarn::delta {

// Table property delta.columnMapping.mode ("Column Mapping").
enum class ColumnMapping { kNone, kName, kId };

// Unsupported for an unknown mode.
ColumnMapping ColumnMappingOf(const std::map<std::string, std::string>& configuration);

// With a mapping, fields carry their physical names and ids, else the name and 0.
// Corrupt when the text is no schema, Unsupported for an unknown type (named).
table::Schema ParseSchema(std::string_view json, ColumnMapping mapping);

std::string SerializeSchema(const table::Schema& schema);

}  // namespace tarn::delta
