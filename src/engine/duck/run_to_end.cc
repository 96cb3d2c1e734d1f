#include "engine/duck/run_to_end.h"

#include <atomic>
#include <thread>

#include "base/clock.h"
#include "duckdb/parallel/task_scheduler.hpp"

namespace tarn::engine::duck {
namespace {

// Idle rounds that only yield, then those that sleep shortly: a short statement waits no longer
// than it runs.
constexpr int kYields = 20;
constexpr int kShortSleeps = 20;
constexpr DurationUs kShortSleep{50};
constexpr DurationUs kLongSleep{200};

// false: there was none.
bool DoOneTask(duckdb::TaskScheduler& scheduler) {
    std::atomic<bool> go_on = true;
    return scheduler.ExecuteTasks(&go_on, 1) > 0;
}

void Idle(int round) {
    if (round < kYields) return std::this_thread::yield();
    RealClock().Sleep(round < kYields + kShortSleeps ? kShortSleep : kLongSleep);
}

duckdb::unique_ptr<duckdb::QueryResult> ResultOf(duckdb::PendingQueryResult& pending) {
    if (!pending.HasError()) return pending.Execute();
    return duckdb::make_uniq<duckdb::MaterializedQueryResult>(pending.GetErrorObject());
}

}  // namespace

duckdb::unique_ptr<duckdb::QueryResult> RunToEnd(duckdb::PendingQueryResult& pending,
                                                 duckdb::TaskScheduler* helped) {
    for (int idle_rounds = 0;;) {
        const auto state = pending.ExecuteTask();
        if (duckdb::PendingQueryResult::IsResultReady(state)) return ResultOf(pending);
        if (state == duckdb::PendingExecutionResult::BLOCKED) pending.WaitForTask();
        const bool is_idle = state == duckdb::PendingExecutionResult::NO_TASKS_AVAILABLE &&
                             (helped == nullptr || !DoOneTask(*helped));
        if (is_idle) Idle(idle_rounds);
        idle_rounds = is_idle ? idle_rounds + 1 : 0;
    }
}

duckdb::unique_ptr<duckdb::QueryResult> RunToEnd(duckdb::Connection& connection,
                                                 const std::string& text) {
    auto pending = connection.PendingQuery(text);
    return pending->HasError() ? ResultOf(*pending) : RunToEnd(*pending);
}

}  // namespace tarn::engine::duck
