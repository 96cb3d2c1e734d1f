#include "pipeline/table_writer.h"

#include "base/error.h"
#include "base/text.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

std::string CreateText(const TableWrite& write) {
    std::string text = "CREATE OR REPLACE TABLE " + QuotedTable(write.table);
    if (!write.partition_by.empty()) {
        std::vector<std::string> columns;
        for (const std::string& column : write.partition_by)
            columns.push_back(sql::QuoteIdentifier(column));
        text += " PARTITIONED BY (" + Join(columns, ", ") + ")";
    }
    if (!write.comment.empty()) text += " COMMENT " + sql::QuoteLiteral(write.comment);
    return text + " AS " + write.select;
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
    engine::ExecuteOptions options;
    options.transaction = write.transaction;
    options.offsets = write.offsets;
    options.commit_info = write.commit_info;
    std::string text;
    if (write.replace || Find(write.table) == nullptr) {
        text = CreateText(write);
    } else {
        text = "INSERT INTO " + QuotedTable(write.table) + " BY NAME " + write.select;
        if (write.replace_partitions)
            options.insert_mode = engine::InsertMode::kOverwritePartitions;
    }
    const engine::StatementStats stats = session_.Run(text, options);
    WriteOutcome outcome;
    outcome.rows = static_cast<int64_t>(stats.rows_affected);
    outcome.files = static_cast<int64_t>(stats.files_written);
    outcome.bytes = static_cast<int64_t>(stats.bytes_written);
    for (const engine::TableVersionUse& use : stats.written) outcome.version = use.version.number;
    return outcome;
}

}  // namespace tarn::pipeline
