#include "engine/duck/run_tasks.h"

#include "duckdb/parallel/task_executor.hpp"
#include "engine/duck/errors.h"

namespace tarn::engine::duck {
namespace {

class OneTask final : public duckdb::BaseExecutorTask {
public:
    OneTask(duckdb::TaskExecutor& tasks, std::function<void()> run)
        : BaseExecutorTask(tasks), run_(std::move(run)) {}
    void ExecuteTask() override { Guarded(run_); }

private:
    const std::function<void()> run_;
};

}  // namespace

void RunTasks(duckdb::ClientContext& client, std::vector<std::function<void()>> tasks) {
    duckdb::TaskExecutor executor(client);
    for (auto& task : tasks)
        executor.ScheduleTask(duckdb::make_uniq<OneTask>(executor, std::move(task)));
    executor.WorkOnTasks();
}

void RunPass(duckdb::ClientContext& client, RowPass& pass) {
    RunTasks(client, std::vector<std::function<void()>>(pass.Threads(), [&pass] { pass.Run(); }));
}

}  // namespace tarn::engine::duck
