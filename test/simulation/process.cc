#include "simulation/process.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"

namespace tarn::simulation {
namespace {

constexpr DurationUs kLongestThought = std::chrono::milliseconds(120);
constexpr int kTries = 4;
constexpr uint64_t kMostRows = 4;
constexpr uint64_t kMostKeys = 4;

// How often each kind is drawn, of 100, in the order of OperationKind.
constexpr uint64_t kWeights[kOperationKinds] = {20, 14, 14, 14, 14, 3, 7, 5, 9};

}  // namespace

void Tallies::Count(std::string_view what, std::string_view of) {
    ++by_name[of.empty() ? std::string(what) : fmt::format("{} {}", what, of)];
}

Process::Process(World& world, Auditor& auditor, Tallies& tallies, Table& table, Task& task,
                 const delta::InMemoryParquet& parquet)
    : world_(world),
      auditor_(auditor),
      tallies_(tallies),
      table_(table),
      task_(task),
      clock_(world.timeline, task.clock_error),
      process_store_(world, task.name),
      unguarded_(process_store_, world, task.guard),
      store_(unguarded_, clock_, world.random),
      parquet_(store_, parquet),
      format_(store_, parquet_, clock_, world.random, table.options),
      engine_(world, store_) {}

void Process::Work() {
    while (task_.operations > 0) {
        --task_.operations;
        clock_.Sleep(world_.Pause(kLongestThought));
        if (task_.only_reads) {
            Look(world_.Chance(700));
        } else {
            Do(Draw());
        }
    }
}

Rows Process::FreshRows() {
    Rows rows;
    for (uint64_t i = 0, count = 1 + world_.random.Below(kMostRows); i < count; ++i) {
        rows.push_back({table_.next_id, static_cast<int64_t>(world_.random.Below(10))});
        table_.next_id += 2;
    }
    return rows;
}

Operation Process::Draw() {
    Operation operation;
    uint64_t at = world_.random.Below(100);
    int kind = 0;
    while (at >= kWeights[kind]) at -= kWeights[kind++];
    operation.kind = static_cast<OperationKind>(kind);
    operation.amount = 1 + static_cast<int64_t>(world_.random.Below(9)) * 10;
    operation.by_copy = world_.Chance(300);
    const auto ids = static_cast<uint64_t>(table_.next_id) + 4;
    operation.low = static_cast<int64_t>(world_.random.Below(ids));
    operation.high = operation.low + static_cast<int64_t>(world_.random.Below(ids / 2));
    switch (operation.kind) {
        case OperationKind::kMerge:
            for (uint64_t i = 0, count = 1 + world_.random.Below(kMostKeys); i < count; ++i) {
                operation.keys.push_back(static_cast<int64_t>(world_.random.Below(ids)));
            }
            std::sort(operation.keys.begin(), operation.keys.end());
            operation.keys.erase(std::unique(operation.keys.begin(), operation.keys.end()),
                                 operation.keys.end());
            break;
        case OperationKind::kAppend:
        case OperationKind::kOverwrite:
            operation.fresh = FreshRows();
            break;
        case OperationKind::kCount:
            operation.fresh = {FreshRows().front()};
            break;
        default:
            break;
    }
    return operation;
}

Operation Process::NextBatch(const table::Snapshot& base) {
    Operation operation;
    operation.kind = OperationKind::kAppendBatch;
    operation.app_id = "source of " + task_.name;
    operation.batch = base.TransactionVersion(operation.app_id).value_or(0) + 1;
    const auto index = static_cast<size_t>(operation.batch - 1);
    while (task_.batches.size() <= index) task_.batches.push_back(FreshRows());
    operation.fresh = task_.batches[index];
    return operation;
}

table::SnapshotPtr Process::Load(const table::AsOf& as_of) {
    auto loaded = format_.Load(table_.root, as_of, world_.Chance(800) ? cached_ : nullptr);
    if (std::holds_alternative<table::Latest>(as_of)) cached_ = loaded;
    return loaded;
}

void Process::Failed(const Error& error) {
    tallies_.Count("failed", TraitsOf(error.kind()).name);
    world_.Note(task_.name, error.what());
    if (error.kind() != ErrorKind::kUnavailable) {
        auditor_.Fail(fmt::format("{}: {}", task_.name, error.what()));
    }
}

void Process::Do(Operation operation) {
    for (int attempt = 1; attempt <= kTries; ++attempt) {
        if (TryOnce(operation) != Tried::kMayBeTriedAgain) return;
    }
}

Process::Tried Process::TryOnce(Operation& operation) {
    std::optional<size_t> number;
    unguarded_.SetCommitting(false);
    try {
        // Now and then the base is an old one: a statement that took long.
        const bool is_old = cached_ && world_.Chance(150);
        const table::SnapshotPtr base = is_old ? cached_ : Load(table::Latest{});
        if (operation.kind == OperationKind::kAppendBatch) operation = NextBatch(*base);
        RowEngine::Result result = engine_.Execute(*base, operation);
        if (task_.guard == Guard::kReads) result.change.reads = {};
        const bool is_nothing = result.change.IsEmpty();
        number = auditor_.Tries(operation, base->AtVersion().number, std::move(result.read));
        if (is_nothing) return Tried::kGivenUp;
        result.change.commit_info[kOperationMark] = std::to_string(*number);
        unguarded_.SetCommitting(true);
        return Conclude(format_.Commit(base, result.change), *number, NameOf(operation.kind));
    } catch (const Error& error) {
        if (number) auditor_.Refused(*number);
        Failed(error);
        return Tried::kGivenUp;
    }
}

Process::Tried Process::Conclude(const table::CommitOutcome& outcome, size_t number,
                                 std::string_view name) {
    if (const auto* committed = std::get_if<table::Committed>(&outcome)) {
        world_.Note(task_.name,
                    fmt::format("{} {} stands at {}", name, number, committed->version.number));
        tallies_.Count("committed", name);
        auditor_.Committed(number, committed->version.number);
        return Tried::kStands;
    }
    if (const auto* conflict = std::get_if<table::Conflict>(&outcome)) {
        world_.Note(task_.name, fmt::format("{} {} conflicts with {}: {}", name, number,
                                            conflict->version.number, conflict->detail));
        tallies_.Count("conflict", name);
        auditor_.Refused(number);
        cached_ = nullptr;
        return Tried::kMayBeTriedAgain;
    }
    world_.Note(task_.name, fmt::format("{} {} is unknown", name, number));
    tallies_.Count("unknown", name);
    return Tried::kGivenUp;
}

void Process::Look(bool at_latest) {
    const int64_t acknowledged = auditor_.LastAcknowledged();
    try {
        table::AsOf as_of = table::Latest{};
        if (!at_latest) {
            as_of = table::Version{static_cast<int64_t>(world_.random.Below(
                static_cast<uint64_t>(std::max<int64_t>(acknowledged, 0)) + 1))};
        }
        const table::SnapshotPtr snapshot = Load(as_of);
        const Rows rows = engine_.ReadAll(*snapshot);
        tallies_.Count("read");
        auditor_.Saw(snapshot->AtVersion().number, rows, at_latest ? acknowledged : -1);
    } catch (const Error& error) {
        Failed(error);
    }
}

}  // namespace tarn::simulation
