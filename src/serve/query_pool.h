// Admission in front of the engine: a bounded number of queries at once, a bounded queue before
// them, a deadline that counts the waiting too, and a stop for queries whose caller has gone.
// Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "engine/session.h"

namespace tarn::serve {

struct QueryLimits {
    size_t concurrent = 2;
    size_t queued = 64;
    std::chrono::milliseconds timeout{30'000};  // waiting and running together
};

// One query on its way. Exactly one of Run (without throwing) and Fail ends it, on a query thread
// or on the thread that cancels or stops.
class Query {
public:
    virtual ~Query() = default;
    // Called with what is left of the time limit; what it throws goes to Fail.
    virtual void Run(engine::Session& session, std::chrono::milliseconds remaining,
                     DurationUs queued) = 0;
    // Timeout, Cancelled, Unavailable (the server stops), or what Run threw. Must not throw.
    virtual void Fail(const Error& error) = 0;
};

class QueryPool {
public:
    using Connect = std::function<std::unique_ptr<engine::Session>()>;
    using LoadChanged = std::function<void(size_t running, size_t queued)>;

    // Each thread keeps one session, made at its first query and replaced after a defect.
    QueryPool(const QueryLimits& limits, Connect connect, LoadChanged load_changed, Clock& clock);
    ~QueryPool();  // Stop
    QueryPool(const QueryPool&) = delete;
    QueryPool& operator=(const QueryPool&) = delete;

    // false, and nothing was done, when the queue is full or the pool stops.
    bool Submit(const std::shared_ptr<Query>& query);
    // Takes the query out of the queue, or interrupts it; nothing when it has ended.
    void Cancel(const std::shared_ptr<Query>& query);
    // Fails what waits, interrupts what runs, and returns when all threads ended.
    void Stop();

private:
    struct Waiting {
        std::shared_ptr<Query> query;
        DurationUs since;
    };
    struct Worker {
        std::shared_ptr<Query> query;  // running now
        engine::Session* session = nullptr;
        std::thread thread;
    };

    void Work(Worker& worker);
    bool RunOne(const Waiting& next, std::unique_ptr<engine::Session>& session, Worker& worker);
    void TellLoad() const;  // under mutex_

    const QueryLimits limits_;
    const Connect connect_;
    const LoadChanged load_changed_;
    Clock& clock_;
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<Waiting> queue_;
    std::vector<std::unique_ptr<Worker>> workers_;
    bool stopping_ = false;
};

}  // namespace tarn::serve
