#include "pipeline/replay.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "catalog/lease.h"
#include "engine/column_lookup.h"
#include "pipeline/change_steps.h"
#include "pipeline/model_contract.h"
#include "pipeline/model_rules.h"
#include "pipeline/table_writer.h"
#include "quality/contract_guard.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

// What the writing adds to judged rows.
constexpr std::string_view kAddedColumns[] = {"dq_passed", "dq_failure_reason"};

bool IsAdded(std::string_view column) {
    return std::any_of(std::begin(kAddedColumns), std::end(kAddedColumns),
                       [&](std::string_view added) { return EqualsIgnoreCase(added, column); });
}

std::vector<std::string> NamesOf(const std::vector<engine::ColumnInfo>& columns) {
    std::vector<std::string> names;
    for (const engine::ColumnInfo& column : columns) names.push_back(column.name);
    return names;
}

bool IsOwn(std::string_view column) {
    return std::any_of(std::begin(quality::kOwnColumns), std::end(quality::kOwnColumns),
                       [&](std::string_view own) { return EqualsIgnoreCase(own, column); });
}

}  // namespace

Replay::Replay(LoadedProject& loaded, const ReplayParts& parts, ReplayRequest request)
    : parts_(parts),
      request_(std::move(request)),
      project_(loaded.project()),
      graph_(loaded.graph()),
      quarantine_(Quarantine(parts.session, parts.catalog).Find(request_.name)),
      node_(FindNode()),
      target_{node_.model->schema, node_.model->name} {
    CheckModel(graph_, node_);
    CheckReplays();
    filter_ = Quarantine(parts_.session, parts_.catalog).FilterOf(request_.rows);
    for (const std::string& fix : request_.fixes) fixes_.push_back(quality::ParseFix(fix));
    columns_ = engine::ColumnsOf(parts_.session, QuotedTable(quarantine_));
    target_columns_ = engine::ColumnsOf(parts_.session, QuotedTable(target_));
    CheckColumns();
    report_.node = node_.id;
    report_.quarantine = quarantine_;
}

const Node& Replay::FindNode() const {
    std::vector<const Node*> found;
    for (const Node& node : graph_.Nodes()) {
        if (node.model != nullptr && EqualsIgnoreCase(node.model->name, quarantine_.name))
            found.push_back(&node);
    }
    // One of several of a name that sets no rows aside is not meant.
    if (found.size() > 1)
        std::erase_if(found, [](const Node* node) { return !node->model->IsSplit(); });
    if (found.size() == 1) return *found[0];
    if (found.size() > 1) {
        throw Error(ErrorKind::kInvalidInput,
                    "{} and {} both set rows aside in {}: rename one of them", found[0]->id,
                    found[1]->id, quarantine_.ToString());
    }
    const auto columns = engine::ColumnsOf(parts_.session, QuotedTable(quarantine_));
    if (engine::FindColumn(columns, "_batch_number") != nullptr) {
        throw Error(ErrorKind::kUnsupported,
                    "{} has rows that a contract kept from landing, and replays are of models: "
                    "INSERT those that are good into their table, then `tarn quarantine discard` "
                    "them",
                    quarantine_.ToString());
    }
    throw Error(ErrorKind::kNotFound,
                "no model of the project sets rows aside in {}: `tarn quarantine discard` takes "
                "them away",
                quarantine_.ToString());
}

void Replay::CheckReplays() const {
    const Materialized how = node_.config.materialized;
    const IncrementalStrategy strategy = StrategyOf(node_);
    const bool adds = how == Materialized::kIncremental || how == Materialized::kStreaming;
    if (!adds || node_.config.microbatch) {
        throw Error(ErrorKind::kUnsupported,
                    "{0} is made anew by builds, which would lose what is replayed: change the "
                    "rule, the SELECT or the source, and `tarn build -s {0}` judges all of its "
                    "rows again",
                    node_.id);
    }
    if (strategy != IncrementalStrategy::kAppend && strategy != IncrementalStrategy::kMerge &&
        strategy != IncrementalStrategy::kDeleteInsert) {
        throw Error(ErrorKind::kUnsupported,
                    "{0} replaces parts of its table whole, which would lose what is replayed: "
                    "change the rule, the SELECT or the source, and `tarn build --full-refresh -s "
                    "{0}` judges all of its rows again",
                    node_.id);
    }
    if (TableWriter(parts_.session, parts_.catalog).Find(target_) == nullptr) {
        throw Error(ErrorKind::kNotFound, "{0} is not there yet: `tarn build -s {0}` makes it",
                    node_.id);
    }
}

bool Replay::IsQuarantineOnly(const std::string& column) const {
    const auto& only = node_.config.quarantine_columns;
    return std::any_of(only.begin(), only.end(),
                       [&](const std::string& name) { return EqualsIgnoreCase(name, column); });
}

void Replay::CheckColumns() {
    std::vector<std::string> known;
    for (const auto* columns : {&columns_, &target_columns_}) {
        for (const std::string& name : NamesOf(*columns)) {
            if (!IsOwn(name) && !IsAdded(name)) known.push_back(name);
        }
    }
    const auto is_known = [&](const std::string& column) {
        return std::any_of(known.begin(), known.end(),
                           [&](const std::string& name) { return EqualsIgnoreCase(name, column); });
    };
    for (quality::Fix& fix : fixes_) {
        if (!is_known(fix.column) && !IsQuarantineOnly(fix.column)) {
            const auto nearest = NearestWord(fix.column, known);
            throw Error(ErrorKind::kInvalidInput, "--set: {} has no column `{}`{}", node_.id,
                        fix.column, nearest ? fmt::format(": did you mean `{}`?", *nearest) : "");
        }
        const auto same = std::count_if(fixes_.begin(), fixes_.end(), [&](const auto& other) {
            return EqualsIgnoreCase(other.column, fix.column);
        });
        if (same > 1) throw Error(ErrorKind::kInvalidInput, "--set gives `{}` twice", fix.column);
        const engine::ColumnInfo* column = engine::FindColumn(columns_, fix.column);
        if (column == nullptr) column = engine::FindColumn(target_columns_, fix.column);
        if (column != nullptr) fix.type = column->type;
    }
    // What is wrong with a fix or the condition is found here.
    const std::string rows =
        quality::ReplayedSelect(NamesOf(columns_), fixes_, QuotedTable(quarantine_), filter_);
    const auto given = engine::ColumnsOf(parts_.session, "(" + rows + ")");
    for (const engine::ColumnInfo& column : target_columns_) {
        if (IsAdded(column.name) || engine::FindColumn(given, column.name) != nullptr) continue;
        throw Error(ErrorKind::kInvalidInput,
                    "the rows in {0} have no `{1}`, which {2} has: say what it is with --set \"{1} "
                    "= ...\", or `tarn build --full-refresh -s {2}` judges all of its rows again",
                    quarantine_.ToString(), column.name, node_.id);
    }
    for (const engine::ColumnInfo& column : given) {
        const bool is_left = !EqualsIgnoreCase(column.name, quality::kAsideColumn) &&
                             !IsQuarantineOnly(column.name) &&
                             engine::FindColumn(target_columns_, column.name) == nullptr;
        if (is_left)
            report_.notices.push_back(
                fmt::format("{} is left out: {} has it not", column.name, node_.id));
    }
}

void Replay::CheckNoBuildIsCut() {
    TableWriter writer(parts_.session, parts_.catalog);
    const std::string mark = "tarn:" + node_.id;
    const int64_t in_target = writer.Committed(target_, mark).value_or(0);
    const int64_t in_quarantine = writer.Committed(quarantine_, mark).value_or(0);
    if (in_quarantine > in_target) {
        throw Error(ErrorKind::kConflict,
                    "run {0} of {1} was cut between its two commits: `tarn build -s {1}` finishes "
                    "it, then replay",
                    in_quarantine, node_.id);
    }
}

std::vector<std::string> Replay::SharedColumns() const {
    std::vector<std::string> shared;
    for (const engine::ColumnInfo& column : target_columns_) {
        if (!IsAdded(column.name) && !IsQuarantineOnly(column.name)) shared.push_back(column.name);
    }
    return shared;
}

quality::Rivals Replay::RivalsOf() const {
    quality::Rivals rivals;
    rivals.table = QuotedTable(target_);
    rivals.keys = node_.config.unique_key;
    rivals.shared = SharedColumns();
    rivals.whole = sql::QuoteIdentifier(quality::kAsideColumn);
    rivals.age = fmt::format("{}.{}", rivals.whole, quality::kSetAsideAtColumn);
    rivals.is_unique = StrategyOf(node_) == IncrementalStrategy::kMerge;
    rivals.overwrite = request_.overwrite;
    const auto& order = node_.model->deduplicate.order_by;
    if (order.empty()) return rivals;
    std::vector<std::string> names;
    for (const std::string& name : rivals.shared) names.push_back(sql::QuoteIdentifier(name));
    try {
        // An order by what only the quarantine has says nothing of the table's rows.
        parts_.session.Run(fmt::format("SELECT 1 FROM (SELECT {} FROM {}) ORDER BY {} LIMIT 0",
                                       Join(names, ", "), rivals.table, Join(order, ", ")));
        rivals.order_by = order;
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::kInvalidInput) throw;
    }
    return rivals;
}

quality::SplitPlan Replay::PlanOf(int64_t version) const {
    const Model& model = *node_.model;
    quality::SplitPlan plan;
    plan.select = quality::ReplayedSelect(
        NamesOf(columns_), fixes_,
        fmt::format("{} VERSION AS OF {}", QuotedTable(quarantine_), version), filter_);
    plan.expectations = model.expectations;
    // A row that would fail a build waits on.
    for (quality::Expectation& rule : plan.expectations) {
        if (rule.action == quality::Action::kFail) rule.action = quality::Action::kQuarantine;
    }
    plan.deduplicate = model.deduplicate;
    plan.add_quality_columns = !model.expectations.empty();
    for (const std::string& column : node_.config.quarantine_columns) {
        const bool is_fixed = std::any_of(fixes_.begin(), fixes_.end(), [&](const auto& fix) {
            return EqualsIgnoreCase(fix.column, column);
        });
        if (is_fixed || engine::FindColumn(columns_, column) != nullptr)
            plan.quarantine_only.push_back(column);
    }
    plan.quarantine_only.emplace_back(quality::kAsideColumn);
    if (StrategyOf(node_) == IncrementalStrategy::kAppend) {
        plan.existing = QuotedTable(target_);
    } else if (!node_.config.unique_key.empty()) {
        plan.rivals = RivalsOf();
    }
    return plan;
}

void Replay::HoldToContracts(const RowStage& stage, const std::string& select,
                             std::vector<catalog::QualityRecord>& checks) {
    const quality::ContractGuard contracts(parts_.catalog);
    if (!contracts.Covers(target_) || stage.Counts().written == 0) return;
    const auto reviews = contracts.Review(parts_.session, target_, select, quality::HeldRows::kNew);
    quality::ThrowIfBroken(reviews);
    for (catalog::QualityRecord& record : quality::RecordsOf(reviews, 0, node_.id))
        checks.push_back(std::move(record));
}

TableWrite Replay::WriteOf(RowStage& stage) {
    TableWrite write;
    write.table = target_;
    write.select = stage.TargetSelect();
    if (HasContract(node_)) {
        std::vector<std::string> added;
        for (const std::string_view name : kAddedColumns) added.emplace_back(name);
        const std::string own =
            node_.model->expectations.empty()
                ? write.select
                : fmt::format("SELECT * EXCLUDE ({}) FROM ({})", Join(added, ", "), write.select);
        write.select = ModelContract(parts_.session, *node_.model).Held(own, write.select);
    }
    FillSettings(node_, project_, write);
    write.replace = false;
    write.on_schema_change = SchemaChange::kIgnore;
    return write;
}

void Replay::Commit(const catalog::RunRecord& run, int64_t changes, TableWrite write) {
    TableWriter writer(parts_.session, parts_.catalog);
    write.transaction = {ReplayMark(node_.id), run.number};
    write.commit_info = {{"tarn.node", node_.id},
                         {"tarn.run", std::to_string(run.number)},
                         {"tarn.run_id", run.run_id},
                         {"tarn.replay", quarantine_.ToString()}};
    const auto& [read, version] = *run.source_versions.begin();
    if (parts_.session.Snapshot(quarantine_)->AtVersion().number != version) {
        throw Error(ErrorKind::kConflict, "{} was written to meanwhile: replay again", read);
    }
    TableWrite settled = write;
    settled.table = quarantine_;
    parts_.cancel.ThrowIfCancelled();
    const WriteOutcome taken = writer.Run(
        quality::SettleStatement(QuotedTable(quarantine_), NamesOf(columns_), RowStage::Table()),
        settled);
    // Rows that are equal and yet were not all meant went as well.
    if (taken.rows != changes) {
        throw Error(ErrorKind::kConflict,
                    "{} of {} rows would leave {}: --where must mean all of the rows that are "
                    "equal, or none",
                    taken.rows, changes, read);
    }
    if (run.rows_written == 0) return;
    const WriteOutcome written = writer.Write(write);
    report_.target_version = written.version;
    report_.counts.written = written.rows;
    quality::CheckRowLaw(report_.counts, node_.id);
}

ReplayReport Replay::Run() {
    std::unique_ptr<catalog::Lease> lease;
    if (!request_.is_dry_run) {
        lease = parts_.catalog.AcquireLease("build",
                                            {.purpose = "tarn quarantine replay " + request_.name});
        SettleCutRuns(parts_.session, parts_.catalog);
    }
    CheckNoBuildIsCut();
    const int64_t version = parts_.session.Snapshot(quarantine_)->AtVersion().number;
    CompiledSql sql;
    const quality::SplitPlan plan = PlanOf(version);
    sql.text = plan.select;
    RowStage stage(parts_.session, sql, plan, true);
    stage.Fill();
    quality::RowCounts& counts = report_.counts;
    counts = stage.Counts();
    counts.in =
        CountRows(parts_.session,
                  fmt::format("(SELECT * FROM {} VERSION AS OF {}) AS waiting WHERE {}",
                              QuotedTable(quarantine_), version, quality::ConditionOf(filter_)));
    quality::CheckRowLaw(counts, node_.id);
    report_.staying = RulesOf(parts_.session, quality::StayingByRule(RowStage::Table()));
    TableWrite write = WriteOf(stage);
    std::vector<catalog::QualityRecord> checks = stage.Checks();
    HoldToContracts(stage, write.select, checks);
    if (request_.is_dry_run || counts.in == 0) return report_;
    const int64_t changes = counts.in - counts.quarantined +
                            CountRows(parts_.session, quality::RenewedRows(RowStage::Table()));

    catalog::RunLog& log = parts_.catalog.Runs();
    catalog::RunRecord run;
    run.node = node_.id;
    run.kind = catalog::RunKind::kReplay;
    run.target = target_.ToString();
    run.source_versions = {{quarantine_.ToString(), version}};
    run.rows_in = counts.in;
    run.rows_written = counts.written;
    run.rows_dropped = counts.dropped;
    run.rows_quarantined = counts.quarantined;
    run.rows_duplicate = counts.duplicates;
    run = log.Start(run);
    report_.run_number = run.number;
    for (catalog::QualityRecord& check : checks) {
        check.run_number = run.number;
        check.node = node_.id;
        if (check.table.empty()) check.table = node_.id;
        check.versions = run.source_versions;
    }
    log.AppendQuality(checks);
    try {
        lease->ThrowIfLost();
        if (changes > 0) Commit(run, changes, std::move(write));
    } catch (const Error& error) {
        run.error_kind = TraitsOf(error.kind()).name;
        run.error_message = error.what();
        SettleFailed(parts_.session, parts_.catalog, run);
        throw;
    }
    SettleRun(parts_.session, parts_.catalog, run);
    return report_;
}

}  // namespace tarn::pipeline
