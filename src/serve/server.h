// `tarn serve`: reads the endpoint files, holds them against the tables, and opens the REST door.
// The engine given has its external access off.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "engine/session.h"
#include "net/http_server.h"
#include "serve/query_pool.h"
#include "serve/request_record.h"

namespace tarn::serve {

struct ServeOptions {
    std::string lake_name;
    std::string tarn_version;
    std::string apis_folder;   // <lake>/apis; may be missing
    std::string state_folder;  // <lake>/.tarn; made when missing
    std::string address = "127.0.0.1";
    uint16_t port = 8787;  // 0: any free one
    int io_threads = 1;
    QueryLimits queries;
    net::HttpServerLimits http;
    std::function<void(const net::HttpAccess&)> access_log;  // called on I/O threads; may be empty
    // Until identity exists, whoever reaches the loopback is the lake's owner.
    engine::Principal principal{"local", true};
};

// All of it outlives the server.
struct ServeParts {
    engine::Engine& engine;
    RequestObserver& observer;
    Clock& clock;
    Random& random;
};

// Keeps no records.
class NoRequestObserver final : public RequestObserver {
public:
    void Started(const RequestRecord& record) override { (void)record; }
    void Finished(const RequestRecord& record) override { (void)record; }
};

struct QueryLoad {
    size_t running = 0;
    size_t queued = 0;
};

struct ServedEndpoint {
    std::string path;
    std::string description;
};

class Server {
public:
    Server(ServeOptions options, const ServeParts& parts);
    ~Server();  // Stop
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Checks everything before the port opens. InvalidInput: an address beyond the loopback, an
    // endpoint file (at file, line and column); NotFound: a table; Unavailable: the port is taken.
    void Start();
    // Finishes requests under way (net::HttpServerLimits::drain_timeout), then closes. Idempotent.
    void Stop();

    uint16_t Port() const;
    std::string Url() const;  // "http://127.0.0.1:8787"
    const std::vector<ServedEndpoint>& Endpoints() const { return served_; }
    // Queries under way now; from any thread between Start and Stop.
    QueryLoad Load() const;

private:
    struct Running;

    const ServeOptions options_;
    const ServeParts parts_;
    std::vector<ServedEndpoint> served_;
    std::unique_ptr<Running> running_;
};

}  // namespace tarn::serve
