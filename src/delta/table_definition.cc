#include "delta/table_definition.h"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "delta/feature_drop.h"
#include "delta/features.h"
#include "delta/iceberg_compat.h"
#include "delta/property_values.h"
#include "delta/schema_change.h"
#include "delta/schema_json.h"
#include "delta/statistics_columns.h"
#include "delta/table_shape.h"
#include "table/schema_edit.h"

namespace tarn::delta {
namespace {

using table::Definition;
using table::Field;
using table::TableMetadata;
using table::Type;
using table::TypeKind;

constexpr const char* kMode = "delta.columnMapping.mode";
constexpr const char* kMaxId = "delta.columnMapping.maxColumnId";
constexpr const char* kTypeChanges = "delta.typeChanges";
constexpr const char* kCommitTimes[] = {"delta.enableInCommitTimestamps",
                                        "delta.inCommitTimestampEnablementVersion",
                                        "delta.inCommitTimestampEnablementTimestamp"};

int32_t MaxIdOf(const TableMetadata& metadata) {
    int64_t max_id = 0;
    if (const auto found = metadata.properties.find(kMaxId); found != metadata.properties.end())
        max_id = ParseInt(found->second).value_or(0);
    std::vector<Field> fields = metadata.schema.fields;
    table::EditAllFields(fields, [&](Field& field) {
        max_id = std::max<int64_t>(max_id, field.field_id);
        for (const auto& [part, id] : NestedIdsOf(field)) max_id = std::max<int64_t>(max_id, id);
    });
    return static_cast<int32_t>(max_id);
}

void CheckMode(ColumnMapping before, ColumnMapping after) {
    if (before == after || (before == ColumnMapping::kNone && after == ColumnMapping::kName))
        return;
    throw Error(ErrorKind::kUnsupported,
                "the property {} of a table that is there only goes from none to name; write its "
                "rows to another one with CREATE TABLE ... TBLPROPERTIES (...) AS SELECT",
                kMode);
}

// Ids and physical names for the fields that have none.
void GiveIdentities(TableMetadata& metadata, int32_t max_id, bool keeps_names,
                    const std::function<std::string()>& new_name) {
    table::EditAllFields(metadata.schema.fields, [&](Field& field) {
        if (field.field_id > 0) return;
        field.field_id = ++max_id;
        field.physical_name = keeps_names ? field.name : "col-" + new_name();
    });
    if (IcebergCompatOf(metadata.properties) == IcebergCompat::kV2)
        max_id = GiveNestedIds(metadata.schema.fields, max_id);
    metadata.properties[kMaxId] = std::to_string(max_id);
}

// A table that tracks its rows keeps their identities in columns of these names (PROTOCOL.md, "Row
// Tracking"); they stay the same while the table is the same.
// Names that data files cannot have as they stand.
bool HasOddNames(const std::vector<Field>& fields) {
    return std::any_of(fields.begin(), fields.end(), [](const Field& field) {
        return NeedsMapping(field.name) ||
               (field.type.kind() == TypeKind::kStruct && HasOddNames(field.type.children()));
    });
}

void NameRowColumns(TableMetadata& metadata, const TableMetadata* base,
                    const std::function<std::string()>& new_name) {
    if (!IsEnabled(metadata.properties, "delta.enableRowTracking")) return;
    const auto name = [&](const char* key, const char* prefix) {
        if (metadata.properties.contains(key)) return;
        const bool is_known = base != nullptr && base->properties.contains(key);
        metadata.properties[key] = is_known ? base->properties.at(key) : prefix + new_name();
    };
    name("delta.rowTracking.materializedRowIdColumnName", "_row-id-col-");
    name("delta.rowTracking.materializedRowCommitVersionColumnName", "_row-commit-version-col-");
}

// What must not go back with a table: how far its identity columns have counted, and since when its
// commits carry their own times.
void KeepMarks(TableMetadata& metadata, const TableMetadata& latest) {
    for (Field& field : metadata.schema.fields) {
        const int at = latest.schema.Find(field.name);
        auto& counted = field.rules.identity;
        if (!counted || at < 0) continue;
        const auto& now = latest.schema.fields[static_cast<size_t>(at)].rules.identity;
        if (!now || !now->high_water_mark) continue;
        auto& mark = counted->high_water_mark;
        const bool is_behind = !mark || (counted->step > 0 ? *mark < *now->high_water_mark
                                                           : *mark > *now->high_water_mark);
        if (is_behind) mark = now->high_water_mark;
    }
    for (const char* key : kCommitTimes) {
        const auto now = latest.properties.find(key);
        if (now != latest.properties.end()) metadata.properties[key] = now->second;
    }
}

// The columns with statistics, where they are listed: under the names that an ALTER gives them.
void DefineStatisticsColumns(TableMetadata& metadata, const TableMetadata* altered) {
    const auto listed = metadata.properties.find(kStatisticsColumns);
    if (listed == metadata.properties.end()) return;
    const bool was_there = altered != nullptr && altered->properties.contains(kStatisticsColumns);
    if (!was_there || altered->properties.at(kStatisticsColumns) != listed->second) {
        CheckStatisticsColumns(metadata, listed->second);
    } else if (altered->schema != metadata.schema) {
        listed->second = StatisticsColumnsAfter(*altered, metadata, listed->second);
    }
}

// PROTOCOL.md, "Change Data Files": beside what the feed says of a row there is no room.
void CheckFeedColumns(const TableMetadata& metadata) {
    if (!IsEnabled(metadata.properties, "delta.enableChangeDataFeed")) return;
    for (const char* taken : {"_change_type", "_commit_version", "_commit_timestamp"}) {
        const int at = metadata.schema.Find(taken);
        if (at < 0) continue;
        throw Error(ErrorKind::kInvalidInput,
                    "the column {} has a name that the change data feed gives to a column of its "
                    "own: give it another, or leave the property delta.enableChangeDataFeed off",
                    metadata.schema.fields[static_cast<size_t>(at)].name);
    }
}

// Writers of Delta agree on what widens; beyond it Tarn reads, but does not write.
bool MayWiden(const Type& from, const Type& to) {
    if (!CanWiden(from, to)) return false;
    if (to.kind() != TypeKind::kDecimal || from.kind() == TypeKind::kDecimal) return true;
    return to.precision() - to.scale() >= (from.kind() == TypeKind::kLong ? 20 : 10);
}

std::string DeltaName(const Type& type) {
    const std::string schema = SerializeSchema({{Field{"t", type, true, "t", 0, {}, {}}}, false});
    return nlohmann::json::parse(schema)["fields"][0]["type"].get<std::string>();
}

// Compares the columns of a table before and after a change that keeps its files.
class Comparison {
public:
    Comparison(bool is_mapped, bool widens) : is_mapped_(is_mapped), widens_(widens) {}

    void Compare(const std::vector<Field>& before, std::vector<Field>& after,
                 const std::string& within) const {
        for (Field& field : after) {
            if (!is_mapped_ && field.physical_name != field.name)
                FailUnmapped("renaming", within + field.physical_name);
        }
        for (const Field& old : before) {
            const auto same = std::find_if(after.begin(), after.end(),
                                           [&](const Field& field) { return IsSame(old, field); });
            if (same != after.end()) {
                CompareField(old, *same, within + old.name);
            } else if (!is_mapped_) {
                FailUnmapped("dropping", within + old.name);
            }
        }
    }

private:
    bool IsSame(const Field& a, const Field& b) const {
        return is_mapped_ ? a.field_id > 0 && a.field_id == b.field_id
                          : a.physical_name == b.physical_name;
    }

    [[noreturn]] static void FailUnmapped(std::string_view deed, const std::string& column) {
        throw Error(
            ErrorKind::kUnsupported,
            "{} the column {} needs the feature columnMapping: switch it on with ALTER TABLE "
            "... SET TBLPROPERTIES ('{}' = 'name') first",
            deed, column, kMode);
    }

    void CompareField(const Field& before, Field& after, const std::string& name) const {
        after.type = CompareType(before.type, after.type, name, "", after);
    }

    // The type after, with what changed below it written down; changes of arrays and maps are kept
    // by the field around them.
    Type CompareType(const Type& before, const Type& after, const std::string& name,
                     const std::string& part, Field& keeper) const {
        if (before == after) return after;
        if (before.IsNested() != after.IsNested() ||
            (before.IsNested() && before.kind() != after.kind())) {
            FailType(before, after, name);
        }
        if (!before.IsNested()) {
            NoteChange(before, after, name, part, keeper);
            return after;
        }
        std::vector<Field> children = after.children();
        if (after.kind() == TypeKind::kStruct) {
            Compare(before.children(), children, name + ".");
            return Type::Struct(std::move(children));
        }
        for (size_t i = 0; i < children.size(); ++i) {
            const std::string inner =
                part.empty() ? children[i].name : part + "." + children[i].name;
            children[i].type = CompareType(before.children()[i].type, children[i].type,
                                           name + "." + children[i].name, inner, keeper);
        }
        if (after.kind() == TypeKind::kArray)
            return Type::Array(children[0].type, children[0].nullable);
        return Type::Map(children[0].type, children[1].type, children[1].nullable);
    }

    [[noreturn]] static void FailType(const Type& before, const Type& after,
                                      const std::string& name) {
        throw Error(ErrorKind::kInvalidInput,
                    "the column {} is of type {}, which cannot become {}: only a wider type keeps "
                    "every value; write the table anew with CREATE OR REPLACE TABLE ... AS SELECT",
                    name, before.ToString(), after.ToString());
    }

    void NoteChange(const Type& before, const Type& after, const std::string& name,
                    const std::string& part, Field& keeper) const {
        if (!MayWiden(before, after)) FailType(before, after, name);
        if (!widens_) {
            throw Error(
                ErrorKind::kUnsupported,
                "the column {} becomes wider ({} to {}) only with the feature typeWidening: "
                "switch it on with ALTER TABLE ... SET TBLPROPERTIES "
                "('delta.enableTypeWidening' = 'true') first",
                name, before.ToString(), after.ToString());
        }
        nlohmann::ordered_json change = {{"fromType", DeltaName(before)},
                                         {"toType", DeltaName(after)}};
        if (!part.empty()) change["fieldPath"] = part;
        for (auto& [key, value] : keeper.metadata) {
            if (key != kTypeChanges) continue;
            auto list = nlohmann::ordered_json::parse(value);
            list.push_back(change);
            value = list.dump();
            return;
        }
        keeper.metadata.emplace_back(kTypeChanges, nlohmann::ordered_json::array({change}).dump());
    }

    const bool is_mapped_;
    const bool widens_;
};

}  // namespace

table::TableMetadata Define(const table::TableMetadata& wanted, const table::TableMetadata* base,
                            table::Definition definition,
                            const std::function<std::string()>& new_name) {
    TableMetadata defined = wanted;
    const bool converts = definition == Definition::kConverts;
    const bool creates = converts || definition == Definition::kCreates;
    const bool is_new = creates || definition == Definition::kReplaces;
    if (is_new) MapForIceberg(defined);
    if (is_new && HasOddNames(defined.schema.fields)) defined.properties.emplace(kMode, "name");
    const ColumnMapping after = ColumnMappingOf(defined.properties);
    const bool alters = definition == Definition::kAlters;
    const ColumnMapping before = alters     ? ColumnMappingOf(base->properties)
                                 : converts ? ColumnMapping::kNone
                                            : after;
    if (alters) {
        CheckMode(before, after);
        Comparison(before != ColumnMapping::kNone,
                   IsEnabled(wanted.properties, "delta.enableTypeWidening"))
            .Compare(base->schema.fields, defined.schema.fields, "");
    }
    if (creates) defined.properties.erase(kMaxId);
    // A history that is guarded stays so, whatever the table becomes (DROP FEATURE).
    const bool goes_on = base != nullptr && definition != Definition::kAlters;
    if (goes_on && base->properties.contains(kGuardedBefore))
        defined.properties[kGuardedBefore] = base->properties.at(kGuardedBefore);
    if (definition == Definition::kRestores) KeepMarks(defined, *base);
    if (definition == Definition::kClones) {
        for (const char* key : kCommitTimes) defined.properties.erase(key);
        if (base != nullptr) KeepMarks(defined, *base);
    }
    CheckIcebergDescription(defined, base);
    defined.file_rules = FileRulesOf(defined.properties);
    const bool is_known = definition == Definition::kRestores || definition == Definition::kClones;
    if (!is_known) CheckPropertyValues(defined, base, definition);
    if (!is_known) CheckFeedColumns(defined);
    if (!is_known) DefineStatisticsColumns(defined, alters ? base : nullptr);
    NameRowColumns(defined, base, new_name);
    if (after == ColumnMapping::kNone) return defined;
    defined.schema.by_id = after == ColumnMapping::kId;
    int32_t max_id = MaxIdOf(defined);
    if (base != nullptr) max_id = std::max(max_id, MaxIdOf(*base));
    GiveIdentities(defined, max_id, before == ColumnMapping::kNone, new_name);
    return defined;
}

}  // namespace tarn::delta
