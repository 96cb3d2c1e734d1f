#include "table/schema_edit.h"

#include "base/error.h"
#include "base/text.h"

namespace tarn::table {
namespace {

std::string Shown(FieldPath path) {
    return Join(std::vector<std::string>(path.begin(), path.end()), ".");
}

[[noreturn]] void FailMissing(FieldPath path) {
    throw Error(ErrorKind::kNotFound, "there is no column {}", Shown(path));
}

// The same kind of nested type around other children.
Type Around(const Type& type, std::vector<Field> children) {
    switch (type.kind()) {
        case TypeKind::kStruct:
            return Type::Struct(std::move(children));
        case TypeKind::kArray:
            return Type::Array(std::move(children[0].type), children[0].nullable);
        default:
            return Type::Map(std::move(children[0].type), std::move(children[1].type),
                             children[1].nullable);
    }
}

void EditAt(std::vector<Field>& fields, FieldPath whole, size_t depth,
            const std::function<void(std::vector<Field>&)>& edit) {
    if (depth == whole.size()) return edit(fields);
    const int at = FindField(fields, whole[depth]);
    if (at < 0) FailMissing(whole.first(depth + 1));
    Field& field = fields[static_cast<size_t>(at)];
    const bool is_end = depth + 1 == whole.size();
    if (!field.type.IsNested() || (is_end && field.type.kind() != TypeKind::kStruct)) {
        throw Error(ErrorKind::kNotFound, "the column {} has no fields: it is of type {}",
                    Shown(whole.first(depth + 1)), field.type.ToString());
    }
    std::vector<Field> children = field.type.children();
    EditAt(children, whole, depth + 1, edit);
    field.type = Around(field.type, std::move(children));
}

}  // namespace

int FindField(const std::vector<Field>& fields, std::string_view name) {
    return Schema{fields, false}.Find(name);
}

void EditFields(std::vector<Field>& fields, FieldPath path,
                const std::function<void(std::vector<Field>&)>& edit) {
    EditAt(fields, path, 0, edit);
}

void EditField(std::vector<Field>& fields, FieldPath path,
               const std::function<void(Field&)>& edit) {
    // The parts of arrays and maps are fields, but no struct: step down to the field itself.
    const int at = FindField(fields, path.front());
    if (at < 0) FailMissing(path.first(1));
    Field& field = fields[static_cast<size_t>(at)];
    if (path.size() == 1) return edit(field);
    if (!field.type.IsNested()) FailMissing(path);
    std::vector<Field> children = field.type.children();
    EditField(children, path.subspan(1), edit);
    field.type = Around(field.type, std::move(children));
}

Type EditType(const Type& type, const std::function<void(Field&)>& edit) {
    if (!type.IsNested()) return type;
    std::vector<Field> children = type.children();
    for (Field& child : children) {
        child.type = EditType(child.type, edit);
        if (type.kind() == TypeKind::kStruct) edit(child);
    }
    return Around(type, std::move(children));
}

void EditAllFields(std::vector<Field>& fields, const std::function<void(Field&)>& edit) {
    for (Field& field : fields) {
        field.type = EditType(field.type, edit);
        edit(field);
    }
}

}  // namespace tarn::table
