// What values the properties of Delta tables may have. A value that is none is refused where it is
// set: other engines fail on it when they read or write the table, or take it for something else.
// What another writer left is not asked again.
#pragma once

#include "table/snapshot.h"
#include "table/table_format.h"

namespace tarn::delta {

// Of a description that is about to become a table's; `base` is the table as it is, or null.
// InvalidInput, naming property and what it takes, for a value that is none, and for a property
// that the table itself keeps.
void CheckPropertyValues(const table::TableMetadata& wanted, const table::TableMetadata* base,
                         table::Definition definition);

}  // namespace tarn::delta
