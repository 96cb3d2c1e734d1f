#include "table/schema_evolution.h"

#include <algorithm>
#include <optional>

#include "table/schema_edit.h"

namespace tarn::table {
namespace {

// Order of the integer types by width; 0 for other types.
int IntegerRank(TypeKind kind) {
    switch (kind) {
        case TypeKind::kByte:
            return 1;
        case TypeKind::kShort:
            return 2;
        case TypeKind::kInt:
            return 3;
        case TypeKind::kLong:
            return 4;
        default:
            return 0;
    }
}

// The decimal that holds every value of both; nothing when none does.
std::optional<Type> WiderDecimal(const Type& own, const Type& given) {
    constexpr int kMaxPrecision = 38;
    const int scale = std::max(own.scale(), given.scale());
    const int whole = std::max(own.precision() - own.scale(), given.precision() - given.scale());
    if (scale + whole > kMaxPrecision) return std::nullopt;
    return Type::Decimal(scale + whole, scale);
}

std::optional<Type> Wider(const Type& own, const Type& given) {
    const TypeKind from = own.kind();
    const TypeKind to = given.kind();
    if (IntegerRank(from) > 0 && IntegerRank(from) < IntegerRank(to)) return given;
    if (from == TypeKind::kFloat && to == TypeKind::kDouble) return given;
    if (from == TypeKind::kDate && to == TypeKind::kTimestampNtz) return given;
    if (from == TypeKind::kDecimal && to == TypeKind::kDecimal) return WiderDecimal(own, given);
    return std::nullopt;
}

Type Evolved(const Type& own, const Type& given, bool widens) {
    if (own.kind() != given.kind() || !own.IsNested())
        return widens ? Wider(own, given).value_or(own) : own;
    std::vector<Field> children = own.children();
    if (own.kind() == TypeKind::kStruct) {
        Evolve(children, given.children(), widens);
        return Type::Struct(std::move(children));
    }
    for (size_t i = 0; i < children.size(); ++i)
        children[i].type = Evolved(children[i].type, given.children()[i].type, widens);
    if (own.kind() == TypeKind::kArray) return Type::Array(children[0].type, children[0].nullable);
    return Type::Map(children[0].type, children[1].type, children[1].nullable);
}

}  // namespace

bool Evolve(std::vector<Field>& fields, const std::vector<Field>& given, bool widens) {
    bool is_changed = false;
    for (const Field& more : given) {
        const int at = FindField(fields, more.name);
        if (at < 0) {
            Field added = more;
            added.nullable = true;
            fields.push_back(std::move(added));
            is_changed = true;
            continue;
        }
        Field& own = fields[static_cast<size_t>(at)];
        Type type = Evolved(own.type, more.type, widens);
        if (type == own.type) continue;
        own.type = std::move(type);
        is_changed = true;
    }
    return is_changed;
}

}  // namespace tarn::table
