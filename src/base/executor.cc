#include "base/executor.h"

#include <utility>

namespace tarn {

BackgroundExecutor::~BackgroundExecutor() {
    {
        const std::lock_guard lock(mutex_);
        is_ending_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void BackgroundExecutor::Run(std::function<void()> work) {
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.size() < kMaxWaiting) {
            waiting_.push_back(std::move(work));
            if (!thread_.joinable()) thread_ = std::thread([this] { Work(); });
            changed_.notify_all();
            return;
        }
    }
    work();
}

void BackgroundExecutor::Work() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [&] { return is_ending_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        const std::function<void()> work = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        work();
        lock.lock();
    }
}

}  // namespace tarn
