// An HTTP/1.1 server (RFC 9110, 9112) with a limit on everything a client can make it hold: bytes
// of header and body, connections, and time to send, to wait and to take. It moves bytes and knows
// no route.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/http_message.h"

namespace tarn::net {

// One request under way. Thread-safe. Dropping it unanswered answers 500.
class HttpExchange {
public:
    virtual ~HttpExchange() = default;
    virtual const HttpRequest& Request() const = 0;
    // Sends the answer, from any thread; only the first call counts.
    virtual void Respond(HttpResponse response) = 0;
    // `callback` runs at most once, on an I/O thread, when the client goes away before the answer
    // (closing only its sending side counts too); at once when it has gone. It must not block or
    // throw.
    virtual void OnDisconnect(std::function<void()> callback) = 0;
};

class HttpHandler {
public:
    virtual ~HttpHandler() = default;
    // Called on an I/O thread and must not block: work goes elsewhere and answers through the
    // exchange.
    virtual void Handle(std::shared_ptr<HttpExchange> exchange) = 0;
    // The answer to what never became a request (bad syntax 400, limits 413 and 431, encodings 501,
    // no room 503) and to a handler that failed (500). `detail` holds nothing secret.
    virtual HttpResponse Refuse(int status, std::string_view detail);
};

// One finished request, for the access log.
struct HttpAccess {
    std::string peer;
    std::string method;  // empty when the request could not be read
    std::string target;
    int status = 0;
    uint64_t response_bytes = 0;
    DurationUs duration{0};  // from the request's first byte to the answer's last
};

struct HttpServerLimits {
    size_t header_bytes = 16 * 1024;  // request line and fields
    size_t body_bytes = 1024 * 1024;
    size_t connections = 512;  // beyond: 503, closed; well below the usual 1024 open files
    // From a connection's opening, or its last answer, to the next request's first byte.
    std::chrono::milliseconds idle_timeout{60'000};
    // From a request's first byte to the end of its header, however slowly the bytes drip.
    std::chrono::milliseconds header_timeout{10'000};
    std::chrono::milliseconds body_timeout{30'000};
    std::chrono::milliseconds write_timeout{30'000};  // for a whole answer
    std::chrono::milliseconds drain_timeout{5'000};   // how long Stop waits before it disconnects
};

struct HttpServerOptions {
    std::string address = "127.0.0.1";  // a literal IPv4 or IPv6 address
    uint16_t port = 0;                  // 0: any free one
    int threads = 1;                    // for I/O only
    HttpServerLimits limits;
    // Called on I/O threads, one call at a time a connection.
    std::function<void(const HttpAccess&)> access_log;
};

// Is the text a literal address that only this machine reaches (127.0.0.0/8, ::1)?
bool IsLoopbackAddress(std::string_view address);

class HttpServer {
public:
    // Handler and clock outlive the server.
    HttpServer(HttpServerOptions options, HttpHandler& handler, Clock& clock);
    ~HttpServer();  // Stop
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    // Binds and serves. Unavailable (the port is taken), PermissionDenied (a privileged port),
    // InvalidInput (no such address on this machine).
    void Start();
    // Takes no new connection, lets requests under way finish for drain_timeout, then disconnects
    // the rest and waits until their exchanges are dropped. Idempotent.
    void Stop();
    // The port bound; 0 before Start.
    uint16_t Port() const;
    size_t Connections() const;

private:
    class Core;
    std::unique_ptr<Core> core_;
};

}  // namespace tarn::net
