// What values the properties of Delta tables may have. A value that is none is refused where it is
// set: other engines fail on it when they read or write the table, or take it for something else.
// What another writer left is not asked again.
#pragma once

#include <optional>
#include <string>

#include "table/snapshot.h"
#include "table/table_format.h"

namespace tarn::delta {

// Of a description that is about to become a table's; `base` is the table as it is, or null.
// InvalidInput, naming property and what it takes, for a value that is none, and for a property
// that the table itself keeps.
void CheckPropertyValues(const table::TableMetadata& wanted, const table::TableMetadata* base,
                         table::Definition definition);

// The property of Delta's that was meant by a name which is none but for a slip of the pen, or for
// the "delta." in front; nothing for any other name.
std::optional<std::string> PropertyMeant(const std::string& name);

}  // namespace tarn::delta
