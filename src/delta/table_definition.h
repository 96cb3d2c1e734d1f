// A table's description as a Delta table keeps it (PROTOCOL.md, "Column Mapping" and "Type
// Widening"): new columns get their ids and physical names, changed types are written down, changes
// that the table's files do not allow are refused. Pure; the names are given.
#pragma once

#include <functional>
#include <string>

#include "table/table_format.h"

namespace tarn::delta {

// `new_name` gives physical names, each once.
// Unsupported (a change that needs column mapping or type widening, a change of the mapping's
// mode), InvalidInput (a type that is not wider).
table::TableMetadata Define(const table::TableMetadata& wanted, const table::TableMetadata* base,
                            table::Definition definition,
                            const std::function<std::string()>& new_name);

}  // namespace tarn::delta
