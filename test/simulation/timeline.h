// Virtual time and the tasks that live in it: one of them runs at a time, each on a stack of its
// own, and it gives way only where it sleeps. So many "processes" interleave without threads, and
// what happens follows from the seed alone. Not thread-safe: one thread makes, runs and ends it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <vector>

#include "base/clock.h"

namespace tarn::simulation {

class Timeline {
public:
    // More turns than that are a task that never ends: Run throws Internal.
    static constexpr uint64_t kMaxTurns = 5'000'000;

    explicit Timeline(TimestampUs start);
    ~Timeline();
    Timeline(const Timeline&) = delete;
    Timeline& operator=(const Timeline&) = delete;

    TimestampUs Now() const { return now_; }
    // The task begins when Run gets to it; it may not throw.
    void Start(std::function<void()> task);
    // Happens by itself at that time, in nobody's task; may not sleep.
    void At(TimestampUs time, std::function<void()> event);
    // Gives way until then. Outside of a task time just passes, and no event happens.
    void Sleep(DurationUs duration);
    // Until every task has ended and every event has happened.
    void Run();

private:
    struct Fiber;
    struct Turn {
        TimestampUs time;
        uint64_t number;  // of two at one time the earlier one
        Fiber* fiber;
        std::function<void()> event;
        bool operator>(const Turn& other) const {
            return time != other.time ? time > other.time : number > other.number;
        }
    };

    static void Enter();
    void Add(TimestampUs time, Fiber* fiber, std::function<void()> event);

    TimestampUs now_;
    uint64_t turns_ = 0;
    std::priority_queue<Turn, std::vector<Turn>, std::greater<>> waiting_;
    std::vector<std::unique_ptr<Fiber>> fibers_;
    Fiber* current_ = nullptr;
};

// The timeline as a clock that goes wrong by a fixed time, as clocks of machines do.
class TimelineClock final : public Clock {
public:
    TimelineClock(Timeline& timeline, DurationUs error) : timeline_(timeline), error_(error) {}
    TimestampUs Now() override { return timeline_.Now() + error_; }
    DurationUs Monotonic() override { return timeline_.Now().time_since_epoch(); }
    void Sleep(DurationUs duration) override { timeline_.Sleep(duration); }

private:
    Timeline& timeline_;
    DurationUs error_;
};

}  // namespace tarn::simulation
