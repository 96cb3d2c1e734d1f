#include "pipeline/maintenance.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "engine/scan_history.h"
#include "sql/quote.h"
#include "upkeep/maintenance_plan.h"

namespace tarn::pipeline {

namespace {

constexpr const char* kNode = "maintenance";

std::string SqlOf(const engine::TableName& table) {
    return sql::QuoteIdentifier(table.schema) + "." + sql::QuoteIdentifier(table.name);
}

engine::ExecuteOptions Options(uint64_t most_bytes = 0) {
    engine::ExecuteOptions options;
    options.node = kNode;
    options.most_rewritten_bytes = most_bytes;
    return options;
}

uint64_t CountOf(const std::optional<std::string>& text) {
    return static_cast<uint64_t>(std::max<int64_t>(0, ParseInt(text.value_or("0")).value_or(0)));
}

bool IsRewrite(const MaintenanceStep& step) {
    return step.action != "vacuum" && step.action != "checkpoint";
}

}  // namespace

std::string_view NameOf(StepState state) {
    switch (state) {
        case StepState::kPlanned:
            return "planned";
        case StepState::kDone:
            return "done";
        case StepState::kFailed:
            return "failed";
        case StepState::kLeft:
            break;
    }
    return "left";
}

double WriteCost::Amplification() const {
    if (written_bytes == 0) return 0;
    return static_cast<double>(written_bytes + rewritten_bytes) /
           static_cast<double>(written_bytes);
}

std::string WriteCost::ToString() const {
    if (written_bytes == 0) return {};
    return fmt::format("{}: write amplification {:.1f}x (written {}, by maintenance again {})",
                       table, Amplification(), HumanBytes(written_bytes),
                       HumanBytes(rewritten_bytes));
}

bool MaintenanceReport::HasFailed() const {
    return std::any_of(steps.begin(), steps.end(),
                       [](const auto& step) { return step.state == StepState::kFailed; });
}

std::vector<engine::TableName> Maintenance::TablesOf(const std::vector<std::string>& named) {
    std::vector<engine::TableName> tables;
    for (const std::string& name : named) {
        const engine::TableName resolved = session_.ResolveName(name);
        const auto entry = directory_.Find(resolved);
        if (!entry || entry->kind != engine::EntryKind::kTable)
            throw Error(ErrorKind::kNotFound, "there is no table {}", resolved.ToString());
        tables.push_back(entry->name);
    }
    if (!named.empty()) return tables;
    for (const engine::SchemaEntry& schema : directory_.Schemas()) {
        for (const engine::DirectoryEntry& entry : directory_.List(schema.name)) {
            if (entry.kind == engine::EntryKind::kTable) tables.push_back(entry.name);
        }
    }
    return tables;
}

// The rewrites are one statement's; what it leaves behind is vacuumed, and written down.
std::vector<MaintenanceStep> Maintenance::PlanOf(const engine::TableName& table,
                                                 uint64_t most_bytes) {
    std::vector<MaintenanceStep> steps;
    const table::SnapshotPtr snapshot = session_.Snapshot(table);
    const std::vector<table::DataFile> files = snapshot->Plan({}).files;
    table::TableMetadata metadata = snapshot->Metadata();
    if (engine::LeavesClustering(metadata)) {
        auto chosen =
            upkeep::ChooseClustering(metadata, files, engine::ScanRecordsOf(history_, table));
        if (chosen != metadata.clustering_columns) {
            steps.push_back(
                {.table = table.ToString(), .action = "cluster by", .detail = Join(chosen, ", ")});
            metadata.clustering_columns = std::move(chosen);
        }
    }
    bool rewrites = !steps.empty();
    for (const upkeep::PlannedRewrite& planned :
         upkeep::PlanRewrites(metadata, files, most_bytes)) {
        const bool has_work = planned.files > 0;
        rewrites = rewrites || has_work;
        steps.push_back(
            {table.ToString(), std::string(upkeep::NameOf(planned.kind)),
             has_work ? StepState::kPlanned : StepState::kLeft, planned.files, planned.bytes,
             planned.files_after, planned.deferred_bytes,
             planned.deferred_bytes > 0 ? "beyond the budget: the next run goes on" : ""});
    }
    MaintenanceStep vacuum = PlanVacuum(table);
    if (vacuum.files > 0 || vacuum.state == StepState::kFailed) steps.push_back(std::move(vacuum));
    if (rewrites) steps.push_back({table.ToString(), "checkpoint", StepState::kPlanned});
    return steps;
}

// Of the files that the log tells were removed, which costs no listing.
MaintenanceStep Maintenance::PlanVacuum(const engine::TableName& table) {
    MaintenanceStep step{table.ToString(), "vacuum", StepState::kPlanned};
    try {
        const auto result = session_.Execute("VACUUM " + SqlOf(table) + " LITE DRY RUN", Options());
        std::vector<engine::TextRow> rows;
        while (result->NextText(rows)) {
            for (const engine::TextRow& row : rows) {
                ++step.files;
                step.bytes += CountOf(row.at(1));
            }
            rows.clear();
        }
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::kCancelled) throw;
        step.state = StepState::kFailed;
        step.detail = error.message();
    }
    return step;
}

void Maintenance::Do(const std::vector<MaintenanceStep*>& steps, const std::string& statement,
                     uint64_t most_bytes) {
    StepState state = StepState::kDone;
    std::string detail;
    try {
        session_.Run(statement, Options(most_bytes));
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::kCancelled) throw;
        // Other writers come first: that is no failure, and the next run does it.
        state = error.kind() == ErrorKind::kConflict ? StepState::kLeft : StepState::kFailed;
        detail = error.message();
    }
    for (MaintenanceStep* step : steps) {
        step->state = state;
        if (!detail.empty()) step->detail = detail;
    }
}

MaintenanceReport Maintenance::Run(const MaintenanceOptions& options) {
    MaintenanceReport report;
    uint64_t left = options.most_bytes;
    for (const engine::TableName& table : TablesOf(options.tables)) {
        std::vector<MaintenanceStep> steps = PlanOf(table, left);
        const auto planned = [&](auto is_meant) {
            std::vector<MaintenanceStep*> found;
            for (MaintenanceStep& step : steps) {
                if (step.state == StepState::kPlanned && is_meant(step)) found.push_back(&step);
            }
            return found;
        };
        const auto rewrites = planned(IsRewrite);
        uint64_t bytes = 0;
        for (const MaintenanceStep* step : rewrites) bytes += step->bytes;
        const auto run = [&](const std::vector<MaintenanceStep*>& some, const std::string& words) {
            if (some.empty() || options.is_dry_run) return;
            if (!options.must_stop()) return Do(some, words, left);
            for (MaintenanceStep* step : some) {
                step->state = StepState::kLeft;
                step->detail = "other work came first";
            }
        };
        run(rewrites, "OPTIMIZE " + SqlOf(table));
        run(planned([](const auto& step) { return step.action == "vacuum"; }),
            "VACUUM " + SqlOf(table) + " LITE");
        run(planned([](const auto& step) { return step.action == "checkpoint"; }),
            "CHECKPOINT " + SqlOf(table));
        left -= std::min(left, bytes);
        std::move(steps.begin(), steps.end(), std::back_inserter(report.steps));
        report.costs.push_back(CostOf(table));
    }
    return report;
}

WriteCost Maintenance::CostOf(const engine::TableName& table) {
    WriteCost cost{table.ToString()};
    const std::string key = sql::QuoteLiteral("\"" + table.ToString() + "\":");
    for (const engine::TextRow& row : session_.Query(
             "SELECT statement_type IN ('OPTIMIZE', 'REORG'), sum(bytes_written) FROM ops.queries"
             " WHERE state = 'succeeded' AND contains(written_versions, " +
                 key + ") GROUP BY ALL",
             Options())) {
        (row.at(0) == "true" ? cost.rewritten_bytes : cost.written_bytes) += CountOf(row.at(1));
    }
    return cost;
}

std::vector<TableAdvice> Maintenance::Advise(const std::vector<std::string>& tables) {
    std::vector<TableAdvice> advice;
    for (const engine::TableName& table : TablesOf(tables)) {
        const table::SnapshotPtr snapshot = session_.Snapshot(table);
        advice.push_back(
            {table.ToString(), upkeep::AdviseLayout(snapshot->Metadata(), snapshot->Plan({}).files,
                                                    engine::ScanRecordsOf(history_, table))});
    }
    return advice;
}

}  // namespace tarn::pipeline
