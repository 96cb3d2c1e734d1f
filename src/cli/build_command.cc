#include <algorithm>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "base/cancel.h"
#include "base/ticker.h"
#include "cli/build_text.h"
#include "cli/commands.h"
#include "cli/compose.h"
#include "cli/error_text.h"
#include "cli/lineage_delivery.h"
#include "cli/project_flags.h"
#include "cli/run.h"
#include "pipeline/backfill.h"
#include "pipeline/build.h"
#include "pipeline/freshness.h"
#include "pipeline/run_results.h"
#include "pipeline/service_level_watch.h"
#include "pipeline/target_folder.h"

namespace tarn::cli {

namespace {

// A command that runs nodes: dbt's words for which of them.
struct NodeCommand {
    const char* name;
    const char* meaning;
    std::vector<std::string> types;
    const char* examples;
};

const std::vector<std::string>& NodeTypes() {
    static const std::vector<std::string> types = {"model", "seed", "snapshot", "test",
                                                   "unit_test"};
    return types;
}

const std::vector<NodeCommand>& NodeCommands() {
    static const std::vector<NodeCommand> commands = {
        {"build", "Build the project: seeds, models and snapshots, each with its tests",
         NodeTypes(),
         R"(Runs the nodes of the project in the order of their references, tests behind what they
test. A node that fails ends what depends on it; the rest goes on. What is up to date is left alone.
target/ then has manifest.json, run_results.json and the SQL of each node.

Examples:
  tarn build                        everything
  tarn build -s +gold.delay_by_route   a model and all that it reads
  tarn build -s tag:nightly,path:models/gold --exclude stg_orders+
  tarn build --full-refresh -s silver.flights
  tarn build --vars '{since: 2013-06-01}' --format json
  tarn build --continuous --every 10s
)"},
        {"run",
         "Build models, without their tests",
         {"model"},
         "Examples:\n  tarn run -s +orders\n  tarn run -f -s config.materialized:incremental\n"},
        {"test",
         "Run tests over the tables as they are",
         {"test", "unit_test"},
         "Examples:\n  tarn test -s orders\n  tarn test -s test_type:singular\n"
         "  tarn test -s source:shop\n"},
        {"seed",
         "Load the CSV files of a dbt project",
         {"seed"},
         "Examples:\n  tarn seed\n  tarn seed -f -s raw_orders\n"},
        {"snapshot", "Record how rows change", {"snapshot"}, "Examples:\n  tarn snapshot\n"},
    };
    return commands;
}

constexpr const char* kRetryExamples =
    R"(Runs again what failed or was skipped in target/run_results.json, by the same command with
the same variables. Nothing to do is no failure.

Examples:
  tarn retry
  tarn retry --vars '{since: 2013-06-01}'
)";

constexpr const char* kBackfillExamples =
    R"(Makes intervals of models with `incremental_strategy: microbatch` that were not made yet, the
oldest first. Which ones were is told by the table's own commits: a backfill that was killed, or
ended by --max-batches, goes on where it was. --again makes known ones anew, each replaced whole.

Examples:
  tarn backfill -s silver.events --dry-run        what is known, what would be made
  tarn backfill -s silver.events                  every gap between `begin` and now
  tarn backfill -s silver.events --event-time-start 2024-01-01 --event-time-end 2024-02-01 --again
  tarn backfill -s silver.events --max-batches 24 --pause 10s
)";

struct BackfillFlags : ProjectFlags {
    bool again = false;
    bool dry_run = false;
    size_t most_batches = 0;
    std::string pause = "0s";
    std::string event_time_start;
    std::string event_time_end;
    std::string format = "table";
};

struct BuildFlags : ProjectFlags {
    bool full_refresh = false;
    bool fail_fast = false;
    bool store_failures = false;
    bool continuous = false;
    std::string every = "5s";
    std::string event_time_start;
    std::string event_time_end;
    std::string format = "table";
};

// Prints a line a node as it ends. Told on the building thread, read by the drawing one.
class LinePrinter final : public pipeline::BuildObserver {
public:
    // `only_work`: what is up to date, and tests that pass, get no line.
    LinePrinter(bool quiet, bool only_work) : quiet_(quiet), only_work_(only_work) {}

    void Use(WorkWatch* watch) { watch_ = watch; }
    std::string Label() const {
        const std::lock_guard lock(mutex_);
        return label_;
    }

    void OnMessage(const std::string& words) override {
        if (!quiet_) Say(words + "\n");
    }
    void OnPlan(const std::vector<std::string>& ids) override {
        for (const std::string& id : ids) width_ = std::max(width_, std::min(id.size(), kWidest));
        if (!quiet_ && !only_work_)
            Say(fmt::format("{} node{}\n", ids.size(), ids.size() == 1 ? "" : "s"));
    }
    void OnNodeStart(const std::string& id, size_t index, size_t count) override {
        const std::lock_guard lock(mutex_);
        label_ = fmt::format("[{}/{}] {}", index + 1, count, id);
    }
    void OnNodeEnd(const pipeline::NodeReport& report, size_t index, size_t count) override {
        const bool is_work = report.state == pipeline::NodeState::kDone
                                 ? !report.IsTest()
                                 : report.state != pipeline::NodeState::kUpToDate;
        if (!quiet_ && (is_work || !only_work_)) Say(NodeText(report, index, count, width_));
    }
    // To standard output, and to standard error.
    void Tell(const std::string& text) { Say(text); }
    void Warn(const std::string& text) {
        if (watch_ != nullptr) watch_->Say(std::cerr, text);
    }

private:
    // A longer name moves its own line's words to the right, not those of all lines.
    static constexpr size_t kWidest = 40;

    void Say(const std::string& text) {
        if (watch_ != nullptr) watch_->Say(std::cout, text);
    }

    const bool quiet_;
    const bool only_work_;
    WorkWatch* watch_ = nullptr;
    size_t width_ = 0;
    mutable std::mutex mutex_;
    std::string label_;
};

// InvalidInput: it is none.
int64_t SecondsOf(const std::string& flag, const std::string& span) {
    if (const auto seconds = pipeline::ParseSpanSeconds(span)) return *seconds;
    throw Refusal(Error(ErrorKind::kInvalidInput,
                        "`{} {}` is no span of time like `5s` or `1 minute`", flag, span));
}

// Builds over and over until an interrupt comes. A round that finds nothing to do says nothing; one
// that fails does not end the rest.
int BuildContinuously(pipeline::BuildRequest request, bool as_json, const std::string& span,
                      Lake& lake, const pipeline::BuildParts& parts, LinePrinter& printer) {
    const int64_t every = SecondsOf("--every", span);
    constexpr int64_t kLongestPauseS = 60;
    pipeline::ServiceLevelWatch levels(lake.clock().Now());
    std::string told;
    for (int64_t pause_s = every; !parts.cancel.IsCancelled(); request.only_changed = true) {
        bool has_failed = true;
        try {
            const auto round = [&] { return pipeline::Build(request, parts); };
            const pipeline::BuildReport report =
                request.only_changed ? round() : RefuseBeforeWork(round);
            has_failed = report.HasFailed();
            const bool had_work =
                report.Count(pipeline::NodeState::kUpToDate) < report.nodes.size();
            if (had_work && as_json) printer.Tell(BuildJson(report).dump() + "\n");
            for (const std::string& line : levels.Round(report, lake.clock().Now()))
                printer.Warn(line + "\n");
            told.clear();
        } catch (const Error& error) {
            if (!request.only_changed) throw;
            // A mistake that stays is told once.
            if (std::string text = ErrorText(error); text != told) printer.Warn(told = text);
        }
        // What fails is tried again less and less often.
        pause_s = has_failed ? std::max(every, std::min(pause_s * 2, kLongestPauseS)) : every;
        SleepUnless(lake.clock(), std::chrono::seconds(pause_s),
                    [&] { return parts.cancel.IsCancelled(); });
    }
    return kDone;
}

// `every`: the pause between two rounds of a build that goes on; nothing: there is one.
int RunNodes(pipeline::BuildRequest request, bool as_json, const std::optional<std::string>& every,
             Lake& lake, Interrupts& interrupts) {
    request.purpose = "tarn " + request.command;
    for (const std::string& one : request.select) request.purpose += " -s " + one;
    const auto session = lake.Connect("tarn " + request.command);
    LinePrinter printer(as_json, every.has_value());
    const CancelToken cancel;
    WatchOptions options{.on_interrupt = [&] {
        cancel.Cancel();
        session->Cancel();
    }};
    if (isatty(STDERR_FILENO)) {
        options.progress = [&] { return session->Progress(); };
        options.label = [&] { return printer.Label(); };
    }
    std::optional<WorkWatch> watch(std::in_place, interrupts, std::move(options));
    printer.Use(&*watch);
    LineageDelivery delivery =
        RefuseBeforeWork([&] { return LineageDelivery(lake.config(), ProcessEnvironment()); });
    const pipeline::BuildParts parts{
        lake.catalog(), *session, lake.store(),         lake.clock(),      lake.random(),
        printer,        cancel,   ProcessEnvironment(), delivery.Options()};
    if (every) {
        const int code =
            BuildContinuously(std::move(request), as_json, *every, lake, parts, printer);
        std::cerr << delivery.Finish();
        return code;
    }
    const pipeline::BuildReport report =
        RefuseBeforeWork([&] { return pipeline::Build(request, parts); });
    watch.reset();
    std::cerr << delivery.Finish();
    std::cout << (as_json ? BuildJson(report).dump(2) + "\n" : BuildSummaryText(report));
    if (cancel.IsCancelled()) return kCancelled;
    return report.HasFailed() ? kFailed : kDone;
}

int RunNodeCommand(const NodeCommand& command, const BuildFlags& flags, Interrupts& interrupts) {
    pipeline::BuildRequest request;
    request.command = command.name;
    Fill(flags, command.types, request);
    request.full_refresh = flags.full_refresh;
    request.fail_fast = flags.fail_fast;
    request.store_failures = flags.store_failures;
    request.event_time_start = flags.event_time_start;
    request.event_time_end = flags.event_time_end;
    if (flags.continuous && flags.full_refresh) {
        throw Refusal(Error(ErrorKind::kInvalidInput,
                            "--continuous with --full-refresh would make every table anew in every "
                            "round: run --full-refresh first, then --continuous"));
    }
    const auto lake = Lake::Open(FindLake(flags.lake));
    return RunNodes(std::move(request), flags.format == "json",
                    flags.continuous ? std::optional(flags.every) : std::nullopt, *lake,
                    interrupts);
}

int PrintBackfill(const BackfillFlags& flags, pipeline::BuildRequest request) {
    OpenProject project(flags, {"model"}, "backfill");
    static_cast<pipeline::ProjectRequest&>(request) = project.request;
    pipeline::TableWriter writer(*project.session, project.lake->catalog());
    const auto plan = RefuseBeforeWork([&] {
        return pipeline::PlanBackfill(*project.loaded, request, writer,
                                      project.lake->clock().Now());
    });
    std::cout << (flags.format == "json" ? BackfillJson(plan).dump(2) + "\n" : BackfillText(plan));
    return kDone;
}

int RunBackfill(const BackfillFlags& flags, Interrupts& interrupts) {
    pipeline::BuildRequest request;
    request.command = "backfill";
    Fill(flags, {"model"}, request);
    request.event_time_start = flags.event_time_start;
    request.event_time_end = flags.event_time_end;
    request.backfill = {flags.again, flags.most_batches,
                        std::chrono::seconds(SecondsOf("--pause", flags.pause))};
    if (flags.dry_run) return PrintBackfill(flags, std::move(request));
    const auto lake = Lake::Open(FindLake(flags.lake));
    return RunNodes(std::move(request), flags.format == "json", std::nullopt, *lake, interrupts);
}

// The request of the command whose results these are, for what it left to do.
pipeline::BuildRequest Again(const BuildFlags& flags, const pipeline::Unfinished& unfinished) {
    pipeline::BuildRequest request;
    Fill(flags, NodeTypes(), request);
    request.command = unfinished.command;
    request.only = unfinished.unique_ids;
    const auto& before = unfinished.arguments;
    if (flags.vars.empty() && before.contains("vars") && before["vars"].is_object())
        request.vars = before["vars"];
    if (flags.target.empty() && before.contains("target") && before["target"].is_string())
        request.target = before["target"];
    request.full_refresh = flags.full_refresh || before.value("full_refresh", false);
    request.store_failures = flags.store_failures || before.value("store_failures", false);
    const auto said = [&](const std::string& flag, const char* key) {
        const auto text = before.find(key);
        return flag.empty() && text != before.end() && text->is_string() ? text->get<std::string>()
                                                                         : flag;
    };
    request.event_time_start = said(flags.event_time_start, "event_time_start");
    request.event_time_end = said(flags.event_time_end, "event_time_end");
    request.fail_fast = flags.fail_fast;
    if (unfinished.command == "backfill") {
        request.backfill = {before.value("again", false), before.value("max_batches", size_t{0}),
                            std::chrono::seconds(before.value("pause_s", int64_t{0}))};
    }
    return request;
}

int RunRetry(const BuildFlags& flags, Interrupts& interrupts) {
    pipeline::ProjectRequest project;
    Fill(flags, {}, project);
    const auto lake = Lake::Open(FindLake(flags.lake));
    const pipeline::TargetFolder target(
        pipeline::TargetFolderOf(project, lake->config().root, ProcessEnvironment()));
    const auto results = target.Read("run_results.json");
    if (!results) {
        throw Refusal(Error(ErrorKind::kInvalidInput,
                            "{} has no run_results.json: nothing was run that could be retried",
                            target.path()));
    }
    const pipeline::Unfinished unfinished = RefuseBeforeWork(
        [&] { return pipeline::ReadUnfinished(*results, target.path() + "/run_results.json"); });
    return RunNodes(Again(flags, unfinished), flags.format == "json", std::nullopt, *lake,
                    interrupts);
}

// Exit code 2: it is none.
std::string CheckTime(const std::string& text) {
    try {
        pipeline::ParseInstant(text);
    } catch (const Error& error) {
        return error.message();
    }
    return "";
}

void AddTimeOptions(CLI::App& command, std::string& start, std::string& end,
                    const std::string& by_default) {
    command
        .add_option("--event-time-start", start,
                    "the first batch of microbatch models; by default " + by_default)
        ->check(CLI::Validator(CheckTime, "", ""))
        ->type_name("TIME");
    command.add_option("--event-time-end", end, "where the last of these batches ends")
        ->check(CLI::Validator(CheckTime, "", ""))
        ->type_name("TIME");
}

void AddRunOptions(CLI::App& command, BuildFlags& flags) {
    command.add_flag("-f,--full-refresh", flags.full_refresh, "incremental models from scratch");
    command.add_flag("-x,--fail-fast", flags.fail_fast, "the first failure ends the run");
    command.add_flag("--store-failures", flags.store_failures,
                     "rows that break a test are kept as a table");
    AddTimeOptions(command, flags.event_time_start, flags.event_time_end, "those that are due");
    AddReportFormatOption(command, flags.format);
}

void AddBackfill(CLI::App& app, Chosen& chosen) {
    auto flags = std::make_shared<BackfillFlags>();
    CLI::App* backfill = app.add_subcommand("backfill", "Make intervals that were not made yet");
    backfill->footer(kBackfillExamples);
    AddProjectOptions(*backfill, *flags);
    AddSelectionOptions(*backfill, *flags);
    AddTimeOptions(*backfill, flags->event_time_start, flags->event_time_end, "that of `begin`");
    backfill->add_flag("--again", flags->again, "also those that were made");
    backfill
        ->add_option("--max-batches", flags->most_batches,
                     "so many of a model at most; 0: all (default: 0)")
        ->check(CLI::NonNegativeNumber.description(""))
        ->type_name("N");
    backfill->add_option("--pause", flags->pause, "between two batches")
        ->type_name("SPAN")
        ->capture_default_str();
    backfill->add_flag("--dry-run", flags->dry_run, "only say what is known and what is not");
    AddReportFormatOption(*backfill, flags->format);
    backfill->callback([flags, &chosen] {
        chosen.action = [flags](Interrupts& interrupts) { return RunBackfill(*flags, interrupts); };
    });
}

}  // namespace

void AddNodeCommands(CLI::App& app, Chosen& chosen) {
    for (const NodeCommand& command : NodeCommands()) {
        auto flags = std::make_shared<BuildFlags>();
        CLI::App* added = app.add_subcommand(command.name, command.meaning);
        added->footer(command.examples);
        AddProjectOptions(*added, *flags);
        AddSelectionOptions(*added, *flags);
        if (command.types.size() > 2) AddTypeOptions(*added, *flags, command.types);
        AddRunOptions(*added, *flags);
        if (command.types.front() == "model") {
            added->add_flag(
                "--continuous", flags->continuous,
                "again and again until Ctrl-C: what its inputs changed is built, tables "
                "behind their service_level are told of");
            added->add_option("--every", flags->every, "the pause between two rounds")
                ->type_name("SPAN")
                ->capture_default_str();
        }
        added->callback([flags, &command, &chosen] {
            chosen.action = [flags, &command](Interrupts& interrupts) {
                return RunNodeCommand(command, *flags, interrupts);
            };
        });
    }
    AddBackfill(app, chosen);
    auto flags = std::make_shared<BuildFlags>();
    CLI::App* retry = app.add_subcommand("retry", "Run again what failed or was skipped last");
    retry->footer(kRetryExamples);
    AddProjectOptions(*retry, *flags);
    AddRunOptions(*retry, *flags);
    retry->callback([flags, &chosen] {
        chosen.action = [flags](Interrupts& interrupts) { return RunRetry(*flags, interrupts); };
    });
}

}  // namespace tarn::cli
