#include "engine/duck/change_recorder.h"

namespace tarn::engine::duck {
namespace {

constexpr const char* kTypeColumn = "_change_type";

std::shared_ptr<const WriteTarget> TargetOf(const TableEntry& entry) {
    table::TableMetadata recorded = entry.metadata();
    // Rows stand here as they were, also those from before a column lost its NULLs.
    for (table::Field& field : recorded.schema.fields) field.nullable = true;
    table::Field type;
    type.name = kTypeColumn;
    type.physical_name = kTypeColumn;
    type.type = table::Type(table::TypeKind::kString);
    recorded.schema.fields.push_back(std::move(type));
    auto target = std::make_shared<WriteTarget>(entry.core(), entry.row().name,
                                                entry.row().location + "/_change_data", recorded);
    target->prefix = "cdc-";
    return target;
}

}  // namespace

TableWriter::Limits LimitsOfWriter(bool is_recorded) {
    constexpr size_t kAll = TableWriter::kMaxOpenFiles;
    return {std::nullopt, is_recorded ? kAll / 2 : kAll};
}

ChangeRecorder::ChangeRecorder(duckdb::ClientContext& client, const TableEntry& entry)
    : target_(TargetOf(entry)), writer_(client, target_, LimitsOfWriter(true)) {}

void ChangeRecorder::Record(duckdb::ExecutionContext& execution, TableWriter::Local& local,
                            duckdb::DataChunk& rows, const char* type) {
    duckdb::DataChunk recorded;
    recorded.InitializeEmpty(target_->row_types);
    const size_t columns = target_->row_types.size() - 1;
    for (size_t i = 0; i < columns; i++) recorded.data[i].Reference(rows.data[i]);
    recorded.data[columns].Reference(duckdb::Value(type));
    recorded.SetCardinality(rows.size());
    writer_.SinkMoved(execution, local, recorded);
}

MakeTaker ChangeRecorder::TakerOf(const char* type) {
    return ToWriter(
        writer_, [this, type](duckdb::ExecutionContext& execution, TableWriter::Local& local,
                              duckdb::DataChunk& rows) { Record(execution, local, rows, type); });
}

std::vector<table::ChangeDataFile> ChangeRecorder::Finish(duckdb::ClientContext& client) {
    std::vector<table::ChangeDataFile> files;
    for (table::DataFile& file : writer_.Finish(client)) {
        files.push_back(
            {std::move(file.location), file.size_bytes, std::move(file.partition_values)});
    }
    return files;
}

}  // namespace tarn::engine::duck
