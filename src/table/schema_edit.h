// Changing a schema at any depth: types are immutable, so that what lies around the changed fields
// is built anew. Pure.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "table/type.h"

namespace tarn::table {

// The names of a column and of fields within it; "element" of an array, "key" and "value" of a map.
using FieldPath = std::span<const std::string>;

// Index of the field of that name as Schema::Find finds columns, or -1.
int FindField(const std::vector<Field>& fields, std::string_view name);

// Calls `edit` with the fields of the struct at the path (empty: the table's columns) and puts them
// back. NotFound, naming the path, when there is no struct.
void EditFields(std::vector<Field>& fields, FieldPath path,
                const std::function<void(std::vector<Field>&)>& edit);

// Calls `edit` with the field at the path. NotFound, naming the path.
void EditField(std::vector<Field>& fields, FieldPath path, const std::function<void(Field&)>& edit);

// The type with every field of every struct within it changed by `edit`, innermost first.
Type EditType(const Type& type, const std::function<void(Field&)>& edit);
void EditAllFields(std::vector<Field>& fields, const std::function<void(Field&)>& edit);

}  // namespace tarn::table
