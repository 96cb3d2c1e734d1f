// Maintenance in the background of a server: once a day, when the lake has nothing else to do. Its
// work runs on a thread of its own. Thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/ticker.h"
#include "pipeline/maintenance.h"

namespace tarn::pipeline {

// The first time after `now` at that minute of the day, UTC.
TimestampUs NextRun(TimestampUs now, int minute_of_day);

struct NightlyLimits {
    // How long a busy lake is waited for; then the day's run is left out.
    static constexpr std::chrono::hours kLongestWait{6};
    // So often is looked whether it is time.
    static constexpr std::chrono::seconds kLook{1};
};

// What the service works with; all is called on its thread, but for `cancel`.
struct NightlyWork {
    int minute_of_day = 0;
    std::function<bool()> is_busy;  // the lake has work that comes first
    // Does it; asks `must_stop` before each step. May throw Error: the log says so.
    std::function<MaintenanceReport(const std::function<bool()>& must_stop)> run;
    std::function<void()> cancel;  // ends the statement that runs now, if any
    std::function<void(const std::string& line)> log;
};

class NightlyMaintenance {
public:
    NightlyMaintenance(Clock& clock, NightlyWork work);
    // Cancels what runs, and waits for its end.
    ~NightlyMaintenance();
    NightlyMaintenance(const NightlyMaintenance&) = delete;
    NightlyMaintenance& operator=(const NightlyMaintenance&) = delete;

private:
    void Look();
    void RunOnce();

    Clock& clock_;
    const NightlyWork work_;
    TimestampUs next_;         // of the thread
    bool has_waited_ = false;  // of the thread
    std::atomic<bool> is_ending_{false};
    Ticker ticker_;  // last: it uses all of the above
};

}  // namespace tarn::pipeline
