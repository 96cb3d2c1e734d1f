#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/compose.h"
#include "cli/run.h"
#include "cli/text_table.h"
#include "pipeline/maintenance.h"

namespace tarn::cli {

namespace {

constexpr const char* kExamples =
    R"(Tends tables: `advise` says how a table should lie, by what its readers asked of it
(ops.queries); `maintain` does what is worth doing, and says it first with --dry-run.

Examples:
  tarn table advise
  tarn table maintain --dry-run
  tarn table maintain silver.events --budget 2GiB
)";

constexpr const char* kAdviseHelp =
    R"(Reads the history of statements (ops.queries): which columns their conditions are on, how
many rows they leave, and how many bytes they read. Says of each table whether to partition it, to
cluster it (by which columns) or neither, how large its files should be, what share of the bytes
would not be read then, and how often a byte would be written over its life. Changes nothing.
To follow it: ALTER TABLE t CLUSTER BY (a, b), then OPTIMIZE t; or ALTER TABLE t CLUSTER BY AUTO,
and Tarn chooses when it maintains the table.

Examples:
  tarn table advise
  tarn table advise silver.events --format json
)";

constexpr const char* kMaintainHelp =
    R"(Plans, and then does, for each table: columns of CLUSTER BY AUTO, compaction of small files
(128 MB, up to 1 GB in tables of terabytes), files of which many rows are deleted, clustering,
VACUUM of what no version within the retention needs, and a checkpoint, behind which the log is
cut. A byte moves only into a file at least half as large again, so that nothing is written more
often than it pays; the last lines say how often bytes were written so far. It commits as any
writer: what others change meanwhile comes first. Every step stands in ops.queries.

Examples:
  tarn table maintain --dry-run
  tarn table maintain
  tarn table maintain silver.events gold.daily --budget 2GiB --format json
)";

struct TableFlags {
    std::string lake;
    std::vector<std::string> tables;
    std::string format = "table";
    bool is_dry_run = false;
    uint64_t budget_bytes = pipeline::MaintenanceOptions().most_bytes;
};

using Json = nlohmann::ordered_json;

void Print(const Json& objects) {
    std::cout << objects.dump(1, ' ', false, Json::error_handler_t::replace) << "\n";
}

engine::ColumnInfo TextColumn(const char* name) { return {name, "VARCHAR"}; }
engine::ColumnInfo NumberColumn(const char* name) { return {name, "BIGINT"}; }

std::string Percent(double part, double whole) {
    return whole == 0 ? "0 %" : fmt::format("{:.0f} %", 100 * part / whole);
}

int Advise(const TableFlags& flags) {
    const auto lake = Lake::Open(FindLake(flags.lake));
    const auto session = lake->Connect(pipeline::kMaintenanceUser);
    const auto advice = pipeline::Maintenance(*session, lake->catalog(), lake->catalog().Queries())
                            .Advise(flags.tables);
    Json objects = Json::array();
    std::vector<engine::TextRow> rows;
    for (const auto& [table, one] : advice) {
        Json uses = Json::array();
        for (const auto& use : one.uses) {
            uses.push_back({{"column", use.column},
                            {"scans", use.scans},
                            {"bytes", use.bytes},
                            {"share_of_rows_left", use.left_share}});
        }
        objects.push_back({{"table", table},
                           {"advice", upkeep::NameOf(one.layout)},
                           {"columns", one.columns},
                           {"reason", one.reason},
                           {"table_bytes", one.table_bytes},
                           {"files", one.files},
                           {"file_bytes", one.file_bytes},
                           {"scans", one.scans},
                           {"scanned_bytes", one.scanned_bytes},
                           {"saved_bytes", one.saved_bytes},
                           {"rewritten_bytes", one.rewritten_bytes},
                           {"write_amplification", one.write_amplification},
                           {"filters", std::move(uses)}});
        rows.push_back(
            {table, std::string(upkeep::NameOf(one.layout)), Join(one.columns, ", "),
             HumanBytes(one.file_bytes),
             Percent(static_cast<double>(one.saved_bytes), static_cast<double>(one.scanned_bytes)),
             HumanBytes(one.rewritten_bytes), fmt::format("{:.1f}x", one.write_amplification),
             one.reason});
    }
    if (flags.format == "json") {
        Print(objects);
    } else {
        std::cout << TextTable(
            {TextColumn("table"), TextColumn("advice"), TextColumn("columns"),
             TextColumn("file size"), TextColumn("bytes saved"), TextColumn("to rewrite"),
             TextColumn("write amplification"), TextColumn("reason")},
            rows);
    }
    return kDone;
}

void PrintReport(const pipeline::MaintenanceReport& report) {
    std::vector<engine::TextRow> rows;
    for (const auto& step : report.steps) {
        rows.push_back({step.table, step.action, std::string(pipeline::NameOf(step.state)),
                        std::to_string(step.files), HumanBytes(step.bytes),
                        std::to_string(step.files_after), HumanBytes(step.deferred_bytes),
                        step.detail});
    }
    if (rows.empty()) {
        std::cout << "nothing is worth doing\n";
    } else {
        std::cout << TextTable(
            {TextColumn("table"), TextColumn("action"), TextColumn("state"), NumberColumn("files"),
             TextColumn("bytes"), NumberColumn("files after"), TextColumn("deferred"),
             TextColumn("detail")},
            rows);
    }
    for (const auto& cost : report.costs) {
        if (cost.written_bytes > 0) std::cout << cost.ToString() << "\n";
    }
}

int Maintain(const TableFlags& flags) {
    const auto lake = Lake::Open(FindLake(flags.lake));
    const auto session = lake->Connect(pipeline::kMaintenanceUser);
    pipeline::MaintenanceOptions options;
    options.tables = flags.tables;
    options.is_dry_run = flags.is_dry_run;
    options.most_bytes = flags.budget_bytes;
    std::unique_ptr<catalog::Lease> lease;
    if (!flags.is_dry_run)
        lease = lake->catalog().AcquireLease("maintenance", {.purpose = "tarn table maintain"});
    const auto report =
        pipeline::Maintenance(*session, lake->catalog(), lake->catalog().Queries()).Run(options);
    if (flags.format != "json") {
        PrintReport(report);
        return report.HasFailed() ? kFailed : kDone;
    }
    Json steps = Json::array();
    for (const auto& step : report.steps) {
        steps.push_back({{"table", step.table},
                         {"action", step.action},
                         {"state", pipeline::NameOf(step.state)},
                         {"files", step.files},
                         {"bytes", step.bytes},
                         {"files_after", step.files_after},
                         {"deferred_bytes", step.deferred_bytes},
                         {"detail", step.detail}});
    }
    Json costs = Json::array();
    for (const auto& cost : report.costs) {
        costs.push_back({{"table", cost.table},
                         {"written_bytes", cost.written_bytes},
                         {"rewritten_bytes", cost.rewritten_bytes},
                         {"write_amplification", cost.Amplification()}});
    }
    Print({{"steps", std::move(steps)}, {"tables", std::move(costs)}});
    return report.HasFailed() ? kFailed : kDone;
}

}  // namespace

void AddTableCommand(CLI::App& app, Chosen& chosen) {
    auto flags = std::make_shared<TableFlags>();
    CLI::App* table = app.add_subcommand("table", "Advise on tables' layout, and maintain them");
    table->footer(kExamples);
    table->require_subcommand(1);
    CLI::App* advise = table->add_subcommand(
        "advise", "Say how tables should lie, by what their readers asked of them");
    advise->footer(kAdviseHelp);
    CLI::App* maintain =
        table->add_subcommand("maintain", "Do what tables need, within a budget of bytes");
    maintain->footer(kMaintainHelp);
    for (CLI::App* command : {advise, maintain}) {
        command->add_option("TABLE", flags->tables, "tables, as SQL names them (default: all)")
            ->type_name("");
        AddLakeOption(*command, flags->lake);
        AddReportFormatOption(*command, flags->format);
    }
    maintain->add_flag("--dry-run", flags->is_dry_run, "print the plan, change nothing");
    maintain
        ->add_option("--budget", flags->budget_bytes,
                     "so many bytes are written again at most, the rest next time")
        ->transform(CLI::AsSizeValue(false).description(""))
        ->type_name("SIZE")
        ->default_str("10GiB");
    advise->callback(
        [flags, &chosen] { chosen.action = [flags](Interrupts&) { return Advise(*flags); }; });
    maintain->callback(
        [flags, &chosen] { chosen.action = [flags](Interrupts&) { return Maintain(*flags); }; });
}

}  // namespace tarn::cli
