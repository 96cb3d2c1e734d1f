// Where work goes that nobody waits for. A port, so that a simulation decides when it runs.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace tarn {

class Executor {
public:
    virtual ~Executor() = default;
    // Runs `work` now or later, once. It must not throw: nobody would hear of it.
    virtual void Run(std::function<void()> work) = 0;
};

// Runs pieces of work one after another on a thread of its own. While kMaxWaiting of them wait, the
// caller runs its own piece, so that nobody makes work faster than it is done. The destructor ends
// when all that was taken is done: what the work uses must outlive the executor. Thread-safe.
class BackgroundExecutor final : public Executor {
public:
    static constexpr size_t kMaxWaiting = 4;

    BackgroundExecutor() = default;
    ~BackgroundExecutor() override;

    void Run(std::function<void()> work) override;

private:
    void Work();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> waiting_;
    bool is_ending_ = false;
    std::thread thread_;  // from the first piece of work on
};

}  // namespace tarn
