// Rows of a model that were set aside are judged once more, by what the model says today: those
// that pass go to its table as its strategy has it, exactly once, the others stay with the rules
// that they break now. Two commits, the quarantine's first, both marked with the run's number
// (ReplayMark); what a kill behind each step leaves:
//   1 stage (temporary table)    nothing is written
//   2 Start in the run log       the run is cancelled by the next command (SettleCutRuns)
//   3 commit to the quarantine   the next replay, discard or build puts the rows back there
//   4 commit to the target       the run is done, whatever the log says
//   5 Finish in the run log
// Not thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"
#include "catalog/catalog.h"
#include "engine/session.h"
#include "pipeline/loaded_project.h"
#include "pipeline/quarantine.h"
#include "pipeline/row_stage.h"
#include "pipeline/table_writer.h"
#include "quality/row_law.h"
#include "quality/row_split.h"

namespace tarn::pipeline {

struct ReplayRequest {
    std::string name{};  // Quarantine::Find
    WaitingRows rows{};
    std::vector<std::string> fixes{};  // "column = expression", over the row as it waits
    // Where the model declares no order (`deduplicate.order_by`), rows of the table whose key a
    // replayed one has give way to it; else it stays, as `key_is_there`.
    bool overwrite = false;
    bool is_dry_run = false;  // says what it would do
};

struct ReplayReport {
    std::string node;
    engine::TableName quarantine;
    quality::RowCounts counts;  // `quarantined`: those that stay
    RowsByRule staying;         // by what
    std::vector<std::string> notices;
    std::optional<int64_t> run_number;
    std::optional<int64_t> target_version;
};

struct ReplayParts {
    catalog::Catalog& catalog;
    engine::Session& session;
    CancelToken cancel{};
};

class Replay {
public:
    // All but `request` outlives it. Before anything is written: NotFound; InvalidInput: a fix or a
    // condition is none, or the rows lack columns of the table; Unsupported: each build makes the
    // table, or parts of it, anew, so that it would lose what is replayed.
    Replay(LoadedProject& loaded, const ReplayParts& parts, ReplayRequest request);

    // Conflict: a build holds the lake, or one that was cut is to be finished first. What fails on
    // the way is undone.
    ReplayReport Run();

private:
    const Node& FindNode() const;
    void CheckReplays() const;
    // The columns that the fixed rows have; those that the table lacks are told of.
    void CheckColumns();
    void CheckNoBuildIsCut();
    bool IsQuarantineOnly(const std::string& column) const;
    quality::SplitPlan PlanOf(int64_t version) const;
    quality::Rivals RivalsOf() const;
    std::vector<std::string> SharedColumns() const;
    void HoldToContracts(const RowStage& stage, const std::string& select,
                         std::vector<catalog::QualityRecord>& checks);
    TableWrite WriteOf(RowStage& stage);
    // `changes`: rows of the quarantine that go, or break other rules than they did.
    void Commit(const catalog::RunRecord& run, int64_t changes, TableWrite write);

    const ReplayParts parts_;
    const ReplayRequest request_;
    const Project& project_;
    const Graph& graph_;
    engine::TableName quarantine_;
    const Node& node_;
    const engine::TableName target_;
    quality::WaitingFilter filter_;
    std::vector<quality::Fix> fixes_;
    std::vector<engine::ColumnInfo> columns_;  // of the quarantine
    std::vector<engine::ColumnInfo> target_columns_;
    ReplayReport report_;
};

}  // namespace tarn::pipeline
