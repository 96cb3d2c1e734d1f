// Maintenance of a lake's tables: plans what is worth doing, and does it by the statements that a
// user would give (OPTIMIZE, VACUUM, CHECKPOINT), so that it commits as any writer and other
// writers' commits come first. Advice on layout comes from the history of statements. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/query_history.h"
#include "engine/session.h"
#include "engine/table_directory.h"
#include "upkeep/layout_advice.h"

namespace tarn::pipeline {

inline constexpr const char* kMaintenanceUser = "tarn maintenance";

struct MaintenanceOptions {
    std::vector<std::string> tables;  // as SQL names them; none: every table of the lake
    bool is_dry_run = false;
    uint64_t most_bytes = uint64_t{10} << 30;  // that are written again, in all
    // Asked before each step: true ends the run there (the lake has other work).
    std::function<bool()> must_stop = [] { return false; };
};

enum class StepState { kPlanned, kDone, kFailed, kLeft };
std::string_view NameOf(StepState state);  // "planned", "done", "failed", "left"

struct MaintenanceStep {
    std::string table{};
    // "cluster by" (columns are chosen), "compact", "purge", "cluster", "vacuum", "checkpoint"
    std::string action{};
    StepState state = StepState::kPlanned;
    uint64_t files = 0;  // that are written again, or deleted
    uint64_t bytes = 0;
    uint64_t files_after = 0;     // that take their place
    uint64_t deferred_bytes = 0;  // beyond the budget, for the next run
    std::string detail{};         // why it failed, or was left
};

// What the tables' writers and their maintenance wrote, as far as the history of statements goes.
struct WriteCost {
    std::string table{};
    uint64_t written_bytes = 0;    // by statements that brought or changed rows
    uint64_t rewritten_bytes = 0;  // by maintenance
    // How often a byte was written; 0: nothing was.
    double Amplification() const;
    // "main.t: write amplification 1.9x (...)"; empty: nothing was written.
    std::string ToString() const;
};

struct MaintenanceReport {
    std::vector<MaintenanceStep> steps;
    std::vector<WriteCost> costs;  // a table each
    bool HasFailed() const;
};

struct TableAdvice {
    std::string table;
    upkeep::LayoutAdvice advice;
};

class Maintenance {
public:
    // All outlive it. The session should be that of kMaintenanceUser.
    Maintenance(engine::Session& session, engine::TableDirectory& directory,
                engine::QueryHistory& history)
        : session_(session), directory_(directory), history_(history) {}

    // A step that fails is told of, and the next ones run; Cancelled ends the run. NotFound for a
    // table that is not there.
    MaintenanceReport Run(const MaintenanceOptions& options);
    std::vector<TableAdvice> Advise(const std::vector<std::string>& tables);

private:
    std::vector<engine::TableName> TablesOf(const std::vector<std::string>& named);
    std::vector<MaintenanceStep> PlanOf(const engine::TableName& table, uint64_t most_bytes);
    MaintenanceStep PlanVacuum(const engine::TableName& table);
    void Do(const std::vector<MaintenanceStep*>& steps, const std::string& statement,
            uint64_t most_bytes);
    WriteCost CostOf(const engine::TableName& table);

    engine::Session& session_;
    engine::TableDirectory& directory_;
    engine::QueryHistory& history_;
};

}  // namespace tarn::pipeline
