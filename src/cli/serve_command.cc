#include <csignal>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/compose.h"
#include "cli/job_desk.h"
#include "cli/run.h"
#include "cli/version.h"
#include "pipeline/job_yaml.h"
#include "pipeline/nightly_maintenance.h"
#include "serve/request_log.h"
#include "serve/server.h"

namespace tarn::cli {

namespace {

constexpr const char* kExamples =
    R"(Serves the endpoints of apis/*.yml on the loopback until Ctrl-C. Beside them: /openapi.json,
/healthz, /metrics. Once a day, while no query runs, it maintains the tables as
`tarn table maintain` does (maintenance.at and maintenance.budget of tarn.yml); what it did stands
on stderr and in ops.queries, with the user `tarn maintenance`. It also runs the jobs of
jobs/*.yml (`tarn jobs --help`); several servers over one lake share them.

Examples:
  tarn serve
  tarn serve --lake my-lake --port 9000
  curl 'http://127.0.0.1:8787/openapi.json'
)";

// Maintenance waits while more queries than these run or wait.
constexpr size_t kMostQueriesBeside = 0;

struct ServeFlags {
    std::string lake;
    std::string address = "127.0.0.1";
    int port = -1;
    bool without_jobs = false;
};

// The lake's tables, tended while nobody asks for anything.
class NightlyTending {
public:
    explicit NightlyTending(Lake& lake) : lake_(lake) {}

    pipeline::MaintenanceReport Run(const std::function<bool()>& must_stop) {
        const auto lease = lake_.catalog().AcquireLease("maintenance", {.purpose = "tarn serve"});
        auto session = lake_.Connect(pipeline::kMaintenanceUser);
        engine::Session& used = *session;
        Use(std::move(session));
        pipeline::MaintenanceOptions options;
        options.most_bytes = lake_.config().maintenance_bytes;
        options.must_stop = must_stop;
        auto report =
            pipeline::Maintenance(used, lake_.catalog(), lake_.catalog().Queries()).Run(options);
        Use(nullptr);
        return report;
    }

    void Cancel() {
        const std::lock_guard lock(mutex_);
        if (session_) session_->Cancel();
    }

private:
    void Use(std::unique_ptr<engine::Session> session) {
        const std::lock_guard lock(mutex_);
        session_ = std::move(session);
    }

    Lake& lake_;
    std::mutex mutex_;
    std::unique_ptr<engine::Session> session_;
};

std::string TimeOfDay(int minute) { return fmt::format("{:02}:{:02}", minute / 60, minute % 60); }

std::unique_ptr<pipeline::NightlyMaintenance> TendNightly(Lake& lake, const serve::Server& server,
                                                          NightlyTending& tending) {
    const auto minute = lake.config().maintenance_minute;
    if (!minute) return nullptr;
    std::cout << "maintains the tables each day at " << TimeOfDay(*minute)
              << " UTC (maintenance.at of tarn.yml)\n";
    pipeline::NightlyWork work;
    work.minute_of_day = *minute;
    work.is_busy = [&server] {
        const serve::QueryLoad load = server.Load();
        return load.running + load.queued > kMostQueriesBeside;
    };
    work.run = [&tending](const auto& must_stop) { return tending.Run(must_stop); };
    work.cancel = [&tending] { tending.Cancel(); };
    work.log = [](const std::string& line) { std::cerr << line + "\n" << std::flush; };
    return std::make_unique<pipeline::NightlyMaintenance>(lake.clock(), std::move(work));
}

// The jobs of jobs/*.yml; mistakes in them are refused here, later ones only told.
std::unique_ptr<JobService> RunJobs(Lake& lake, const ServeFlags& flags) {
    if (flags.without_jobs) return nullptr;
    const auto book =
        RefuseBeforeWork([&] { return pipeline::ReadJobs(lake.store(), lake.config().root); });
    if (!book.jobs.empty())
        std::cout << fmt::format("runs {} jobs of jobs/ (`tarn jobs next` says when)\n",
                                 book.jobs.size());
    return std::make_unique<JobService>(lake);
}

int RunServe(const ServeFlags& flags, Interrupts& interrupts) {
    // A caller that hangs up is an answer that cannot be written, not the end of the process.
    std::signal(SIGPIPE, SIG_IGN);
    const auto lake = Lake::Open(FindLake(flags.lake), {.behind_door = true});
    serve::ServeOptions options;
    options.lake_name = lake->config().name;
    options.tarn_version = kVersion;
    options.apis_folder = lake->config().root + "/apis";
    options.state_folder = lake->config().state;
    options.address = flags.address;
    options.port = static_cast<uint16_t>(flags.port < 0 ? lake->config().port : flags.port);
    // The callers see only a failure's kind; here stand its words. One write a line, from any
    // thread.
    serve::RequestLog observer(serve::RequestLogLevel::kFailures,
                               [](std::string_view line) { std::cerr << line << std::flush; });
    serve::Server server(options, {lake->engine(), observer, lake->clock(), lake->random()});
    server.Start();
    std::cout << "serving the lake " << options.lake_name << " at " << server.Url() << "\n";
    for (const serve::ServedEndpoint& endpoint : server.Endpoints()) {
        std::cout << "  " << server.Url() << endpoint.path << "  " << endpoint.description << "\n";
    }
    NightlyTending tending(*lake);
    auto nightly = TendNightly(*lake, server, tending);
    auto jobs = RunJobs(*lake, flags);
    std::cout << "Ctrl-C ends it\n" << std::flush;
    interrupts.Wait();
    std::cout << "finishing requests under way\n" << std::flush;
    jobs.reset();
    nightly.reset();
    server.Stop();
    return kDone;
}

}  // namespace

void AddServeCommand(CLI::App& app, Chosen& chosen) {
    auto flags = std::make_shared<ServeFlags>();
    CLI::App* serve = app.add_subcommand("serve", "Serve the lake's data APIs on this machine");
    serve->footer(kExamples);
    AddLakeOption(*serve, flags->lake);
    serve
        ->add_option("--address", flags->address,
                     "the loopback; others are refused until identity is configured")
        ->type_name("ADDRESS")
        ->capture_default_str();
    serve->add_option("--port", flags->port, "0: any free one (default: serve.port of tarn.yml)")
        ->type_name("N")
        ->check(CLI::Range(0, 65535));
    serve->add_flag("--no-jobs", flags->without_jobs, "leave jobs/*.yml to another process");
    serve->callback([flags, &chosen] {
        chosen.action = [flags](Interrupts& interrupts) { return RunServe(*flags, interrupts); };
    });
}

}  // namespace tarn::cli
