#include "base/ticker.h"

#include <algorithm>
#include <utility>

namespace tarn {

Ticker::Ticker(std::chrono::milliseconds pause, std::function<void()> look)
    : pause_(pause), look_(std::move(look)), thread_([this] { Work(); }) {}

Ticker::~Ticker() {
    End();
    thread_.join();
}

void Ticker::End() {
    {
        const std::lock_guard lock(mutex_);
        is_ending_ = true;
    }
    wake_.notify_all();
}

void Ticker::Work() {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, pause_, [this] { return is_ending_.load(); })) {
        lock.unlock();
        look_();
        lock.lock();
    }
}

void SleepUnless(Clock& clock, DurationUs duration, const std::function<bool()>& must_stop) {
    constexpr std::chrono::milliseconds kSlice{100};
    const DurationUs until = clock.Monotonic() + duration;
    for (DurationUs now = clock.Monotonic(); now < until && !must_stop(); now = clock.Monotonic())
        clock.Sleep(std::min<DurationUs>(kSlice, until - now));
}

}  // namespace tarn
