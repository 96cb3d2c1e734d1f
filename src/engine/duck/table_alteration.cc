#include "engine/duck/table_alteration.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "engine/duck/client_state.h"
#include "engine/duck/column_comment.h"
#include "engine/duck/errors.h"
#include "engine/duck/table_rules.h"
#include "engine/duck/text_limits.h"
#include "engine/duck/types.h"
#include "sql/cluster_by_auto.h"
#include "table/schema_edit.h"

namespace tarn::engine::duck {
namespace {

using Path = std::vector<std::string>;
using table::Field;

table::FieldPath ParentOf(const Path& path) {
    return table::FieldPath(path).first(path.size() - 1);
}

// Where a column goes among its like.
size_t PlaceOf(const std::vector<Field>& fields, const std::optional<std::string>& after) {
    if (!after) return 0;
    const int at = table::FindField(fields, *after);
    if (at < 0) throw table::NoColumn(*after + " to stand behind", *after, fields);
    return static_cast<size_t>(at) + 1;
}

}  // namespace

TableAlteration::TableAlteration(duckdb::ClientContext& client, const TableEntry& entry)
    : client_(client), name_(entry.row().name), metadata_(entry.metadata()) {
    for (Field& field : metadata_.schema.fields) field.type = LimitedType(field);
}

table::TableMetadata TableAlteration::Metadata() const {
    table::TableMetadata metadata = metadata_;
    for (Field& field : metadata.schema.fields) KeepLimits(field);
    return metadata;
}

void TableAlteration::Apply(const sql::AlterAction& action) {
    std::visit([this](const auto& one) { Do(one); }, action);
}

void TableAlteration::Note(std::string operation, const std::string& key,
                           const std::string& value) {
    is_changed_ = true;
    operation_ = std::move(operation);
    const auto known = parameters_.find(key);
    const std::string text =
        known == parameters_.end()
            ? value
            : nlohmann::json::parse(known->second).get<std::string>() + ", " + value;
    parameters_[key] = nlohmann::json(text).dump();
}

table::Type TableAlteration::TypeNamed(const std::string& text, const std::string& column) {
    std::vector<std::string> notices;
    table::Type type =
        ToTableType(duckdb::TransformStringToLogicalType(text, client_), column, notices);
    for (std::string& notice : notices)
        ClientState::Of(client_).meter->AddNotice(std::move(notice));
    return type;
}

void TableAlteration::RefuseDependents(const Path& path, std::string_view deed) const {
    const std::string dependent = DependentOn(metadata_, path);
    if (dependent.empty()) return;
    throw Error(ErrorKind::kInvalidInput,
                "the column {} cannot be {}: {} reads it; drop that first", Join(path, "."), deed,
                dependent);
}

void TableAlteration::Do(const sql::AddColumn& add) {
    const std::string shown = Join(add.path, ".");
    if (add.is_not_null || add.clauses.GivesValues()) {
        throw Error(ErrorKind::kUnsupported,
                    "the rows that are there have NULL in a new column: add {} without NOT NULL, "
                    "DEFAULT and GENERATED, then use ALTER COLUMN ... SET DEFAULT",
                    shown);
    }
    table::EditFields(metadata_.schema.fields, ParentOf(add.path), [&](std::vector<Field>& fields) {
        if (table::FindField(fields, add.path.back()) >= 0) {
            if (add.if_not_exists) return;
            throw Error(ErrorKind::kAlreadyExists,
                        "there is a column {} already; ADD COLUMN IF NOT EXISTS passes over it",
                        shown);
        }
        Field field;
        field.name = add.path.back();
        field.physical_name = field.name;
        field.type = TypeNamed(add.type, shown);
        // The column itself is NULL in the rows that are there, so nothing within it is.
        ApplyClauses(add.clauses, field);
        if (add.comment) SetComment(field, *add.comment);
        const size_t place = add.place ? PlaceOf(fields, add.place->after) : fields.size();
        fields.insert(fields.begin() + static_cast<ptrdiff_t>(place), std::move(field));
        Note("ADD COLUMNS", "columns", shown);
    });
}

void TableAlteration::DropOne(const Path& path) {
    RefuseDependents(path, "dropped");
    const auto& partitions = metadata_.partition_columns;
    const bool partitions_by =
        std::any_of(partitions.begin(), partitions.end(),
                    [&](const std::string& column) { return EqualsIgnoreCase(column, path[0]); });
    if (partitions_by) {
        throw Error(ErrorKind::kInvalidInput,
                    "the column {} cannot be dropped: the table is partitioned by it; write its "
                    "rows to another one with CREATE TABLE ... AS SELECT",
                    path[0]);
    }
    const auto& clustering = metadata_.clustering_columns;
    if (std::any_of(clustering.begin(), clustering.end(), [&](const std::string& column) {
            return EqualsIgnoreCase(Split(column, '.')[0], path[0]);
        })) {
        throw Error(ErrorKind::kInvalidInput,
                    "the column {} cannot be dropped: the table is clustered by it; use ALTER "
                    "TABLE ... CLUSTER BY first",
                    path[0]);
    }
    table::EditFields(metadata_.schema.fields, ParentOf(path), [&](std::vector<Field>& fields) {
        const int at = table::FindField(fields, path.back());
        if (at < 0) throw table::NoColumn(Join(path, "."), path.back(), fields);
        if (fields.size() == 1) {
            throw Error(ErrorKind::kInvalidInput,
                        "the column {} cannot be dropped: no other is left beside it; add another "
                        "first",
                        Join(path, "."));
        }
        fields.erase(fields.begin() + at);
    });
    Note("DROP COLUMNS", "columns", Join(path, "."));
}

void TableAlteration::Do(const sql::DropColumns& drop) {
    for (const Path& path : drop.paths) {
        if (!drop.if_exists || table::HasField(metadata_.schema.fields, path)) DropOne(path);
    }
}

void TableAlteration::Do(const sql::RenameColumn& rename) {
    RefuseDependents(rename.path, "renamed");
    table::EditFields(
        metadata_.schema.fields, ParentOf(rename.path), [&](std::vector<Field>& fields) {
            const int at = table::FindField(fields, rename.path.back());
            const int taken = table::FindField(fields, rename.new_name);
            if (at < 0) {
                throw table::NoColumn(Join(rename.path, "."), rename.path.back(), fields);
            }
            if (taken >= 0 && taken != at) {
                throw Error(ErrorKind::kAlreadyExists,
                            "the column {} cannot be renamed: there is a column {} "
                            "already; choose another name",
                            Join(rename.path, "."), rename.new_name);
            }
            fields[static_cast<size_t>(at)].name = rename.new_name;
        });
    for (std::string& column : metadata_.partition_columns) {
        if (rename.path.size() == 1 && EqualsIgnoreCase(column, rename.path[0]))
            column = rename.new_name;
    }
    const std::string old_name = Join(rename.path, ".");
    for (std::string& column : metadata_.clustering_columns) {
        if (EqualsIgnoreCase(column, old_name))
            column = column.substr(0, column.size() - rename.path.back().size()) + rename.new_name;
    }
    Note("RENAME COLUMN", "oldColumnPath", old_name);
    parameters_["newColumnName"] = nlohmann::json(rename.new_name).dump();
}

void TableAlteration::Move(const Path& path, const std::string& after) {
    table::EditFields(metadata_.schema.fields, ParentOf(path), [&](std::vector<Field>& fields) {
        const int at = table::FindField(fields, path.back());
        if (at < 0) throw table::NoColumn(Join(path, "."), path.back(), fields);
        Field moved = std::move(fields[static_cast<size_t>(at)]);
        fields.erase(fields.begin() + at);
        const size_t place = after.empty() ? 0 : PlaceOf(fields, after);
        fields.insert(fields.begin() + static_cast<ptrdiff_t>(place), std::move(moved));
    });
}

void TableAlteration::ChangeField(const sql::AlterColumn& alter, Field& field) {
    using Change = sql::AlterColumn::Change;
    switch (alter.change) {
        case Change::kSetType: {
            Field wanted = field;
            wanted.type = TypeNamed(alter.text, field.name);
            SetLimits(alter.text_limits, wanted);
            const table::Type& type = wanted.type;
            if (type.ToString() == field.type.ToString()) return;
            if (UnlimitedType(type).ToString() == UnlimitedType(field.type).ToString()) {
                field.type = type;
                must_check_rows_ = true;
                return;
            }
            RefuseDependents(alter.path, "given another type");
            if (type.IsNested() || field.type.IsNested()) {
                throw Error(ErrorKind::kUnsupported,
                            "the column {} of type {} cannot become {}: change the types of the "
                            "fields within it instead",
                            Join(alter.path, "."), field.type.ToString(), type.ToString());
            }
            field.type = type;
            return;
        }
        case Change::kSetNotNull:
            field.nullable = false;
            must_check_rows_ = true;
            return;
        case Change::kDropNotNull:
            field.nullable = true;
            return;
        case Change::kSetDefault:
            if (field.rules.generated_as || field.rules.identity) {
                throw Error(ErrorKind::kInvalidInput, "the column {} takes no DEFAULT: it is {}",
                            Join(alter.path, "."),
                            field.rules.identity ? "an identity column, whose values are counted"
                                                 : "generated from other columns");
            }
            field.rules.default_value = alter.text;
            return;
        case Change::kDropDefault:
            field.rules.default_value.reset();
            return;
        case Change::kSetComment:
            SetComment(field, alter.text);
            return;
        case Change::kSyncIdentity:
            if (!field.rules.identity) {
                throw Error(ErrorKind::kInvalidInput,
                            "{} is no identity column: SYNC IDENTITY is for those that are "
                            "GENERATED ... AS IDENTITY",
                            field.name);
            }
            to_sync_.push_back(field.name);
            return;
        case Change::kMove:
            return;
    }
}

void TableAlteration::Do(const sql::AlterColumn& alter) {
    if (alter.change == sql::AlterColumn::Change::kMove) {
        Move(alter.path, alter.text);
    } else {
        table::EditField(metadata_.schema.fields, alter.path,
                         [&](Field& field) { ChangeField(alter, field); });
    }
    Note("CHANGE COLUMN", "column", Join(alter.path, "."));
}

void TableAlteration::Do(const sql::AddCheck& add) {
    duck::AddCheck(add.check, name_.name, metadata_);
    must_check_rows_ = true;
    Note("ADD CONSTRAINT", "name", metadata_.checks.back().name);
    parameters_["expr"] = nlohmann::json(add.check.expression).dump();
}

void TableAlteration::Do(const sql::DropCheck& drop) {
    const size_t dropped = std::erase_if(metadata_.checks, [&](const table::RowCheck& check) {
        return EqualsIgnoreCase(check.name, drop.name);
    });
    if (dropped == 0 && drop.if_exists) return;
    if (dropped == 0) {
        std::vector<std::string> names;
        for (const table::RowCheck& check : metadata_.checks) names.push_back(check.name);
        throw Error(ErrorKind::kNotFound,
                    "there is no constraint {}; there are: {}. DROP CONSTRAINT IF EXISTS passes "
                    "over it",
                    drop.name, names.empty() ? "none" : Join(names, ", "));
    }
    Note("DROP CONSTRAINT", "name", drop.name);
}

void TableAlteration::Do(const sql::SetProperties& set) {
    for (const auto& [key, value] : set.properties) metadata_.properties[key] = value;
    Note("SET TBLPROPERTIES", "properties", nlohmann::json(set.properties).dump());
}

void TableAlteration::Do(const sql::UnsetProperties& unset) {
    for (const std::string& key : unset.keys) {
        if (metadata_.properties.erase(key) > 0 || unset.if_exists) continue;
        throw Error(ErrorKind::kNotFound,
                    "there is no property {}; UNSET TBLPROPERTIES IF EXISTS passes over it", key);
    }
    Note("UNSET TBLPROPERTIES", "properties", nlohmann::json(unset.keys).dump());
}

void TableAlteration::Do(const sql::SetClustering& clustering) {
    metadata_.clustering_columns.clear();
    metadata_.properties.erase(sql::kClusterByAuto);
    for (const Path& path : clustering.columns) {
        table::EditField(metadata_.schema.fields, path, [](const Field&) {});  // it is there
        metadata_.clustering_columns.push_back(Join(path, "."));
    }
    Note("CLUSTER BY", "newClusteringColumns", Join(metadata_.clustering_columns, ","));
}

void TableAlteration::Do(const sql::SetTableComment& set) {
    metadata_.description = set.text;
    Note("COMMENT ON", "comment", set.text);
}

// A column that the list names again: what it says of it, and no more.
void TableAlteration::KeepColumn(const sql::AddColumn& column) {
    using Change = sql::AlterColumn::Change;
    const int at = table::FindField(metadata_.schema.fields, column.path[0]);
    const Field& field = metadata_.schema.fields[static_cast<size_t>(at)];
    const bool was_nullable = field.nullable;
    Do(sql::AlterColumn{column.path, Change::kSetType, column.type, column.clauses.text_limits});
    if (was_nullable == column.is_not_null) {
        Do(sql::AlterColumn{
            column.path, column.is_not_null ? Change::kSetNotNull : Change::kDropNotNull, "", {}});
    }
    if (column.comment) Do(sql::AlterColumn{column.path, Change::kSetComment, *column.comment, {}});
}

// Columns of the same name stay what they are, with their values.
void TableAlteration::Do(const sql::ReplaceColumns& replace) {
    const std::vector<Field> before = metadata_.schema.fields;
    for (const sql::AddColumn& column : replace.columns) {
        if (table::FindField(before, column.path[0]) >= 0) {
            KeepColumn(column);
        } else {
            Do(column);
        }
    }
    std::vector<std::string> names;
    for (const sql::AddColumn& column : replace.columns) names.push_back(column.path[0]);
    for (const Field& field : before) {
        const bool stays = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
            return EqualsIgnoreCase(name, field.name);
        });
        if (!stays) DropOne({field.name});
    }
    for (size_t i = 0; i < names.size(); i++) Move({names[i]}, i == 0 ? "" : names[i - 1]);
    parameters_.clear();
    Note("REPLACE COLUMNS", "columns", nlohmann::json(names).dump());
}

}  // namespace tarn::engine::duck
