#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/compose.h"
#include "cli/interrupt.h"
#include "cli/project_flags.h"
#include "cli/result_writer.h"
#include "cli/run.h"
#include "cli/text_table.h"
#include "pipeline/quarantine.h"
#include "pipeline/replay.h"
#include "quality/row_law.h"

namespace tarn::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kExamples =
    R"(Rows that break an expectation with the action `quarantine` wait in quarantine.<model>, those
that a contract keeps from landing in quarantine.<schema>_<table>, each with the rules it breaks
(_rules), the run (_run_id) and the time (_quarantined_at).

Examples:
  tarn quarantine list
  tarn quarantine show silver.flights --rule speed_is_possible
  tarn quarantine replay silver.flights --set "air_time_minutes = NULL" --dry-run
  tarn quarantine discard silver.flights --run 12 --reason "test data of the vendor" --yes
)";

constexpr const char* kListHelp =
    R"(Says of each table of rows that were set aside how many wait, which rules they break, since
when, and what set them aside.

Examples:
  tarn quarantine list
  tarn quarantine list --format json
)";

constexpr const char* kShowHelp =
    R"(Shows rows that wait, the newest first, the rules that they break before all else.

Examples:
  tarn quarantine show flights
  tarn quarantine show silver.flights --rule speed_is_possible --limit 100
  tarn quarantine show flights --run 12 --where "origin = 'EWR'" --format csv
)";

constexpr const char* kReplayHelp =
    R"help(Judges rows that wait once more, by what their model's YAML says today. Those that pass
go to the model's table, as its strategy and `deduplicate` have it; those that do not stay, with
the rules that they break now. --set gives a column another value first; what it says is SQL over
the row as it waits. Both tables are committed with the run's number, so that a replay that is cut
off, by a crash or a `kill -9`, leaves no row lost or doubled: the next command puts back what was
on its way. The counts stand in ops.runs (in = written + dropped + quarantined + duplicates).

Where the table has a row of the same unique_key, `deduplicate: order_by` of the model says which
is right. Without it the waiting row stays (key_is_there), unless --overwrite.

Examples:
  tarn quarantine replay silver.flights
  tarn quarantine replay silver.flights --rule speed_is_possible --dry-run
  tarn quarantine replay silver.orders --where "amount < 0" --set "amount = abs(amount)"
)help";

constexpr const char* kDiscardHelp =
    R"(Takes rows that wait away, all of the table or those that the flags mean. Who, when, why and
how many stay on record: SELECT * FROM ops.quality WHERE action = 'discard'.

Examples:
  tarn quarantine discard flights --rule key_is_complete --reason "sent again" --dry-run
  tarn quarantine discard flights --run 12 --reason "test data of the vendor" --yes
)";

struct QuarantineFlags : ProjectFlags {
    std::string name;
    pipeline::WaitingRows rows;
    int64_t limit = 20;
    std::vector<std::string> fixes;
    std::string reason;
    std::string format = "table";
    bool overwrite = false;
    bool is_dry_run = false;
    bool is_sure = false;
};

void Print(const Json& json) {
    std::cout << json.dump(1, ' ', false, Json::error_handler_t::replace) << "\n";
}

Json JsonOf(const pipeline::RowsByRule& rules) {
    Json all = Json::object();
    for (const auto& [rule, rows] : rules) all[rule] = rows;
    return all;
}

std::string TextOf(const pipeline::RowsByRule& rules) {
    std::vector<std::string> all;
    for (const auto& [rule, rows] : rules) all.push_back(fmt::format("{} {}", rule, rows));
    return Join(all, ", ");
}

template <typename Value>
Json OrNull(const std::optional<Value>& value) {
    return value ? Json(*value) : Json();
}

int List(const QuarantineFlags& flags, Interrupts&) {
    const auto lake = Lake::Open(FindLake(flags.lake));
    const auto session = lake->Connect("tarn quarantine list");
    const auto tables = pipeline::Quarantine(*session, lake->catalog()).List();
    Json all = Json::array();
    std::vector<engine::TextRow> rows;
    for (const pipeline::WaitingTable& one : tables) {
        all.push_back({{"table", one.table.ToString()},
                       {"rows", one.rows},
                       {"rules", JsonOf(one.rules)},
                       {"oldest", OrNull(one.oldest)},
                       {"newest", OrNull(one.newest)},
                       {"sources", one.sources}});
        rows.push_back({one.table.ToString(), std::to_string(one.rows), TextOf(one.rules),
                        one.oldest, one.newest, Join(one.sources, ", ")});
    }
    if (flags.format == "json") {
        Print(all);
    } else if (rows.empty()) {
        std::cout << "No rows were ever set aside.\n";
    } else {
        std::cout << TextTable({{"table", "VARCHAR"},
                                {"rows", "BIGINT"},
                                {"rules", "VARCHAR"},
                                {"oldest", "VARCHAR"},
                                {"newest", "VARCHAR"},
                                {"set aside by", "VARCHAR"}},
                               rows);
    }
    return kDone;
}

int Show(const QuarantineFlags& flags, Interrupts& interrupts) {
    const auto lake = Lake::Open(FindLake(flags.lake));
    const auto session = lake->Connect("tarn quarantine show");
    const WorkWatch watch(interrupts, {.on_interrupt = [&] { session->Cancel(); }});
    pipeline::Quarantine quarantine(*session, lake->catalog());
    WriterOptions options;
    if (flags.format == "json") options.format = OutputFormat::kJson;
    if (flags.format == "csv") options.format = OutputFormat::kCsv;
    const auto result = RefuseBeforeWork([&] {
        return session->Execute(quarantine.ShowSelect(
            quarantine.Find(flags.name), quarantine.FilterOf(flags.rows), flags.limit));
    });
    const auto writer = MakeResultWriter(std::cout, options);
    writer->Begin(result->Columns(), result->HasRows());
    writer->Take(*result);
    writer->End({result->Stats(), 0, result->Notices()});
    writer->Finish();
    return kDone;
}

void PrintReplay(const QuarantineFlags& flags, const pipeline::ReplayReport& report) {
    const quality::RowCounts& counts = report.counts;
    if (flags.format == "json") {
        Print({{"node", report.node},
               {"quarantine", report.quarantine.ToString()},
               {"dry_run", flags.is_dry_run},
               {"run_number", OrNull(report.run_number)},
               {"target_version", OrNull(report.target_version)},
               {"rows_in", counts.in},
               {"rows_written", counts.written},
               {"rows_dropped", counts.dropped},
               {"rows_quarantined", counts.quarantined},
               {"rows_duplicate", counts.duplicates},
               {"staying", JsonOf(report.staying)},
               {"notices", report.notices}});
        return;
    }
    for (const std::string& notice : report.notices) std::cerr << "notice: " << notice << "\n";
    if (counts.in == 0) {
        std::cout << fmt::format("No row of {} is meant.\n", report.quarantine.ToString());
        return;
    }
    std::cout << fmt::format(
        "{}{} of {}: {} written to {}, {} dropped, {} duplicate, {} waiting on{}\n",
        flags.is_dry_run ? "would replay " : "", quality::RowsText(counts.in),
        report.quarantine.ToString(), counts.written, report.node, counts.dropped,
        counts.duplicates, counts.quarantined,
        report.staying.empty() ? "" : " (" + TextOf(report.staying) + ")");
}

int Replay(const QuarantineFlags& flags, Interrupts& interrupts) {
    const OpenProject project(flags, {"model"}, "quarantine replay");
    const CancelToken cancel;
    const WorkWatch watch(interrupts, {.on_interrupt = [&] {
                              cancel.Cancel();
                              project.session->Cancel();
                          }});
    pipeline::ReplayRequest request;
    request.name = flags.name;
    request.rows = flags.rows;
    request.fixes = flags.fixes;
    request.overwrite = flags.overwrite;
    request.is_dry_run = flags.is_dry_run;
    const auto replay = RefuseBeforeWork([&] {
        return std::make_unique<pipeline::Replay>(
            *project.loaded,
            pipeline::ReplayParts{project.lake->catalog(), *project.session, cancel}, request);
    });
    PrintReplay(flags, replay->Run());
    return kDone;
}

void PrintDiscard(const QuarantineFlags& flags, const pipeline::DiscardReport& report) {
    if (flags.format == "json") {
        Print({{"quarantine", report.table.ToString()},
               {"dry_run", flags.is_dry_run},
               {"run_number", OrNull(report.run_number)},
               {"rows_waiting", report.waiting},
               {"rows_discarded", report.discarded},
               {"rules", JsonOf(report.rules)}});
        return;
    }
    std::cout << fmt::format("{}{} of {} of {}{}\n",
                             flags.is_dry_run ? "would discard " : "discarded ", report.discarded,
                             quality::RowsText(report.waiting), report.table.ToString(),
                             report.rules.empty() ? "" : " (" + TextOf(report.rules) + ")");
}

int Discard(const QuarantineFlags& flags, Interrupts&) {
    const auto lake = Lake::Open(FindLake(flags.lake));
    const auto session = lake->Connect("tarn quarantine discard");
    pipeline::Quarantine quarantine(*session, lake->catalog());
    pipeline::DiscardRequest request{flags.name, flags.rows, NameOfUser(), flags.reason,
                                     flags.is_dry_run || !flags.is_sure};
    const auto report = RefuseBeforeWork([&] { return quarantine.Discard(request); });
    if (request.is_dry_run && !flags.is_dry_run) {
        throw Refusal(Error(
            ErrorKind::kInvalidInput, "nothing was discarded: --yes takes {} of {} away ({})",
            quality::RowsText(report.discarded), report.table.ToString(), TextOf(report.rules)));
    }
    PrintDiscard(flags, report);
    return kDone;
}

using Action = int (*)(const QuarantineFlags&, Interrupts&);

struct Added {
    CLI::App* command;
    std::shared_ptr<QuarantineFlags> flags;
};

Added AddOne(CLI::App& quarantine, Chosen& chosen, const char* name, const char* meaning,
             const char* help, Action action) {
    auto flags = std::make_shared<QuarantineFlags>();
    CLI::App* command = quarantine.add_subcommand(name, meaning);
    command->footer(help);
    command->callback([flags, action, &chosen] {
        chosen.action = [flags, action](Interrupts& interrupts) {
            return action(*flags, interrupts);
        };
    });
    return {command, flags};
}

void AddRowOptions(const Added& added) {
    QuarantineFlags& flags = *added.flags;
    added.command
        ->add_option("NAME", flags.name,
                     "the model, as `flights` or `silver.flights`, or quarantine.<table>")
        ->type_name("")
        ->required();
    added.command->add_option("--rule", flags.rows.rule, "only rows that break this rule")
        ->type_name("NAME");
    added.command
        ->add_option("--run", flags.rows.run, "only rows that this run set aside: its number or id")
        ->type_name("RUN");
    added.command->add_option("--where", flags.rows.where, "only rows that meet this condition")
        ->type_name("SQL");
}

void AddDryRunOption(const Added& added) {
    added.command->add_flag("--dry-run", added.flags->is_dry_run,
                            "say what it would do, change nothing");
}

}  // namespace

void AddQuarantineCommands(CLI::App& app, Chosen& chosen) {
    CLI::App* quarantine =
        app.add_subcommand("quarantine", "Rows that were set aside: see, replay, discard them");
    quarantine->footer(kExamples);
    quarantine->require_subcommand(1);
    const Added list =
        AddOne(*quarantine, chosen, "list", "Say which rows wait, and why", kListHelp, List);
    AddLakeOption(*list.command, list.flags->lake);
    AddReportFormatOption(*list.command, list.flags->format);

    const Added show =
        AddOne(*quarantine, chosen, "show", "Show rows that wait, with reasons", kShowHelp, Show);
    AddRowOptions(show);
    AddLakeOption(*show.command, show.flags->lake);
    show.command->add_option("--limit", show.flags->limit, "so many rows at most")
        ->type_name("N")
        ->check(
            CLI::Range(int64_t{1}, static_cast<int64_t>(WriterOptions().max_rows)).description(""))
        ->capture_default_str();
    show.command->add_option("--format", show.flags->format, "table, csv or json")
        ->check(CLI::IsMember({"table", "csv", "json"}).description(""))
        ->type_name("NAME")
        ->capture_default_str();

    const Added replay =
        AddOne(*quarantine, chosen, "replay",
               "Judge rows that wait once more, and write those that pass", kReplayHelp, Replay);
    AddRowOptions(replay);
    AddProjectOptions(*replay.command, *replay.flags);
    replay.command
        ->add_option("--set", replay.flags->fixes, "give a column another value first; repeatable")
        ->type_name("COLUMN=SQL")
        ->allow_extra_args(false);
    replay.command->add_flag("--overwrite", replay.flags->overwrite,
                             "rows of the table give way to replayed ones of their key, where no "
                             "order is declared");
    AddDryRunOption(replay);
    AddReportFormatOption(*replay.command, replay.flags->format);

    const Added discard = AddOne(*quarantine, chosen, "discard",
                                 "Take rows that wait away, on record", kDiscardHelp, Discard);
    AddRowOptions(discard);
    AddLakeOption(*discard.command, discard.flags->lake);
    discard.command->add_option("--reason", discard.flags->reason, "why: it stays on record")
        ->type_name("TEXT")
        ->required();
    discard.command->add_flag("--yes", discard.flags->is_sure, "do it; without it nothing is done");
    AddDryRunOption(discard);
    AddReportFormatOption(*discard.command, discard.flags->format);
}

}  // namespace tarn::cli
