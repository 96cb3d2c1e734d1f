#include "engine/duck/table_writer.h"

#include <algorithm>
#include <functional>

#include "base/check.h"
#include "base/text.h"
#include "duckdb/catalog/catalog_entry/copy_function_catalog_entry.hpp"
#include "duckdb/parser/parsed_data/copy_info.hpp"
#include "engine/duck/errors.h"
#include "engine/duck/file_statistics.h"
#include "engine/duck/hive_path.h"
#include "engine/duck/parquet_field_ids.h"
#include "engine/duck/run_tasks.h"
#include "engine/duck/types.h"
#include "engine/duck/values.h"
#include "engine/duck/variant_columns.h"

namespace tarn::engine::duck {

namespace {

// The next levels take half as much time again and save a tenth.
constexpr int64_t kZstdLevel = 1;

}  // namespace

WriteTarget::WriteTarget(Core& target_core, TableName target_name, std::string target_location,
                         const table::TableMetadata& metadata)
    : core(target_core),
      name(std::move(target_name)),
      location(std::move(target_location)),
      schema(metadata.schema),
      checks(metadata.checks),
      file_rules(metadata.file_rules) {
    for (const std::string& column : metadata.partition_columns) {
        const int index = schema.Find(column);
        if (index < 0) {
            throw Error(ErrorKind::kInvalidInput, "{}: there is no column {} to partition by",
                        name.ToString(), column);
        }
        partition_columns.push_back(static_cast<size_t>(index));
    }
    const auto add_data_column = [&](size_t column) {
        data_columns.push_back(column);
        data_schema.fields.push_back(schema.fields[column]);
    };
    for (size_t i = 0; i < schema.fields.size(); i++) {
        row_types.push_back(ToLogicalType(schema.fields[i].type));
        if (std::find(partition_columns.begin(), partition_columns.end(), i) !=
            partition_columns.end())
            continue;
        add_data_column(i);
    }
    if (data_columns.empty()) {
        throw Error(ErrorKind::kInvalidInput,
                    "{}: a table needs a column that it is not partitioned by", name.ToString());
    }
    if (!file_rules.holds_partitions) return;
    for (const size_t column : partition_columns) add_data_column(column);
}

duckdb::CopyFunction ParquetCopyFunction(duckdb::ClientContext& client) {
    return duckdb::Catalog::GetSystemCatalog(client)
        .GetEntry<duckdb::CopyFunctionCatalogEntry>(client, DEFAULT_SCHEMA, "parquet")
        .function;
}

namespace {

// The type with the names that data files use.
duckdb::LogicalType FileTypeOf(const table::Type& type) {
    const auto& children = type.children();
    switch (type.kind()) {
        case table::TypeKind::kStruct: {
            duckdb::child_list_t<duckdb::LogicalType> fields;
            for (const table::Field& child : children)
                fields.emplace_back(FileNameOf(child), FileTypeOf(child.type));
            return duckdb::LogicalType::STRUCT(std::move(fields));
        }
        case table::TypeKind::kArray:
            return duckdb::LogicalType::LIST(FileTypeOf(children[0].type));
        case table::TypeKind::kMap:
            return duckdb::LogicalType::MAP(FileTypeOf(children[0].type),
                                            FileTypeOf(children[1].type));
        default:
            return ToLogicalType(type);
    }
}

}  // namespace

duckdb::unique_ptr<duckdb::FunctionData> BindParquetCopy(duckdb::ClientContext& client,
                                                         duckdb::CopyFunction& function,
                                                         const table::Schema& schema) {
    duckdb::CopyInfo info;
    info.format = "parquet";
    info.is_from = false;
    info.options["compression"].push_back(duckdb::Value("zstd"));
    info.options["compression_level"].push_back(duckdb::Value::BIGINT(kZstdLevel));
    duckdb::vector<std::string> names;
    duckdb::vector<duckdb::LogicalType> types;
    for (const table::Field& field : schema.fields) {
        names.push_back(FileNameOf(field));
        types.push_back(FileTypeOf(field.type));
    }
    auto field_ids = FieldIdsOf(schema.fields);
    if (!field_ids.empty())
        info.options["field_ids"].push_back(duckdb::Value::STRUCT(std::move(field_ids)));
    duckdb::CopyFunctionBindInput input(info);
    return function.copy_to_bind(client, input, names, types);
}

// A file that rows are going to. Sinking holds `mutex` shared; closing holds it alone.
struct TableWriter::OpenFile {
    OpenFile(StoreFileSystem& files, std::string file_location)
        : permit(files, file_location), location(file_location) {}

    std::shared_mutex mutex;
    bool is_closed = false;
    StoreFileSystem::WritePermit permit;
    const std::string location;
    uint64_t order = 0;
    std::vector<table::Value> partition_values;
    duckdb::CopyFunctionFileStatistics statistics;
    duckdb::unique_ptr<duckdb::GlobalFunctionData> state;
};

TableWriter::TableWriter(duckdb::ClientContext& client, std::shared_ptr<const WriteTarget> target,
                         const Limits& limits)
    : target_(std::move(target)),
      file_bytes_(limits.file_bytes.value_or(target_->file_rules.bytes.value_or(kFileBytes))),
      max_open_(limits.open_files),
      rules_(client, target_->name, target_->schema, target_->checks, RulesFor::kWriting),
      function_(ParquetCopyFunction(client)),
      bind_data_(BindParquetCopy(client, function_, target_->data_schema)) {}

// Files that were not finished are gone with their handles: nothing was visible yet.
TableWriter::~TableWriter() = default;

std::unique_ptr<TableWriter::Local> TableWriter::MakeLocal() const {
    return std::make_unique<Local>();
}

void TableWriter::Sink(duckdb::ExecutionContext& execution, Local& local, duckdb::DataChunk& rows) {
    if (rows.size() == 0) return;
    if (!local.rules_) local.rules_ = rules_.MakeLocal(execution.client);
    rules_.Check(*local.rules_, rows);
    SinkMoved(execution, local, rows);
}

void TableWriter::SinkMoved(duckdb::ExecutionContext& execution, Local& local,
                            duckdb::DataChunk& rows) {
    if (!target_->partition_columns.empty()) {
        Gather(execution, local, rows);
    } else {
        if (!local.state_)
            local.state_ = function_.copy_to_initialize_local(execution, *bind_data_);
        WithFile(execution.client, {},
                 [&](OpenFile& file) { WriteRows(execution, *local.state_, file, rows); });
    }
    rows_written_ += rows.size();
}

void TableWriter::Combine(duckdb::ExecutionContext& execution, Local& local) {
    WriteGathered(execution, local);
    if (!local.state_) return;
    WithFile(execution.client, {}, [&](OpenFile& file) {
        function_.copy_to_combine(execution, *bind_data_, *file.state, *local.state_);
    });
    local.state_.reset();
}

void TableWriter::Gather(duckdb::ExecutionContext& execution, Local& local,
                         duckdb::DataChunk& rows) {
    if (!local.partitions_) {
        const duckdb::vector<duckdb::idx_t> columns(target_->partition_columns.begin(),
                                                    target_->partition_columns.end());
        local.partitions_ = duckdb::make_uniq<duckdb::HivePartitionedColumnData>(
            execution.client, target_->row_types, columns);
        local.append_ = duckdb::make_uniq<duckdb::PartitionedColumnDataAppendState>();
        local.partitions_->InitializeAppendState(*local.append_);
    }
    local.partitions_->Append(*local.append_, rows);
    local.gathered_ += rows.size();
    if (local.gathered_ >= kGatheredRows) WriteGathered(execution, local);
}

void TableWriter::WriteGathered(duckdb::ExecutionContext& execution, Local& local) {
    if (!local.partitions_) return;
    local.partitions_->FlushAppendState(*local.append_);
    auto& partitions = local.partitions_->GetPartitions();
    for (const auto& [index, key] : local.partitions_->GetReverseMap()) {
        auto rows = std::move(partitions[index]);
        if (!rows || rows->Count() == 0) continue;
        auto state = function_.copy_to_initialize_local(execution, *bind_data_);
        WithFile(execution.client, key->values, [&](OpenFile& file) {
            for (auto& chunk : rows->Chunks()) WriteRows(execution, *state, file, chunk);
            function_.copy_to_combine(execution, *bind_data_, *file.state, *state);
        });
    }
    local.append_.reset();
    local.partitions_.reset();
    local.gathered_ = 0;
}

void TableWriter::WriteRows(duckdb::ExecutionContext& execution, duckdb::LocalFunctionData& state,
                            OpenFile& file, duckdb::DataChunk& rows) {
    if (target_->partition_columns.empty()) {
        function_.copy_to_sink(execution, *bind_data_, *file.state, state, rows);
        return;
    }
    duckdb::vector<duckdb::LogicalType> types;
    for (size_t column : target_->data_columns) types.push_back(target_->row_types[column]);
    duckdb::DataChunk data;
    data.InitializeEmpty(types);
    for (size_t i = 0; i < types.size(); i++)
        data.data[i].Reference(rows.data[target_->data_columns[i]]);
    data.SetCardinality(rows.size());
    function_.copy_to_sink(execution, *bind_data_, *file.state, state, data);
}

template <typename Use>
void TableWriter::WithFile(duckdb::ClientContext& client, const PartitionValues& values,
                           Use&& use) {
    std::string key;
    for (const duckdb::Value& value : values) {
        const std::string text = value.IsNull() ? std::string() : value.ToString();
        key += value.IsNull() ? "n;" : std::to_string(text.size()) + ":" + text;
    }
    while (true) {
        auto file = Guarded([&] { return FileFor(client, key, values); });
        {
            const std::shared_lock lock(file->mutex);
            if (file->is_closed) continue;
            use(*file);
        }
        CloseIfFull(client, key, file);
        return;
    }
}

std::string TableWriter::NewLocation(const PartitionValues& values) const {
    std::string folder = target_->location;
    for (size_t i = 0; i < values.size(); i++) {
        folder += "/" + HivePart(target_->schema.fields[target_->partition_columns[i]], values[i]);
    }
    return folder + "/" + target_->prefix +
           NewUuid(target_->core.parts.clock, target_->core.parts.random) + ".zstd.parquet";
}

std::shared_ptr<TableWriter::OpenFile> TableWriter::FileFor(duckdb::ClientContext& client,
                                                            const std::string& key,
                                                            const PartitionValues& values) {
    while (true) {
        std::shared_ptr<OpenFile> oldest;
        {
            const std::lock_guard lock(mutex_);
            if (const auto found = open_.find(key); found != open_.end()) return found->second;
            // More threads than files close at once: this one goes on.
            if (open_.empty() || open_.size() + closing_ < max_open_)
                return open_[key] = Open(client, values);
            oldest = TakeOut(std::min_element(
                open_.begin(), open_.end(),
                [](const auto& a, const auto& b) { return a.second->order < b.second->order; }));
        }
        Close(client, *oldest);
    }
}

std::shared_ptr<TableWriter::OpenFile> TableWriter::Open(duckdb::ClientContext& client,
                                                         const PartitionValues& values) {
    auto file = std::make_shared<OpenFile>(*target_->core.files, NewLocation(values));
    file->order = opened_++;
    for (size_t i = 0; i < values.size(); i++) {
        file->partition_values.push_back(
            FromDuck(values[i], target_->schema.fields[target_->partition_columns[i]].type));
    }
    file->state = function_.copy_to_initialize_global(client, *bind_data_,
                                                      StoreFileSystem::PathOf(file->location));
    PlaceVariantColumns(client, *file->state, target_->file_rules.shreds_variants);
    function_.copy_to_get_written_statistics(client, *bind_data_, *file->state, file->statistics);
    return file;
}

std::shared_ptr<TableWriter::OpenFile> TableWriter::TakeOut(OpenFiles::iterator file) {
    auto taken = std::move(file->second);
    open_.erase(file);
    closing_++;
    return taken;
}

void TableWriter::CloseIfFull(duckdb::ClientContext& client, const std::string& key,
                              const std::shared_ptr<OpenFile>& file) {
    {
        const std::shared_lock lock(file->mutex);
        if (file->is_closed || !function_.rotate_next_file(*file->state, *bind_data_, file_bytes_))
            return;
    }
    {
        const std::lock_guard lock(mutex_);
        auto found = open_.find(key);
        if (found == open_.end() || found->second != file) return;  // another thread closes it
        TakeOut(found);
    }
    Guarded([&] { Close(client, *file); });
}

void TableWriter::Close(duckdb::ClientContext& client, OpenFile& file) {
    const std::unique_lock lock(file.mutex);
    Check(!file.is_closed, "a file is closed once");
    file.is_closed = true;
    function_.copy_to_finalize(client, *bind_data_, *file.state);
    file.state.reset();
    const std::lock_guard list_lock(mutex_);
    closing_--;
    if (file.statistics.row_count == 0) return;  // unreferenced: a cleaner takes it
    table::DataFile written;
    written.location = file.location;
    written.size_bytes = file.statistics.file_size_bytes;
    written.modified_ms = ToUnixMs(target_->core.parts.clock.Now());
    written.partition_values = file.partition_values;
    written.statistics = ToStatistics(target_->data_schema, file.statistics);
    finished_.push_back(std::move(written));
}

std::vector<table::DataFile> TableWriter::Finish(duckdb::ClientContext& client) {
    std::vector<std::shared_ptr<OpenFile>> left;
    {
        const std::lock_guard lock(mutex_);
        while (!open_.empty()) left.push_back(TakeOut(open_.begin()));
    }
    std::sort(left.begin(), left.end(),
              [](const auto& a, const auto& b) { return a->order < b->order; });
    // Closing waits for the disk: all threads wait at once.
    std::vector<std::function<void()>> tasks;
    for (const auto& file : left)
        tasks.emplace_back([this, &client, &file] { Close(client, *file); });
    RunTasks(client, std::move(tasks));
    const std::lock_guard lock(mutex_);
    return std::move(finished_);
}

}  // namespace tarn::engine::duck
