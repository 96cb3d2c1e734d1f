// Time comes in through this port, so that a simulation can replay it. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace tarn {

// Microseconds since 1970-01-01T00:00:00Z. Times in Tarn's state are always this.
using TimestampUs = std::chrono::sys_time<std::chrono::microseconds>;
using DurationUs = std::chrono::microseconds;

class Clock {
public:
    virtual ~Clock() = default;
    virtual TimestampUs Now() = 0;
    // Never goes back; only differences mean something.
    virtual DurationUs Monotonic() = 0;
    virtual void Sleep(DurationUs duration) = 0;
};

class RealClock final : public Clock {
public:
    TimestampUs Now() override;
    DurationUs Monotonic() override;
    void Sleep(DurationUs duration) override;
};

// Stands still until told; Sleep moves it.
class ManualClock final : public Clock {
public:
    explicit ManualClock(TimestampUs start) : now_(start) {}
    TimestampUs Now() override;
    DurationUs Monotonic() override;
    void Sleep(DurationUs duration) override { Advance(duration); }
    void Advance(DurationUs duration);

private:
    std::mutex mutex_;
    TimestampUs now_;
};

// "2026-11-20T18:42:00.123456Z"
std::string FormatTimestamp(TimestampUs time);
int64_t ToUnixMs(TimestampUs time);
int64_t ToUnixUs(TimestampUs time);

}  // namespace tarn
