#include "pipeline/table_writer.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "engine/column_lookup.h"
#include "pipeline/snapshot.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

std::string Quoted(const std::vector<std::string>& columns) {
    std::vector<std::string> quoted;
    for (const std::string& column : columns) quoted.push_back(sql::QuoteIdentifier(column));
    return Join(quoted, ", ");
}

std::string CreateText(const TableWrite& write) {
    std::string text = "CREATE OR REPLACE TABLE " + QuotedTable(write.table);
    if (!write.partition_by.empty()) text += " PARTITIONED BY (" + Quoted(write.partition_by) + ")";
    if (!write.comment.empty()) text += " COMMENT " + sql::QuoteLiteral(write.comment);
    return text + " AS " + write.select;
}

constexpr const char* kOld = "DBT_INTERNAL_DEST";
constexpr const char* kNew = "DBT_INTERNAL_SOURCE";

// Which row is the old one of a new one.
std::string MeetCondition(const TableWrite& write) {
    std::vector<std::string> all;
    for (const std::string& key : write.unique_key)
        all.push_back(fmt::format("{0}.{2} = {1}.{2}", kOld, kNew, sql::QuoteIdentifier(key)));
    for (const std::string& predicate : write.predicates) all.push_back("(" + predicate + ")");
    return Join(all, " AND ");
}

std::string MergeText(const TableWrite& write, const std::string& select,
                      std::string_view evolution) {
    std::vector<std::string> changed;
    for (const std::string& name : write.merge_update_columns)
        changed.push_back(fmt::format("{0} = {1}.{0}", sql::QuoteIdentifier(name), kNew));
    std::string set = changed.empty() ? "*" : Join(changed, ", ");
    if (!write.merge_exclude_columns.empty())
        set = "* EXCEPT (" + Quoted(write.merge_exclude_columns) + ")";
    return fmt::format(
        "MERGE {}INTO {} AS {} USING ({}) AS {} ON {} WHEN MATCHED THEN UPDATE SET {} WHEN NOT "
        "MATCHED THEN INSERT *",
        evolution, QuotedTable(write.table), kOld, select, kNew, MeetCondition(write), set);
}

}  // namespace

std::string QuotedTable(const engine::TableName& table) {
    return sql::QuoteIdentifier(table.schema) + "." + sql::QuoteIdentifier(table.name);
}

void TableWriter::EnsureSchema(const std::string& schema) {
    if (!directory_.FindSchema(schema)) {
        session_.Run("CREATE SCHEMA IF NOT EXISTS " + sql::QuoteIdentifier(schema));
    }
}

table::SnapshotPtr TableWriter::Find(const engine::TableName& table) {
    const auto entry = directory_.Find(table);
    if (!entry) return nullptr;
    if (entry->kind != engine::EntryKind::kTable) {
        throw Error(ErrorKind::kInvalidInput,
                    "{} is there and is no table: drop it or rename the model", table.ToString());
    }
    return session_.Snapshot(table);
}

std::optional<int64_t> TableWriter::Committed(const engine::TableName& table,
                                              const std::string& app_id) {
    const table::SnapshotPtr snapshot = Find(table);
    return snapshot == nullptr ? std::nullopt : snapshot->TransactionVersion(app_id);
}

WriteOutcome TableWriter::Write(const TableWrite& write) {
    EnsureSchema(write.table.schema);
    const table::SnapshotPtr old = write.replace ? nullptr : Find(write.table);
    if (write.snapshot != nullptr) return Run(SnapshotText(write, old), write);
    if (old == nullptr) return Run(CreateText(write), write);
    if (write.on_schema_change == SchemaChange::kSyncAll)
        SyncColumns(write, old->Metadata().schema);
    return Run(MeetText(write, old->Metadata().schema), write,
               write.strategy == IncrementalStrategy::kInsertOverwrite
                   ? engine::InsertMode::kOverwritePartitions
                   : engine::InsertMode::kAppend);
}

WriteOutcome TableWriter::Run(const std::string& text, const TableWrite& write,
                              engine::InsertMode mode) {
    engine::ExecuteOptions options;
    options.transaction = write.transaction;
    options.offsets = write.offsets;
    options.commit_info = write.commit_info;
    options.insert_mode = mode;
    const engine::StatementStats stats = session_.Run(text, options);
    WriteOutcome outcome;
    outcome.rows = static_cast<int64_t>(stats.rows_affected);
    outcome.files = static_cast<int64_t>(stats.files_written);
    outcome.bytes = static_cast<int64_t>(stats.bytes_written);
    for (const engine::TableVersionUse& use : stats.written) outcome.version = use.version.number;
    outcome.statement = text;
    outcome.lineage = stats.lineage;
    return outcome;
}

std::string TableWriter::MeetText(const TableWrite& write, const table::Schema& schema) {
    const bool grows = write.on_schema_change == SchemaChange::kAppendNew;
    const std::string_view evolution = grows ? "WITH SCHEMA EVOLUTION " : "";
    const std::string select = write.on_schema_change == SchemaChange::kIgnore
                                   ? WithKnownColumns(write, schema)
                                   : write.select;
    const bool has_key = !write.unique_key.empty();
    if (write.strategy == IncrementalStrategy::kMerge && has_key)
        return MergeText(write, select, evolution);
    const bool replaces = write.strategy == IncrementalStrategy::kDeleteInsert && has_key;
    if (replaces && !write.predicates.empty()) {
        std::vector<std::string> columns;
        for (const table::Field& field : schema.fields) columns.push_back(field.name);
        return fmt::format("INSERT INTO {} AS {} REPLACE ON {} (SELECT {} FROM ({})) AS {}",
                           QuotedTable(write.table), kOld, MeetCondition(write), Quoted(columns),
                           select, kNew);
    }
    std::string text =
        fmt::format("INSERT {}INTO {} BY NAME ", evolution, QuotedTable(write.table));
    if (replaces) text += "REPLACE USING (" + Quoted(write.unique_key) + ") ";
    if (!write.replace_where.empty()) text += "REPLACE WHERE " + write.replace_where + " ";
    return text + select;
}

void TableWriter::SyncColumns(const TableWrite& write, const table::Schema& schema) {
    const std::string table = QuotedTable(write.table);
    const std::vector<engine::ColumnInfo> old = engine::ColumnsOf(session_, table);
    const std::vector<engine::ColumnInfo> wanted =
        engine::ColumnsOf(session_, "(" + write.select + ")");
    bool is_same = old.size() == wanted.size() && schema.fields.size() == wanted.size();
    std::vector<std::string> columns;
    for (const engine::ColumnInfo& column : wanted) {
        const std::string name = sql::QuoteIdentifier(column.name);
        const engine::ColumnInfo* had = engine::FindColumn(old, column.name);
        is_same = is_same && had != nullptr && had->type == column.type;
        columns.push_back(
            fmt::format("CAST({} AS {}) AS {}", had == nullptr ? "NULL" : name, column.type, name));
    }
    if (is_same) return;
    TableWrite anew = write;
    anew.select = fmt::format("SELECT {} FROM {}", Join(columns, ", "), table);
    engine::ExecuteOptions options;
    options.commit_info = write.commit_info;
    session_.Run(CreateText(anew), options);
}

std::string TableWriter::SnapshotText(const TableWrite& write, const table::SnapshotPtr& old) {
    const std::string& updated = write.snapshot->updated_at;
    SnapshotRun run{*write.snapshot, write.select, {}, write.now, "TIMESTAMP"};
    for (const auto& column : engine::ColumnsOf(session_, "(" + write.select + ")"))
        run.columns.push_back(column.name);
    CheckColumns(*write.snapshot, run.columns);
    if (!updated.empty()) {
        const auto time = engine::ColumnsOf(
            session_, fmt::format("(SELECT {} FROM ({}) AS given)", updated, write.select));
        run.time_type = time.at(0).type;
    }
    if (old == nullptr) {
        TableWrite first = write;
        first.select = FirstSnapshot(run);
        return CreateText(first);
    }
    run.table = QuotedTable(write.table);
    for (const table::Field& field : old->Metadata().schema.fields)
        run.old_columns.push_back(field.name);
    return NextSnapshot(run);
}

std::string TableWriter::WithKnownColumns(const TableWrite& write, const table::Schema& schema) {
    const std::vector<engine::ColumnInfo> given =
        engine::ColumnsOf(session_, "(" + write.select + ")");
    std::vector<std::string> kept;
    for (const auto& column : given) {
        const bool is_known = std::any_of(
            schema.fields.begin(), schema.fields.end(),
            [&](const table::Field& field) { return EqualsIgnoreCase(field.name, column.name); });
        if (is_known) kept.push_back(column.name);
    }
    if (kept.size() == given.size()) return write.select;
    return fmt::format("SELECT {} FROM ({})", Quoted(kept), write.select);
}

}  // namespace tarn::pipeline
