// One execution of one model: versions recorded first, rows judged once, quarantine committed
// first, then the target, both with the run's number. The steps, and what a kill behind each
// leaves:
//   1 Start in the run log      nothing is written; the next run takes a new number
//   2 stage (temporary table)   nothing is written
//   3 commit to the quarantine  the next run finds the quarantine ahead of the target and finishes
//   this run:
//                               same number, same source versions, without writing the quarantine
//                               again
//   4 commit to the target      the run is done, whatever the log says; its offsets ride in this
//   commit 5 Finish in the run log
// A run that is not incremental replaces both tables whole, so it may be repeated from anywhere.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/lease.h"
#include "pipeline/build.h"
#include "pipeline/graph.h"
#include "pipeline/model_rules.h"
#include "pipeline/node_compiler.h"
#include "pipeline/row_stage.h"
#include "pipeline/table_writer.h"
#include "quality/contract_guard.h"

namespace tarn::pipeline {

// What all nodes of one build share; all of it outlives them.
struct BuildScope {
    const BuildRequest& request;
    const BuildParts& parts;
    const Graph& graph;
    NodeCompiler& compiler;
    TemplateLake& lake;
    const catalog::Lease& lease;
    const Project& project;
    const quality::ContractGuard& contracts;
    std::string build_id;
    LineageEvents& events;
};

class NodeRun {
public:
    NodeRun(const BuildScope& scope, const Node& node);
    // Runs the model and fills the report (everything but state and seconds of a failure). What it
    // throws ends the node; the run log then says so.
    void Execute(NodeReport& report);

private:
    struct Attempt {
        catalog::RunRecord record{};
        bool incremental = false;
        bool quarantine_is_there = false;  // a run that was cut between its two commits
        ReadVersions versions{};
        CompiledSql sql{};
        std::string file_hash{};  // of a seed
    };

    engine::TableName Target() const { return {node_.model->schema, node_.model->name}; }
    engine::TableName Quarantine() const { return QuarantineOf(*node_.model); }
    std::string AppId() const { return "tarn:" + node_.id; }
    std::string OffsetId(const std::string& source);

    // Hooks act each time that they are run, as dbt has it: a model that has some is never up to
    // date.
    bool HasHooks() const;
    void RunHooks(const std::vector<std::string>& hooks);
    // What stands before its SELECT, in the same session.
    void RunHeader(const CompiledSql& sql);
    // Is the model made from all: as the build is asked to, unless its own settings say.
    bool IsFull() const;
    void Run(NodeReport& report);
    void RunBatches(NodeReport& report);
    // Of a backfill: the user hears of the batch, one of `all`, and the next one waits.
    void TellBatch(const Batch& batch, const std::vector<Batch>& all, int64_t rows) const;
    void BuildView(NodeReport& report);
    // By a macro of the project.
    void BuildCustom(NodeReport& report);
    // Finishes a run whose quarantine is committed and whose target is not. False: there is none.
    bool FinishCutRun(NodeReport& report);
    void CloseAbandonedRuns();
    // Is there a target to bring new rows to.
    bool IsThere();
    WriteOutcome Write(Attempt& attempt, const TableWrite& write, NodeReport& report);
    // Of a materialized view.
    WriteOutcome Refresh(Attempt& attempt, const TableWrite& write, NodeReport& report);
    ReadVersions CurrentVersions();
    // Whose versions the target's commits tell: its streams; of a materialized view all that it
    // reads.
    std::vector<std::string> Followed(const ReadVersions& versions) const;
    // Where the target's commits say that these were read to. False: not known for all of them.
    bool ReadOffsets(ReadVersions& versions);
    bool IsUpToDate(const Attempt& attempt);
    std::string IdempotencyKey(const Attempt& attempt) const;

    void RunLogged(Attempt& attempt, NodeReport& report);
    void RunSteps(Attempt& attempt, NodeReport& report);
    void CheckTypesIfStrict(const Attempt& attempt) const;
    // How long its news had waited, and whether the model promises less. Of a run that is done.
    void NoteLag(catalog::RunRecord& record) const;
    // Must the rows be looked at before they are written, or read more than once.
    bool NeedsStage(const Attempt& attempt) const;
    // InvalidInput: the rows break a contract in force. What is found is a part of the run, unless
    // an earlier attempt of it left that already.
    void HoldToContract(const Attempt& attempt, const std::string& select, bool is_logged) const;
    void HoldView(const std::string& select) const;
    quality::SplitPlan PlanOf(const Attempt& attempt);
    quality::Lateness LatenessOf(const Attempt& attempt);
    int64_t CountInput(const Attempt& attempt);
    TableWrite WriteOf(const Attempt& attempt, const engine::TableName& table,
                       std::string select) const;
    std::vector<table::AppTransaction> Offsets(const Attempt& attempt);
    void ThrowIfStopped() const;

    const BuildScope& scope_;
    const Node& node_;
    TableWriter writer_;
    std::string first_run_id_;  // until a run has it
};

}  // namespace tarn::pipeline
