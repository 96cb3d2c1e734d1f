#include "table/schema_edit.h"

#include <algorithm>

#include "base/text.h"

namespace tarn::table {
namespace {

// Of the columns that a refusal lists.
constexpr size_t kMostListed = 20;

std::string Shown(FieldPath path) {
    return Join(std::vector<std::string>(path.begin(), path.end()), ".");
}

// The last of the path is none of the fields.
[[noreturn]] void FailMissing(FieldPath path, const std::vector<Field>& fields) {
    throw NoColumn(Shown(path), path.back(), fields);
}

[[noreturn]] void FailFlat(FieldPath path, const Type& type) {
    throw Error(ErrorKind::kInvalidInput, "the column {} has no fields: it is of type {}",
                Shown(path), type.ToString());
}

void EditAt(std::vector<Field>& fields, FieldPath whole, size_t depth,
            const std::function<void(std::vector<Field>&)>& edit) {
    if (depth == whole.size()) return edit(fields);
    const int at = FindField(fields, whole[depth]);
    if (at < 0) FailMissing(whole.first(depth + 1), fields);
    Field& field = fields[static_cast<size_t>(at)];
    const bool is_end = depth + 1 == whole.size();
    if (!field.type.IsNested() || (is_end && field.type.kind() != TypeKind::kStruct))
        FailFlat(whole.first(depth + 1), field.type);
    std::vector<Field> children = field.type.children();
    EditAt(children, whole, depth + 1, edit);
    field.type = Around(field.type, std::move(children));
}

// The parts of arrays and maps are fields, but no struct: it steps down to the field itself.
void EditFieldAt(std::vector<Field>& fields, FieldPath whole, size_t depth,
                 const std::function<void(Field&)>& edit) {
    const FieldPath path = whole.first(depth + 1);
    const int at = FindField(fields, path.back());
    if (at < 0) FailMissing(path, fields);
    Field& field = fields[static_cast<size_t>(at)];
    if (path.size() == whole.size()) return edit(field);
    if (!field.type.IsNested()) FailFlat(path, field.type);
    std::vector<Field> children = field.type.children();
    EditFieldAt(children, whole, depth + 1, edit);
    field.type = Around(field.type, std::move(children));
}

}  // namespace

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

int FindField(const std::vector<Field>& fields, std::string_view name) {
    return Schema{fields, false}.Find(name);
}

std::vector<std::string> PathNamed(const Schema& schema, const std::string& text) {
    return schema.Find(text) >= 0 ? std::vector<std::string>{text} : Split(text, '.');
}

bool HasField(const std::vector<Field>& fields, FieldPath path) {
    const int at = FindField(fields, path.front());
    if (at < 0) return false;
    return path.size() == 1 ||
           HasField(fields[static_cast<size_t>(at)].type.children(), path.subspan(1));
}

Error NoColumn(std::string_view shown, std::string_view name, const std::vector<Field>& fields) {
    std::vector<std::string> names;
    for (const Field& field : fields) names.push_back(field.name);
    const auto nearest = NearestWord(name, names);
    const bool is_cut = names.size() > kMostListed;
    names.resize(std::min(names.size(), kMostListed));
    return Error(ErrorKind::kInvalidInput, "there is no column {}; {}known are: {}{}", shown,
                 nearest ? "is it " + *nearest + "? " : "", Join(names, ", "),
                 is_cut ? ", ..." : "");
}

void EditFields(std::vector<Field>& fields, FieldPath path,
                const std::function<void(std::vector<Field>&)>& edit) {
    EditAt(fields, path, 0, edit);
}

void EditField(std::vector<Field>& fields, FieldPath path,
               const std::function<void(Field&)>& edit) {
    EditFieldAt(fields, path, 0, edit);
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
