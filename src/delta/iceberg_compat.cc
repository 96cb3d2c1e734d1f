#include "delta/iceberg_compat.h"

#include <algorithm>
#include <functional>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "delta/change_actions.h"
#include "delta/features.h"
#include "delta/schema_change.h"
#include "delta/schema_json.h"
#include "delta/snapshot.h"
#include "delta/stats_json.h"
#include "table/schema_edit.h"

namespace tarn::delta {
namespace {

using table::Field;
using table::TableMetadata;
using table::Type;
using table::TypeKind;

constexpr const char* kV1Property = "delta.enableIcebergCompatV1";
constexpr const char* kV2Property = "delta.enableIcebergCompatV2";
constexpr const char* kV1Feature = "icebergCompatV1";
constexpr const char* kV2Feature = "icebergCompatV2";
constexpr const char* kVectors = "delta.enableDeletionVectors";
constexpr const char* kVectorsFeature = "deletionVectors";
constexpr const char* kMode = "delta.columnMapping.mode";
constexpr const char* kNestedIds = "delta.columnMapping.nested.ids";
// By which Delta's own upgrade of a table finds the files that it need not write again.
constexpr const char* kTag = "ICEBERG_COMPAT_VERSION";
constexpr const char* kAnew = "write its rows to a new table with CREATE TABLE ... AS SELECT";

const char* FeatureOf(IcebergCompat compat) {
    return compat == IcebergCompat::kV1 ? kV1Feature : kV2Feature;
}

// Says no in the name of a table's feature.
struct Refusing {
    const TableMetadata& table;
    IcebergCompat compat;

    template <typename... Args>
    [[noreturn]] void operator()(ErrorKind kind, fmt::format_string<Args...> why,
                                 Args&&... args) const {
        throw Error(kind, "the table has {}, {}", FeatureOf(compat),
                    fmt::format(why, std::forward<Args>(args)...));
    }
};

struct FoundType {
    std::string column;
    Type type;
};

// The first type within the fields that is asked for.
std::optional<FoundType> FindType(const std::vector<Field>& fields, const std::string& within,
                                  const std::function<bool(const Type&)>& asked) {
    for (const Field& field : fields) {
        const std::string column = within + field.name;
        if (asked(field.type)) return FoundType{column, field.type};
        if (auto found = FindType(field.type.children(), column + ".", asked)) return found;
    }
    return std::nullopt;
}

bool HasParts(const Type& type) {
    return type.kind() == TypeKind::kArray || type.kind() == TypeKind::kMap;
}

bool IsUnknownToIceberg(const Type& type) {
    return type.kind() == TypeKind::kVoid || type.kind() == TypeKind::kVariant ||
           !type.name().empty();
}

// Calls `visit` with the path of each element, key and value of a type; what lies in a struct
// belongs to its fields.
void ForEachPart(const Type& type, const std::string& path,
                 const std::function<void(const std::string&)>& visit) {
    if (!HasParts(type)) return;
    for (const Field& part : type.children()) {
        const std::string inner = fmt::format("{}.{}", path, part.name);
        visit(inner);
        ForEachPart(part.type, inner, visit);
    }
}

// Iceberg's "Schema Evolution" for its version 2.
bool WidensInIceberg(const Type& from, const Type& to) {
    if (!CanWiden(from, to)) return false;
    if (to.kind() == TypeKind::kDouble) return from.kind() == TypeKind::kFloat;
    if (to.kind() != TypeKind::kDecimal) return to.kind() != TypeKind::kTimestampNtz;
    return from.kind() == TypeKind::kDecimal && from.scale() == to.scale();
}

void CheckTypes(const TableMetadata& description, const Refusing& refuse) {
    const auto& fields = description.schema.fields;
    if (const auto found = FindType(fields, "", IsUnknownToIceberg)) {
        refuse(ErrorKind::kInvalidInput,
               "which allows only types that Iceberg has: the column {} is of type {}; leave it "
               "out or give it another type",
               found->column, found->type.ToString());
    }
    if (refuse.compat != IcebergCompat::kV1) return;
    if (const auto found = FindType(fields, "", HasParts)) {
        refuse(ErrorKind::kInvalidInput,
               "which allows no arrays and maps: the column {} is of type {}; use {} ({}) or leave "
               "it out",
               found->column, found->type.ToString(), kV2Feature, kV2Property);
    }
}

// Of `known` the table may keep what it is.
void CheckWidenings(const TableMetadata& description, const std::vector<TypeChange>& known,
                    const Refusing& refuse) {
    for (const TypeChange& change : TypeChangesOf(description.schema)) {
        const bool is_known = std::find(known.begin(), known.end(), change) != known.end();
        if (is_known || change.from == change.to || WidensInIceberg(change.from, change.to))
            continue;
        refuse(ErrorKind::kInvalidInput,
               "which allows only the changes of types that Iceberg has (wider integers, float to "
               "double, decimals of more digits and the same scale): the column {} would go from "
               "{} to {}; {}",
               change.column, change.from.ToString(), change.to.ToString(), kAnew);
    }
}

void CheckNestedIds(const TableMetadata& description, const Refusing& refuse) {
    std::vector<Field> fields = description.schema.fields;
    table::EditAllFields(fields, [&](const Field& field) {
        const NestedIds ids = NestedIdsOf(field);
        ForEachPart(field.type, field.physical_name, [&](const std::string& part) {
            if (ids.contains(part)) return;
            refuse(ErrorKind::kInvalidInput,
                   "which gives elements, keys and values ids: {} of the column {} has none; {}",
                   part, field.name, kAnew);
        });
    });
}

IcebergCompat InForce(const Protocol& protocol, const Metadata& metadata) {
    const IcebergCompat compat = IcebergCompatOf(metadata.configuration);
    if (compat == IcebergCompat::kNone || !HasWriterFeature(protocol, FeatureOf(compat)))
        return IcebergCompat::kNone;
    return compat;
}

IcebergCompat InForce(const Snapshot& snapshot) {
    return InForce(*snapshot.State().protocol, *snapshot.State().metadata);
}

// Version 1 allows not even the feature; tables of other writers that have it are left alone, so
// that it can be dropped.
void CheckVectorsFeature(const Snapshot* base, const PreparedChange& prepared,
                         const Refusing& refuse) {
    if (refuse.compat != IcebergCompat::kV1 ||
        !HasWriterFeature(prepared.protocol, kVectorsFeature))
        return;
    const bool is_old = base != nullptr && InForce(*base) == IcebergCompat::kV1 &&
                        HasWriterFeature(*base->State().protocol, kVectorsFeature);
    if (is_old) return;
    refuse(ErrorKind::kInvalidInput,
           "beside which there must be no feature {0}: take it out with ALTER TABLE ... DROP "
           "FEATURE {0} first, or use {1}",
           kVectorsFeature, kV2Feature);
}

void CheckAdds(const PreparedChange& prepared, const Refusing& refuse) {
    StatisticsReader counts({});
    for (const Action& action : prepared.actions) {
        const auto* add = std::get_if<Add>(&action);
        if (add == nullptr) continue;
        if (!counts.ReadCount(add->stats)) {
            refuse(
                ErrorKind::kInvalidInput,
                "which asks for the number of rows (numRecords) of each file: nothing tells that "
                "of {}; {}",
                add->path, kAnew);
        }
        if (!add->deletion_vector) continue;
        refuse(
            ErrorKind::kInvalidInput,
            "which allows no deletion vectors: {} has one; take the feature out with ALTER TABLE "
            "... DROP FEATURE {} first",
            add->path, kVectorsFeature);
    }
}

// Files that were written before the feature was there.
void CheckFilesThatStay(const Snapshot& source, const Refusing& refuse) {
    const IcebergCompat before = InForce(source);
    const TableMetadata& was = source.Metadata();
    if (before == IcebergCompat::kNone && !was.partition_columns.empty()) {
        refuse(
            ErrorKind::kUnsupported,
            "whose files hold the partition columns ({}) too: those that are there lack them; {}",
            Join(was.partition_columns, ", "), kAnew);
    }
    const auto found = FindType(was.schema.fields, "", HasParts);
    if (refuse.compat == IcebergCompat::kV2 && found) {
        refuse(ErrorKind::kUnsupported,
               "whose files hold ids of elements, keys and values: those that are there lack them "
               "for the column {} ({}); {}",
               found->column, found->type.ToString(), kAnew);
    }
    if (!source.LiveRows()) {
        refuse(ErrorKind::kUnsupported,
               "which asks for the number of rows (numRecords) of each file: some that are there "
               "do not tell it; {}",
               kAnew);
    }
    bool has_vectors = false;
    source.State().files.ForEach(
        [&](const FileView& file) { has_vectors |= file.deletion_vector != nullptr; });
    if (!has_vectors) return;
    refuse(ErrorKind::kInvalidInput,
           "which allows no deletion vectors, and files of the table have some: take the feature "
           "out with ALTER TABLE ... DROP FEATURE {} first",
           kVectorsFeature);
}

}  // namespace

IcebergCompat IcebergCompatOf(const std::map<std::string, std::string>& properties) {
    if (IsEnabled(properties, kV1Property)) return IcebergCompat::kV1;
    return IsEnabled(properties, kV2Property) ? IcebergCompat::kV2 : IcebergCompat::kNone;
}

void MapForIceberg(TableMetadata& description) {
    if (IcebergCompatOf(description.properties) != IcebergCompat::kNone)
        description.properties.emplace(kMode, "name");
}

NestedIds NestedIdsOf(const Field& field) {
    NestedIds ids;
    for (const auto& [key, value] : field.metadata) {
        if (key != kNestedIds) continue;
        const auto json = nlohmann::json::parse(value, nullptr, false);
        if (!json.is_object()) continue;
        for (const auto& [part, id] : json.items()) {
            if (id.is_number_integer()) ids[part] = id.get<int32_t>();
        }
    }
    return ids;
}

int32_t GiveNestedIds(std::vector<Field>& fields, int32_t max_id) {
    table::EditAllFields(fields, [&](Field& field) {
        NestedIds ids = NestedIdsOf(field);
        const size_t known = ids.size();
        ForEachPart(field.type, field.physical_name, [&](const std::string& part) {
            if (ids.emplace(part, max_id + 1).second) ++max_id;
        });
        if (ids.size() == known) return;
        std::erase_if(field.metadata, [](const auto& entry) { return entry.first == kNestedIds; });
        field.metadata.emplace_back(kNestedIds, nlohmann::json(ids).dump());
    });
    return max_id;
}

void CheckIcebergDescription(const TableMetadata& description, const TableMetadata* before) {
    const IcebergCompat compat = IcebergCompatOf(description.properties);
    if (compat == IcebergCompat::kNone) return;
    const Refusing refuse{description, compat};
    if (compat == IcebergCompat::kV1 && IsEnabled(description.properties, kV2Property)) {
        refuse(ErrorKind::kInvalidInput,
               "beside which there can be no {}: set one of the properties {} and {} to false",
               kV2Feature, kV1Property, kV2Property);
    }
    if (ColumnMappingOf(description.properties) == ColumnMapping::kNone) {
        refuse(ErrorKind::kInvalidInput,
               "which needs column mapping: set the property {} = 'name' as well", kMode);
    }
    if (IsEnabled(description.properties, kVectors)) {
        refuse(ErrorKind::kInvalidInput,
               "which allows no deletion vectors: set the property {} to false", kVectors);
    }
    CheckTypes(description, refuse);
    CheckWidenings(description, {}, refuse);
    const bool keeps_partitions = before == nullptr || before->partition_columns.empty() ||
                                  before->partition_columns == description.partition_columns;
    if (keeps_partitions) return;
    refuse(ErrorKind::kInvalidInput,
           "which keeps the table's partition columns and their names: they are ({}), not ({}); {}",
           Join(before->partition_columns, ", "), Join(description.partition_columns, ", "), kAnew);
}

void FinishForIceberg(const Snapshot* base, const table::Change& change,
                      const TableMetadata& description, PreparedChange& prepared) {
    const TableMetadata* before = base == nullptr ? nullptr : &base->Metadata();
    for (const IcebergCompat known : {IcebergCompat::kV1, IcebergCompat::kV2}) {
        if (before == nullptr || !HasWriterFeature(prepared.protocol, FeatureOf(known))) continue;
        CheckWidenings(description, TypeChangesOf(before->schema), {description, known});
    }
    const IcebergCompat compat = InForce(prepared.protocol, prepared.metadata);
    if (compat == IcebergCompat::kNone) return;
    CheckIcebergDescription(description, before);
    const Refusing refuse{description, compat};
    if (compat == IcebergCompat::kV2) CheckNestedIds(description, refuse);
    CheckVectorsFeature(base, prepared, refuse);
    CheckAdds(prepared, refuse);
    // Files come from the version that is brought back or copied, else from what is there.
    const auto* origin = dynamic_cast<const Snapshot*>(change.origin.get());
    const Snapshot* source = origin == nullptr ? base : origin;
    if (source != nullptr && InForce(*source) != compat) {
        prepared.judges_files = true;
        if (origin != nullptr || source->State().files.Count() > change.remove.size())
            CheckFilesThatStay(*source, refuse);
    }
    // Else the adds are of files that were there.
    const bool adds_new = !change.origin && !prepared.adds_files_again;
    if (compat != IcebergCompat::kV2 || !adds_new) return;
    for (Action& action : prepared.actions) {
        if (auto* add = std::get_if<Add>(&action)) add->extras.tags[kTag] = "2";
    }
}

}  // namespace tarn::delta
