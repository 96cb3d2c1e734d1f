#include "engine/duck/rewrite.h"

#include <algorithm>

#include "duckdb/execution/execution_context.hpp"
#include "duckdb/parallel/task_executor.hpp"
#include "duckdb/parallel/task_scheduler.hpp"
#include "duckdb/parallel/thread_context.hpp"
#include "engine/duck/client_state.h"
#include "engine/duck/errors.h"
#include "engine/duck/row_identity.h"
#include "engine/duck/scan.h"

namespace tarn::engine::duck {
namespace {

using Rows = std::vector<uint64_t>;

// The rows, sorted.
class These final : public table::DeletedRows {
public:
    explicit These(const Rows& rows) : rows_(rows) {}
    uint64_t Count() const override { return rows_.size(); }
    bool MarkIn(uint64_t first, std::span<bool> marks) const override {
        const auto next = std::lower_bound(rows_.begin(), rows_.end(), first);
        const auto end = std::lower_bound(next, rows_.end(), first + marks.size());
        for (auto row = next; row != end; ++row) marks[*row - first] = true;
        return next != end;
    }

private:
    const Rows& rows_;
};

// All rows but these.
class Others final : public table::DeletedRows {
public:
    Others(const Rows& rows, uint64_t all) : rows_(rows), count_(all - rows.size()) {}
    uint64_t Count() const override { return count_; }
    bool MarkIn(uint64_t first, std::span<bool> marks) const override {
        auto kept = std::lower_bound(rows_.begin(), rows_.end(), first);
        bool is_any = false;
        for (size_t i = 0; i < marks.size(); i++) {
            const bool is_kept = kept != rows_.end() && *kept == first + i;
            if (is_kept) {
                ++kept;
            } else {
                marks[i] = is_any = true;
            }
        }
        return is_any;
    }

private:
    const Rows& rows_;
    const uint64_t count_;
};

// What a scan leaves out of a file, and how many rows it then has.
struct Part {
    table::DataFile file;
    std::shared_ptr<const table::DeletedRows> hidden;
    uint64_t rows;
};

// One scan over all touched files, shared by the threads that copy.
struct CopyScan {
    CopyScan(duckdb::ClientContext& running, const std::shared_ptr<TableEntry>& entry,
             const std::vector<Part>& parts, bool with_identity)
        : client(running), table(*entry) {
        auto scan = std::make_shared<ScanInfo>(entry, ClientState::Of(client).meter);
        PlannedFiles files;
        for (const Part& part : parts) {
            scan->Hide(part.file, part.hidden);
            files.files.push_back(part.file);
            rows += part.rows;
        }
        function = BindFileScan(client, std::move(scan), std::move(files), bind_data);
        for (const auto& column : entry->GetColumns().Physical()) {
            columns.push_back(column.Physical().index);
            types.push_back(column.Type());
        }
        own_columns = columns.size();
        if (!with_identity) return;
        for (const auto part :
             {MetadataPart::kMaterializedRowId, MetadataPart::kMaterializedRowCommitVersion}) {
            columns.push_back(static_cast<duckdb::column_t>(part));
            types.emplace_back(duckdb::LogicalType::BIGINT);
        }
        columns.push_back(duckdb::COLUMN_IDENTIFIER_ROW_ID);
        types.emplace_back(duckdb::LogicalType::BIGINT);
    }

    void Open() {
        duckdb::TableFunctionInitInput init(bind_data.get(), columns,
                                            duckdb::vector<duckdb::idx_t>(), nullptr);
        global_state = function.init_global(client, init);
    }

    // About a row group: less is not worth a thread.
    static constexpr uint64_t kRowsOfTask = 122'880;

    duckdb::ClientContext& client;
    TableEntry& table;
    uint64_t rows = 0;
    size_t own_columns = 0;  // the table's; behind them, where asked for, what identity needs
    duckdb::TableFunction function;
    duckdb::unique_ptr<duckdb::FunctionData> bind_data;
    duckdb::vector<duckdb::column_t> columns;
    duckdb::vector<duckdb::LogicalType> types;
    duckdb::unique_ptr<duckdb::GlobalTableFunctionState> global_state;
};

class CopyTask final : public duckdb::BaseExecutorTask {
public:
    CopyTask(duckdb::TaskExecutor& tasks, CopyScan& scan, const MakeTaker& make)
        : BaseExecutorTask(tasks), scan_(scan), make_(make) {}

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
        const auto taker = make_();
        duckdb::DataChunk rows;
        rows.Initialize(scan_.client, scan_.types);
        RowIdentity identity(scan_.table);
        duckdb::DataChunk taken;
        taken.InitializeEmpty({scan_.types.begin(), scan_.types.end() - 1});
        while (true) {
            if (scan_.client.IsInterrupted()) throw duckdb::InterruptException();
            rows.Reset();
            duckdb::TableFunctionInput input(scan_.bind_data.get(), local_state.get(),
                                             scan_.global_state.get());
            scan_.function.function(scan_.client, input, rows);
            if (rows.size() == 0) break;
            if (rows.ColumnCount() == scan_.own_columns) {
                taker->Take(execution, rows);
            } else {
                WithIdentity(identity, rows, taken);
                taker->Take(execution, taken);
            }
        }
        taker->Finish(execution);
    }

    // The scan's last column is the row id.
    void WithIdentity(RowIdentity& identity, duckdb::DataChunk& rows, duckdb::DataChunk& taken) {
        const size_t own = scan_.own_columns;
        for (size_t i = 0; i < own; i++) taken.data[i].Reference(rows.data[i]);
        duckdb::Vector ids(duckdb::LogicalType::BIGINT);
        duckdb::Vector versions(duckdb::LogicalType::BIGINT);
        duckdb::Vector& row_ids = rows.data.back();
        identity.FillIds(row_ids, rows.data[own], rows.size(), ids);
        identity.FillVersions(row_ids, rows.data[own + 1], rows.size(), versions);
        taken.data[own].Reference(ids);
        taken.data[own + 1].Reference(versions);
        taken.SetCardinality(rows.size());
    }

    CopyScan& scan_;
    const MakeTaker& make_;
};

void TakeParts(duckdb::ClientContext& client, const std::shared_ptr<TableEntry>& entry,
               const std::vector<Part>& parts, bool with_identity, const MakeTaker& make) {
    if (parts.empty()) return;
    CopyScan scan(client, entry, parts, with_identity);
    scan.Open();
    const uint64_t threads =
        static_cast<uint64_t>(duckdb::TaskScheduler::GetScheduler(client).NumberOfThreads());
    const uint64_t count = std::clamp<uint64_t>(scan.rows / CopyScan::kRowsOfTask, 1, threads);
    duckdb::TaskExecutor executor(client);
    for (uint64_t i = 0; i < count; i++)
        executor.ScheduleTask(duckdb::make_uniq<CopyTask>(executor, scan, make));
    executor.WorkOnTasks();
}

class ToWriter final : public RowTaker {
public:
    explicit ToWriter(TableWriter& writer) : writer_(writer), local_(writer.MakeLocal()) {}
    void Take(duckdb::ExecutionContext& execution, duckdb::DataChunk& rows) override {
        writer_.Sink(execution, *local_, rows);
    }
    void Finish(duckdb::ExecutionContext& execution) override {
        writer_.Combine(execution, *local_);
    }

private:
    TableWriter& writer_;
    const std::unique_ptr<TableWriter::Local> local_;
};

}  // namespace

void TakeRemaining(duckdb::ClientContext& client, const std::shared_ptr<TableEntry>& entry,
                   const std::vector<TouchedFile>& touched, const MakeTaker& make) {
    std::vector<Part> parts;
    for (const TouchedFile& each : touched) {
        const uint64_t live = each.file.LiveRows().value_or(CopyScan::kRowsOfTask);
        parts.push_back({each.file, std::make_shared<These>(each.gone), live});
    }
    TakeParts(client, entry, parts, entry->snapshot()->Rules().row_tracking.has_value(), make);
}

void TakeGone(duckdb::ClientContext& client, const std::shared_ptr<TableEntry>& entry,
              const std::vector<TouchedFile>& touched, const MakeTaker& make) {
    std::vector<Part> parts;
    for (const TouchedFile& each : touched) {
        const uint64_t live = each.file.LiveRows().value_or(CopyScan::kRowsOfTask);
        parts.push_back({each.file,
                         std::make_shared<Others>(each.gone, std::max(live, each.gone.size())),
                         live});
    }
    TakeParts(client, entry, parts, false, make);
}

void RewriteWithout(duckdb::ClientContext& client, const std::shared_ptr<TableEntry>& entry,
                    const std::vector<TouchedFile>& touched, TableWriter& writer) {
    TakeRemaining(client, entry, touched, [&] { return std::make_unique<ToWriter>(writer); });
}

}  // namespace tarn::engine::duck
