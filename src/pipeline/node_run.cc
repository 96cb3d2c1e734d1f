#include "pipeline/node_run.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/ticker.h"
#include "engine/column_lookup.h"
#include "pipeline/backfill.h"
#include "pipeline/change_application.h"
#include "pipeline/contract_review.h"
#include "pipeline/debezium_changes.h"
#include "pipeline/history_dimension.h"
#include "pipeline/hooks.h"
#include "pipeline/model_contract.h"
#include "pipeline/model_rules.h"
#include "pipeline/run_lag.h"
#include "pipeline/seed.h"
#include "pipeline/strict_types.h"
#include "pipeline/view_refresh.h"
#include "quality/row_law.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

sql::ChangeRules RulesOf(const ChangeConfig& config) {
    return config.format == ChangeFormat::kDebezium ? DebeziumRules(config.rules, config.captured)
                                                    : config.rules;
}

void AddLineage(const std::shared_ptr<const engine::StatementLineage>& lineage,
                NodeReport& report) {
    if (lineage != nullptr) report.lineages.push_back(lineage);
}

WriteOutcome Told(WriteOutcome outcome, NodeReport& report) {
    AddLineage(outcome.lineage, report);
    return outcome;
}

table::AppTransaction Mark(std::string app_id, int64_t version) {
    return {std::move(app_id), version};
}

}  // namespace

NodeRun::NodeRun(const BuildScope& scope, const Node& node)
    : scope_(scope), node_(node), writer_(scope.parts.session, scope.parts.catalog) {}

// The offsets belong to one life of the source: one that was dropped and made again counts from 0.
std::string NodeRun::OffsetId(const std::string& source) {
    const engine::TableName name = scope_.parts.session.ResolveName(source);
    return AppId() + ":" + scope_.parts.session.Snapshot(name)->Metadata().id;
}

void NodeRun::ThrowIfStopped() const {
    scope_.parts.cancel.ThrowIfCancelled();
    scope_.lease.ThrowIfLost();
}

bool NodeRun::HasHooks() const {
    return !node_.config.pre_hooks.empty() || !node_.config.post_hooks.empty();
}

void NodeRun::RunHooks(const std::vector<std::string>& hooks) {
    pipeline::RunHooks(hooks, {scope_.compiler, scope_.lake, node_.model, node_.model->Spot()});
}

bool NodeRun::IsFull() const {
    const auto said = node_.settings.find("full_refresh");
    const bool is_said = said != node_.settings.end() && said->is_boolean();
    return is_said ? said->get<bool>() : scope_.request.full_refresh;
}

void NodeRun::RunHeader(const CompiledSql& sql) {
    try {
        scope_.lake.Run(sql.header);
    } catch (const Error& error) {
        throw Error(error).At(node_.model->Spot()).With("sql_header", sql.header);
    }
}

void NodeRun::Execute(NodeReport& report) {
    first_run_id_ = report.run_id;
    RunHooks(node_.config.pre_hooks);
    Run(report);
    RunHooks(node_.config.post_hooks);
}

void NodeRun::Run(NodeReport& report) {
    const Materialized how = node_.config.materialized;
    if (how == Materialized::kView) return BuildView(report);
    if (how == Materialized::kCustom) return BuildCustom(report);
    if (how == Materialized::kEphemeral) return;
    if (how == Materialized::kIncremental && node_.config.microbatch) return RunBatches(report);
    const bool finished_cut_run = FinishCutRun(report);
    CloseAbandonedRuns();
    Attempt attempt;
    attempt.versions = CurrentVersions();
    if (how == Materialized::kMaterializedView) ReadOffsets(attempt.versions);
    attempt.incremental =
        how == Materialized::kSnapshot
            ? writer_.Find(Target()) != nullptr
            : IsIncremental(how) && !IsFull() && IsThere() && ReadOffsets(attempt.versions);
    if (node_.model->resource == Resource::kSeed) {
        SeedRows rows =
            ReadSeed(scope_.parts.session, scope_.parts.catalog.Config().root, *node_.model);
        attempt.sql = std::move(rows.sql);
        attempt.file_hash = std::move(rows.file_hash);
    } else {
        attempt.sql = scope_.compiler.Compile(node_, attempt.incremental, attempt.versions);
    }
    report.compiled = attempt.sql.text;
    attempt.record.idempotency_key = IdempotencyKey(attempt);
    if (IsUpToDate(attempt)) {
        if (!finished_cut_run) report.state = NodeState::kUpToDate;
        return;
    }
    try {
        RunLogged(attempt, report);
    } catch (const Error& error) {
        // A stream whose table was not only added to has no new rows to give: the model is made
        // from all.
        if (error.kind() != ErrorKind::kUnsupported || !attempt.incremental ||
            node_.streams.empty())
            throw;
        Attempt whole;
        whole.versions.up_to = attempt.versions.up_to;
        whole.sql = scope_.compiler.Compile(node_, false, whole.versions);
        whole.record.idempotency_key = IdempotencyKey(whole);
        report.notices = {"rebuilt in full: " + error.message()};
        RunLogged(whole, report);
    }
}

void NodeRun::RunBatches(NodeReport& report) {
    CloseAbandonedRuns();
    const BuildRequest& request = scope_.request;
    ModelBatches model(request, node_, writer_);
    const BatchMarks marks = model.Marks();
    // A table that is there is only made anew where that is asked for, whatever it was made by.
    const bool is_new =
        writer_.Find(Target()) == nullptr || (IsFull() && request.event_time_start.empty());
    const std::vector<Batch> batches = model.Due(marks, is_new, scope_.parts.clock.Now());
    for (const Batch& batch : batches) {
        Attempt attempt;
        attempt.versions = CurrentVersions();
        attempt.versions.batch = batch;
        attempt.incremental = !is_new || &batch != &batches.front();
        attempt.sql = scope_.compiler.Compile(node_, attempt.incremental, attempt.versions);
        attempt.record.idempotency_key = IdempotencyKey(attempt);
        NodeReport one;
        one.id = report.id;
        one.kind = report.kind;
        one.run_id = report.run_id;
        RunLogged(attempt, one);
        report.rows_in += one.rows_in;
        report.rows_written += one.rows_written;
        report.rows_dropped += one.rows_dropped;
        report.rows_quarantined += one.rows_quarantined;
        report.rows_duplicate += one.rows_duplicate;
        report.notices.insert(report.notices.end(), one.notices.begin(), one.notices.end());
        report.files_written += one.files_written;
        report.bytes_written += one.bytes_written;
        report.target_version = one.target_version;
        report.compiled = attempt.sql.text;
        report.statement = one.statement;
        report.lineages = one.lineages;
        if (request.backfill) TellBatch(batch, batches, one.rows_written);
    }
    if (batches.empty()) report.state = NodeState::kUpToDate;
}

void NodeRun::TellBatch(const Batch& batch, const std::vector<Batch>& all, int64_t rows) const {
    scope_.parts.observer.OnMessage(fmt::format(
        "{}: {} ({} of {}), {}", node_.id, BatchName(*node_.config.microbatch, batch.start),
        &batch - all.data() + 1, all.size(), quality::RowsText(rows)));
    if (&batch == &all.back()) return;
    SleepUnless(scope_.parts.clock, scope_.request.backfill->pause,
                [&] { return scope_.parts.cancel.IsCancelled(); });
}

void NodeRun::BuildView(NodeReport& report) {
    const CompiledSql sql = scope_.compiler.Compile(node_, false, {});
    report.compiled = sql.text;
    RunHeader(sql);
    if (IsStrict(node_, scope_.parts.catalog.Config().strict_layers))
        CheckTypes(scope_.parts.session, node_, sql.text, std::nullopt);
    HoldView(sql.text);
    scope_.events.NodeStarts(report);
    report.statement =
        fmt::format("CREATE OR REPLACE VIEW {} AS\n{}", QuotedTable(Target()), sql.text);
    writer_.EnsureSchema(node_.model->schema);
    try {
        if (HasContract(node_))
            ModelContract(scope_.parts.session, *node_.model).CheckColumns(sql.text);
        engine::ExecuteOptions options;
        options.node = node_.id;
        AddLineage(scope_.parts.session.Run(report.statement, options).lineage, report);
    } catch (const Error& error) {
        if (!error.spot().file.empty()) throw;
        throw Error(error).At(sql.SpotOf(error.spot().line - 1, error.spot().column));
    }
    report.state = NodeState::kDone;
}

void NodeRun::BuildCustom(NodeReport& report) {
    const bool adds = node_.settings.value("materialized", "") == "incremental" && !IsFull() &&
                      writer_.Find(Target()) != nullptr;
    report.compiled = scope_.compiler.CompileBody(node_, adds);
    scope_.events.NodeStarts(report);
    writer_.EnsureSchema(node_.model->schema);
    scope_.compiler.Materialize(node_, report.compiled);
    // What make_temp_relation names is a table here.
    scope_.parts.session.Run("DROP TABLE IF EXISTS " +
                             QuotedTable({node_.model->schema, node_.model->name + "__dbt_tmp"}));
}

ReadVersions NodeRun::CurrentVersions() {
    ReadVersions versions;
    for (const SourceTable& table : scope_.compiler.TablesRead(node_)) {
        if (!table.external.empty()) {
            versions.is_complete = false;
            continue;
        }
        const engine::TableName name{table.schema, table.name};
        const auto entry = scope_.parts.catalog.Find(name);
        if (!entry) {
            throw Error(ErrorKind::kNotFound,
                        "{} reads {}, which is not there yet: `tarn ingest` lands sources, and "
                        "`tarn build -s +{}` builds what it reads",
                        node_.id, table.Id(), node_.model == nullptr ? node_.id : node_.model->name)
                .At({node_.File(), 0, 0});
        }
        if (entry->kind != engine::EntryKind::kTable) {
            versions.is_complete = false;
            continue;
        }
        versions.up_to[table.Id()] = scope_.parts.session.Snapshot(name)->AtVersion().number;
    }
    return versions;
}

std::vector<std::string> NodeRun::Followed(const ReadVersions& versions) const {
    if (node_.config.materialized != Materialized::kMaterializedView) return node_.streams;
    std::vector<std::string> all;
    for (const auto& [id, version] : versions.up_to) all.push_back(id);
    return all;
}

bool NodeRun::ReadOffsets(ReadVersions& versions) {
    bool is_whole = true;
    for (const std::string& stream : Followed(versions)) {
        if (versions.up_to.count(stream) == 0) {
            throw Error(ErrorKind::kInvalidInput, "{}: stream needs a table, and {} is none",
                        node_.id, stream)
                .At({node_.File(), 0, 0});
        }
        const auto offset = writer_.Committed(Target(), OffsetId(stream));
        is_whole = is_whole && offset.has_value();
        if (offset) versions.after[stream] = *offset;
    }
    return is_whole;
}

std::string NodeRun::IdempotencyKey(const Attempt& attempt) const {
    Sha256 hash;
    const auto add = [&](std::string_view text) {
        hash.Update(std::to_string(text.size()) + ":" + std::string(text));
    };
    add(node_.id);
    add(attempt.sql.text);
    if (!attempt.sql.header.empty()) add(attempt.sql.header);
    add(attempt.file_hash);
    for (const quality::Expectation& rule : node_.model->expectations) {
        add(rule.name + " " + rule.condition + " " + std::string(quality::NameOf(rule.action)));
    }
    add(Join(node_.model->deduplicate.keys, ",") + ";" +
        Join(node_.model->deduplicate.order_by, ","));
    if (const auto& watermark = node_.config.watermark)
        add(fmt::format("{} {}", watermark->column, watermark->delay_s));
    add(Join(node_.config.partition_by, ",") + ";" + Join(node_.config.quarantine_columns, ","));
    add(fmt::format("{};{};{};{}", static_cast<int>(StrategyOf(node_)),
                    Join(node_.config.unique_key, ","),
                    Join(node_.config.merge_update_columns, ","), node_.config.replace_where));
    if (node_.config.snapshot) add(node_.model->settings.dump());
    if (HasContract(node_)) add(ModelContract(scope_.parts.session, *node_.model).Text());
    return hash.FinishHex();
}

bool NodeRun::IsUpToDate(const Attempt& attempt) {
    if (IsFull() || !attempt.versions.is_complete || attempt.sql.asked || HasHooks()) return false;
    if (attempt.incremental && !node_.streams.empty()) {
        const auto& up_to = attempt.versions.up_to;
        const auto& after = attempt.versions.after;
        return std::all_of(after.begin(), after.end(),
                           [&](const auto& read) { return up_to.at(read.first) == read.second; });
    }
    const table::SnapshotPtr target = writer_.Find(Target());
    if (target == nullptr || (HasQuarantine(*node_.model) && writer_.Find(Quarantine()) == nullptr))
        return false;
    catalog::RunFilter filter;
    filter.node = node_.id;
    filter.idempotency_key = attempt.record.idempotency_key;
    filter.state = catalog::RunState::kSucceeded;
    filter.limit = 1;
    const std::vector<catalog::RunRecord> same = scope_.parts.catalog.Runs().Runs(filter);
    return !same.empty() && same[0].target_version == target->AtVersion().number;
}

bool NodeRun::FinishCutRun(NodeReport& report) {
    if (!IsIncremental(node_.config.materialized) || IsFull()) return false;
    const auto in_target = writer_.Committed(Target(), AppId());
    const auto in_quarantine = writer_.Committed(Quarantine(), AppId());
    if (!in_target || !in_quarantine || *in_quarantine <= *in_target) return false;
    const auto cut = scope_.parts.catalog.Runs().Find(*in_quarantine);
    if (!cut || cut->node != node_.id) {
        throw Error(ErrorKind::kConflict,
                    "run {} of {} was cut between its two commits and the run log does not know "
                    "it any more: `tarn build --full-refresh -s {}` makes both tables anew",
                    *in_quarantine, node_.id, node_.id);
    }
    Attempt attempt;
    attempt.record = *cut;
    attempt.quarantine_is_there = true;
    attempt.versions.up_to = cut->source_versions;
    attempt.incremental = ReadOffsets(attempt.versions);
    if (!attempt.incremental) return false;
    attempt.sql = scope_.compiler.Compile(node_, true, attempt.versions);
    report.notices.push_back(
        fmt::format("run {} was cut between its two commits: finished", cut->number));
    RunLogged(attempt, report);
    return true;
}

// Only the holder of the build lease is here, so whoever began these runs is gone.
void NodeRun::CloseAbandonedRuns() {
    catalog::RunLog& log = scope_.parts.catalog.Runs();
    for (catalog::RunRecord& run : log.Unfinished(node_.id)) {
        const auto committed = writer_.Committed(Target(), AppId());
        const bool is_there = committed && *committed >= run.number;
        run.state = is_there ? catalog::RunState::kSucceeded : catalog::RunState::kCancelled;
        run.error_message = is_there ? "" : "the process ended before the run did";
        log.Finish(run);
    }
}

void NodeRun::RunLogged(Attempt& attempt, NodeReport& report) {
    catalog::RunLog& log = scope_.parts.catalog.Runs();
    catalog::RunRecord& record = attempt.record;
    scope_.events.NodeStarts(report);
    record.build_id = scope_.build_id;
    if (!attempt.quarantine_is_there) {
        record.node = node_.id;
        record.kind = catalog::RunKind::kModel;
        record.source_versions = attempt.versions.up_to;
        record.target = Target().ToString();
        // The first run of the node has the id under which other tools hear of it.
        record.run_id = std::exchange(first_run_id_, "");
        record = log.Start(record);
    }
    try {
        if (attempt.incremental &&
            writer_.Committed(Target(), AppId()).value_or(0) >= record.number) {
            throw Error(ErrorKind::kConflict,
                        "{} was written by a later run ({}) than the run log knows of: `tarn build "
                        "--full-refresh -s {}` makes it anew",
                        node_.id, *writer_.Committed(Target(), AppId()), node_.id);
        }
        RunSteps(attempt, report);
        NoteLag(record);
        record.state = catalog::RunState::kSucceeded;
        record.error_kind.clear();
        record.error_message.clear();
    } catch (const Error& error) {
        record.state = error.kind() == ErrorKind::kCancelled ? catalog::RunState::kCancelled
                                                             : catalog::RunState::kFailed;
        record.error_kind = TraitsOf(error.kind()).name;
        record.error_message = error.what();
        log.Finish(record);
        throw;
    }
    log.Finish(record);
}

void NodeRun::NoteLag(catalog::RunRecord& record) const {
    catalog::RunFilter filter;
    filter.node = node_.id;
    filter.state = catalog::RunState::kSucceeded;
    // A replay reads none of what the model does.
    filter.kind = catalog::RunKind::kModel;
    filter.limit = 1;
    const auto runs = scope_.parts.catalog.Runs().Runs(filter);
    try {
        record.lag =
            LagOf(scope_.parts.session, record,
                  runs.empty() ? std::nullopt : std::optional(runs[0]), scope_.parts.clock.Now());
    } catch (const Error&) {
        // The run is done; an input may be gone meanwhile.
        return;
    }
    const auto level = ParseSpanSeconds(node_.model->service_level);
    if (level && record.lag) record.service_level_met = *record.lag <= std::chrono::seconds(*level);
}

quality::Lateness NodeRun::LatenessOf(const Attempt& attempt) {
    const Watermark& watermark = *node_.config.watermark;
    const auto instant = [](const std::string& text) {
        return "TIMESTAMPTZ " + sql::QuoteLiteral(text);
    };
    quality::Lateness lateness;
    lateness.column = watermark.column;
    lateness.now = instant(FormatTimestamp(scope_.parts.clock.Now()));
    lateness.watermark = "NULL::TIMESTAMPTZ";
    if (!attempt.incremental) return lateness;
    const auto latest = scope_.parts.session.Query(fmt::format(
        "SELECT max(CAST({} AS TIMESTAMPTZ)) - to_seconds({}) FROM {}",
        sql::QuoteIdentifier(watermark.column), watermark.delay_s, QuotedTable(Target())));
    if (const auto& time = latest.at(0).at(0)) lateness.watermark = instant(*time);
    return lateness;
}

quality::SplitPlan NodeRun::PlanOf(const Attempt& attempt) {
    quality::SplitPlan plan;
    plan.select = attempt.sql.text;
    plan.expectations = node_.model->expectations;
    plan.deduplicate = node_.model->deduplicate;
    const Materialized how = node_.config.materialized;
    const bool appends =
        how == Materialized::kStreaming ||
        (how == Materialized::kIncremental && StrategyOf(node_) == IncrementalStrategy::kAppend);
    if (node_.config.watermark) plan.lateness = LatenessOf(attempt);
    if (attempt.incremental && appends) plan.existing = QuotedTable(Target());
    plan.quarantine_only = node_.config.quarantine_columns;
    plan.add_quality_columns = !node_.model->expectations.empty();
    return plan;
}

int64_t NodeRun::CountInput(const Attempt& attempt) {
    const std::string input = RowsFrom(scope_.graph, node_);
    const std::string rows = scope_.compiler.InputSql(input, attempt.incremental, attempt.versions);
    const auto answer = scope_.parts.session.Query("SELECT count(*) FROM " + rows);
    const auto count = ParseInt(answer.at(0).at(0).value_or(""));
    Check(count.has_value(), "a count is a number");
    return *count;
}

TableWrite NodeRun::WriteOf(const Attempt& attempt, const engine::TableName& table,
                            std::string select) const {
    TableWrite write;
    write.table = table;
    write.select = std::move(select);
    write.replace = !attempt.incremental;
    write.transaction = Mark(AppId(), attempt.record.number);
    write.commit_info = {{"tarn.node", node_.id},
                         {"tarn.run", std::to_string(attempt.record.number)},
                         {"tarn.run_id", attempt.record.run_id},
                         {"tarn.build_id", scope_.build_id}};
    if (const auto& batch = attempt.versions.batch)
        write.commit_info["tarn.batch"] = BatchName(*node_.config.microbatch, batch->start);
    return write;
}

std::vector<table::AppTransaction> NodeRun::Offsets(const Attempt& attempt) {
    std::vector<table::AppTransaction> offsets;
    if (attempt.versions.batch) {
        offsets =
            ModelBatches(scope_.request, node_, writer_)
                .Marks()
                .With(*attempt.versions.batch, !attempt.incremental, scope_.parts.clock.Now());
    }
    for (const std::string& stream : Followed(attempt.versions)) {
        // A mark that stands already is not made again: a log takes only marks that grow.
        const std::string id = OffsetId(stream);
        const int64_t version = attempt.versions.up_to.at(stream);
        if (writer_.Committed(Target(), id) != version) offsets.push_back(Mark(id, version));
    }
    return offsets;
}

bool NodeRun::IsThere() {
    if (!writer_.Committed(Target(), AppId())) return false;
    if (node_.config.materialized != Materialized::kAutoCdc) return true;
    try {
        return ChangeApplication(scope_.parts.session, scope_.parts.catalog)
            .IsInStep(Target(), RulesOf(node_.config.changes));
    } catch (const Error& error) {
        throw Error(error).At(node_.model->Spot());
    }
}

WriteOutcome NodeRun::Write(Attempt& attempt, const TableWrite& write, NodeReport& report) {
    const Materialized how = node_.config.materialized;
    if (how == Materialized::kMaterializedView) return Refresh(attempt, write, report);
    if (how != Materialized::kAutoCdc && how != Materialized::kHistory) return writer_.Write(write);
    const ChangeConfig& config = node_.config.changes;
    const sql::ChangeRules rules = RulesOf(config);
    engine::Session& session = scope_.parts.session;
    try {
        if (how == Materialized::kHistory) {
            return HistoryDimension(session, scope_.parts.catalog, scope_.parts.clock).Apply(write);
        }
        ChangeTask task{rules, write.select, write, !attempt.incremental};
        if (config.format == ChangeFormat::kDebezium) {
            const auto landed = engine::ColumnsOf(session, "(" + write.select + ")");
            task.changes = DebeziumSelect(write.select, landed, config.captured, config.rules.keys);
        }
        ChangeOutcome applied =
            ChangeApplication(session, scope_.parts.catalog).Apply(std::move(task));
        applied.written.rows = applied.changes;  // not the rows that they come to
        return applied.written;
    } catch (const Error& error) {
        throw Error(error).At(node_.model->Spot());
    }
}

WriteOutcome NodeRun::Refresh(Attempt& attempt, const TableWrite& write, NodeReport& report) {
    RefreshTask task{node_, write, attempt.versions, attempt.sql};
    if (IsFull()) {
        task.wish = "it was asked for";
    } else if (node_.config.refresh == RefreshWish::kFull) {
        task.wish = "`refresh: full` asks for it";
    }
    if (NeedsStage(attempt) || node_.model->IsSplit())
        task.obstacle = "its rows are judged (expectations, deduplicate, a contract)";
    Refreshed refreshed = ViewRefresh(scope_.parts.session, scope_.compiler, writer_).Run(task);
    attempt.record.refresh = refreshed.how;
    report.notices.push_back(std::move(refreshed.how));
    return std::move(refreshed.written);
}

bool NodeRun::NeedsStage(const Attempt& attempt) const {
    if (HasContract(node_) || scope_.contracts.Covers(Target())) return true;
    if (!RowsFrom(scope_.graph, node_).empty()) return true;
    switch (node_.config.materialized) {
        case Materialized::kAutoCdc:
            return node_.config.changes.format == ChangeFormat::kDebezium;
        case Materialized::kHistory:
        case Materialized::kSnapshot:
            return true;
        default:
            break;
    }
    const IncrementalStrategy strategy = StrategyOf(node_);
    return attempt.incremental && strategy != IncrementalStrategy::kAppend &&
           strategy != IncrementalStrategy::kMerge;
}

void NodeRun::HoldToContract(const Attempt& attempt, const std::string& select,
                             bool is_logged) const {
    const Materialized how = node_.config.materialized;
    if (how == Materialized::kAutoCdc || !scope_.contracts.Covers(Target())) return;
    const bool adds =
        attempt.incremental || how == Materialized::kHistory || how == Materialized::kSnapshot;
    const auto reviews =
        scope_.contracts.Review(scope_.parts.session, Target(), select,
                                adds ? quality::HeldRows::kNew : quality::HeldRows::kAll);
    if (!is_logged) {
        scope_.parts.catalog.Runs().AppendQuality(
            quality::RecordsOf(reviews, attempt.record.number, node_.id));
    }
    quality::ThrowIfBroken(reviews);
}

// A view has no run of its own; its columns are held in one.
void NodeRun::HoldView(const std::string& select) const {
    if (!scope_.contracts.Covers(Target())) return;
    const auto reviews =
        scope_.contracts.Review(scope_.parts.session, Target(), select, quality::HeldRows::kNone);
    RecordReviews(reviews, node_.id, scope_.build_id, scope_.parts.catalog.Runs());
    quality::ThrowIfBroken(reviews);
}

void NodeRun::CheckTypesIfStrict(const Attempt& attempt) const {
    const Materialized how = node_.config.materialized;
    // Changes and versions of rows have types of their own, and a seed is all text.
    const bool is_plain = how == Materialized::kTable || how == Materialized::kIncremental ||
                          how == Materialized::kStreaming || how == Materialized::kMaterializedView;
    if (!is_plain || node_.model->resource != Resource::kModel ||
        !IsStrict(node_, scope_.parts.catalog.Config().strict_layers))
        return;
    // A table that takes the types of its rows has none that they must have.
    const bool must_fit =
        attempt.incremental && SchemaChangeOf(node_, scope_.project) != SchemaChange::kSyncAll;
    CheckTypes(scope_.parts.session, node_, attempt.sql.text,
               must_fit ? std::optional(Target()) : std::nullopt);
}

void NodeRun::RunSteps(Attempt& attempt, NodeReport& report) {
    const std::string& model = node_.id;
    catalog::RunRecord& record = attempt.record;
    ThrowIfStopped();
    RunHeader(attempt.sql);
    CheckTypesIfStrict(attempt);
    RowStage stage(scope_.parts.session, attempt.sql, PlanOf(attempt), NeedsStage(attempt));
    stage.Fill();
    quality::RowCounts counts = stage.Counts();
    std::vector<catalog::QualityRecord> checks = stage.Checks();
    for (catalog::QualityRecord& check : checks) {
        check.run_number = record.number;
        check.node = check.table = model;
        check.versions = record.source_versions;
        if (check.passed) continue;
        report.notices.push_back(fmt::format("{} ({}): {}", check.rule, check.action,
                                             quality::RowsText(check.rows_failed)));
    }
    const bool is_logged = !scope_.parts.catalog.Runs().Quality(record.number).empty();
    if (!is_logged) scope_.parts.catalog.Runs().AppendQuality(checks);
    stage.ThrowIfFailing(model);
    const bool has_law = !RowsFrom(scope_.graph, node_).empty();
    counts.in = has_law ? CountInput(attempt) : stage.Rows();
    if (has_law) quality::CheckRowLaw(counts, model);
    HoldToContract(attempt, stage.TargetSelect(), is_logged);

    if (HasQuarantine(*node_.model) && !attempt.quarantine_is_there) {
        ThrowIfStopped();
        const std::string now = FormatTimestamp(scope_.parts.clock.Now());
        TableWrite write =
            WriteOf(attempt, Quarantine(), stage.QuarantineSelect(record.run_id, now));
        // It keeps what it has, and grows where its table may.
        if (SchemaChangeOf(node_, scope_.project) != SchemaChange::kFail)
            write.on_schema_change = SchemaChange::kAppendNew;
        counts.quarantined = Told(writer_.Write(write), report).rows;
    }
    ThrowIfStopped();
    TableWrite write = WriteOf(attempt, Target(), stage.TargetSelect());
    if (HasContract(node_))
        write.select =
            ModelContract(scope_.parts.session, *node_.model).Held(attempt.sql.text, write.select);
    FillSettings(node_, scope_.project, write);
    if (const auto& batch = attempt.versions.batch) {
        write.replace_where = InBatch(node_.config.microbatch->event_time, *batch);
        if (write.replace) write.select = HeldToBatch(write.select, write.replace_where);
    }
    write.offsets = Offsets(attempt);
    write.now = FormatTimestamp(scope_.parts.clock.Now());
    const WriteOutcome written =
        Told(stage.Writing([&] { return Write(attempt, write, report); }), report);
    // Rows seen count by themselves, not by the rows that they come to.
    if (node_.config.materialized != Materialized::kHistory) counts.written = written.rows;
    if (!stage.IsFilled()) counts.in = written.rows;
    report.statement = written.statement;

    record.target_version = written.version;
    record.rows_in = report.rows_in = counts.in;
    record.rows_written = report.rows_written = counts.written;
    record.rows_dropped = report.rows_dropped = counts.dropped;
    record.rows_quarantined = report.rows_quarantined = counts.quarantined;
    record.rows_duplicate = report.rows_duplicate = counts.duplicates;
    record.files_written = report.files_written = written.files;
    record.bytes_written = report.bytes_written = written.bytes;
    report.target_version = written.version;
    if (has_law) quality::CheckRowLaw(counts, model);
}

}  // namespace tarn::pipeline
