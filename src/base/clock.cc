#include "base/clock.h"

#include <thread>

#include <fmt/core.h>

namespace tarn {

TimestampUs RealClock::Now() {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
}

DurationUs RealClock::Monotonic() {
    return std::chrono::duration_cast<DurationUs>(
        std::chrono::steady_clock::now().time_since_epoch());
}

void RealClock::Sleep(DurationUs duration) { std::this_thread::sleep_for(duration); }

TimestampUs ManualClock::Now() {
    std::lock_guard lock(mutex_);
    return now_;
}

DurationUs ManualClock::Monotonic() { return Now().time_since_epoch(); }

void ManualClock::Advance(DurationUs duration) {
    std::lock_guard lock(mutex_);
    now_ += duration;
}

std::string FormatTimestamp(TimestampUs time) {
    using namespace std::chrono;
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const auto rest = time - day;
    const auto h = duration_cast<hours>(rest);
    const auto m = duration_cast<minutes>(rest - h);
    const auto s = duration_cast<seconds>(rest - h - m);
    const auto us = rest - h - m - s;
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       h.count(), m.count(), s.count(), us.count());
}

int64_t ToUnixMs(TimestampUs time) {
    return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

int64_t ToUnixUs(TimestampUs time) { return time.time_since_epoch().count(); }

}  // namespace tarn
