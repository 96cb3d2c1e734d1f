#include "cli/compose.h"

#include <cstdlib>
#include <filesystem>
#include <vector>

#include <pwd.h>
#include <unistd.h>

#include "catalog/table_defaults.h"
#include "delta/format.h"
#include "engine/pii_functions.h"
#include "pipeline/change_flow_runner.h"

namespace tarn::cli {

std::string NameOfUser() {
    constexpr size_t kMostBytes = 16 << 10;
    std::vector<char> buffer(kMostBytes);
    passwd entry{};
    passwd* found = nullptr;
    const uid_t user = geteuid();
    if (getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
        return std::to_string(user);
    return found->pw_name;
}

std::unique_ptr<Lake> Lake::Open(const catalog::LakeConfig& config, const LakeOptions& options) {
    std::unique_ptr<Lake> lake(new Lake());
    lake->catalog_ = catalog::Catalog::Open(config, lake->clock_, lake->random_);
    lake->catalog_->Runs().WriteAs(NameOfUser());
    // Set by whoever runs this process as a task of a job.
    if (const char* job_run = std::getenv("TARN_JOB_RUN")) lake->catalog_->Runs().BelongTo(job_run);
    engine::EngineOptions engine;
    engine.memory_limit_bytes = config.memory_limit_bytes;
    engine.threads = config.threads;
    engine.dialect = options.dialect;
    // A folder for each process, as spilled files have the same names in each; not in the lake,
    // where reading must leave nothing.
    const auto spill =
        std::filesystem::temp_directory_path() / fmt::format("tarn-spill-{}", getpid());
    engine.temp_folder = spill.string();
    engine.allow_external_access = !options.behind_door;
    engine.lineage = options.behind_door && config.lineage_of_queries
                         ? engine::LineageReading::kAll
                         : engine::LineageReading::kWrites;
    if (options.behind_door) engine.allowed_folders = {config.root, config.warehouse};
    lake->flows_ = std::make_unique<pipeline::ChangeFlowRunner>(*lake->catalog_);
    lake->engine_ = engine::Engine::Open(
        engine, {lake->store_, *lake->catalog_, lake->policy_, lake->clock_, lake->random_,
                 &lake->catalog_->Queries(), lake->flows_.get()});
    // Who may ask behind a door could try all values there are, so that no key is given there.
    engine::PiiKeys keys;
    if (!options.behind_door) {
        keys = [](const std::string& name) -> std::optional<std::string> {
            const char* key = std::getenv(engine::PiiKeyVariable(name).c_str());
            return key == nullptr ? std::nullopt : std::optional<std::string>(key);
        };
    }
    engine::AddPiiFunctions(*lake->engine_, std::move(keys));
    delta::FormatOptions delta;
    delta.executor = &lake->behind_commits_;
    lake->delta_ = std::make_unique<delta::Format>(lake->store_, lake->engine_->Parquet(),
                                                   lake->clock_, lake->random_, delta);
    lake->defaulting_delta_ =
        std::make_unique<catalog::DefaultingFormat>(*lake->delta_, config.table_defaults);
    lake->engine_->AddFormat(*lake->defaulting_delta_);
    return lake;
}

Lake::~Lake() = default;

std::unique_ptr<engine::Session> Lake::Connect(const std::string& user) {
    engine::Principal owner;
    owner.name = user.empty() ? NameOfUser() : user;
    owner.is_local_owner = true;
    return engine_->Connect(owner);
}

catalog::LakeConfig FindLake(const std::string& folder) {
    if (!folder.empty()) return catalog::LakeConfig::Load(folder);
    const std::string here = std::filesystem::current_path().string();
    return catalog::LakeConfig::Load(catalog::FindLakeFolder(here).value_or(here));
}

}  // namespace tarn::cli
