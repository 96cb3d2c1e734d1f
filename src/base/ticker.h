// How timed work of a server waits: a thread that looks every now and then whether it is time. What
// time it is, the work asks its Clock; how long to look is real time. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/clock.h"

namespace tarn {

class Ticker {
public:
    // `look` is called over and over on a thread of its own, with this pause between; it must not
    // throw.
    Ticker(std::chrono::milliseconds pause, std::function<void()> look);
    // Waits for the look that runs.
    ~Ticker();
    Ticker(const Ticker&) = delete;
    Ticker& operator=(const Ticker&) = delete;

    // No look begins from now on; one that runs can ask whether it should end.
    void End();
    bool IsEnding() const { return is_ending_; }

private:
    void Work();

    const std::chrono::milliseconds pause_;
    const std::function<void()> look_;
    std::atomic<bool> is_ending_{false};
    std::mutex mutex_;
    std::condition_variable wake_;
    std::thread thread_;  // last: it uses all of the above
};

// Sleeps on the clock for that long, in slices; less, once `must_stop` says so.
void SleepUnless(Clock& clock, DurationUs duration, const std::function<bool()>& must_stop);

}  // namespace tarn
