#include "pipeline/table_writer.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
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

std::string MergeText(const TableWrite& write, const std::string& select,
                      std::string_view evolution) {
    std::vector<std::string> equal;
    for (const std::string& key : write.unique_key) {
        const std::string column = sql::QuoteIdentifier(key);
        equal.push_back(fmt::format("old.{0} = new.{0}", column));
    }
    std::vector<std::string> changed;
    for (const std::string& name : write.merge_update_columns) {
        const std::string column = sql::QuoteIdentifier(name);
        changed.push_back(fmt::format("{0} = new.{0}", column));
    }
    return fmt::format(
        "MERGE {}INTO {} AS old USING ({}) AS new ON {} WHEN MATCHED THEN UPDATE SET {} WHEN NOT "
        "MATCHED THEN INSERT *",
        evolution, QuotedTable(write.table), select, Join(equal, " AND "),
        changed.empty() ? "*" : Join(changed, ", "));
}

// The rows meet those that are there.
std::string MeetText(const TableWrite& write, const std::string& select) {
    const std::string_view evolution =
        write.on_schema_change == SchemaChange::kAppendNew ? "WITH SCHEMA EVOLUTION " : "";
    const bool has_key = !write.unique_key.empty();
    if (write.strategy == IncrementalStrategy::kMerge && has_key)
        return MergeText(write, select, evolution);
    std::string text =
        fmt::format("INSERT {}INTO {} BY NAME ", evolution, QuotedTable(write.table));
    if (write.strategy == IncrementalStrategy::kDeleteInsert && has_key)
        text += "REPLACE USING (" + Quoted(write.unique_key) + ") ";
    if (write.strategy == IncrementalStrategy::kReplaceWhere)
        text += "REPLACE WHERE " + write.replace_where + " ";
    return text + select;
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
    if (old == nullptr) return Run(CreateText(write), write);
    const bool ignores = write.on_schema_change == SchemaChange::kIgnore;
    return Run(
        MeetText(write, ignores ? WithKnownColumns(write, old->Metadata().schema) : write.select),
        write,
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
    return outcome;
}

std::string TableWriter::WithKnownColumns(const TableWrite& write, const table::Schema& schema) {
    const auto given = session_.Execute("SELECT * FROM (" + write.select + ") LIMIT 0");
    std::vector<std::string> kept;
    for (const auto& column : given->Columns()) {
        const bool is_known = std::any_of(
            schema.fields.begin(), schema.fields.end(),
            [&](const table::Field& field) { return EqualsIgnoreCase(field.name, column.name); });
        if (is_known) kept.push_back(column.name);
    }
    if (kept.size() == given->Columns().size()) return write.select;
    return fmt::format("SELECT {} FROM ({})", Quoted(kept), write.select);
}

}  // namespace tarn::pipeline
