#include "engine/duck/parquet_files.h"

#include <algorithm>

#include "duckdb/common/arrow/arrow_converter.hpp"
#include "duckdb/common/multi_file/multi_file_reader.hpp"
#include "duckdb/execution/execution_context.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/parallel/thread_context.hpp"
#include "duckdb/parser/keyword_helper.hpp"
#include "duckdb/parser/tableref/table_function_ref.hpp"
#include "engine/duck/arrow_input.h"
#include "engine/duck/errors.h"
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

class FileRows final : public table::RowSource {
public:
    FileRows(duckdb::DuckDB& database, const std::string& location,
             const table::ParquetReadOptions& options)
        : connection_(database), location_(location) {
        connection_.BeginTransaction();
        duckdb::ExtensionLoader loader(*connection_.context->db, "tarn");
        function_ = loader.GetTableFunction("parquet_scan").functions.GetFunctionByOffset(0);
        function_.get_multi_file_reader = OneFileReader::Create;
        function_.function_info = duckdb::make_shared_ptr<FileInfo>(location);
        Bind();
        Choose(options);
        Start();
    }

    void GetSchema(ArrowSchema* out) override {
        auto properties = connection_.context->GetClientProperties();
        duckdb::ArrowConverter::ToArrowSchema(out, types_, names_, properties);
    }

    bool Next(ArrowArray* out) override {
        try {
            return Fetch(out);
        } catch (const std::exception& exception) {
            throw AboutStoredFile(location_, exception);
        }
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
    }

    void Choose(const table::ParquetReadOptions& options) {
        duckdb::vector<duckdb::LogicalType> types;
        duckdb::vector<std::string> names;
        for (size_t i = 0; i < names_.size(); i++) {
            const auto& wanted = options.columns;
            if (!wanted.empty() &&
                std::find(wanted.begin(), wanted.end(), names_[i]) == wanted.end())
                continue;
            column_ids_.push_back(i);
            types.push_back(types_[i]);
            names.push_back(names_[i]);
        }
        types_ = std::move(types);
        names_ = std::move(names);
    }

    void Start() {
        is_empty_ = column_ids_.empty();
        if (is_empty_) return;
        thread_ = duckdb::make_uniq<duckdb::ThreadContext>(*connection_.context);
        execution_ =
            duckdb::make_uniq<duckdb::ExecutionContext>(*connection_.context, *thread_, nullptr);
        duckdb::TableFunctionInitInput init(bind_data_.get(), column_ids_,
                                            duckdb::vector<duckdb::idx_t>(), nullptr);
        global_state_ = function_.init_global(*connection_.context, init);
        local_state_ = function_.init_local(*execution_, init, global_state_.get());
        chunk_.Initialize(*connection_.context, types_);
    }

    bool Fetch(ArrowArray* out) {
        if (is_empty_) return false;
        chunk_.Reset();
        duckdb::TableFunctionInput input(bind_data_.get(), local_state_.get(), global_state_.get());
        function_.function(*connection_.context, input, chunk_);
        if (chunk_.size() == 0) return false;
        const auto casts =
            duckdb::ArrowTypeExtensionData::GetExtensionTypes(*connection_.context, types_);
        duckdb::ArrowConverter::ToArrowArray(chunk_, out,
                                             connection_.context->GetClientProperties(), casts);
        return true;
    }

    duckdb::Connection connection_;
    const std::string location_;
    duckdb::TableFunction function_;
    duckdb::vector<duckdb::LogicalType> types_;
    duckdb::vector<std::string> names_;
    duckdb::vector<duckdb::column_t> column_ids_;
    bool is_empty_ = false;
    duckdb::unique_ptr<duckdb::FunctionData> bind_data_;
    duckdb::unique_ptr<duckdb::ThreadContext> thread_;
    duckdb::unique_ptr<duckdb::ExecutionContext> execution_;
    duckdb::unique_ptr<duckdb::GlobalTableFunctionState> global_state_;
    duckdb::unique_ptr<duckdb::LocalTableFunctionState> local_state_;
    duckdb::DataChunk chunk_;
};

}  // namespace

std::unique_ptr<table::RowSource> DuckParquetFiles::Read(const std::string& location,
                                                         const table::ParquetReadOptions& options) {
    try {
        return std::make_unique<FileRows>(database_, location, options);
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
        auto result = connection.Query("COPY (SELECT * FROM temp.main.tarn_rows) TO " + path +
                                       " (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)");
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
