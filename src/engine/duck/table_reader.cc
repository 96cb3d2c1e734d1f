#include "engine/duck/table_reader.h"

#include <algorithm>
#include <map>

#include "duckdb/common/multi_file/multi_file_reader.hpp"
#include "duckdb/common/multi_file/multi_file_states.hpp"
#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/function/function_binder.hpp"
#include "duckdb/planner/expression/bound_constant_expression.hpp"
#include "duckdb/planner/expression/bound_reference_expression.hpp"
#include "engine/duck/chunk_bounds.h"
#include "engine/duck/errors.h"
#include "engine/duck/file_schema.h"
#include "engine/duck/hidden_rows.h"
#include "engine/duck/metadata_column.h"
#include "engine/duck/scan.h"
#include "engine/duck/stored_values.h"
#include "engine/duck/table_filters.h"
#include "engine/duck/values.h"

namespace tarn::engine::duck {
namespace {

bool BlamesBytes(duckdb::ExceptionType type) {
    switch (type) {
        case duckdb::ExceptionType::INVALID_INPUT:
        case duckdb::ExceptionType::IO:
        case duckdb::ExceptionType::SERIALIZATION:
        case duckdb::ExceptionType::INTERNAL:
        case duckdb::ExceptionType::INVALID:  // of the libraries below
            return true;
        default:
            return false;
    }
}

// A file that the table's version names and that does not open.
Error AboutListedFile(const ScanInfo& scan, const ListedFile& listed,
                      const std::exception& exception) {
    const TableEntry& entry = scan.entry();
    Error error = AboutStoredFile(listed.file->location, exception);
    if (error.kind() != ErrorKind::kNotFound) return error;
    const table::Version version =
        listed.change != nullptr ? listed.change->version : entry.snapshot()->AtVersion();
    const bool is_now = listed.change == nullptr && entry.is_latest();
    return Error(ErrorKind::kNotFound, "{}: a file of version {} is gone: {}; {}",
                 entry.row().name.ToString(), version.number, listed.file->location,
                 is_now
                     ? "FSCK REPAIR TABLE ... DRY RUN lists all that are, RESTORE goes back to a "
                       "version that is whole"
                     : "VACUUM removes what only older versions need: read a later one, and "
                       "keep further ones by the property delta.deletedFileRetentionDuration");
}

// The engine's own scan of Parquet files, as far as it knows of its threads.
struct ParquetScan {
    duckdb::table_function_init_local_t start_thread = nullptr;
    duckdb::table_function_t read_rows = nullptr;
    duckdb::table_function_get_partition_data_t get_partition_data = nullptr;
    duckdb::table_function_get_metrics_t get_metrics = nullptr;
};

// A thread of the engine's scan, and how many row groups it has told of.
struct ReadingThread final : public duckdb::LocalTableFunctionState {
    explicit ReadingThread(duckdb::unique_ptr<duckdb::LocalTableFunctionState> engine_state)
        : engine(std::move(engine_state)) {}

    duckdb::MultiFileLocalState& state() const {
        return engine->Cast<duckdb::MultiFileLocalState>();
    }

    const duckdb::unique_ptr<duckdb::LocalTableFunctionState> engine;
    duckdb::idx_t counted_batch = duckdb::DConstants::INVALID_INDEX;
    uint64_t counted_row_groups = 0;
};

class TableReader final : public duckdb::MultiFileReader {
public:
    TableReader(std::shared_ptr<ScanInfo> scan, std::shared_ptr<FileList> files,
                const ParquetScan& parquet)
        : scan_(std::move(scan)),
          files_(std::move(files)),
          parquet_(parquet),
          materialized_(MaterializedColumns(scan_->entry().snapshot()->Rules())) {
        function_name = kScanFunction;
    }

    // Nothing for a thread that finds no file left.
    static duckdb::unique_ptr<duckdb::LocalTableFunctionState> StartThread(
        duckdb::ExecutionContext& context, duckdb::TableFunctionInitInput& input,
        duckdb::GlobalTableFunctionState* scan) {
        auto engine = Of(input.bind_data).parquet_.start_thread(context, input, scan);
        if (!engine) return nullptr;
        return duckdb::make_uniq<ReadingThread>(std::move(engine));
    }

    static duckdb::OperatorPartitionData PartitionOf(
        duckdb::ClientContext& client, duckdb::TableFunctionGetPartitionInput& input) {
        input.local_state = input.local_state->Cast<ReadingThread>().engine.get();
        return Of(input.bind_data).parquet_.get_partition_data(client, input);
    }

    static void MetricsOf(duckdb::ClientContext& client, const duckdb::FunctionData* bind_data,
                          duckdb::GlobalTableFunctionState& scan,
                          duckdb::LocalTableFunctionState& thread,
                          const duckdb::profiler_settings_t& wanted,
                          duckdb::profiler_metrics_t& metrics) {
        Of(bind_data).parquet_.get_metrics(client, bind_data, scan,
                                           *thread.Cast<ReadingThread>().engine, wanted, metrics);
    }

    // What DuckDB says of a file's pages while it decodes them: their bytes are at fault. Errors
    // that carry more than words (ours, those of the file system) are passed on as they are.
    static void ReadRows(duckdb::ClientContext& client, duckdb::TableFunctionInput& input,
                         duckdb::DataChunk& rows) {
        if (!input.local_state) {
            input.async_result = duckdb::SourceResultType::FINISHED;
            return;
        }
        auto& thread = input.local_state->Cast<ReadingThread>();
        const TableReader& self = Of(input.bind_data);
        const duckdb::idx_t batch = thread.state().batch_index;
        input.local_state = thread.engine.get();
        try {
            self.parquet_.read_rows(client, input, rows);
            self.CountRowGroups(client, input, batch, thread);
        } catch (const std::exception& exception) {
            const duckdb::ErrorData data(exception);
            const auto& reader = thread.state().reader;
            if (!data.ExtraInfo().empty() || !reader || !BlamesBytes(data.Type())) throw;
            ThrowIntoDuck(Error(ErrorKind::kCorrupt, "{}: {}",
                                FileList::FileOf(reader->file).file->location,
                                FromException(exception).message()));
        }
    }

    duckdb::unique_ptr<duckdb::MultiFileReader> Copy() const override {
        return duckdb::make_uniq<TableReader>(scan_, files_, parquet_);
    }

    duckdb::shared_ptr<duckdb::MultiFileList> CreateFileList(
        duckdb::ClientContext&, const duckdb::vector<std::string>&,
        const duckdb::FileGlobInput&) override {
        return duckdb::shared_ptr<duckdb::MultiFileList>(files_->Copy());
    }

    // The schema is the table's, so that no file is opened while binding.
    bool Bind(duckdb::MultiFileOptions& options, duckdb::MultiFileList&,
              duckdb::vector<duckdb::LogicalType>& types, duckdb::vector<std::string>& names,
              duckdb::MultiFileReaderBindData& bind_data) override {
        options.auto_detect_hive_partitioning = false;
        options.hive_partitioning = false;
        for (const table::Field& field : scan_->columns()->schema.fields) {
            bind_data.schema.push_back(DefinitionOf(field));
            types.push_back(bind_data.schema.back().type);
            names.push_back(field.name);
        }
        bind_data.mapping = duckdb::MultiFileColumnMappingMode::BY_NAME;
        return true;
    }
    void BindOptions(duckdb::MultiFileOptions&, duckdb::MultiFileList&,
                     duckdb::vector<duckdb::LogicalType>&, duckdb::vector<std::string>&,
                     duckdb::MultiFileReaderBindData&) override {}

    duckdb::unique_ptr<duckdb::MultiFileReaderGlobalState> InitializeGlobalState(
        duckdb::ClientContext&, const duckdb::MultiFileOptions&,
        const duckdb::MultiFileReaderBindData&, const duckdb::MultiFileList& list,
        const duckdb::vector<duckdb::MultiFileColumnDefinition>&,
        const duckdb::vector<duckdb::ColumnIndex>&) override {
        const auto& files = static_cast<const FileList&>(list);
        if (!files.IsPlanned()) return nullptr;
        scan_->Start(files.predicate());
        const uint64_t all = Guarded([&] { return scan_->entry().snapshot()->Totals().files; });
        const uint64_t left = files.Files().size();
        scan_->meter().files_skipped += all - std::min(all, left);
        scan_->counts().files_skipped += all - std::min(all, left);
        const auto rows = Guarded([&] { return scan_->entry().snapshot()->EstimatedRows(); });
        scan_->counts().Start(files.predicate(), rows.value_or(0));
        return nullptr;
    }

    // A file of a table that is no Parquet file: its bytes are at fault, not the statement.
    duckdb::shared_ptr<duckdb::BaseFileReader> CreateReader(
        duckdb::ClientContext& client, duckdb::GlobalTableFunctionState& gstate,
        const duckdb::OpenFileInfo& file, duckdb::idx_t index,
        const duckdb::MultiFileBindData& bind_data) override {
        try {
            return MultiFileReader::CreateReader(client, gstate, file, index, bind_data);
        } catch (const std::exception& exception) {  // the footer's decoder has its own
            ThrowIntoDuck(Guarded(
                [&] { return AboutListedFile(*scan_, FileList::FileOf(file), exception); }));
        }
    }

    duckdb::ReaderInitializeType InitializeReader(
        duckdb::MultiFileReaderData& reader_data, const duckdb::MultiFileBindData& bind_data,
        const duckdb::vector<duckdb::MultiFileColumnDefinition>& global_columns,
        const duckdb::vector<duckdb::ColumnIndex>& global_column_ids,
        duckdb::optional_ptr<duckdb::TableFilterSet> filters, duckdb::ClientContext& client,
        duckdb::MultiFileGlobalState& gstate) override {
        const ListedFile listed = FileList::FileOf(reader_data.reader->file);
        const table::DataFile& file = *listed.file;
        // Filters may know more by now than when the files were planned.
        if (filters &&
            !Guarded([&] { return files_->MayMatch(listed, global_column_ids, *filters); })) {
            scan_->meter().files_skipped++;
            scan_->counts().files_skipped++;
            return duckdb::ReaderInitializeType::SKIP_READING_FILE;
        }
        scan_->meter().files_read++;
        scan_->counts().files_read++;
        scan_->counts().bytes += file.size_bytes;
        scan_->counts().row_groups +=
            reader_data.reader->Cast<duckdb::ParquetReader>().NumRowGroups();
        const FittedFile fitted = Guarded(
            [&] { return Fit(*reader_data.reader, listed, global_columns, global_column_ids); });
        std::vector<std::shared_ptr<const table::DeletedRows>> hidden;
        if (file.deletion_vector) {
            hidden.push_back(
                Guarded([&] { return scan_->entry().snapshot()->LoadDeletedRows(file); }));
        }
        if (auto rows = scan_->HiddenIn(file)) hidden.push_back(std::move(rows));
        if (listed.change != nullptr && listed.change->unchanged)
            hidden.push_back(listed.change->unchanged);
        if (!hidden.empty()) {
            reader_data.reader->deletion_filter = duckdb::make_uniq<HiddenRows>(std::move(hidden));
        }
        // What is left of the filters is copied into the reader, so they may end with this call.
        const auto readable = filters ? WithoutDistinctFrom(*filters) : nullptr;
        if (readable) KeepAfterCasts(*readable, fitted.cast_places, global_column_ids);
        const auto outcome = MultiFileReader::InitializeReader(
            reader_data, bind_data, fitted.columns ? *fitted.columns : global_columns,
            global_column_ids, readable.get(), client, gstate);
        DistrustBounds(reader_data.reader->Cast<duckdb::ParquetReader>());
        for (size_t i = 0; i < reader_data.expressions.size(); i++) {
            const auto place = global_column_ids[i].GetPrimaryIndex();
            const auto& places = fitted.stored_places;
            if (std::find(places.begin(), places.end(), place) == places.end()) continue;
            ConvertStored(*reader_data.reader, reader_data.expressions[i],
                          global_columns[place].type, file.location, fitted.calendar.zone);
        }
        return outcome;
    }

    // What is the same for every row of a file: its name, its place in the list, its partition
    // values.
    void FinalizeBind(duckdb::MultiFileReaderData& reader_data, const duckdb::MultiFileOptions&,
                      const duckdb::MultiFileReaderBindData&,
                      const duckdb::vector<duckdb::MultiFileColumnDefinition>&,
                      const duckdb::vector<duckdb::ColumnIndex>& global_column_ids,
                      duckdb::ClientContext&,
                      duckdb::optional_ptr<duckdb::MultiFileReaderGlobalState>) override {
        const ListedFile listed = FileList::FileOf(reader_data.reader->file);
        const table::DataFile& file = *listed.file;
        for (size_t i = 0; i < global_column_ids.size(); i++) {
            const duckdb::MultiFileGlobalIndex index(i);
            const auto column = global_column_ids[i].GetPrimaryIndex();
            if (column == COLUMN_IDENTIFIER_FILENAME) {
                reader_data.constant_map.Add(index, duckdb::Value(file.location));
            } else if (column == COLUMN_IDENTIFIER_FILE_INDEX) {
                reader_data.constant_map.Add(
                    index, duckdb::Value::UBIGINT(reader_data.reader->file_list_idx.GetIndex()));
            } else if (column < scan_->schema().fields.size()) {
                const int partition = scan_->entry().PartitionIndex(column);
                if (partition < 0) continue;
                const table::Value& value =
                    file.partition_values.at(static_cast<size_t>(partition));
                reader_data.constant_map.Add(
                    index,
                    Guarded([&] { return ToDuck(value, scan_->schema().fields[column].type); }));
            } else if (duckdb::IsVirtualColumn(column)) {
                AddMetadataValue(reader_data, index, column, file);
            } else {
                const auto value =
                    ChangeValue(*listed.change, column - scan_->schema().fields.size());
                const table::Type& type = scan_->columns()->schema.fields[column].type;
                if (value) reader_data.constant_map.Add(index, ToDuck(*value, type));
            }
        }
    }

    // Values that do not fit the table's types are the file's fault.
    void FinalizeChunk(duckdb::ClientContext&, const duckdb::MultiFileBindData&,
                       duckdb::BaseFileReader& reader, const duckdb::MultiFileReaderData&,
                       duckdb::DataChunk& stored, duckdb::DataChunk& rows,
                       duckdb::ExpressionExecutor& executor,
                       duckdb::optional_ptr<duckdb::MultiFileReaderGlobalState>) override {
        executor.SetChunk(stored);
        try {
            for (size_t i = 0; i < executor.expressions.size(); i++)
                executor.ExecuteExpression(i, rows.data[i]);
        } catch (const std::exception& exception) {
            if (!duckdb::ErrorData(exception).ExtraInfo().empty()) throw;
            ThrowIntoDuck(AboutStoredFile(FileList::FileOf(reader.file).file->location, exception));
        }
        rows.SetCardinality(stored.size());
        scan_->counts().rows += stored.size();
    }

    // rowid is the file's number and the position in the file, as one number.
    duckdb::unique_ptr<duckdb::Expression> GetVirtualColumnExpression(
        duckdb::ClientContext& client, duckdb::MultiFileReaderData& reader_data,
        const duckdb::vector<duckdb::MultiFileColumnDefinition>& local_columns,
        duckdb::idx_t& column_id, const duckdb::LogicalType& type,
        duckdb::MultiFileLocalIndex local_index,
        duckdb::optional_ptr<duckdb::MultiFileColumnDefinition>& global_column) override {
        if (const auto found = materialized_.find(column_id); found != materialized_.end()) {
            global_column = &found->second;
            return nullptr;
        }
        if (column_id != duckdb::COLUMN_IDENTIFIER_ROW_ID) {
            return MultiFileReader::GetVirtualColumnExpression(
                client, reader_data, local_columns, column_id, type, local_index, global_column);
        }
        column_id = COLUMN_IDENTIFIER_FILE_ROW_NUMBER;
        const int64_t number =
            scan_->entry().NumberOf(*FileList::FileOf(reader_data.reader->file).file);
        duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> operands;
        operands.push_back(duckdb::make_uniq<duckdb::BoundConstantExpression>(
            duckdb::Value::BIGINT(number << kRowBits)));
        operands.push_back(
            duckdb::make_uniq<duckdb::BoundReferenceExpression>(type, local_index.GetIndex()));
        duckdb::FunctionBinder binder(client);
        duckdb::ErrorData error;
        auto sum = binder.BindScalarFunction(DEFAULT_SCHEMA, "+", std::move(operands), error, true,
                                             nullptr);
        if (error.HasError()) error.Throw();
        return sum;
    }

private:
    static const TableReader& Of(duckdb::optional_ptr<const duckdb::FunctionData> bind_data) {
        return static_cast<const TableReader&>(
            *bind_data->Cast<duckdb::MultiFileBindData>().multi_file_reader);
    }

    // A batch is a row group: where the thread is still in one that was counted, there is no other.
    void CountRowGroups(duckdb::ClientContext& client, duckdb::TableFunctionInput& input,
                        duckdb::idx_t batch, ReadingThread& thread) const {
        if (batch == thread.counted_batch && batch == thread.state().batch_index) return;
        static const duckdb::profiler_settings_t kWanted = {
            duckdb::MetricType::OPERATOR_ROW_GROUPS_SCANNED};
        duckdb::profiler_metrics_t metrics;
        parquet_.get_metrics(client, input.bind_data.get(), *input.global_state, *thread.engine,
                             kWanted, metrics);
        const auto read = metrics.at(*kWanted.begin()).GetValue<uint64_t>();
        scan_->counts().row_groups_read += read - thread.counted_row_groups;
        thread.counted_row_groups = read;
        thread.counted_batch = batch;
    }

    // What _metadata knows of a file; of a column that the file lacks, NULL.
    void AddMetadataValue(duckdb::MultiFileReaderData& reader_data,
                          duckdb::MultiFileGlobalIndex index, duckdb::column_t column,
                          const table::DataFile& file) const {
        if (!IsMetadataPart(column)) return;
        auto value = MetadataValue(column, file);
        const auto materialized = materialized_.find(column);
        const bool is_in_file = materialized != materialized_.end() &&
                                HasColumn(*reader_data.reader, materialized->second.name);
        if (!value && !is_in_file) value = duckdb::Value(duckdb::LogicalType::BIGINT);
        if (value) reader_data.constant_map.Add(index, std::move(*value));
    }

    static bool HasColumn(duckdb::BaseFileReader& reader, const std::string& name) {
        const auto& columns = reader.GetColumns();
        return std::any_of(columns.begin(), columns.end(),
                           [&](const auto& column) { return column.name == name; });
    }

    // Columns of data files that hold parts of _metadata.
    static std::map<duckdb::column_t, duckdb::MultiFileColumnDefinition> MaterializedColumns(
        const table::WriteRules& rules) {
        std::map<duckdb::column_t, duckdb::MultiFileColumnDefinition> columns;
        for (const auto part :
             {MetadataPart::kMaterializedRowId, MetadataPart::kMaterializedRowCommitVersion}) {
            const auto id = static_cast<duckdb::column_t>(part);
            table::Field field;
            field.name = MaterializedColumn(id, rules);
            field.type = table::Type(table::TypeKind::kLong);
            if (!field.name.empty()) columns.emplace(id, DefinitionOf(field));
        }
        return columns;
    }

    // DuckDB puts the expression of a column with a filter into the reader, before the filter, and
    // leaves a reference behind.
    static void ConvertStored(duckdb::BaseFileReader& reader,
                              duckdb::unique_ptr<duckdb::Expression>& expression,
                              const duckdb::LogicalType& wanted, const std::string& location,
                              const format::HybridZone& zone) {
        if (expression->type == duckdb::ExpressionType::BOUND_REF) {
            const auto index = expression->Cast<duckdb::BoundReferenceExpression>().index;
            const auto column = reader.column_indexes.at(index).GetPrimaryIndex();
            const auto in_reader = reader.expression_map.find(column);
            if (in_reader != reader.expression_map.end()) {
                in_reader->second =
                    ReadStored(std::move(in_reader->second), wanted, location, zone);
                expression->return_type = wanted;
                return;
            }
        }
        expression = ReadStored(std::move(expression), wanted, location, zone);
    }

    // Columns that are the same for every row of the file are not asked of it.
    FittedFile Fit(duckdb::BaseFileReader& reader, const ListedFile& listed,
                   const ColumnDefinitions& global_columns,
                   const duckdb::vector<duckdb::ColumnIndex>& global_column_ids) const {
        const auto& fields = scan_->columns()->schema.fields;
        const size_t own = scan_->schema().fields.size();
        std::vector<AskedColumn> asked;
        for (const auto& id : global_column_ids) {
            const auto place = id.GetPrimaryIndex();
            if (duckdb::IsVirtualColumn(place)) continue;
            const bool is_constant = place < own
                                         ? scan_->entry().PartitionIndex(place) >= 0
                                         : ChangeValue(*listed.change, place - own).has_value();
            if (!is_constant) asked.push_back({place, &fields[place]});
        }
        auto& parquet = reader.Cast<duckdb::ParquetReader>();
        parquet.parquet_options.can_have_nan = true;  // bounds of floating point leave NaN out
        return FitToTable(parquet, listed.file->location, scan_->schema().by_id, asked,
                          global_columns);
    }

    std::shared_ptr<ScanInfo> scan_;
    std::shared_ptr<FileList> files_;
    const ParquetScan parquet_;
    std::map<duckdb::column_t, duckdb::MultiFileColumnDefinition> materialized_;
};

// What MultiFileReader::Create is given: the scan and its files.
struct ReaderInfo final : public duckdb::TableFunctionInfo {
    ReaderInfo(std::shared_ptr<ScanInfo> reader_scan, std::shared_ptr<FileList> reader_files,
               const ParquetScan& parquet_scan)
        : scan(std::move(reader_scan)), files(std::move(reader_files)), parquet(parquet_scan) {}
    std::shared_ptr<ScanInfo> scan;
    std::shared_ptr<FileList> files;
    ParquetScan parquet;
};

duckdb::unique_ptr<duckdb::MultiFileReader> CreateReader(const duckdb::TableFunction& function) {
    const auto& info = static_cast<const ReaderInfo&>(*function.function_info);
    return duckdb::make_uniq<TableReader>(info.scan, info.files, info.parquet);
}

}  // namespace

void ReadThroughTable(duckdb::TableFunction& function, std::shared_ptr<ScanInfo> scan,
                      std::shared_ptr<FileList> files) {
    function.get_multi_file_reader = CreateReader;
    function.function_info = duckdb::make_shared_ptr<ReaderInfo>(
        std::move(scan), std::move(files),
        ParquetScan{function.init_local, function.function, function.get_partition_data,
                    function.get_metrics});
    function.init_local = TableReader::StartThread;
    function.function = TableReader::ReadRows;
    function.get_partition_data = TableReader::PartitionOf;
    function.get_metrics = TableReader::MetricsOf;
}

}  // namespace tarn::engine::duck
