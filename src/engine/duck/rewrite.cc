#include "engine/duck/rewrite.h"

#include <algorithm>

#include "duckdb/execution/execution_context.hpp"
#include "duckdb/parallel/task_executor.hpp"
#include "duckdb/parallel/task_scheduler.hpp"
#include "duckdb/parallel/thread_context.hpp"
#include "engine/duck/client_state.h"
#include "engine/duck/errors.h"
#include "engine/duck/scan.h"

namespace tarn::engine::duck {
namespace {

class Positions final : public table::DeletedRows {
public:
    explicit Positions(const std::vector<uint64_t>& rows) : rows_(rows) {}
    uint64_t Count() const override { return rows_.size(); }
    bool MarkIn(uint64_t first, std::span<bool> marks) const override {
        const auto next = std::lower_bound(rows_.begin(), rows_.end(), first);
        const auto end = std::lower_bound(next, rows_.end(), first + marks.size());
        for (auto row = next; row != end; ++row) marks[*row - first] = true;
        return next != end;
    }

private:
    const std::vector<uint64_t>& rows_;
};

// One scan over all touched files, shared by the threads that copy.
struct CopyScan {
    CopyScan(duckdb::ClientContext& running, const std::shared_ptr<TableEntry>& entry,
             const std::vector<TouchedFile>& touched)
        : client(running) {
        auto scan = std::make_shared<ScanInfo>(entry, ClientState::Of(client).meter);
        PlannedFiles files;
        for (const TouchedFile& file : touched) {
            scan->Hide(file.file, std::make_shared<Positions>(file.gone));
            files.files.push_back(file.file);
            rows += file.file.LiveRows().value_or(kRowsOfTask);
        }
        function = BindFileScan(client, std::move(scan), std::move(files), bind_data);
        for (const auto& column : entry->GetColumns().Physical()) {
            columns.push_back(column.Physical().index);
            types.push_back(column.Type());
        }
        duckdb::TableFunctionInitInput init(bind_data.get(), columns,
                                            duckdb::vector<duckdb::idx_t>(), nullptr);
        global_state = function.init_global(client, init);
    }

    // About a row group: less is not worth a thread.
    static constexpr uint64_t kRowsOfTask = 122'880;

    duckdb::ClientContext& client;
    uint64_t rows = 0;
    duckdb::TableFunction function;
    duckdb::unique_ptr<duckdb::FunctionData> bind_data;
    duckdb::vector<duckdb::column_t> columns;
    duckdb::vector<duckdb::LogicalType> types;
    duckdb::unique_ptr<duckdb::GlobalTableFunctionState> global_state;
};

class CopyTask final : public duckdb::BaseExecutorTask {
public:
    CopyTask(duckdb::TaskExecutor& tasks, CopyScan& scan, TableWriter& writer)
        : BaseExecutorTask(tasks), scan_(scan), writer_(writer) {}

    void ExecuteTask() override {
        Guarded([&] { Copy(); });
    }

private:
    void Copy() {
        duckdb::ThreadContext thread(scan_.client);
        duckdb::ExecutionContext execution(scan_.client, thread, nullptr);
        duckdb::TableFunctionInitInput init(scan_.bind_data.get(), scan_.columns,
                                            duckdb::vector<duckdb::idx_t>(), nullptr);
        auto local_state = scan_.function.init_local(execution, init, scan_.global_state.get());
        auto local = writer_.MakeLocal();
        duckdb::DataChunk rows;
        rows.Initialize(scan_.client, scan_.types);
        while (true) {
            if (scan_.client.IsInterrupted()) throw duckdb::InterruptException();
            rows.Reset();
            duckdb::TableFunctionInput input(scan_.bind_data.get(), local_state.get(),
                                             scan_.global_state.get());
            scan_.function.function(scan_.client, input, rows);
            if (rows.size() == 0) break;
            writer_.Sink(execution, *local, rows);
        }
        writer_.Combine(execution, *local);
    }

    CopyScan& scan_;
    TableWriter& writer_;
};

}  // namespace

void RewriteWithout(duckdb::ClientContext& client, const std::shared_ptr<TableEntry>& entry,
                    const std::vector<TouchedFile>& touched, TableWriter& writer) {
    if (touched.empty()) return;
    CopyScan scan(client, entry, touched);
    const uint64_t threads =
        static_cast<uint64_t>(duckdb::TaskScheduler::GetScheduler(client).NumberOfThreads());
    const uint64_t count = std::clamp<uint64_t>(scan.rows / CopyScan::kRowsOfTask, 1, threads);
    duckdb::TaskExecutor executor(client);
    for (uint64_t i = 0; i < count; i++)
        executor.ScheduleTask(duckdb::make_uniq<CopyTask>(executor, scan, writer));
    executor.WorkOnTasks();
}

}  // namespace tarn::engine::duck
