// Changing a schema at any depth: types are immutable, so that what lies around the changed fields
// is built anew. Pure.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "table/type.h"

namespace tarn::table {

// The names of a column and of fields within it; "element" of an array, "key" and "value" of a map.
using FieldPath = std::span<const std::string>;

// The same kind of nested type around other children, which stand as a struct's fields do: an
// array's element, a map's key and value.
Type Around(const Type& type, std::vector<Field> children);

// Index of the field of that name as Schema::Find finds columns, or -1.
int FindField(const std::vector<Field>& fields, std::string_view name);

// The path that a text names: a column whose name may itself hold dots, else fields behind dots.
std::vector<std::string> PathNamed(const Schema& schema, const std::string& text);

// Is there a column or a field at the path.
bool HasField(const std::vector<Field>& fields, FieldPath path);

// The refusal, InvalidInput, of a column or field that is none of `fields`, which it lists.
Error NoColumn(std::string_view shown, std::string_view name, const std::vector<Field>& fields);

// Calls `edit` with the fields of the struct at the path (empty: the table's columns) and puts them
// back. InvalidInput, naming the path, when there is no struct.
void EditFields(std::vector<Field>& fields, FieldPath path,
                const std::function<void(std::vector<Field>&)>& edit);

// Calls `edit` with the field at the path. InvalidInput, naming the path.
void EditField(std::vector<Field>& fields, FieldPath path, const std::function<void(Field&)>& edit);

// The type with every field of every struct within it changed by `edit`, innermost first.
Type EditType(const Type& type, const std::function<void(Field&)>& edit);
void EditAllFields(std::vector<Field>& fields, const std::function<void(Field&)>& edit);

}  // namespace tarn::table
