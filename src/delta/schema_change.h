// How a table's columns may change between the versions that one read spans: what type widening
// allows (PROTOCOL.md, "Type Widening"), and whether rows of an earlier version fit a later one's
// columns. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "table/type.h"

namespace tarn::delta {

// Is `to` the same type, or one that the protocol lets `from` become without loss.
bool CanWiden(const table::Type& from, const table::Type& to);

// One entry of a column's recorded history ("delta.typeChanges").
struct TypeChange {
    std::string column;  // dotted: fields of structs, "element", "key" and "value" included
    table::Type from;
    table::Type to;
    bool operator==(const TypeChange&) const = default;
};

// Of all columns. Corrupt when the history is malformed, Unsupported for a type that is not known.
std::vector<TypeChange> TypeChangesOf(const table::Schema& schema);

// Unsupported, naming the column, when its recorded history ("delta.typeChanges") has a change that
// is none of these; Corrupt when the history is malformed.
void CheckTypeChanges(const table::Schema& schema);

// Is the column a double whose recorded history names float.
bool WasFloat(const table::Field& field);

// Why rows written under `earlier` do not fit `later`: a column that is gone, has another type, or
// may no longer be NULL; by its dotted name. Nothing when they fit: columns may have been added,
// renamed (under column mapping), reordered, widened.
std::optional<std::string> FindMisfit(const table::Schema& earlier, const table::Schema& later);

}  // namespace tarn::delta
