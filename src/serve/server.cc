#include "serve/server.h"

#include <atomic>
#include <filesystem>

#include "base/check.h"
#include "serve/cursor_key.h"
#include "serve/endpoint_check.h"
#include "serve/endpoint_config.h"
#include "serve/rest.h"

namespace tarn::serve {

namespace {

constexpr const char* kCursorKeyFile = "cursor.key";

std::vector<CheckedEndpoint> CheckAll(const std::string& folder, engine::Session& session) {
    std::vector<CheckedEndpoint> checked;
    for (Endpoint& endpoint : LoadEndpoints(folder)) {
        EndpointTypes types = CheckEndpoint(endpoint, session);
        checked.push_back({std::move(endpoint), std::move(types)});
    }
    return checked;
}

RestOptions MakeRestOptions(const ServeOptions& options) {
    std::error_code error;
    std::filesystem::create_directories(options.state_folder, error);
    if (error) {
        throw Error(ErrorKind::kUnavailable, "cannot make the folder {}: {}", options.state_folder,
                    error.message());
    }
    return {options.lake_name, options.tarn_version, options.principal.name,
            LoadOrCreateCursorKey(options.state_folder + "/" + kCursorKeyFile)};
}

}  // namespace

// Members in the order of their needs: the server stops first, then the queries, then what they
// count in.
struct Server::Running {
    Running(const ServeOptions& options, const ServeParts& parts,
            std::vector<CheckedEndpoint> endpoints)
        : metrics(options.tarn_version),
          pool(
              options.queries,
              [&options, &parts] { return parts.engine.Connect(options.principal); },
              [this](size_t running, size_t queued) {
                  metrics.QueriesRunning(running, queued);
                  load_running = running;
                  load_queued = queued;
              },
              parts.clock),
          door(MakeRestOptions(options), std::move(endpoints), pool,
               {metrics, parts.observer, parts.clock, parts.random}),
          http(
              {options.address, options.port, options.io_threads, options.http, options.access_log},
              door, parts.clock) {}

    std::atomic<size_t> load_running{0};
    std::atomic<size_t> load_queued{0};
    Metrics metrics;
    QueryPool pool;
    RestDoor door;
    net::HttpServer http;
};

Server::Server(ServeOptions options, const ServeParts& parts)
    : options_(std::move(options)), parts_(parts) {}

Server::~Server() { Stop(); }

QueryLoad Server::Load() const {
    if (!running_) return {};
    return {running_->load_running, running_->load_queued};
}

void Server::Start() {
    Check(!running_, "Server::Start is called once");
    if (!net::IsLoopbackAddress(options_.address)) {
        throw Error(ErrorKind::kInvalidInput,
                    "`{}` is not an address of the loopback: until identity is configured, Tarn "
                    "listens only on "
                    "127.0.0.1 or ::1",
                    options_.address);
    }
    std::vector<CheckedEndpoint> endpoints =
        CheckAll(options_.apis_folder, *parts_.engine.Connect(options_.principal));
    for (const CheckedEndpoint& checked : endpoints) {
        served_.push_back({checked.endpoint.path, checked.endpoint.description});
    }
    auto running = std::make_unique<Running>(options_, parts_, std::move(endpoints));
    running->http.Start();
    running_ = std::move(running);
}

void Server::Stop() {
    if (!running_) return;
    running_->http.Stop();
    running_->pool.Stop();
}

uint16_t Server::Port() const { return running_ ? running_->http.Port() : uint16_t{0}; }

std::string Server::Url() const {
    const bool v6 = options_.address.find(':') != std::string::npos;
    return fmt::format("http://{}{}{}:{}", v6 ? "[" : "", options_.address, v6 ? "]" : "", Port());
}

}  // namespace tarn::serve
