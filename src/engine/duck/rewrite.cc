#include "engine/duck/rewrite.h"

#include <algorithm>
#include <numeric>

#include "duckdb/execution/execution_context.hpp"
#include "duckdb/parallel/executor_task.hpp"
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
    explicit These(Rows rows) : rows_(std::move(rows)) {}
    uint64_t Count() const override { return rows_.size(); }
    bool MarkIn(uint64_t first, std::span<bool> marks) const override {
        const auto next = std::lower_bound(rows_.begin(), rows_.end(), first);
        const auto end = std::lower_bound(next, rows_.end(), first + marks.size());
        for (auto row = next; row != end; ++row) marks[*row - first] = true;
        return next != end;
    }

private:
    const Rows rows_;
};

// All rows but these.
class Others final : public table::DeletedRows {
public:
    Others(Rows rows, uint64_t all) : rows_(std::move(rows)), count_(all - rows_.size()) {}
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
    const Rows rows_;
    const uint64_t count_;
};

// What a scan leaves out of a file, and how many rows it then has.
struct Part {
    table::DataFile file;
    std::shared_ptr<const table::DeletedRows> hidden;
    uint64_t rows;
};

// About a row group: less is not worth a thread.
constexpr uint64_t kRowsOfThread = 122'880;

uint64_t LiveRowsOf(const TouchedFile& touched) {
    return std::max<uint64_t>(touched.file.LiveRows().value_or(kRowsOfThread), touched.gone.size());
}

std::vector<size_t> AllColumns(const TableEntry& entry) {
    std::vector<size_t> columns(entry.metadata().schema.fields.size());
    std::iota(columns.begin(), columns.end(), 0);
    return columns;
}

class WriterTaker final : public RowTaker {
public:
    WriterTaker(TableWriter& writer, GiveRows give)
        : writer_(writer), give_(std::move(give)), local_(writer.MakeLocal()) {}
    void Take(duckdb::ExecutionContext& execution, duckdb::DataChunk& rows) override {
        give_(execution, *local_, rows);
    }
    void Finish(duckdb::ExecutionContext& execution) override {
        writer_.Combine(execution, *local_);
    }

private:
    TableWriter& writer_;
    const GiveRows give_;
    const std::unique_ptr<TableWriter::Local> local_;
};

class PassTask final : public duckdb::ExecutorTask {
public:
    PassTask(duckdb::ClientContext& client, duckdb::shared_ptr<duckdb::Event> of,
             const duckdb::PhysicalOperator& running, RowPass& pass)
        : ExecutorTask(client, std::move(of), running), pass_(pass) {}

    duckdb::TaskExecutionResult ExecuteTask(duckdb::TaskExecutionMode) override {
        Guarded([&] { pass_.Run(); });
        event->FinishTask();
        return duckdb::TaskExecutionResult::TASK_FINISHED;
    }

private:
    RowPass& pass_;
};

class PassEvent final : public duckdb::BasePipelineEvent {
public:
    PassEvent(duckdb::Pipeline& of, const duckdb::PhysicalOperator& running,
              std::vector<std::unique_ptr<RowPass>> passes, std::function<void()> done)
        : BasePipelineEvent(of),
          running_(running),
          passes_(std::move(passes)),
          done_(std::move(done)) {}

    void Schedule() override {
        duckdb::vector<duckdb::shared_ptr<duckdb::Task>> tasks;
        for (const auto& pass : passes_) {
            for (uint64_t i = 0; i < pass->Threads(); i++) {
                tasks.push_back(duckdb::make_uniq<PassTask>(pipeline->GetClientContext(),
                                                            shared_from_this(), running_, *pass));
            }
        }
        SetTasks(std::move(tasks));
    }
    void FinishEvent() override {
        Guarded([&] { done_(); });
    }

private:
    const duckdb::PhysicalOperator& running_;
    const std::vector<std::unique_ptr<RowPass>> passes_;
    const std::function<void()> done_;
};

}  // namespace

// The scan that all threads share.
struct RowPass::Scan {
    Scan(duckdb::ClientContext& running, std::shared_ptr<TableEntry> entry,
         const std::vector<Part>& parts, const std::vector<size_t>& wanted, bool with_identity)
        : client(running), table(std::move(entry)) {
        auto info = std::make_shared<ScanInfo>(table, ClientState::Of(client).meter);
        PlannedFiles files;
        for (const Part& part : parts) {
            info->Hide(part.file, part.hidden);
            files.files.push_back(part.file);
            rows += part.rows;
        }
        function = BindFileScan(client, std::move(info), std::move(files), bind_data);
        for (const size_t place : wanted) {
            const auto& column = table->GetColumn(duckdb::LogicalIndex(place));
            columns.push_back(column.Physical().index);
            types.push_back(column.Type());
        }
        own_columns = columns.size();
        if (with_identity) {
            AddColumn(static_cast<duckdb::column_t>(MetadataPart::kMaterializedRowId));
            AddColumn(static_cast<duckdb::column_t>(MetadataPart::kMaterializedRowCommitVersion));
            AddColumn(duckdb::COLUMN_IDENTIFIER_ROW_ID);
        }
        duckdb::TableFunctionInitInput init(bind_data.get(), columns,
                                            duckdb::vector<duckdb::idx_t>(), nullptr);
        global_state = function.init_global(client, init);
    }

    void AddColumn(duckdb::column_t column) {
        columns.push_back(column);
        types.emplace_back(duckdb::LogicalType::BIGINT);
    }

    // The scan's last column is the row id.
    void WithIdentity(RowIdentity& identity, duckdb::DataChunk& read,
                      duckdb::DataChunk& taken) const {
        for (size_t i = 0; i < own_columns; i++) taken.data[i].Reference(read.data[i]);
        duckdb::Vector ids(duckdb::LogicalType::BIGINT);
        duckdb::Vector versions(duckdb::LogicalType::BIGINT);
        duckdb::Vector& row_ids = read.data.back();
        identity.FillIds(row_ids, read.data[own_columns], read.size(), ids);
        identity.FillVersions(row_ids, read.data[own_columns + 1], read.size(), versions);
        taken.data[own_columns].Reference(ids);
        taken.data[own_columns + 1].Reference(versions);
        taken.SetCardinality(read.size());
    }

    duckdb::ClientContext& client;
    const std::shared_ptr<TableEntry> table;
    uint64_t rows = 0;
    size_t own_columns = 0;  // the table's; behind them, where asked for, what identity needs
    duckdb::TableFunction function;
    duckdb::unique_ptr<duckdb::FunctionData> bind_data;
    duckdb::vector<duckdb::column_t> columns;
    duckdb::vector<duckdb::LogicalType> types;
    duckdb::unique_ptr<duckdb::GlobalTableFunctionState> global_state;
};

RowPass::RowPass(std::unique_ptr<Scan> scan, MakeTaker make)
    : scan_(std::move(scan)), make_(std::move(make)) {}

RowPass::~RowPass() = default;

std::unique_ptr<RowPass> RowPass::OverRemaining(duckdb::ClientContext& client,
                                                const std::shared_ptr<TableEntry>& entry,
                                                std::vector<TouchedFile> touched, MakeTaker make) {
    std::vector<Part> parts;
    for (TouchedFile& each : touched) {
        const uint64_t rows = LiveRowsOf(each) - each.gone.size();
        parts.push_back(
            {std::move(each.file), std::make_shared<These>(std::move(each.gone)), rows});
    }
    const bool with_identity = entry->snapshot()->Rules().row_tracking.has_value();
    return std::unique_ptr<RowPass>(
        new RowPass(std::make_unique<Scan>(client, entry, parts, AllColumns(*entry), with_identity),
                    std::move(make)));
}

std::unique_ptr<RowPass> RowPass::OverGone(duckdb::ClientContext& client,
                                           const std::shared_ptr<TableEntry>& entry,
                                           std::vector<TouchedFile> touched, MakeTaker make) {
    std::vector<Part> parts;
    for (TouchedFile& each : touched) {
        const uint64_t rows = LiveRowsOf(each);
        parts.push_back(
            {std::move(each.file), std::make_shared<Others>(std::move(each.gone), rows), rows});
    }
    return std::unique_ptr<RowPass>(new RowPass(
        std::make_unique<Scan>(client, entry, parts, AllColumns(*entry), false), std::move(make)));
}

std::unique_ptr<RowPass> RowPass::OverColumns(duckdb::ClientContext& client,
                                              const std::shared_ptr<TableEntry>& entry,
                                              const std::vector<table::DataFile>& files,
                                              const std::vector<size_t>& columns, MakeTaker make) {
    std::vector<Part> parts;
    for (const table::DataFile& file : files)
        parts.push_back({file, std::make_shared<These>(Rows()), LiveRowsOf({file, {}})});
    return std::unique_ptr<RowPass>(
        new RowPass(std::make_unique<Scan>(client, entry, parts, columns, false), std::move(make)));
}

uint64_t RowPass::Threads() const {
    const auto all =
        static_cast<uint64_t>(duckdb::TaskScheduler::GetScheduler(scan_->client).NumberOfThreads());
    return std::clamp<uint64_t>(scan_->rows / kRowsOfThread, 1, all);
}

void RowPass::Run() {
    Scan& scan = *scan_;
    duckdb::ThreadContext thread(scan.client);
    duckdb::ExecutionContext execution(scan.client, thread, nullptr);
    duckdb::TableFunctionInitInput init(scan.bind_data.get(), scan.columns,
                                        duckdb::vector<duckdb::idx_t>(), nullptr);
    auto local_state = scan.function.init_local(execution, init, scan.global_state.get());
    const auto taker = make_();
    duckdb::DataChunk rows;
    rows.Initialize(scan.client, scan.types);
    RowIdentity identity(*scan.table);
    duckdb::DataChunk with_identity;
    with_identity.InitializeEmpty({scan.types.begin(), scan.types.end() - 1});
    while (true) {
        if (scan.client.IsInterrupted()) throw duckdb::InterruptException();
        rows.Reset();
        duckdb::TableFunctionInput input(scan.bind_data.get(), local_state.get(),
                                         scan.global_state.get());
        scan.function.function(scan.client, input, rows);
        if (rows.size() == 0) break;
        if (rows.ColumnCount() == scan.own_columns) {
            taker->Take(execution, rows);
        } else {
            scan.WithIdentity(identity, rows, with_identity);
            taker->Take(execution, with_identity);
        }
    }
    taker->Finish(execution);
}

MakeTaker ToWriter(TableWriter& writer, GiveRows give) {
    return
        [&writer, give = std::move(give)] { return std::make_unique<WriterTaker>(writer, give); };
}

MakeTaker ToWriter(TableWriter& writer) {
    return ToWriter(
        writer, [&writer](duckdb::ExecutionContext& execution, TableWriter::Local& local,
                          duckdb::DataChunk& rows) { writer.SinkMoved(execution, local, rows); });
}

void RunInPipeline(duckdb::Pipeline& pipeline, duckdb::Event& event,
                   const duckdb::PhysicalOperator& running,
                   std::vector<std::unique_ptr<RowPass>> passes, std::function<void()> done) {
    if (passes.empty()) return done();
    event.InsertEvent(
        duckdb::make_shared_ptr<PassEvent>(pipeline, running, std::move(passes), std::move(done)));
}

}  // namespace tarn::engine::duck
