#include "engine/duck/parquet_files.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

#include <parquet_reader.hpp>

#include "duckdb/common/arrow/arrow_converter.hpp"
#include "duckdb/common/multi_file/multi_file_reader.hpp"
#include "duckdb/common/multi_file/multi_file_states.hpp"
#include "duckdb/common/type_visitor.hpp"
#include "duckdb/execution/execution_context.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/parallel/task_scheduler.hpp"
#include "duckdb/parallel/thread_context.hpp"
#include "duckdb/parser/keyword_helper.hpp"
#include "duckdb/parser/tableref/table_function_ref.hpp"
#include "duckdb/planner/filter/conjunction_filter.hpp"
#include "duckdb/planner/filter/constant_filter.hpp"
#include "engine/duck/arrow_input.h"
#include "engine/duck/errors.h"
#include "engine/duck/file_calendar.h"
#include "engine/duck/run_to_end.h"
#include "engine/duck/store_file_system.h"

namespace tarn::engine::duck {
namespace {

struct FileInfo final : public duckdb::TableFunctionInfo {
    explicit FileInfo(std::string file_location) : location(std::move(file_location)) {}
    const std::string location;
};

// Reads one file that SQL cannot name.
class OneFileReader final : public duckdb::MultiFileReader {
public:
    explicit OneFileReader(std::string location) : location_(std::move(location)) {}
    static duckdb::unique_ptr<duckdb::MultiFileReader> Create(
        const duckdb::TableFunction& function) {
        return duckdb::make_uniq<OneFileReader>(
            static_cast<const FileInfo&>(*function.function_info).location);
    }
    duckdb::unique_ptr<duckdb::MultiFileReader> Copy() const override {
        return duckdb::make_uniq<OneFileReader>(location_);
    }
    duckdb::shared_ptr<duckdb::MultiFileList> CreateFileList(
        duckdb::ClientContext&, const duckdb::vector<std::string>&,
        const duckdb::FileGlobInput&) override {
        duckdb::vector<duckdb::OpenFileInfo> files{StoreFileSystem::FileToRead(location_)};
        return duckdb::make_shared_ptr<duckdb::SimpleMultiFileList>(std::move(files));
    }

private:
    const std::string location_;
};

// Where a wanted path leads in a type: the index of each field on the way; nothing when the type
// lacks it.
std::optional<std::vector<duckdb::idx_t>> Locate(const duckdb::LogicalType& type,
                                                 const std::vector<std::string>& path,
                                                 size_t depth = 1) {
    if (depth == path.size()) return std::vector<duckdb::idx_t>{};
    if (type.id() != duckdb::LogicalTypeId::STRUCT) return std::nullopt;
    const auto& fields = duckdb::StructType::GetChildTypes(type);
    for (duckdb::idx_t i = 0; i < fields.size(); i++) {
        if (fields[i].first != path[depth]) continue;
        auto below = Locate(fields[i].second, path, depth + 1);
        if (below) below->insert(below->begin(), i);
        return below;
    }
    return std::nullopt;
}

// The path that tells most cheaply whether a row has the struct: its first scalar field.
std::vector<duckdb::idx_t> PresencePath(const duckdb::LogicalType& type) {
    if (type.id() != duckdb::LogicalTypeId::STRUCT) return {};
    const auto& fields = duckdb::StructType::GetChildTypes(type);
    for (duckdb::idx_t i = 0; i < fields.size(); i++) {
        if (!fields[i].second.IsNested()) return {i};
    }
    return {};
}

void AddPath(duckdb::ColumnIndex& index, const std::vector<duckdb::idx_t>& path) {
    duckdb::ColumnIndex* at = &index;
    for (const duckdb::idx_t step : path) {
        auto& children = at->GetChildIndexesMutable();
        auto found = std::find_if(children.begin(), children.end(), [&](const auto& child) {
            return child.GetPrimaryIndex() == step;
        });
        if (found == children.end()) found = children.emplace(children.end(), step);
        at = &*found;
    }
}

bool HasTimes(const duckdb::LogicalType& type) {
    return duckdb::TypeVisitor::Contains(type, [](const duckdb::LogicalType& part) {
        return part.id() == duckdb::LogicalTypeId::DATE ||
               part.id() == duckdb::LogicalTypeId::TIMESTAMP ||
               part.id() == duckdb::LogicalTypeId::TIMESTAMP_TZ;
    });
}

// Leaves dates and instants out of what the index names of the type; false when nothing stays.
bool LeaveTimesOut(duckdb::ColumnIndex& index, const duckdb::LogicalType& type) {
    if (!HasTimes(type)) return true;
    if (type.id() != duckdb::LogicalTypeId::STRUCT) return false;
    const auto& fields = duckdb::StructType::GetChildTypes(type);
    duckdb::vector<duckdb::ColumnIndex> named = index.GetChildIndexes();
    for (duckdb::idx_t i = 0; i < fields.size() && !index.HasChildren(); i++) named.emplace_back(i);
    auto& kept = index.GetChildIndexesMutable();
    kept.clear();
    for (duckdb::ColumnIndex& child : named) {
        if (LeaveTimesOut(child, fields[child.GetPrimaryIndex()].second))
            kept.push_back(std::move(child));
    }
    return !kept.empty();
}

// A struct with only the fields that the index names, in their order; other types as they are.
duckdb::LogicalType Narrowed(const duckdb::LogicalType& type, const duckdb::ColumnIndex& index) {
    if (!index.HasChildren()) return type;
    const auto& all = duckdb::StructType::GetChildTypes(type);
    duckdb::child_list_t<duckdb::LogicalType> fields;
    for (const duckdb::ColumnIndex& child : index.GetChildIndexes()) {
        const auto& [name, field] = all[child.GetPrimaryIndex()];
        fields.emplace_back(name, Narrowed(field, child));
    }
    return duckdb::LogicalType::STRUCT(std::move(fields));
}

// Makes `to`, of the narrowed type, show the rows of `from`.
void ShowNarrowed(duckdb::Vector& from, const duckdb::ColumnIndex& index, duckdb::idx_t count,
                  duckdb::Vector& to) {
    if (!index.HasChildren()) {
        to.Reference(from);
        return;
    }
    from.Flatten(count);
    to.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    duckdb::FlatVector::SetValidity(to, duckdb::FlatVector::Validity(from));
    auto& all = duckdb::StructVector::GetEntries(from);
    auto& fields = duckdb::StructVector::GetEntries(to);
    for (duckdb::idx_t i = 0; i < index.ChildIndexCount(); i++) {
        const duckdb::ColumnIndex& child = index.GetChildIndex(i);
        ShowNarrowed(*all[child.GetPrimaryIndex()], child, count, *fields[i]);
    }
}

// One pass over one file on a connection of its own; workers share what it hands out.
class FileScan {
public:
    FileScan(duckdb::DuckDB& database, const std::string& location,
             const table::ParquetReadOptions& options)
        : connection_(database) {
        connection_.BeginTransaction();
        duckdb::ExtensionLoader loader(*connection_.context->db, "tarn");
        function_ = loader.GetTableFunction("parquet_scan").functions.GetFunctionByOffset(0);
        function_.get_multi_file_reader = OneFileReader::Create;
        function_.function_info = duckdb::make_shared_ptr<FileInfo>(location);
        Bind();
        Choose(options);
        if (columns_.empty()) return;
        input_ = duckdb::make_uniq<duckdb::TableFunctionInitInput>(
            bind_data_.get(), columns_, duckdb::vector<duckdb::idx_t>(),
            filters_.filters.empty() ? nullptr : &filters_);
        global_state_ = function_.init_global(*connection_.context, *input_);
        for (size_t i = 0; i < types_.size(); i++) {
            shown_types_.push_back(Narrowed(types_[i], columns_[i]));
        }
        properties_ = connection_.context->GetClientProperties();
        casts_ =
            duckdb::ArrowTypeExtensionData::GetExtensionTypes(*connection_.context, shown_types_);
    }

    void Run(const table::ParquetFiles::TakeBatch& take) {
        if (columns_.empty()) return;
        const duckdb::idx_t most =
            duckdb::TaskScheduler::GetScheduler(*connection_.context).NumberOfThreads();
        const duckdb::idx_t workers = std::min(most, global_state_->MaxThreads());
        std::vector<std::thread> threads;
        for (duckdb::idx_t i = 1; i < workers; i++) threads.emplace_back([&] { Work(take); });
        Work(take);
        for (std::thread& thread : threads) thread.join();
        if (failure_) std::rethrow_exception(failure_);
    }

private:
    void Bind() {
        duckdb::vector<duckdb::Value> arguments{duckdb::Value("")};
        duckdb::named_parameter_map_t parameters;
        duckdb::vector<duckdb::LogicalType> input_types;
        duckdb::vector<std::string> input_names;
        duckdb::TableFunctionRef reference;
        duckdb::TableFunctionBindInput input(arguments, parameters, input_types, input_names,
                                             function_.function_info.get(), nullptr, function_,
                                             reference);
        bind_data_ = function_.bind(*connection_.context, input, types_, names_);
        bind_data_->Cast<duckdb::MultiFileBindData>().virtual_columns =
            function_.get_virtual_columns(*connection_.context, bind_data_.get());
    }

    void Choose(const table::ParquetReadOptions& options) {
        duckdb::vector<duckdb::LogicalType> types;
        duckdb::vector<std::string> names;
        for (duckdb::idx_t i = 0; i < names_.size(); i++) {
            duckdb::ColumnIndex index(i);
            bool is_wanted = options.columns.empty() && options.presence.empty();
            for (const std::vector<std::string>& path : options.columns) {
                if (path.front() != names_[i]) continue;
                const auto below = Locate(types_[i], path);
                if (!below) continue;
                is_wanted = true;
                AddPath(index, *below);
            }
            if (std::find(options.presence.begin(), options.presence.end(), names_[i]) !=
                options.presence.end()) {
                is_wanted = true;
                AddPath(index, PresencePath(types_[i]));
            }
            if (!is_wanted || (IsHybrid() && !LeaveTimesOut(index, types_[i]))) continue;
            columns_.push_back(std::move(index));
            types.push_back(types_[i]);
            names.push_back(names_[i]);
        }
        if ((options.with_row_numbers || options.rows) && !columns_.empty()) {
            columns_.emplace_back(duckdb::MultiFileReader::COLUMN_IDENTIFIER_FILE_ROW_NUMBER);
            types.push_back(duckdb::LogicalType::BIGINT);
            names.emplace_back(table::kRowNumberColumn);
        }
        if (options.rows) Keep(*options.rows);
        types_ = std::move(types);
        names_ = std::move(names);
    }

    // Are times in it counted otherwise than the metadata's readers would take them.
    bool IsHybrid() const {
        const auto& reader = bind_data_->Cast<duckdb::MultiFileBindData>().initial_reader;
        const FileCalendar calendar =
            CalendarOf(*reader->Cast<duckdb::ParquetReader>().GetFileMetadata());
        return calendar.is_hybrid || calendar.int96_is_hybrid;
    }

    void Keep(const table::RowRange& rows) {
        auto both = duckdb::make_uniq<duckdb::ConjunctionAndFilter>();
        const auto add = [&](duckdb::ExpressionType comparison, int64_t bound) {
            both->child_filters.push_back(duckdb::make_uniq<duckdb::ConstantFilter>(
                comparison, duckdb::Value::BIGINT(bound)));
        };
        add(duckdb::ExpressionType::COMPARE_GREATERTHANOREQUALTO, rows.first);
        add(duckdb::ExpressionType::COMPARE_LESSTHANOREQUALTO, rows.last);
        filters_.filters.emplace(columns_.size() - 1, std::move(both));
    }

    // On any thread; the first failure ends all workers.
    void Work(const table::ParquetFiles::TakeBatch& take) noexcept {
        try {
            WorkToEnd(take);
        } catch (...) {  // a thread's boundary
            const std::lock_guard lock(mutex_);
            if (!failure_) failure_ = std::current_exception();
            has_failed_ = true;
        }
    }

    void WorkToEnd(const table::ParquetFiles::TakeBatch& take) {
        duckdb::ClientContext& client = *connection_.context;
        duckdb::ThreadContext thread(client);
        duckdb::ExecutionContext execution(client, thread, nullptr);
        auto local_state = function_.init_local(execution, *input_, global_state_.get());
        if (!local_state) return;  // the others have taken everything
        ArrowSchema schema;
        duckdb::ArrowConverter::ToArrowSchema(&schema, shown_types_, names_, properties_);
        const std::unique_ptr<ArrowSchema, void (*)(ArrowSchema*)> own_schema(
            &schema, [](ArrowSchema* owned) { owned->release(owned); });
        duckdb::DataChunk chunk;
        chunk.Initialize(client, types_);
        duckdb::DataChunk shown;
        shown.Initialize(client, shown_types_);
        while (!has_failed_) {
            chunk.Reset();
            duckdb::TableFunctionInput input(bind_data_.get(), local_state.get(),
                                             global_state_.get());
            function_.function(client, input, chunk);
            if (chunk.size() == 0) return;
            shown.Reset();
            for (size_t i = 0; i < columns_.size(); i++) {
                ShowNarrowed(chunk.data[i], columns_[i], chunk.size(), shown.data[i]);
            }
            shown.SetCardinality(chunk.size());
            ArrowArray batch;
            duckdb::ArrowConverter::ToArrowArray(shown, &batch, properties_, casts_);
            const std::unique_ptr<ArrowArray, void (*)(ArrowArray*)> own_batch(
                &batch, [](ArrowArray* owned) { owned->release(owned); });
            take(schema, batch);
        }
    }

    duckdb::Connection connection_;
    duckdb::TableFunction function_;
    duckdb::vector<duckdb::LogicalType> types_;        // as the reader gives them
    duckdb::vector<duckdb::LogicalType> shown_types_;  // with the wanted fields only
    duckdb::vector<std::string> names_;
    duckdb::vector<duckdb::ColumnIndex> columns_;
    duckdb::TableFilterSet filters_;
    duckdb::unique_ptr<duckdb::FunctionData> bind_data_;
    duckdb::unique_ptr<duckdb::TableFunctionInitInput> input_;
    duckdb::unique_ptr<duckdb::GlobalTableFunctionState> global_state_;
    duckdb::ClientProperties properties_;
    duckdb::unordered_map<duckdb::idx_t, const duckdb::shared_ptr<duckdb::ArrowTypeExtensionData>>
        casts_;
    std::mutex mutex_;
    std::exception_ptr failure_;
    std::atomic<bool> has_failed_ = false;
};

}  // namespace

void DuckParquetFiles::Scan(const std::string& location, const table::ParquetReadOptions& options,
                            const TakeBatch& take) {
    try {
        FileScan(database_, location, options).Run(take);
    } catch (const Error&) {
        throw;
    } catch (const std::exception& exception) {
        throw AboutStoredFile(location, exception);
    }
}

uint64_t DuckParquetFiles::Write(const std::string& location, table::RowSource& rows) {
    try {
        duckdb::Connection connection(database_);
        ArrowInput input(location);
        input.SetOnce(&rows);
        connection.TableFunction(kArrowScan, input.ScanArguments())
            ->CreateView("tarn_rows", true, true);
        const StoreFileSystem::WritePermit permit(*core_.files, location);
        const std::string path =
            duckdb::KeywordHelper::WriteQuoted(StoreFileSystem::PathOf(location), '\'');
        auto result = RunToEnd(
            connection, "COPY (SELECT * FROM temp.main.tarn_rows) TO " + path +
                            " (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, "
                            "USE_TMP_FILE false, PRESERVE_ORDER false, ROW_GROUP_SIZE 32768)");
        if (result->HasError()) throw FromDuck(result->GetErrorObject()).error;
        const auto written = core_.parts.store.Stat(location);
        if (!written)
            throw Error(ErrorKind::kUnavailable, "{} is gone after it was written", location);
        return written->size_bytes;
    } catch (const Error&) {
        throw;
    } catch (const std::exception& exception) {
        throw FromException(exception);
    }
}

}  // namespace tarn::engine::duck
