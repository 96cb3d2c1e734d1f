// INSERT and CREATE TABLE AS of the lake.
#include <set>

#include "duckdb/execution/physical_plan_generator.hpp"
#include "duckdb/planner/expression/bound_constant_expression.hpp"
#include "duckdb/planner/operator/logical_create_table.hpp"
#include "duckdb/planner/operator/logical_insert.hpp"
#include "engine/duck/catalog.h"
#include "engine/duck/change_builder.h"
#include "engine/duck/client_state.h"
#include "engine/duck/create_table.h"
#include "engine/duck/dml.h"
#include "engine/duck/errors.h"
#include "engine/duck/generated_columns.h"
#include "engine/duck/write_operator.h"

namespace tarn::engine::duck {
namespace {

// The files of partitions that the new ones write to. NULL is a partition like any other.
std::vector<table::DataFile> FilesOfSamePartitions(const TableEntry& entry,
                                                   const std::vector<table::DataFile>& written) {
    std::vector<table::DataFile> replaced;
    for (table::DataFile& file : entry.snapshot()->Plan(table::Predicate::True()).files) {
        const bool is_touched =
            std::any_of(written.begin(), written.end(), [&](const table::DataFile& other) {
                return other.partition_values == file.partition_values;
            });
        if (is_touched) replaced.push_back(std::move(file));
    }
    return replaced;
}

void StageInsert(duckdb::ClientContext& client, const std::shared_ptr<TableEntry>& entry,
                 InsertMode mode, WrittenRows written) {
    ChangeBuilder builder(client, "WRITE");
    builder.SetMode(mode == InsertMode::kAppend ? "Append" : "Overwrite");
    builder.SetPartitioning(entry->metadata().partition_columns);
    if (mode == InsertMode::kOverwriteAll) {
        builder.SetRemoved(entry->snapshot()->Plan(table::Predicate::True()).files);
    } else if (mode == InsertMode::kOverwritePartitions) {
        builder.SetRemoved(FilesOfSamePartitions(*entry, written.files));
    }
    builder.SetWritten(std::move(written.files), written.rows);
    if (!written.recorded.empty()) builder.SetRecorded(std::move(written.recorded));
    LakeTransaction::Of(client, entry->ParentCatalog()).Stage(*entry, builder.Take());
}

// The feed of a commit is what its change files say, if it has any: where another statement may
// change rows in the same commit, new ones are recorded, too.
bool MustRecord(duckdb::ClientContext& client, const TableEntry& entry, InsertMode mode) {
    return mode == InsertMode::kAppend && !client.transaction.IsAutoCommit() &&
           entry.snapshot()->Rules().records_changes;
}

bool IsGiven(duckdb::LogicalInsert& op, size_t column) {
    return op.column_index_map.empty() ||
           op.column_index_map[duckdb::PhysicalIndex(column)] != duckdb::DConstants::INVALID_INDEX;
}

// The given columns become all of the table's.
duckdb::PhysicalOperator& CompleteRows(duckdb::ClientContext& client,
                                       duckdb::PhysicalPlanGenerator& planner,
                                       duckdb::LogicalInsert& op, const TableEntry& entry,
                                       duckdb::PhysicalOperator& given) {
    const auto& fields = entry.metadata().schema.fields;
    std::vector<size_t> absent;
    for (size_t i = 0; i < fields.size(); i++) {
        if (IsGiven(op, i)) RefuseGivenIdentity(entry, i);
        if (IsGiven(op, i) || !fields[i].rules.generated_as) continue;
        absent.push_back(i);
        op.bound_defaults[i] = duckdb::make_uniq<duckdb::BoundConstantExpression>(
            duckdb::Value(op.bound_defaults[i]->return_type));
    }
    if (op.column_index_map.empty()) return given;
    auto& rows = planner.ResolveDefaultsProjection(op, given);
    if (absent.empty()) return rows;
    return ProjectGenerated(client, planner, entry, rows, absent);
}

}  // namespace

duckdb::PhysicalOperator& LakeCatalog::PlanInsert(
    duckdb::ClientContext& client, duckdb::PhysicalPlanGenerator& planner,
    duckdb::LogicalInsert& op, duckdb::optional_ptr<duckdb::PhysicalOperator> plan) {
    return Guarded([&]() -> duckdb::PhysicalOperator& {
        const ExecuteOptions* options = ClientState::Of(client).options;
        const InsertMode mode = options == nullptr ? InsertMode::kAppend : options->insert_mode;
        auto entry = EntryToWriteRows(
            client, op.table,
            mode == InsertMode::kAppend ? table::RowsThere::kStay : table::RowsThere::kChange);
        if (op.return_chunk)
            throw Error(ErrorKind::kUnsupported, "INSERT ... RETURNING is not there yet");
        if (op.on_conflict_info.action_type != duckdb::OnConflictAction::THROW) {
            throw Error(ErrorKind::kUnsupported,
                        "tables of the lake have no keys to conflict on: use MERGE INTO");
        }
        plan = CompleteRows(client, planner, op, *entry, *plan);
        auto target = std::make_shared<const WriteTarget>(core_, entry->row().name,
                                                          entry->row().location, entry->metadata());
        auto& write = planner.Make<WriteOperator>(
            op.types, op.estimated_cardinality, std::move(target),
            MustRecord(client, *entry, mode) ? entry : nullptr,
            [entry, mode](duckdb::ClientContext& running, WrittenRows written) {
                StageInsert(running, entry, mode, std::move(written));
            },
            MayWriteInParallel(*plan));
        write.children.push_back(*plan);
        return write;
    });
}

duckdb::PhysicalOperator& LakeCatalog::PlanCreateTableAs(duckdb::ClientContext& client,
                                                         duckdb::PhysicalPlanGenerator& planner,
                                                         duckdb::LogicalCreateTable& op,
                                                         duckdb::PhysicalOperator& plan) {
    return Guarded([&]() -> duckdb::PhysicalOperator& {
        auto& in_schema = static_cast<SchemaEntry&>(op.schema);
        auto table_plan = PlanTable(client, in_schema, *op.info);
        if (!table_plan)
            throw Error(ErrorKind::kAlreadyExists, "{} exists already", op.info->Base().table);
        auto shared = std::make_shared<TablePlan>(std::move(*table_plan));
        auto target = std::make_shared<const WriteTarget>(
            core_, shared->creation.name, shared->creation.location, *shared->creation.metadata);
        auto& rows = CastTo(client, planner, plan, target->row_types);
        auto& write = planner.Make<WriteOperator>(
            op.types, op.estimated_cardinality, std::move(target), nullptr,
            [shared, &in_schema](duckdb::ClientContext& running, WrittenRows written) {
                StageTable(running, in_schema, std::move(*shared), std::move(written.files),
                           written.rows, true);
            },
            MayWriteInParallel(rows));
        write.children.push_back(rows);
        return write;
    });
}

}  // namespace tarn::engine::duck
