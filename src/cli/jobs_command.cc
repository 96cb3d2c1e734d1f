#include <iostream>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "base/ticker.h"
#include "cli/commands.h"
#include "cli/compose.h"
#include "cli/job_desk.h"
#include "cli/jobs_text.h"
#include "cli/run.h"
#include "pipeline/job_request.h"
#include "pipeline/job_times.h"
#include "pipeline/job_yaml.h"

namespace tarn::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kJobsHelp =
    R"(Jobs say what runs when: jobs/*.yml, run by `tarn serve`. A job has tasks, each a command of
Tarn or a program of yours; a plan (cron, every), sensors (a table's new version or age, files, the
time) or other jobs start it. What ran stands in ops.job_runs and ops.job_tasks.

  jobs:
    - name: nightly
      schedule: {cron: 30 6 * * MON-FRI, timezone: Europe/Berlin}
      retries: 2
      tasks:
        - {name: land, ingest: all}
        - {name: build, build: +gold, depends_on: land}

Examples:
  tarn jobs check
  tarn jobs next --count 5
  tarn jobs run nightly
  tarn jobs runs nightly
)";
constexpr const char* kListHelp = R"(Examples:
  tarn jobs list
  tarn jobs list --format json
)";
constexpr const char* kShowHelp =
    R"(What YAML says of a job, when it runs next, and whether it is paused. Addresses, headers and
environments are not shown: they may hold secrets.

Examples:
  tarn jobs show nightly
)";
constexpr const char* kCheckHelp =
    R"(Reads jobs/*.yml and says the first mistake with file, line and column: an unknown key, task,
job, pool or time zone with the nearest known one, tasks or jobs that wait for each other, a cron
plan whose time never comes. 2 is the exit code then. Nothing runs.

Examples:
  tarn jobs check
)";
constexpr const char* kNextHelp =
    R"(The coming times of plans, by the clocks of each job's zone. A time that the clocks skip in
spring comes when they go forward; one that they show twice in autumn comes once, at the first.

Examples:
  tarn jobs next
  tarn jobs next nightly --count 20
)";
constexpr const char* kRunHelp =
    R"(Runs a job now, here, and shows what its tasks write. Sensors are not asked. The exit code is
0 when all went well, 1 when a task failed, 130 when it was cancelled (Ctrl-C). A run that was cut
off (kill -9) goes on where it was: tasks that ended well are not done again; --new begins another.

Examples:
  tarn jobs run nightly
  tarn jobs run backfill --param since=2026-01-01
  tarn jobs run nightly --detach       the next look of a `tarn serve` takes it
)";
constexpr const char* kRunsHelp =
    R"(The latest runs, of one job or all; with a run's number its tasks, and with --log what they
wrote last.

Examples:
  tarn jobs runs
  tarn jobs runs nightly --state failed
  tarn jobs runs 17 --log
)";
constexpr const char* kCancelHelp =
    R"(Ends a run, wherever it runs: its tasks are asked to end (SIGTERM), and after ten seconds are
ended.

Examples:
  tarn jobs cancel 17
)";
constexpr const char* kPauseHelp =
    R"(A paused job starts no run by itself; those that run go on, and `tarn jobs run` works. When
it is resumed, `catch_up` says which of the times in between are run.

Examples:
  tarn jobs pause nightly
  tarn jobs resume nightly
)";

struct JobFlags {
    std::string lake;
    std::string name;
    std::string format = "table";
    std::string state;
    std::vector<std::string> parameters;
    int64_t count = 10;
    bool is_new = false;
    bool is_detached = false;
    bool with_log = false;
};

pipeline::JobBook BookOf(Lake& lake) {
    return RefuseBeforeWork([&] { return pipeline::ReadJobs(lake.store(), lake.config().root); });
}

const pipeline::Job& Named(const pipeline::JobBook& book, const std::string& name) {
    if (const pipeline::Job* job = book.Find(name)) return *job;
    const auto nearest = NearestWord(name, book.Names());
    throw Refusal(Error(ErrorKind::kInvalidInput, "jobs/ has no job `{}`{}", name,
                        nearest ? ": did you mean `" + *nearest + "`?" : ""));
}

ShownJob Shown(const pipeline::Job& job, Lake& lake) {
    ShownJob shown{&job};
    shown.memory = lake.catalog().Jobs().Memory(job.name).value_or(catalog::JobMemory());
    auto runs = lake.catalog().Jobs().Runs({.job = job.name, .limit = 1});
    if (!runs.empty()) shown.last = std::move(runs.front());
    shown.next = pipeline::NextTime(job.plan, lake.clock().Now());
    return shown;
}

void Print(const Json& json) {
    std::cout << json.dump(1, ' ', false, Json::error_handler_t::replace) << "\n";
}

int RunList(const JobFlags& flags, Interrupts&) {
    const auto lake = Lake::Open(FindLake(flags.lake));
    const auto book = BookOf(*lake);
    std::vector<ShownJob> jobs;
    for (const pipeline::Job& job : book.jobs) jobs.push_back(Shown(job, *lake));
    if (flags.format == "json") {
        Json all = Json::array();
        for (const ShownJob& one : jobs) all.push_back(JsonOf(one));
        Print(all);
    } else if (jobs.empty()) {
        std::cout << "Nothing to do: jobs/ has no job. `tarn jobs --help` shows one.\n";
    } else {
        std::cout << JobTable(jobs);
    }
    return kDone;
}

int RunShow(const JobFlags& flags, Interrupts&) {
    const auto lake = Lake::Open(FindLake(flags.lake));
    const auto book = BookOf(*lake);
    const ShownJob shown = Shown(Named(book, flags.name), *lake);
    if (flags.format == "json") {
        Print(JsonOf(shown));
    } else {
        std::cout << JobText(shown);
    }
    return kDone;
}

int RunCheck(const JobFlags& flags, Interrupts&) {
    const auto lake = Lake::Open(FindLake(flags.lake));
    const auto book = BookOf(*lake);
    size_t tasks = 0;
    for (const pipeline::Job& job : book.jobs) tasks += job.tasks.size();
    if (flags.format == "json") {
        Print({{"jobs", book.jobs.size()}, {"tasks", tasks}, {"pools", book.pools.size()}});
    } else {
        std::cout << fmt::format("{} job{} with {} task{}: well written\n", book.jobs.size(),
                                 book.jobs.size() == 1 ? "" : "s", tasks, tasks == 1 ? "" : "s");
    }
    return kDone;
}

int RunNext(const JobFlags& flags, Interrupts&) {
    const auto lake = Lake::Open(FindLake(flags.lake));
    const auto book = BookOf(*lake);
    if (!flags.name.empty()) Named(book, flags.name);
    // The first times of all plans together.
    std::vector<std::pair<TimestampUs, const pipeline::Job*>> times;
    for (const pipeline::Job& job : book.jobs) {
        if (!flags.name.empty() && job.name != flags.name) continue;
        auto time = pipeline::NextTime(job.plan, lake->clock().Now());
        for (int64_t i = 0; time && i < flags.count; ++i) {
            times.emplace_back(*time, &job);
            time = pipeline::NextTime(job.plan, *time);
        }
    }
    std::stable_sort(times.begin(), times.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    times.resize(std::min(times.size(), static_cast<size_t>(flags.count)));
    Json all = Json::array();
    for (const auto& [time, job] : times) {
        if (flags.format == "json") {
            all.push_back({{"job", job->name},
                           {"time", FormatTimestamp(time)},
                           {"local", LocalText(time, job->plan.zone)},
                           {"timezone", job->plan.zone.name()}});
        } else {
            std::cout << fmt::format("{} {}  {}\n", LocalText(time, job->plan.zone),
                                     job->plan.zone.name(), job->name);
        }
    }
    if (flags.format == "json") Print(all);
    return kDone;
}

// Tasks' lines as they come, and what happens.
class Shower final : public pipeline::JobObserver {
public:
    explicit Shower(bool is_quiet) : is_quiet_(is_quiet) {}
    void OnLine(const std::string& /*job*/, const std::string& task,
                std::string_view line) override {
        Write(fmt::format("{} | {}\n", task, line));
    }
    void OnEvent(const std::string& line) override { Write(line + "\n"); }

private:
    void Write(const std::string& text) {
        const std::lock_guard lock(mutex_);
        (is_quiet_ ? std::cerr : std::cout) << text << std::flush;
    }

    const bool is_quiet_;
    std::mutex mutex_;
};

pipeline::JobRequest RequestOf(const JobFlags& flags) {
    pipeline::JobRequest request;
    request.is_new = flags.is_new;
    for (const std::string& one : flags.parameters) {
        const size_t equals = one.find('=');
        if (equals == std::string::npos || equals == 0)
            throw Refusal(
                Error(ErrorKind::kInvalidInput, "`--param {}` is not of the form name=value", one));
        request.parameters[one.substr(0, equals)] = one.substr(equals + 1);
    }
    return request;
}

int CodeOf(catalog::JobState state) {
    if (state == catalog::JobState::kCancelled) return kCancelled;
    return state == catalog::JobState::kSucceeded ? kDone : kFailed;
}

void PrintRun(const catalog::JobRunRecord& run, const std::vector<catalog::JobTaskRecord>& tasks,
              const JobFlags& flags) {
    if (flags.format == "json") {
        Json json = JsonOf(run);
        json["tasks"] = Json::array();
        for (const catalog::JobTaskRecord& task : tasks) json["tasks"].push_back(JsonOf(task));
        return Print(json);
    }
    std::cout << RunTable({run}) << "\n" << TaskTable(tasks);
    for (const catalog::JobTaskRecord& task : tasks) {
        if (flags.with_log && !task.output.empty())
            std::cout << "\n" << task.task << ":\n" << task.output;
    }
}

int RunRun(const JobFlags& flags, Interrupts& interrupts) {
    const auto lake = Lake::Open(FindLake(flags.lake));
    auto book = std::make_shared<const pipeline::JobBook>(BookOf(*lake));
    const pipeline::Job& job = Named(*book, flags.name);
    const pipeline::JobRequest request = RequestOf(flags);
    catalog::JobLog& log = lake->catalog().Jobs();
    const TimestampUs now = lake->clock().Now();
    if (flags.is_detached) {
        const auto run =
            RefuseBeforeWork([&] { return pipeline::QueueRequested(job, request, log, now); });
        if (flags.format == "json") {
            Print(JsonOf(run));
        } else {
            std::cout << fmt::format("run {} of {} waits for a server\n", run.number, job.name);
        }
        return kDone;
    }
    Shower shower(flags.format == "json");
    JobDesk desk(*lake, shower);
    const std::string owner = NewUuid(lake->clock(), lake->random());
    auto claimed =
        RefuseBeforeWork([&] { return pipeline::ClaimRequested(job, request, log, owner, now); });
    const int64_t number = claimed.number;
    {
        pipeline::JobRunner runner(book, job, std::move(claimed), owner, desk.parts());
        WorkWatch watch(interrupts, {.on_interrupt = [] {}});
        while (runner.Step()) {
            if (watch.IsInterrupted()) runner.Cancel();
            lake->clock().Sleep(std::chrono::milliseconds(20));
        }
    }
    const auto run = log.Find(std::to_string(number));
    if (!run) return kFailed;
    PrintRun(*run, log.Tasks(number), flags);
    return CodeOf(run->state);
}

catalog::JobRunRecord NamedRun(Lake& lake, const std::string& id) {
    if (auto run = lake.catalog().Jobs().Find(id)) return *run;
    throw Error(ErrorKind::kNotFound, "there is no run `{}`: `tarn jobs runs` lists them", id);
}

int RunRuns(const JobFlags& flags, Interrupts&) {
    const auto lake = Lake::Open(FindLake(flags.lake));
    catalog::JobLog& log = lake->catalog().Jobs();
    if (const auto run = flags.name.empty() ? std::nullopt : log.Find(flags.name)) {
        PrintRun(*run, log.Tasks(run->number), flags);
        return kDone;
    }
    catalog::JobRunFilter filter;
    // A job that YAML has no more still has its runs.
    if (!flags.name.empty() && log.Runs({.job = flags.name, .limit = 1}).empty())
        Named(BookOf(*lake), flags.name);
    filter.job = flags.name;
    filter.limit = static_cast<size_t>(flags.count);
    for (const auto state :
         {catalog::JobState::kQueued, catalog::JobState::kRunning, catalog::JobState::kSucceeded,
          catalog::JobState::kFailed, catalog::JobState::kCancelled}) {
        if (catalog::NameOf(state) == flags.state) filter.state = state;
    }
    const auto runs = log.Runs(filter);
    if (flags.format == "json") {
        Json all = Json::array();
        for (const auto& run : runs) all.push_back(JsonOf(run));
        Print(all);
    } else {
        std::cout << RunTable(runs);
    }
    return kDone;
}

int RunCancel(const JobFlags& flags, Interrupts&) {
    const auto lake = Lake::Open(FindLake(flags.lake));
    const auto run = NamedRun(*lake, flags.name);
    if (!lake->catalog().Jobs().AskCancel(run.number)) {
        throw Error(ErrorKind::kInvalidInput, "run {} is over: it {}", run.number,
                    catalog::NameOf(run.state));
    }
    std::cout << fmt::format("run {} of {} is asked to end\n", run.number, run.job);
    return kDone;
}

int SetPaused(const JobFlags& flags, bool is_paused) {
    const auto lake = Lake::Open(FindLake(flags.lake));
    const auto book = BookOf(*lake);
    const pipeline::Job& job = Named(book, flags.name);
    lake->catalog().Jobs().SetPaused(job.name, is_paused, NameOfUser());
    std::cout << job.name << (is_paused ? " is paused\n" : " runs again\n");
    return kDone;
}

int RunPause(const JobFlags& flags, Interrupts&) { return SetPaused(flags, true); }
int RunResume(const JobFlags& flags, Interrupts&) { return SetPaused(flags, false); }

using Action = int (*)(const JobFlags&, Interrupts&);

std::pair<CLI::App*, std::shared_ptr<JobFlags>> AddOne(CLI::App& jobs, Chosen& chosen,
                                                       const char* name, const char* meaning,
                                                       const char* help, Action action) {
    auto flags = std::make_shared<JobFlags>();
    CLI::App* command = jobs.add_subcommand(name, meaning);
    command->footer(help);
    AddLakeOption(*command, flags->lake);
    command->callback([flags, action, &chosen] {
        chosen.action = [flags, action](Interrupts& interrupts) {
            return action(*flags, interrupts);
        };
    });
    return {command, flags};
}

void AddName(CLI::App& command, JobFlags& flags, const char* meaning, bool is_required) {
    command.add_option("NAME", flags.name, meaning)->type_name("")->required(is_required);
}

void AddCount(CLI::App& command, JobFlags& flags) {
    constexpr int64_t kMost = 10'000;
    command.add_option("--count", flags.count, "how many")
        ->check(CLI::Range(int64_t{1}, kMost).description(""))
        ->type_name("N")
        ->capture_default_str();
}

void AddRunCommand(CLI::App& jobs, Chosen& chosen) {
    const auto [run, flags] = AddOne(jobs, chosen, "run", "Run a job now", kRunHelp, RunRun);
    AddName(*run, *flags, "the job", true);
    run->add_option("--param", flags->parameters, "name=value: another value of a parameter")
        ->type_name("TEXT");
    run->add_flag("--new", flags->is_new, "a further run, even where one was cut off");
    run->add_flag("--detach", flags->is_detached, "leave it to a server, do not wait");
    AddReportFormatOption(*run, flags->format);
}

}  // namespace

void AddJobsCommands(CLI::App& app, Chosen& chosen) {
    CLI::App* jobs = app.add_subcommand("jobs", "Jobs: what runs when, and how it went");
    jobs->require_subcommand(1);
    jobs->footer(kJobsHelp);
    const auto [list, list_flags] =
        AddOne(*jobs, chosen, "list", "The jobs of the lake", kListHelp, RunList);
    AddReportFormatOption(*list, list_flags->format);
    const auto [show, show_flags] =
        AddOne(*jobs, chosen, "show", "All of one job", kShowHelp, RunShow);
    AddName(*show, *show_flags, "the job", true);
    AddReportFormatOption(*show, show_flags->format);
    const auto [check, check_flags] =
        AddOne(*jobs, chosen, "check", "Is jobs/*.yml well written", kCheckHelp, RunCheck);
    AddReportFormatOption(*check, check_flags->format);
    const auto [next, next_flags] =
        AddOne(*jobs, chosen, "next", "The coming times", kNextHelp, RunNext);
    AddName(*next, *next_flags, "one job; by default all", false);
    AddCount(*next, *next_flags);
    AddReportFormatOption(*next, next_flags->format);
    AddRunCommand(*jobs, chosen);
    const auto [runs, runs_flags] =
        AddOne(*jobs, chosen, "runs", "What ran, and how it went", kRunsHelp, RunRuns);
    AddName(*runs, *runs_flags, "a job, or a run's number or id", false);
    AddCount(*runs, *runs_flags);
    runs->add_option("--state", runs_flags->state, "only those of this state")
        ->check(CLI::IsMember({"queued", "running", "succeeded", "failed", "cancelled"})
                    .description(""))
        ->type_name("STATE");
    runs->add_flag("--log", runs_flags->with_log, "with what the tasks of a run wrote last");
    AddReportFormatOption(*runs, runs_flags->format);
    const auto [cancel, cancel_flags] =
        AddOne(*jobs, chosen, "cancel", "End a run", kCancelHelp, RunCancel);
    AddName(*cancel, *cancel_flags, "the run's number or id", true);
    const auto [pause, pause_flags] =
        AddOne(*jobs, chosen, "pause", "Start a job no more by itself", kPauseHelp, RunPause);
    AddName(*pause, *pause_flags, "the job", true);
    const auto [resume, resume_flags] =
        AddOne(*jobs, chosen, "resume", "Let a paused job run again", kPauseHelp, RunResume);
    AddName(*resume, *resume_flags, "the job", true);
}

}  // namespace tarn::cli
