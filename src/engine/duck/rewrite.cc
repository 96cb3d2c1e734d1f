#include "engine/duck/rewrite.h"

#include <algorithm>

#include "duckdb/execution/execution_context.hpp"
#include "duckdb/parallel/task_executor.hpp"
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
    bool AnyIn(uint64_t first, uint64_t count) const override {
        auto next = std::lower_bound(rows_.begin(), rows_.end(), first);
        return next != rows_.end() && *next < first + count;
    }
    bool Contains(uint64_t row) const override { return std::binary_search(rows_.begin(), rows_.end(), row); }

private:
    const std::vector<uint64_t>& rows_;
};

class RewriteTask final : public duckdb::BaseExecutorTask {
public:
    RewriteTask(duckdb::TaskExecutor& tasks, duckdb::ClientContext& client, std::shared_ptr<TableEntry> entry,
                const TouchedFile& touched, TableWriter& writer)
        : BaseExecutorTask(tasks), client_(client), entry_(std::move(entry)), touched_(touched), writer_(writer) {}

    void ExecuteTask() override {
        Guarded([&] { Rewrite(); });
    }

private:
    void Rewrite() {
        auto scan = std::make_shared<ScanInfo>(entry_, ClientState::Of(client_).meter);
        scan->Hide(std::make_shared<Positions>(touched_.gone));
        duckdb::unique_ptr<duckdb::FunctionData> bind_data;
        auto function = BindFileScan(client_, std::move(scan), {touched_.file}, bind_data);
        duckdb::vector<duckdb::column_t> columns;
        duckdb::vector<duckdb::LogicalType> types;
        for (const auto& column : entry_->GetColumns().Physical()) {
            columns.push_back(column.Physical().index);
            types.push_back(column.Type());
        }
        duckdb::ThreadContext thread(client_);
        duckdb::ExecutionContext execution(client_, thread, nullptr);
        duckdb::TableFunctionInitInput init(bind_data.get(), columns, duckdb::vector<duckdb::idx_t>(), nullptr);
        auto global_state = function.init_global(client_, init);
        auto local_state = function.init_local(execution, init, global_state.get());
        auto local = writer_.MakeLocal();
        duckdb::DataChunk rows;
        rows.Initialize(client_, types);
        while (true) {
            if (client_.IsInterrupted()) throw duckdb::InterruptException();
            rows.Reset();
            duckdb::TableFunctionInput input(bind_data.get(), local_state.get(), global_state.get());
            function.function(client_, input, rows);
            if (rows.size() == 0) break;
            writer_.Sink(execution, *local, rows);
        }
        writer_.Combine(execution, *local);
    }

    duckdb::ClientContext& client_;
    const std::shared_ptr<TableEntry> entry_;
    const TouchedFile& touched_;
    TableWriter& writer_;
};

}  // namespace

void RewriteWithout(duckdb::ClientContext& client, const std::shared_ptr<TableEntry>& entry,
                    const std::vector<TouchedFile>& touched, TableWriter& writer) {
    if (touched.empty()) return;
    duckdb::TaskExecutor executor(client);
    for (const TouchedFile& file : touched) {
        executor.ScheduleTask(duckdb::make_uniq<RewriteTask>(executor, client, entry, file, writer));
    }
    executor.WorkOnTasks();
}

}  // namespace tarn::engine::duck
