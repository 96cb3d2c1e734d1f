#include "engine/duck/upkeep_run.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "engine/duck/client_state.h"
#include "engine/duck/clone_table.h"
#include "engine/duck/commit_result.h"
#include "engine/duck/dropped_columns.h"
#include "engine/duck/errors.h"
#include "engine/duck/file_rewriter.h"
#include "engine/duck/hive_path.h"
#include "engine/duck/spark_settings.h"
#include "engine/duck/transaction.h"
#include "engine/duck/upkeep_rows.h"
#include "engine/duck/values.h"
#include "engine/duck/version_values.h"
#include "engine/scan_history.h"
#include "upkeep/auto_clustering.h"
#include "upkeep/drop_feature.h"
#include "upkeep/fsck.h"
#include "upkeep/manifest.h"
#include "upkeep/optimize.h"
#include "upkeep/planned_steps.h"
#include "upkeep/restore.h"
#include "upkeep/vacuum.h"

namespace tarn::engine::duck {
namespace {

using duckdb::Value;

constexpr double kHourMs = 3'600'000;
constexpr double kMaxHours = 1e9;
// As in Delta: fewer small files of a partition wait for more.
constexpr size_t kFilesWorthCompacting = 50;

// Does one statement.
class Upkeep {
public:
    Upkeep(duckdb::ClientContext& client, const UpkeepRequest& request)
        : client_(client), request_(request), entry_(*request.entry) {}

    std::vector<duckdb::vector<Value>> Take() { return std::move(rows_); }

    void operator()(const sql::Optimize& statement) {
        FileRewriter rewriter(client_, entry_);
        upkeep::OptimizeTask task = OptimizeTaskOf(rewriter, statement.condition);
        if (!statement.is_automatic && !request_.explains) task.latest = Chosen();
        task.is_full = statement.is_full;
        task.is_automatic = statement.is_automatic;
        if (statement.is_automatic) task.rules.fewest_files = kFilesWorthCompacting;
        task.zorder = CurveColumnsOf(statement.zorder);
        const std::vector<std::string> clustered_by =
            request_.explains ? ColumnsToChoose() : task.latest->Metadata().clustering_columns;
        if (statement.is_full && clustered_by.empty()) {
            throw Error(ErrorKind::kInvalidInput,
                        "OPTIMIZE ... FULL is for tables that are clustered, and this one is not: "
                        "give it columns by ALTER TABLE ... CLUSTER BY, or leave FULL out");
        }
        if (!request_.explains) return Finish(upkeep::Optimize(task));
        if (clustered_by != entry_.metadata().clustering_columns)
            Tell({{"cluster by", Join(clustered_by, ", ")}});
        Tell(upkeep::StepsOf(task, clustered_by));
    }

    void operator()(const sql::Reorg& statement) {
        FileRewriter rewriter(client_, entry_);
        upkeep::OptimizeTask task = OptimizeTaskOf(rewriter, statement.condition);
        task.operation = "REORG";
        std::vector<table::DataFile> files = task.latest->Plan({}).files;
        std::erase_if(files, [&](const table::DataFile& file) {
            return file.deletion_vector ||
                   (task.is_wanted && !task.is_wanted(file.partition_values));
        });
        const auto outdated = FilesWithDroppedColumns(client_, *task.latest, files);
        task.is_meant = [&](const table::DataFile& file) {
            return file.deletion_vector || outdated.contains(file.location);
        };
        if (request_.explains) return Tell(upkeep::StepsOf(task, {}));
        Finish(upkeep::Optimize(task));
    }

    void operator()(const sql::Vacuum& statement) {
        upkeep::VacuumTask task{Format(), entry_.core().parts.store, entry_.core().parts.clock,
                                entry_.snapshot()};
        if (statement.retain_hours) task.retention_ms = Milliseconds(*statement.retain_hours);
        task.is_dry_run = statement.is_dry_run || request_.explains;
        task.is_lite = statement.is_lite;
        const ClientState& state = ClientState::Of(client_);
        task.checks_retention = IsSwitchedOn(state, SparkSwitch::kRetentionCheck);
        if (statement.inventory) task.inventory = state.inventory;
        task.clones = ShallowClones(entry_.core());
        task.readers = SnapshotsInUse(entry_.ParentCatalog(), entry_.row().location);
        task.step = Step();
        const upkeep::VacuumReport report = upkeep::Vacuum(task);
        BeyondCancelling();
        if (request_.explains) return Tell(upkeep::StepsOf(report));
        if (report.kept_for_others > 0) {
            state.meter->AddNotice(fmt::format(
                "{} files stay that shallow clones of the table or running transactions need",
                report.kept_for_others));
        }
        if (!statement.is_dry_run) {
            rows_.push_back({Value(entry_.row().location), CountValue(report.deleted),
                             CountValue(report.plan.size_bytes)});
            return;
        }
        for (const storage::ObjectInfo& file : report.plan.files) {
            rows_.push_back({Value(file.location), CountValue(file.size_bytes)});
        }
    }

    void operator()(const sql::Fsck& statement) {
        upkeep::FsckTask task{Format(), entry_.core().parts.store, entry_.snapshot(),
                              statement.is_dry_run || request_.explains};
        task.step = Step();
        const upkeep::FsckReport report = upkeep::Fsck(task);
        BeyondCancelling();
        if (request_.explains) return Tell(upkeep::StepsOf(report));
        if (report.version) NoteVersion(*report.version);
        for (const upkeep::BrokenFile& broken : report.broken) {
            rows_.push_back({Value(broken.file.path), Value::BOOLEAN(broken.is_missing),
                             broken.vector ? Value(BelowRoot(*broken.vector)) : Value(),
                             Value::BOOLEAN(broken.is_vector_missing)});
        }
        TellOfLiveRows(report);
    }

    void operator()(const sql::GenerateManifest&) {
        const auto& metadata = entry_.metadata();
        const auto manifests =
            upkeep::PlanManifests(*entry_.snapshot(), [&](const table::DataFile& file) {
                std::string folder;
                for (size_t i = 0; i < metadata.partition_columns.size(); i++) {
                    const auto at = metadata.schema.Find(metadata.partition_columns[i]);
                    const table::Field& field = metadata.schema.fields[static_cast<size_t>(at)];
                    folder += (i == 0 ? "" : "/") +
                              HivePart(field, ToDuck(file.partition_values[i], field.type));
                }
                return folder;
            });
        if (request_.explains) return Tell(upkeep::StepsOf(manifests));
        upkeep::WriteManifests(entry_.core().parts.store, *entry_.snapshot(), manifests);
        rows_.push_back({Value(entry_.row().location), CountValue(manifests.texts.size()),
                         CountValue(manifests.files)});
    }

    void operator()(const sql::Clone& statement) {
        auto source = request_.entry;
        if (statement.version) {
            source = source->WithSnapshot(Format().Load(
                entry_.row().location, Wanted(*statement.version), entry_.snapshot()));
        }
        if (request_.explains) {
            if (const auto plan = PlanCloneTable(client_, statement, source))
                Tell(upkeep::StepsOf(plan->files, statement.is_shallow));
            return;
        }
        const auto plan = CloneTable(client_, statement, source, Step());
        if (!plan) return;
        const uint64_t copied = statement.is_shallow ? 0 : plan->added.size();
        rows_.push_back({CountValue(plan->source.size_bytes), CountValue(plan->source.files),
                         CountValue(plan->removed.size()), CountValue(copied),
                         CountValue(upkeep::BytesOf(plan->removed)),
                         CountValue(statement.is_shallow ? 0 : upkeep::BytesOf(plan->added))});
    }

    void operator()(const sql::Checkpoint&) {
        if (request_.explains) {
            const table::TableTotals totals = entry_.snapshot()->Totals();
            return Tell({{"checkpoint", {}, totals.files, {}, "which it names"}});
        }
        const table::Version version = Format().Checkpoint(entry_.snapshot());
        rows_.push_back({Value(entry_.row().location), Value::BIGINT(version.number)});
    }

    void operator()(const sql::Restore& statement) {
        upkeep::RestoreTask task{Format(), entry_.core().parts.store, entry_.snapshot(), nullptr};
        const table::AsOf wanted = Wanted(statement.version);
        if (const auto* version = std::get_if<table::Version>(&wanted)) {
            task.version = std::to_string(version->number);
        } else {
            task.timestamp = nlohmann::json(request_.version.ToString()).dump();
        }
        task.wanted = task.format.Load(entry_.row().location, wanted, task.latest);
        if (request_.explains)
            return Tell(upkeep::StepsOf(upkeep::PlanRestore(*task.latest, *task.wanted)));
        const upkeep::RestoreReport report = upkeep::Restore(task);
        NoteWritten(ClientState::Of(client_), entry_.row().name, report.outcome,
                    entry_.core().parts.clock);
        BeyondCancelling();
        const upkeep::RestorePlan& plan = report.plan;
        rows_.push_back({CountValue(plan.after.size_bytes), CountValue(plan.after.files),
                         CountValue(plan.removed.size()), CountValue(plan.restored.size()),
                         CountValue(upkeep::BytesOf(plan.removed)),
                         CountValue(upkeep::BytesOf(plan.restored))});
    }

    void operator()(const sql::DropFeature& statement) {
        if (request_.explains) {
            return Tell(upkeep::StepsOf(Format().TraceOf(entry_.snapshot(), statement.feature,
                                                         statement.truncates_history)));
        }
        FileRewriter rewriter(client_, entry_);
        upkeep::DropFeatureTask task{Format(),          entry_.snapshot(),
                                     rewriter,          upkeep::RulesOf(entry_.metadata()),
                                     statement.feature, statement.truncates_history};
        task.step = Step();
        const table::Version version = upkeep::DropFeature(task);
        BeyondCancelling();
        NoteVersion(version);
        rows_.push_back({Value(entry_.row().location), Value::BIGINT(version.number)});
    }

private:
    std::string BelowRoot(const std::string& location) const {
        const std::string root = entry_.row().location + "/";
        return location.starts_with(root) ? location.substr(root.size()) : location;
    }

    // Which rows of a file were deleted said its vector only.
    void TellOfLiveRows(const upkeep::FsckReport& report) {
        const std::vector<table::DataFile> files = report.WithoutVector();
        if (files.empty()) return;
        uint64_t live = 0;
        for (const table::DataFile& file : files) live += file.LiveRows().value_or(0);
        ClientState::Of(client_).meter->AddNotice(fmt::format(
            "{} files are there whose deletion vectors are gone: which of their rows were deleted "
            "is not known, so that all leave the table, {} that were not deleted among them. The "
            "files stay until VACUUM: look for the rows to keep in parquet.`{}`",
            files.size(), live, files.front().location));
    }

    void Tell(const upkeep::PlannedSteps& steps) {
        for (const upkeep::PlannedStep& step : steps) rows_.push_back(RowOf(step));
    }

    upkeep::OptimizeTask OptimizeTaskOf(FileRewriter& rewriter,
                                        const std::optional<sql::Condition>& condition) {
        upkeep::OptimizeTask task{Format(), entry_.snapshot(), rewriter,
                                  upkeep::RulesOf(entry_.metadata())};
        const ExecuteOptions* options = ClientState::Of(client_).options;
        if (options != nullptr && options->most_rewritten_bytes > 0) {
            task.rules =
                upkeep::RulesOfMaintenance(entry_.metadata(), options->most_rewritten_bytes);
        }
        if (condition) {
            task.is_wanted = TestOf(entry_.core(), entry_.metadata(), *condition);
            const std::string said = nlohmann::json::array({condition->text}).dump();
            task.predicate = nlohmann::json(said).dump();
        }
        task.step = Step();
        task.run = NewUuid(entry_.core().parts.clock, entry_.core().parts.random);
        return task;
    }

    // Of a table that leaves its clustering to Tarn (CLUSTER BY AUTO): what its scans were; of any
    // other nothing.
    std::optional<std::vector<upkeep::ScanRecord>> ScansToChooseBy() {
        QueryHistory* history = entry_.core().parts.history;
        if (history == nullptr || !LeavesClustering(entry_.metadata())) return std::nullopt;
        return ScanRecordsOf(*history, entry_.row().name);
    }

    std::vector<std::string> ColumnsToChoose() {
        const auto scans = ScansToChooseBy();
        if (!scans) return entry_.metadata().clustering_columns;
        return upkeep::ChooseClustering(entry_.metadata(), entry_.snapshot()->Plan({}).files,
                                        *scans);
    }

    table::SnapshotPtr Chosen() {
        const auto scans = ScansToChooseBy();
        if (!scans) return entry_.snapshot();
        const auto chosen = upkeep::ClusterByChoice(Format(), entry_.snapshot(), *scans);
        if (chosen != entry_.snapshot()) {
            NoteVersion(chosen->AtVersion());
            ClientState::Of(client_).meter->AddNotice(
                "CLUSTER BY AUTO: the table is clustered by " +
                Join(chosen->Metadata().clustering_columns, ", ") + " from now on");
        }
        return chosen;
    }

    // All rows of a partition have one value of its columns: they lay nothing apart.
    std::vector<std::string> CurveColumnsOf(const std::vector<std::string>& named) {
        std::vector<std::string> columns;
        if (!named.empty() && !entry_.metadata().clustering_columns.empty()) {
            throw Error(ErrorKind::kInvalidInput,
                        "the table is clustered by {}: OPTIMIZE lays its rows along these; leave "
                        "ZORDER BY out, or say ALTER TABLE ... CLUSTER BY NONE first",
                        Join(entry_.metadata().clustering_columns, ", "));
        }
        for (const std::string& name : named) {
            const auto& partitions = entry_.metadata().partition_columns;
            const bool is_partition =
                std::any_of(partitions.begin(), partitions.end(),
                            [&](const auto& one) { return EqualsIgnoreCase(one, name); });
            if (!is_partition) {
                columns.push_back(name);
                continue;
            }
            ClientState::Of(client_).meter->AddNotice(
                "ZORDER BY: " + name + " is a partition column: its values are apart already");
        }
        return columns;
    }

    void Finish(const upkeep::OptimizeReport& report) {
        BeyondCancelling();
        if (report.version) NoteVersion(*report.version);
        if (report.was_outrun) {
            ClientState::Of(client_).meter->AddNotice(
                "other writers changed some of the files each time before they could be put in "
                "place: these are as they were, the next run goes on");
        }
        rows_.push_back({Value(entry_.row().location), MetricsOf(report)});
    }

    void NoteVersion(table::Version version) {
        ClientState::Of(client_).meter->AddWritten(
            {entry_.row().name, version, ToUnixMs(entry_.core().parts.clock.Now())});
    }

    // What the statement's version stands for.
    table::AsOf Wanted(const sql::VersionClause& version) {
        if (version.is_time) return TimeIn(client_, request_.version);
        return VersionIn(request_.version);
    }

    table::TableFormat& Format() { return entry_.core().FormatNamed(entry_.row().format); }

    static int64_t Milliseconds(double hours) {
        if (hours < 0 || hours > kMaxHours) {
            throw Error(ErrorKind::kInvalidInput, "RETAIN {} HOURS is no length of time", hours);
        }
        return static_cast<int64_t>(std::llround(hours * kHourMs));
    }

    // It is done: whoever cancels it now is not told that it was not.
    void BeyondCancelling() { client_.ClearInterrupt(); }

    std::function<void(double)> Step() {
        return [this](double share) {
            request_.progress(share);
            if (client_.IsInterrupted()) throw duckdb::InterruptException();
        };
    }

    duckdb::ClientContext& client_;
    const UpkeepRequest& request_;
    TableEntry& entry_;
    std::vector<duckdb::vector<Value>> rows_;
};

}  // namespace

std::vector<duckdb::vector<duckdb::Value>> RunUpkeep(duckdb::ClientContext& client,
                                                     const UpkeepRequest& request) {
    Upkeep upkeep(client, request);
    std::visit(upkeep, request.statement);
    return upkeep.Take();
}

}  // namespace tarn::engine::duck
