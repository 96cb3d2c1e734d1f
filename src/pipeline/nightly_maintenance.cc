#include "pipeline/nightly_maintenance.h"

#include "base/error.h"
#include "base/text.h"

namespace tarn::pipeline {

namespace {

std::string LineOf(const MaintenanceStep& step) {
    std::string line = fmt::format("maintenance: {} {}: {}, {} files, {}", step.action, step.table,
                                   NameOf(step.state), step.files, HumanBytes(step.bytes));
    if (step.deferred_bytes > 0) line += ", deferred " + HumanBytes(step.deferred_bytes);
    if (!step.detail.empty()) line += ": " + step.detail;
    return line;
}

}  // namespace

TimestampUs NextRun(TimestampUs now, int minute_of_day) {
    const auto day = std::chrono::floor<std::chrono::days>(now);
    const TimestampUs today = day + std::chrono::minutes(minute_of_day);
    return today > now ? today : today + std::chrono::days(1);
}

NightlyMaintenance::NightlyMaintenance(Clock& clock, NightlyWork work)
    : clock_(clock),
      work_(std::move(work)),
      next_(NextRun(clock_.Now(), work_.minute_of_day)),
      ticker_(NightlyLimits::kLook, [this] { Look(); }) {}

NightlyMaintenance::~NightlyMaintenance() {
    is_ending_ = true;
    ticker_.End();
    work_.cancel();
}

void NightlyMaintenance::Look() {
    const TimestampUs now = clock_.Now();
    if (now < next_) return;
    const bool is_busy = work_.is_busy();
    const bool is_late = now > next_ + NightlyLimits::kLongestWait;
    if (is_busy && !std::exchange(has_waited_, true))
        work_.log("maintenance: waits, the lake is busy");
    if (is_busy && is_late) work_.log("maintenance: left out today, the lake was busy");
    if (!is_busy) RunOnce();
    if (!is_busy || is_late) {
        next_ = NextRun(now, work_.minute_of_day);
        has_waited_ = false;
    }
}

void NightlyMaintenance::RunOnce() {
    work_.log("maintenance: begins");
    try {
        const MaintenanceReport report =
            work_.run([this] { return is_ending_ || work_.is_busy(); });
        for (const MaintenanceStep& step : report.steps) work_.log(LineOf(step));
        for (const WriteCost& cost : report.costs) {
            if (cost.written_bytes > 0) work_.log("maintenance: " + cost.ToString());
        }
        work_.log(fmt::format("maintenance: ends after {} steps", report.steps.size()));
    } catch (const Error& error) {
        work_.log(fmt::format("maintenance: ends with {}: {}", TraitsOf(error.kind()).name,
                              error.message()));
    }
}

}  // namespace tarn::pipeline
