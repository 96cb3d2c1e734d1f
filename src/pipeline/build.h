// `tarn build`: runs a project's graph over one session, node by node, each node one commit a table
// that carries the run's number. A build that was killed or failed is run again without losing or
// doubling a row. Leaves dbt's artifacts in the target folder: manifest.json, run_results.json and
// the SQL of each node.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/random.h"
#include "catalog/catalog.h"
#include "engine/session.h"
#include "pipeline/lineage_events.h"
#include "pipeline/loaded_project.h"
#include "pipeline/model.h"
#include "storage/object_store.h"

namespace tarn::pipeline {

enum class NodeState {
    kDone,      // written, or a test that holds
    kUpToDate,  // nothing to do: same SQL, same inputs, the table is as the last run left it
    kWarned,    // done, and a test of severity warn does not hold
    kFailed,
    kSkipped,  // something that it reads failed, or the build was cancelled
};
std::string_view NameOf(NodeState state);  // "done"

struct NodeReport {
    std::string id;
    std::string unique_id;      // dbt's: "model.shop.orders"
    std::string service_level;  // of a model: how fresh it is kept, as its YAML says
    std::string kind;  // "table", "incremental", "view", "seed", "test", "unit_test", "operation"
    NodeState state = NodeState::kDone;
    int64_t rows_in = 0;  // 0 where rows are not counted
    int64_t rows_written = 0;
    int64_t rows_dropped = 0;
    int64_t rows_quarantined = 0;
    int64_t rows_duplicate = 0;
    int64_t files_written = 0;
    int64_t bytes_written = 0;
    std::optional<int64_t> failures;  // of a test that was counted
    TimestampUs started{};
    double seconds = 0;
    std::optional<int64_t> target_version;
    // Of a failed node: what() of its error. Of a skipped one: because of what.
    std::string message;
    std::vector<std::string> notices;  // broken rules, failed tests, rebuilt in full
    std::string compiled;              // its SELECT, at the versions that it read
    std::string statement;             // that wrote its table
    std::string run_id;                // of its first run in ops.runs, where it has one there
    bool is_cancelled = false;         // a failed one: by the user
    // Of the statements that wrote its tables.
    std::vector<std::shared_ptr<const engine::StatementLineage>> lineages;

    bool IsTest() const { return kind == "test" || kind == "unit_test"; }
};

// Told of the progress, on the building thread.
class BuildObserver {
public:
    virtual ~BuildObserver() = default;
    virtual void OnMessage(const std::string& /*words of a template, or of its project*/) {}
    virtual void OnPlan(const std::vector<std::string>& /*ids in run order*/) {}
    virtual void OnNodeStart(const std::string& /*id*/, size_t /*index*/, size_t /*count*/) {}
    virtual void OnNodeEnd(const NodeReport& /*report*/, size_t /*index*/, size_t /*count*/) {}
};

// `tarn backfill`: models that are made by intervals make those of a span that are not known yet.
struct Backfill {
    bool again = false;       // the known ones, too
    size_t most_batches = 0;  // of a model; 0: all
    DurationUs pause{};       // between two batches
};

struct BuildRequest : ProjectRequest {
    std::string command = "build";  // as artifacts name it
    bool full_refresh = false;      // incremental models from scratch, nothing is up to date
    bool fail_fast = false;         // the first failure ends the build
    // A further round over what was built before: views that are there and tests of what is up to
    // date are left alone, and a round without work leaves no artifacts.
    bool only_changed = false;
    bool store_failures = false;  // of tests that do not say themselves
    // Which batches of microbatch models are made: "2024-01-01"; empty: those that are due.
    std::string event_time_start;
    std::string event_time_end;
    std::optional<Backfill> backfill;    // nothing but that is done
    std::string purpose = "tarn build";  // shown to a second build that is refused
};

// What a build stands on; all of it outlives the build.
struct BuildParts {
    catalog::Catalog& catalog;
    engine::Session& session;
    storage::ObjectStore& store;
    Clock& clock;
    Random& random;
    BuildObserver& observer;
    CancelToken cancel;
    std::function<std::optional<std::string>(const std::string&)> environment;  // for env_var
    LineageEventOptions lineage = {};  // who is told of the build
};

struct BuildReport {
    std::string build_id;
    std::vector<NodeReport> nodes;
    std::vector<NodeReport> hooks;  // of the build, before its nodes and behind them
    TimestampUs started{};
    double seconds = 0;

    size_t Count(NodeState state) const;
    bool HasFailed() const;
};

// Reads the lake's project, checks all of it, and builds. Before anything is written: InvalidInput
// with file, line and column for a mistake in the project (Unsupported for what this version does
// not build), Conflict when another build holds the lake. A node that fails is in the report, not
// thrown; so is a hook of the build, and where one before it fails, no node is run.
BuildReport Build(const BuildRequest& request, const BuildParts& parts);

}  // namespace tarn::pipeline
