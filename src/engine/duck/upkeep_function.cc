#include "engine/duck/upkeep_function.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>

#include <nlohmann/json.hpp>

#include "duckdb/transaction/transaction_context.hpp"
#include "engine/duck/about_table.h"
#include "engine/duck/client_state.h"
#include "engine/duck/commit_result.h"
#include "engine/duck/errors.h"
#include "engine/duck/file_rewriter.h"
#include "engine/duck/table_functions.h"
#include "engine/duck/version_values.h"
#include "upkeep/drop_feature.h"
#include "upkeep/optimize.h"
#include "upkeep/restore.h"
#include "upkeep/vacuum.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::Value;
using Row = duckdb::vector<Value>;

constexpr double kHourMs = 3'600'000;
constexpr double kMaxHours = 1e9;

struct UpkeepData final : public duckdb::TableFunctionData {
    sql::UpkeepStatement statement;
    std::shared_ptr<TableEntry> entry;
    Value version;  // a statement's VersionClause, evaluated
};

struct UpkeepState final : public duckdb::GlobalTableFunctionState {
    bool is_done = false;
    std::vector<Row> rows;
    size_t next = 0;
    std::atomic<double> progress = 0;
};

Value Count(uint64_t value) { return Value::BIGINT(static_cast<int64_t>(value)); }

const sql::QualifiedName& TableOf(const sql::UpkeepStatement& statement) {
    return std::visit([](const auto& one) -> const sql::QualifiedName& { return one.table; },
                      statement);
}

// Smallest, largest, average, number and sum of some files' sizes.
LogicalType SizesType() {
    return LogicalType::STRUCT({{"min", LogicalType::BIGINT},
                                {"max", LogicalType::BIGINT},
                                {"avg", LogicalType::DOUBLE},
                                {"totalFiles", LogicalType::BIGINT},
                                {"totalSize", LogicalType::BIGINT}});
}

Value Sizes(const std::vector<uint64_t>& bytes) {
    const uint64_t sum = std::accumulate(bytes.begin(), bytes.end(), uint64_t{0});
    const auto [least, most] = std::minmax_element(bytes.begin(), bytes.end());
    const bool is_empty = bytes.empty();
    return Value::STRUCT(
        SizesType(),
        {is_empty ? Value(LogicalType::BIGINT) : Count(*least),
         is_empty ? Value(LogicalType::BIGINT) : Count(*most),
         Value::DOUBLE(is_empty ? 0 : static_cast<double>(sum) / static_cast<double>(bytes.size())),
         Count(bytes.size()), Count(sum)});
}

LogicalType MetricsType() {
    return LogicalType::STRUCT({{"numFilesAdded", LogicalType::BIGINT},
                                {"numFilesRemoved", LogicalType::BIGINT},
                                {"filesAdded", SizesType()},
                                {"filesRemoved", SizesType()},
                                {"partitionsOptimized", LogicalType::BIGINT},
                                {"numBatches", LogicalType::BIGINT},
                                {"totalConsideredFiles", LogicalType::BIGINT},
                                {"totalFilesSkipped", LogicalType::BIGINT},
                                {"numDeletionVectorsRemoved", LogicalType::BIGINT}});
}

Value MetricsOf(const upkeep::OptimizeReport& report) {
    const uint64_t removed = report.removed_bytes.size();
    return Value::STRUCT(
        MetricsType(), {Count(report.added_bytes.size()), Count(removed), Sizes(report.added_bytes),
                        Sizes(report.removed_bytes), Count(report.partitions),
                        Count(report.batches), Count(report.files_considered),
                        Count(report.files_considered - std::min(report.files_considered, removed)),
                        Count(report.vectors_removed)});
}

// Does one statement.
class Upkeep {
public:
    Upkeep(duckdb::ClientContext& client, const UpkeepData& data, UpkeepState& state)
        : client_(client), entry_(*data.entry), version_(data.version), state_(state) {}

    void operator()(const sql::Optimize& statement) {
        FileRewriter rewriter(client_, entry_);
        upkeep::OptimizeTask task{Format(), entry_.snapshot(), rewriter,
                                  upkeep::RulesOf(entry_.metadata())};
        if (statement.condition) {
            task.is_wanted = TestOf(entry_.core(), entry_.metadata(), *statement.condition);
            const std::string said = nlohmann::json::array({statement.condition->text}).dump();
            task.predicate = nlohmann::json(said).dump();
        }
        task.step = Step();
        const upkeep::OptimizeReport report = upkeep::Optimize(task);
        BeyondCancelling();
        if (report.version) {
            ClientState::Of(client_).meter->AddWritten(
                {entry_.row().name, *report.version, ToUnixMs(entry_.core().parts.clock.Now())});
        }
        state_.rows.push_back({Value(entry_.row().location), MetricsOf(report)});
    }

    void operator()(const sql::Vacuum& statement) {
        upkeep::VacuumTask task{Format(), entry_.core().parts.store, entry_.core().parts.clock,
                                entry_.snapshot()};
        if (statement.retain_hours) task.retention_ms = Milliseconds(*statement.retain_hours);
        task.is_dry_run = statement.is_dry_run;
        task.step = Step();
        const upkeep::VacuumReport report = upkeep::Vacuum(task);
        BeyondCancelling();
        if (!statement.is_dry_run) {
            state_.rows.push_back({Value(entry_.row().location), Count(report.deleted),
                                   Count(report.plan.size_bytes)});
            return;
        }
        for (const storage::ObjectInfo& file : report.plan.files) {
            state_.rows.push_back({Value(file.location), Count(file.size_bytes)});
        }
    }

    void operator()(const sql::Checkpoint&) {
        const table::Version version = Format().Checkpoint(entry_.snapshot());
        state_.rows.push_back({Value(entry_.row().location), Value::BIGINT(version.number)});
    }

    void operator()(const sql::Restore& statement) {
        upkeep::RestoreTask task{Format(), entry_.core().parts.store, entry_.snapshot(), nullptr};
        table::AsOf wanted = table::Latest{};
        if (statement.version.is_time) {
            wanted = TimeIn(client_, version_);
            task.timestamp = nlohmann::json(version_.ToString()).dump();
        } else {
            const table::Version version = VersionIn(version_);
            wanted = version;
            task.version = std::to_string(version.number);
        }
        task.wanted = task.format.Load(entry_.row().location, wanted, task.latest);
        const upkeep::RestoreReport report = upkeep::Restore(task);
        NoteWritten(ClientState::Of(client_), entry_.row().name, report.outcome,
                    entry_.core().parts.clock);
        BeyondCancelling();
        const upkeep::RestorePlan& plan = report.plan;
        state_.rows.push_back({Count(plan.after.size_bytes), Count(plan.after.files),
                               Count(plan.removed.size()), Count(plan.restored.size()),
                               Count(upkeep::BytesOf(plan.removed)),
                               Count(upkeep::BytesOf(plan.restored))});
    }

    void operator()(const sql::DropFeature& statement) {
        FileRewriter rewriter(client_, entry_);
        upkeep::DropFeatureTask task{Format(),          entry_.snapshot(),
                                     rewriter,          upkeep::RulesOf(entry_.metadata()),
                                     statement.feature, statement.truncates_history};
        task.step = Step();
        const table::Version version = upkeep::DropFeature(task);
        BeyondCancelling();
        ClientState::Of(client_).meter->AddWritten(
            {entry_.row().name, version, ToUnixMs(entry_.core().parts.clock.Now())});
        state_.rows.push_back({Value(entry_.row().location), Value::BIGINT(version.number)});
    }

private:
    table::TableFormat& Format() { return entry_.core().FormatNamed(entry_.row().format); }

    static int64_t Milliseconds(double hours) {
        if (hours < 0 || hours > kMaxHours) {
            throw Error(ErrorKind::kInvalidInput, "RETAIN {} HOURS is no length of time", hours);
        }
        return static_cast<int64_t>(std::llround(hours * kHourMs));
    }

    // It is done: whoever cancels it now is not told that it was not.
    void BeyondCancelling() { client_.ClearInterrupt(); }

    std::function<void(double)> Step() {
        return [this](double share) {
            state_.progress = share;
            if (client_.IsInterrupted()) throw duckdb::InterruptException();
        };
    }

    duckdb::ClientContext& client_;
    TableEntry& entry_;
    const Value& version_;
    UpkeepState& state_;
};

void Declare(const sql::UpkeepStatement& statement, duckdb::vector<LogicalType>& types,
             duckdb::vector<std::string>& names) {
    const auto add = [&](const char* name, const LogicalType& type) {
        names.emplace_back(name);
        types.push_back(type);
    };
    if (std::holds_alternative<sql::Restore>(statement)) {
        for (const char* name :
             {"table_size_after_restore", "num_of_files_after_restore", "num_removed_files",
              "num_restored_files", "removed_files_size", "restored_files_size"}) {
            add(name, LogicalType::BIGINT);
        }
        return;
    }
    add("path", LogicalType::VARCHAR);
    if (std::holds_alternative<sql::Optimize>(statement)) {
        add("metrics", MetricsType());
    } else if (const auto* vacuum = std::get_if<sql::Vacuum>(&statement)) {
        if (!vacuum->is_dry_run) add("numDeletedFiles", LogicalType::BIGINT);
        add(vacuum->is_dry_run ? "sizeInBytes" : "sizeOfDeletedData", LogicalType::BIGINT);
    } else {
        add("version", LogicalType::BIGINT);
    }
}

duckdb::unique_ptr<duckdb::FunctionData> Bind(duckdb::ClientContext& client,
                                              duckdb::TableFunctionBindInput& input,
                                              duckdb::vector<LogicalType>& types,
                                              duckdb::vector<std::string>& names) {
    return Guarded([&]() -> duckdb::unique_ptr<duckdb::FunctionData> {
        const ClientState& state = ClientState::Of(client);
        if (state.upkeep == nullptr) {
            throw Error(ErrorKind::kInvalidInput,
                        "this function is the engine's own: use OPTIMIZE, VACUUM, CHECKPOINT, "
                        "ALTER TABLE ... DROP FEATURE or RESTORE");
        }
        if (!client.transaction.IsAutoCommit()) {
            throw Error(ErrorKind::kUnsupported,
                        "OPTIMIZE, VACUUM, CHECKPOINT, DROP FEATURE and RESTORE commit by "
                        "themselves: run them outside BEGIN ... COMMIT");
        }
        auto data = duckdb::make_uniq<UpkeepData>();
        data->statement = *state.upkeep;
        if (!input.inputs.empty()) data->version = input.inputs.front();
        data->entry = FindTable(client, TableOf(data->statement).ToSql());
        const TableEntry& entry = *data->entry;
        entry.core().parts.policy.Authorize(state.principal, Action::kWrite, entry.row().name);
        Declare(data->statement, types, names);
        return data;
    });
}

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> Start(duckdb::ClientContext&,
                                                           duckdb::TableFunctionInitInput&) {
    return duckdb::make_uniq<UpkeepState>();
}

void Give(duckdb::ClientContext& client, duckdb::TableFunctionInput& input,
          duckdb::DataChunk& chunk) {
    const auto& data = input.bind_data->Cast<UpkeepData>();
    auto& state = input.global_state->Cast<UpkeepState>();
    if (!std::exchange(state.is_done, true)) {
        Guarded([&] {
            NamingTable(data.entry->row().name,
                        [&] { std::visit(Upkeep(client, data, state), data.statement); });
        });
    }
    duckdb::idx_t count = 0;
    for (; state.next < state.rows.size() && count < STANDARD_VECTOR_SIZE; state.next++, count++) {
        const Row& row = state.rows[state.next];
        for (size_t column = 0; column < row.size(); column++)
            chunk.SetValue(column, count, row[column]);
    }
    chunk.SetCardinality(count);
}

double Progress(duckdb::ClientContext&, const duckdb::FunctionData*,
                const duckdb::GlobalTableFunctionState* state) {
    constexpr double kPercent = 100;
    return state->Cast<UpkeepState>().progress * kPercent;
}

}  // namespace

void RegisterUpkeepFunction(duckdb::ExtensionLoader& loader) {
    duckdb::TableFunctionSet functions("tarn_upkeep");
    duckdb::TableFunction function({}, Give, Bind, Start);
    function.table_scan_progress = Progress;
    functions.AddFunction(function);
    function.arguments = {LogicalType::ANY};
    functions.AddFunction(function);
    loader.RegisterFunction(functions);
}

std::string UpkeepQuery(const sql::UpkeepStatement& statement) {
    const auto* restore = std::get_if<sql::Restore>(&statement);
    return fmt::format("SELECT * FROM tarn_upkeep({})",
                       restore != nullptr ? restore->version.value : "");
}

}  // namespace tarn::engine::duck
