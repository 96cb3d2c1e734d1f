// The one place that knows every room: puts together a lake's store, catalog, engine and formats.
// All commands, and tests that need a whole lake, open it here.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/executor.h"
#include "base/random.h"
#include "catalog/catalog.h"
#include "catalog/lake_config.h"
#include "engine/access_policy.h"
#include "engine/flow_runner.h"
#include "engine/session.h"
#include "sql/dialect.h"
#include "storage/local_store.h"
#include "storage/memory_store.h"
#include "storage/router_store.h"
#include "table/table_format.h"

namespace tarn::cli {

struct LakeOptions {
    // Behind a door the engine reaches only the lake's storage roots, and its settings are locked.
    bool behind_door = false;
    // What sessions read until they are told. Only what a user types is in another than Tarn's:
    // ingest, models and APIs put their own statements together.
    sql::Dialect dialect = sql::Dialect::kTarn;
};

// An open lake. Thread-safe, as its parts are.
class Lake {
public:
    // Reads the catalog but writes nothing. InvalidInput, Unsupported, Corrupt, as Catalog::Open
    // and Engine::Open.
    static std::unique_ptr<Lake> Open(const catalog::LakeConfig& config,
                                      const LakeOptions& options = {});
    ~Lake();

    const catalog::LakeConfig& config() const { return catalog_->Config(); }
    Clock& clock() { return clock_; }
    Random& random() { return random_; }
    storage::ObjectStore& store() { return store_; }
    catalog::Catalog& catalog() { return *catalog_; }
    engine::Engine& engine() { return *engine_; }
    table::TableFormat& delta() { return *defaulting_delta_; }
    // A session of the owner of the lake's folder; `user` is who the history of statements names:
    // empty: who runs the process.
    std::unique_ptr<engine::Session> Connect(const std::string& user = "");

private:
    Lake() = default;

    RealClock clock_;
    RealRandom random_;
    storage::LocalStore local_;
    storage::MemoryStore memory_{clock_};
    storage::RouterStore store_{{&local_, &memory_}};
    std::unique_ptr<catalog::Catalog> catalog_;
    std::unique_ptr<engine::FlowRunner> flows_;
    engine::LocalOwnerPolicy policy_;
    // Made after the engine, outlive it.
    std::unique_ptr<table::TableFormat> delta_;
    std::unique_ptr<table::TableFormat> defaulting_delta_;
    std::unique_ptr<engine::Engine> engine_;
    // What comes behind commits; ends first, as it uses all of the above.
    BackgroundExecutor behind_commits_;
};

// Who runs the process, as the system names them.
std::string NameOfUser();

// The lake that a command means: `folder` when given, else the nearest one upward from here, else
// here.
catalog::LakeConfig FindLake(const std::string& folder);

}  // namespace tarn::cli
