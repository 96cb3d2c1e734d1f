#include "serve/query_pool.h"

#include <algorithm>

namespace tarn::serve {

QueryPool::QueryPool(const QueryLimits& limits, Connect connect, LoadChanged load_changed,
                     Clock& clock)
    : limits_(limits),
      connect_(std::move(connect)),
      load_changed_(std::move(load_changed)),
      clock_(clock) {
    for (size_t i = 0; i < std::max<size_t>(1, limits_.concurrent); ++i) {
        workers_.push_back(std::make_unique<Worker>());
    }
    for (const auto& worker : workers_) {
        worker->thread = std::thread([this, &one = *worker] { Work(one); });
    }
}

QueryPool::~QueryPool() { Stop(); }

bool QueryPool::Submit(const std::shared_ptr<Query>& query) {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= limits_.queued) return false;
    queue_.push_back({query, clock_.Monotonic()});
    TellLoad();
    arrived_.notify_one();
    return true;
}

void QueryPool::Cancel(const std::shared_ptr<Query>& query) {
    {
        const std::lock_guard lock(mutex_);
        for (const auto& worker : workers_) {
            if (worker->query == query && worker->session != nullptr) worker->session->Cancel();
        }
        const auto waiting = std::find_if(queue_.begin(), queue_.end(),
                                          [&](const Waiting& one) { return one.query == query; });
        if (waiting == queue_.end()) return;
        queue_.erase(waiting);
        TellLoad();
    }
    query->Fail(Error(ErrorKind::kCancelled, "the caller has gone"));
}

void QueryPool::Stop() {
    std::deque<Waiting> left;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        left.swap(queue_);
        for (const auto& worker : workers_) {
            if (worker->session != nullptr) worker->session->Cancel();
        }
        arrived_.notify_all();
    }
    for (const Waiting& waiting : left)
        waiting.query->Fail(Error(ErrorKind::kUnavailable, "the server stops"));
    for (const auto& worker : workers_) {
        if (worker->thread.joinable()) worker->thread.join();
    }
}

void QueryPool::Work(Worker& worker) {
    std::unique_ptr<engine::Session> session;
    for (;;) {
        Waiting next;
        {
            std::unique_lock lock(mutex_);
            arrived_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) return;
            next = std::move(queue_.front());
            queue_.pop_front();
            worker.query = next.query;
            TellLoad();
        }
        const bool healthy = RunOne(next, session, worker);
        {
            const std::lock_guard lock(mutex_);
            worker.query.reset();
            worker.session = nullptr;
            TellLoad();
        }
        if (!healthy) session.reset();
    }
}

bool QueryPool::RunOne(const Waiting& next, std::unique_ptr<engine::Session>& session,
                       Worker& worker) {
    const DurationUs queued = clock_.Monotonic() - next.since;
    const auto remaining =
        std::chrono::duration_cast<std::chrono::milliseconds>(limits_.timeout - queued);
    try {
        if (remaining.count() <= 0)
            throw Error(ErrorKind::kTimeout, "the query waited past its time limit");
        if (!session) session = connect_();
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) throw Error(ErrorKind::kUnavailable, "the server stops");
            worker.session = session.get();
        }
        next.query->Run(*session, remaining, queued);
        return true;
    } catch (const Error& error) {
        next.query->Fail(error);
        return error.kind() != ErrorKind::kInternal;
    } catch (const std::exception& error) {
        next.query->Fail(Error(ErrorKind::kInternal, "{}", error.what()));
        return false;
    }
}

void QueryPool::TellLoad() const {
    const auto running = std::count_if(workers_.begin(), workers_.end(),
                                       [](const auto& worker) { return worker->query != nullptr; });
    load_changed_(static_cast<size_t>(running), queue_.size());
}

}  // namespace tarn::serve
