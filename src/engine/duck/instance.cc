#include "engine/duck/instance.h"

#include <unistd.h>

#include "base/check.h"
#include "base/text.h"
#include "duckdb/main/database_manager.hpp"
#include "duckdb/parser/parsed_data/attach_info.hpp"
#include "engine/duck/catalog.h"
#include "engine/duck/client_state.h"
#include "engine/duck/dialect_setting.h"
#include "engine/duck/errors.h"
#include "engine/duck/field_check.h"
#include "engine/duck/joined_target.h"
#include "engine/duck/known_aggregates.h"
#include "engine/duck/metadata_column.h"
#include "engine/duck/page_guard.h"
#include "engine/duck/parquet_files.h"
#include "engine/duck/pii_functions.h"
#include "engine/duck/rule_functions.h"
#include "engine/duck/schema_evolution.h"
#include "engine/duck/session.h"
#include "engine/duck/spark_operators.h"
#include "engine/duck/statement_lineage.h"
#include "engine/duck/table_functions.h"
#include "engine/duck/variant_comparisons.h"
#include "engine/duck/variants.h"

namespace tarn::engine::duck {
namespace {

constexpr std::string_view kLibraryVersion = "v1.5.6";

// The C++ interface is bound to one exact version: with another library every call could go astray.
void CheckLibrary() {
    const std::string version = duckdb::DuckDB::LibraryVersion();
    if (version != kLibraryVersion) {
        throw Error(ErrorKind::kInternal,
                    "libduckdb.so is {}, Tarn was built for {}: run `make setup`", version,
                    kLibraryVersion);
    }
}

uint64_t MachineMemory() {
    const long pages = sysconf(_SC_PHYS_PAGES);
    const long size = sysconf(_SC_PAGESIZE);
    return static_cast<uint64_t>(pages) * static_cast<uint64_t>(size);
}

void Configure(duckdb::DBConfig& config, const EngineOptions& options) {
    config.options.maximum_memory =
        options.memory_limit_bytes > 0 ? options.memory_limit_bytes : MachineMemory() / 4 * 3;
    if (options.threads > 0)
        config.options.maximum_threads = static_cast<duckdb::idx_t>(options.threads);
    config.options.use_temporary_directory = !options.temp_folder.empty();
    config.options.temporary_directory = options.temp_folder;
    config.SetOptionByName("autoload_known_extensions", duckdb::Value::BOOLEAN(false));
    config.SetOptionByName("autoinstall_known_extensions", duckdb::Value::BOOLEAN(false));
    config.SetOptionByName("errors_as_json", duckdb::Value::BOOLEAN(true));
}

// Behind a door: only the allowed folders, and no statement changes that.
void LockDown(duckdb::DatabaseInstance& database, const EngineOptions& options) {
    duckdb::DBConfig& config = duckdb::DBConfig::GetConfig(database);
    config.AddAllowedDirectory(std::string(StoreFileSystem::kScheme));
    for (const std::string& folder : options.allowed_folders) config.AddAllowedDirectory(folder);
    if (!options.temp_folder.empty()) config.AddAllowedDirectory(options.temp_folder);
    config.SetOptionByName("enable_external_access", duckdb::Value::BOOLEAN(false));
    for (const char* name : {"schema", "search_path", "TimeZone", "dialect"})
        config.AddAllowedConfig(name);
    config.SetOptionByName("lock_configuration", duckdb::Value::BOOLEAN(true));
}

class DuckEngine final : public Engine {
public:
    DuckEngine(const EngineOptions& options, const EngineParts& parts) : core_(options, parts) {
        CheckLibrary();
        CheckPageGuard();
        try {
            duckdb::DBConfig config;
            Configure(config, options);
            LakeCatalog::Register(config, core_);
            // Before what changes plans.
            RegisterLineage(config);
            RegisterMetadataColumn(config);
            RegisterKnownAggregates(config);
            RegisterSchemaEvolution(config);
            RegisterJoinedTargets(config);
            RegisterVariantComparisons(config);
            RegisterDialect(config, options.dialect);
            RegisterFieldChecks(config);
            database_ = std::make_unique<duckdb::DuckDB>(nullptr, &config);
            core_.database = database_->instance.get();
            parquet_ = std::make_unique<DuckParquetFiles>(core_, *database_);
            auto files = duckdb::make_uniq<StoreFileSystem>(parts.store);
            core_.files = files.get();
            database_->instance->GetFileSystem().RegisterSubSystem(std::move(files));
            duckdb::DBConfig::GetConfig(*database_->instance)
                .SetOptionByName("TimeZone", duckdb::Value("UTC"));
            RegisterTableFunctions(core_, *database_->instance);
            RegisterVariants(*database_->instance);
            RegisterRuleFunctions(*database_->instance);
            RegisterSparkOperators(*database_->instance);
            AttachLake();
            if (!options.allow_external_access) LockDown(*database_->instance, options);
        } catch (const std::exception& error) {
            throw FromException(error);
        }
    }

    table::ParquetFiles& Parquet() override { return *parquet_; }
    void AddFormat(table::TableFormat& format) override { core_.AddFormat(format); }
    duckdb::DatabaseInstance& Database() { return *database_->instance; }
    std::unique_ptr<Session> Connect(const Principal& principal) override {
        return std::make_unique<DuckSession>(core_, *database_->instance, principal);
    }

private:
    // The lake is the only database that a session sees, and its default.
    void AttachLake() {
        duckdb::Connection connection(*database_);
        duckdb::ClientContext& client = *connection.context;
        client.RunFunctionInTransaction([&] {
            auto& databases = duckdb::DatabaseManager::Get(client);
            const std::string own = duckdb::DatabaseManager::GetDefaultDatabase(client);
            duckdb::AttachInfo info;
            info.name = core_.parts.directory.CatalogName();
            std::unordered_map<std::string, duckdb::Value> named;
            named["type"] = duckdb::Value(LakeCatalog::kType);
            duckdb::AttachOptions attach_options(named, duckdb::AccessMode::READ_WRITE);
            databases.AttachDatabase(client, info, attach_options);
            databases.SetDefaultDatabase(client, info.name);
            databases.DetachDatabase(client, own, duckdb::OnEntryNotFound::THROW_EXCEPTION);
        });
    }

    Core core_;
    std::unique_ptr<duckdb::DuckDB> database_;
    std::unique_ptr<DuckParquetFiles> parquet_;
};

}  // namespace

table::TableFormat& Core::FormatNamed(std::string_view name) {
    if (table::TableFormat* format = Find(name)) return *format;
    throw Error(ErrorKind::kUnsupported, "there is no table format named {}", name);
}

bool Core::HasFormat(std::string_view name) { return Find(name) != nullptr; }

table::TableFormat* Core::Find(std::string_view name) {
    const std::lock_guard lock(mutex_);
    for (table::TableFormat* format : formats_) {
        if (EqualsIgnoreCase(format->Name(), name)) return format;
    }
    return nullptr;
}

void Core::AddFormat(table::TableFormat& format) {
    const std::lock_guard lock(mutex_);
    formats_.push_back(&format);
}

}  // namespace tarn::engine::duck

namespace tarn::engine {

std::unique_ptr<Engine> Engine::Open(const EngineOptions& options, const EngineParts& parts) {
    return std::make_unique<duck::DuckEngine>(options, parts);
}

void AddPiiFunctions(Engine& engine, PiiKeys keys) {
    duck::RegisterPiiFunctions(dynamic_cast<duck::DuckEngine&>(engine).Database(), std::move(keys));
}

}  // namespace tarn::engine
