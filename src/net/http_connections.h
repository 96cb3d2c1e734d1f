// Inside net only: what all connections of one server share, and who they are.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "net/http_server.h"

namespace tarn::net {

// One accepted connection, from its first byte to its close.
class HttpConnection {
public:
    virtual ~HttpConnection() = default;
    virtual void Start() = 0;
    // Answers 503 and closes.
    virtual void StartRefused() = 0;
    // Closes after the request under way, at once when there is none. Any thread.
    virtual void Drain() = 0;
    // Closes now. Any thread.
    virtual void Disconnect() = 0;
};

// Thread-safe.
class HttpConnections {
public:
    HttpConnections(const HttpServerOptions& options, HttpHandler& handler, Clock& clock)
        : options_(options), handler_(handler), clock_(clock) {}

    const HttpServerLimits& Limits() const { return options_.limits; }
    HttpHandler& Handler() { return handler_; }
    Clock& GetClock() { return clock_; }
    void Log(const HttpAccess& access) const {
        if (options_.access_log) options_.access_log(access);
    }

    bool IsDraining() const { return draining_; }
    uint64_t NextId() { return ++last_id_; }
    void Add(uint64_t id, const std::shared_ptr<HttpConnection>& connection);
    void Remove(uint64_t id);
    size_t Size() const;
    void DrainAll();
    void DisconnectAll();
    // Until no connection is left; false when the time passed before.
    bool WaitEmpty(std::chrono::milliseconds timeout);
    void WaitEmpty();

private:
    std::vector<std::shared_ptr<HttpConnection>> Alive();

    const HttpServerOptions& options_;
    HttpHandler& handler_;
    Clock& clock_;
    std::atomic<bool> draining_{false};
    std::atomic<uint64_t> last_id_{0};
    mutable std::mutex mutex_;
    std::condition_variable emptied_;
    std::unordered_map<uint64_t, std::weak_ptr<HttpConnection>> connections_;
};

}  // namespace tarn::net
