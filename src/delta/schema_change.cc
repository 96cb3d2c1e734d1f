#include "delta/schema_change.h"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "delta/schema_json.h"

namespace tarn::delta {
namespace {

using table::Field;
using table::Type;
using table::TypeKind;

constexpr const char* kTypeChanges = "delta.typeChanges";

// Digits that the values of an integer type take; 0: no integer type. The protocol names 10 for all
// but long, which has 20; writers have always allowed what loses nothing.
int DecimalDigits(TypeKind kind) {
    switch (kind) {
        case TypeKind::kByte:
            return 3;
        case TypeKind::kShort:
            return 5;
        case TypeKind::kInt:
            return 10;
        case TypeKind::kLong:
            return 19;
        default:
            return 0;
    }
}

// An integer type of at most 32 bits.
bool IsSmallInteger(TypeKind kind) { return DecimalDigits(kind) > 0 && kind != TypeKind::kLong; }

bool CanWidenToDecimal(const Type& from, const Type& to) {
    const bool is_decimal = from.kind() == TypeKind::kDecimal;
    const int precision = is_decimal ? from.precision() : DecimalDigits(from.kind());
    if (precision == 0) return false;
    const int more_scale = to.scale() - (is_decimal ? from.scale() : 0);
    return more_scale >= 0 && to.precision() - precision >= more_scale;
}

Type TypeIn(const nlohmann::json& change, const char* key) {
    const nlohmann::json schema = {
        {"type", "struct"},
        {"fields", {{{"name", key}, {"type", change.at(key)}, {"nullable", true}}}}};
    return ParseSchema(schema.dump(), ColumnMapping::kNone).fields.front().type;
}

void TakeChanges(const std::string& column, const std::string& text,
                 std::vector<TypeChange>& changes) {
    try {
        for (const auto& change : nlohmann::json::parse(text)) {
            const std::string part = change.value("fieldPath", std::string());
            changes.push_back({part.empty() ? column : column + "." + part,
                               TypeIn(change, "fromType"), TypeIn(change, "toType")});
        }
    } catch (const nlohmann::json::exception& error) {
        throw Error(ErrorKind::kCorrupt, "the type changes of column '{}' are malformed: {}",
                    column, error.what());
    }
}

void TakeChanges(const std::vector<Field>& fields, const std::string& within,
                 std::vector<TypeChange>& changes) {
    for (const Field& field : fields) {
        for (const auto& [key, value] : field.metadata) {
            if (key == kTypeChanges) TakeChanges(within + field.name, value, changes);
        }
        TakeChanges(field.type.children(), within + field.name + ".", changes);
    }
}

std::optional<std::string> MisfitOf(const Type& earlier, const Type& later,
                                    const std::string& name);

std::optional<std::string> MisfitAmong(const std::vector<Field>& earlier,
                                       const std::vector<Field>& later, const std::string& within) {
    for (const Field& field : earlier) {
        const std::string name = within + field.name;
        const auto found = std::find_if(later.begin(), later.end(), [&](const Field& other) {
            return other.physical_name == field.physical_name;
        });
        if (found == later.end()) return fmt::format("column '{}' was dropped or renamed", name);
        if (field.nullable && !found->nullable) {
            return fmt::format("column '{}' may no longer be NULL", name);
        }
        if (auto misfit = MisfitOf(field.type, found->type, name)) return misfit;
    }
    return std::nullopt;
}

std::optional<std::string> MisfitOf(const Type& earlier, const Type& later,
                                    const std::string& name) {
    if (earlier.IsNested() && earlier.kind() == later.kind()) {
        return MisfitAmong(earlier.children(), later.children(), name + ".");
    }
    if (CanWiden(earlier, later) || earlier.kind() == TypeKind::kVoid) return std::nullopt;
    return fmt::format("column '{}' became {}, it was {}", name, later.ToString(),
                       earlier.ToString());
}

}  // namespace

bool CanWiden(const Type& from, const Type& to) {
    if (from.IsNested() || to.IsNested()) return from == to;
    if (from == to) return true;
    switch (to.kind()) {
        case TypeKind::kShort:
            return from.kind() == TypeKind::kByte;
        case TypeKind::kInt:
            return from.kind() == TypeKind::kByte || from.kind() == TypeKind::kShort;
        case TypeKind::kLong:
            return IsSmallInteger(from.kind());
        case TypeKind::kDouble:
            return from.kind() == TypeKind::kFloat || IsSmallInteger(from.kind());
        case TypeKind::kTimestampNtz:
            return from.kind() == TypeKind::kDate;
        case TypeKind::kDecimal:
            return CanWidenToDecimal(from, to);
        default:
            return false;
    }
}

std::vector<TypeChange> TypeChangesOf(const table::Schema& schema) {
    std::vector<TypeChange> changes;
    TakeChanges(schema.fields, "", changes);
    return changes;
}

void CheckTypeChanges(const table::Schema& schema) {
    for (const TypeChange& change : TypeChangesOf(schema)) {
        if (CanWiden(change.from, change.to)) continue;
        throw Error(ErrorKind::kUnsupported,
                    "the column '{}' was changed from {} to {}, which Tarn cannot read",
                    change.column, change.from.ToString(), change.to.ToString());
    }
}

bool WasFloat(const Field& field) {
    if (field.type.kind() != TypeKind::kDouble) return false;
    return std::any_of(field.metadata.begin(), field.metadata.end(), [](const auto& entry) {
        return entry.first == kTypeChanges && entry.second.find("\"float\"") != std::string::npos;
    });
}

std::optional<std::string> FindMisfit(const table::Schema& earlier, const table::Schema& later) {
    return MisfitAmong(earlier.fields, later.fields, "");
}

}  // namespace tarn::delta
