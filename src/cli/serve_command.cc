#include <csignal>
#include <iostream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/compose.h"
#include "cli/run.h"
#include "cli/version.h"
#include "serve/request_log.h"
#include "serve/server.h"

namespace tarn::cli {

namespace {

constexpr const char* kExamples =
    R"(Serves the endpoints of apis/*.yml on the loopback until Ctrl-C. Beside them: /openapi.json,
/healthz, /metrics.

Examples:
  tarn serve
  tarn serve --lake my-lake --port 9000
  curl 'http://127.0.0.1:8787/openapi.json'
)";

struct ServeFlags {
    std::string lake;
    std::string address = "127.0.0.1";
    int port = -1;
};

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
    std::cout << "Ctrl-C ends it\n" << std::flush;
    interrupts.Wait();
    std::cout << "finishing requests under way\n" << std::flush;
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
    serve->callback([flags, &chosen] {
        chosen.action = [flags](Interrupts& interrupts) { return RunServe(*flags, interrupts); };
    });
}

}  // namespace tarn::cli
