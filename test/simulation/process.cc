#include "simulation/process.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"
#include "simulation/crowd.h"

namespace tarn::simulation {
namespace {

constexpr DurationUs kLongestThought = std::chrono::milliseconds(120);
constexpr int kTries = 4;
constexpr uint64_t kMostRows = 4;
constexpr uint64_t kMostKeys = 4;

constexpr uint64_t kLargestCrowd = 4;
// In 1000.
constexpr uint64_t kLongRests = 150;
constexpr uint64_t kTending = 250;
constexpr uint64_t kTogether = 70;
constexpr uint64_t kFeeds = 300;
constexpr uint64_t kLongestFeed = 8;  // in versions
constexpr DurationUs kLongestRest = std::chrono::hours(40);

// How often each kind is drawn, of 100, in the order of OperationKind; upkeep's kinds never are.
constexpr uint64_t kWeights[] = {20, 14, 14, 14, 14, 3, 7, 5, 9};

}  // namespace

Process::Process(World& world, Auditor& auditor, Table& table, Task& task,
                 const delta::InMemoryParquet& parquet)
    : world_(world),
      auditor_(auditor),
      table_(table),
      task_(task),
      ledger_(world, auditor, task.name),
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
        const bool is_long = task_.lasts_days && world_.Chance(kLongRests);
        clock_.Sleep(world_.Pause(is_long ? kLongestRest : kLongestThought));
        if (task_.only_reads) {
            if (world_.Chance(kFeeds)) {
                LookAtFeed();
            } else {
                Look(world_.Chance(700));
            }
        } else if (world_.Chance(kTending)) {
            Tend();
        } else if (world_.Chance(kTogether)) {
            DoTogether();
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

Operation Process::Draw(std::optional<OperationKind> wanted) {
    Operation operation;
    uint64_t at = world_.random.Below(100);
    int kind = 0;
    while (at >= kWeights[kind]) at -= kWeights[kind++];
    operation.kind = wanted.value_or(static_cast<OperationKind>(kind));
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
        case OperationKind::kProperty:
            operation.hides_rows = world_.Chance(400);
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

void Process::Do(Operation operation) {
    for (int attempt = 1; attempt <= kTries; ++attempt) {
        if (TryOnce(operation) != Tried::kMayBeTriedAgain) return;
    }
}

// Now and then an old one: a statement that took long.
table::SnapshotPtr Process::Base() {
    if (!cached_ || !world_.Chance(150)) return Load(table::Latest{});
    return auditor_.IsReachable(cached_->AtVersion().number) ? cached_ : Load(table::Latest{});
}

Process::Tried Process::TryOnce(Operation& operation) {
    std::optional<size_t> number;
    Begin();
    try {
        const table::SnapshotPtr base = Base();
        if (operation.kind == OperationKind::kAppendBatch) operation = NextBatch(*base);
        RowEngine::Result result = engine_.Execute(*base, operation);
        if (task_.guard == Guard::kReads) result.change.reads = {};
        const bool is_nothing = result.change.IsEmpty();
        number = ledger_.Tries(operation, base->AtVersion().number, std::move(result.read));
        if (is_nothing) return Tried::kGivenUp;
        result.change.commit_info[kOperationMark] = std::to_string(*number);
        unguarded_.Enter(UnguardedStore::Phase::kCommitting);
        const auto outcome = format_.Commit(base, result.change);
        ledger_.Ends(*number, operation.kind, outcome);
        if (std::holds_alternative<table::Committed>(outcome)) return Tried::kStands;
        if (std::holds_alternative<table::Unknown>(outcome)) return Tried::kGivenUp;
        cached_ = nullptr;
        return Tried::kMayBeTriedAgain;
    } catch (const Error& error) {
        if (number) ledger_.Refused(*number);
        ledger_.Fails(error);
        return Tried::kGivenUp;
    }
}

void Process::DoTogether() {
    Begin();
    Crowd crowd(ledger_, store_, clock_, world_.random, task_.guard);
    try {
        const OperationKind kinds[] = {OperationKind::kAppend, OperationKind::kDelete,
                                       OperationKind::kUpdate, OperationKind::kMerge};
        const OperationKind kind = kinds[world_.random.Below(std::size(kinds))];
        table::SnapshotPtr base = Base();
        for (uint64_t i = 0, count = 2 + world_.random.Below(kLargestCrowd - 1); i < count; ++i) {
            if (world_.Chance(200)) base = Base();
            const Operation operation = Draw(kind);
            crowd.Join(base, operation, engine_.Execute(*base, operation));
        }
        unguarded_.Enter(UnguardedStore::Phase::kCommitting);
    } catch (const Error& error) {
        ledger_.Fails(error);
    }
    crowd.Commit();
}

Caretaker Process::MakeCaretaker() {
    return Caretaker(
        {world_, ledger_, format_, unguarded_, store_, parquet_, clock_, engine_, task_.guard});
}

void Process::Tend() {
    Begin();
    using Care = void (Caretaker::*)(const table::SnapshotPtr&);
    const Care cares[] = {&Caretaker::Optimize,   &Caretaker::Vacuum,  &Caretaker::Checkpoint,
                          &Caretaker::CleanUpLog, &Caretaker::Restore, &Caretaker::DropFeature};
    Caretaker caretaker = MakeCaretaker();
    try {
        const Care care = cares[world_.random.Below(std::size(cares))];
        (caretaker.*care)(Load(table::Latest{}));
    } catch (const Error& error) {
        ledger_.Fails(error);
    }
}

void Process::LookAtFeed() {
    Begin();
    const int64_t last = auditor_.LastAcknowledged();
    const auto count = static_cast<int64_t>(world_.random.Below(kLongestFeed));
    const int64_t first = std::max<int64_t>(last - count, 0);
    try {
        const auto feed = format_.Changes(table_.root, {first}, {last}, table::ChangeScope::kAll);
        auditor_.SawFeed(first, last, engine_.ReadFeed(feed));
        ledger_.Count("read feed");
    } catch (const Error& error) {
        const bool is_gone = !auditor_.IsFeedKept(first);
        ledger_.Fails(error, is_gone ? Ledger::Excuse::kTooOld : Ledger::Excuse::kNone);
    }
}

void Process::Look(bool at_latest) {
    Begin();
    const int64_t acknowledged = auditor_.LastAcknowledged();
    std::optional<int64_t> version;
    try {
        table::AsOf as_of = table::Latest{};
        if (!at_latest) {
            version = static_cast<int64_t>(
                world_.random.Below(static_cast<uint64_t>(std::max<int64_t>(acknowledged, 0)) + 1));
            as_of = table::Version{*version};
        }
        const table::SnapshotPtr snapshot = Load(as_of);
        const Rows rows = engine_.ReadAll(*snapshot);
        ledger_.Count("read");
        auditor_.Saw(snapshot->AtVersion().number, rows, at_latest ? acknowledged : -1);
    } catch (const Error& error) {
        const bool is_gone = version && !auditor_.IsReachable(*version);
        ledger_.Fails(error, is_gone ? Ledger::Excuse::kTooOld : Ledger::Excuse::kNone);
    }
}

}  // namespace tarn::simulation
