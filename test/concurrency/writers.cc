#include "concurrency/writers.h"

#include <algorithm>
#include <fstream>
#include <functional>
#include <thread>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/random.h"
#include "base/text.h"
#include "durability/disk_table.h"
#include "storage/local_store.h"

namespace tarn::concurrency {
namespace {

constexpr uint64_t kMostRows = 4;
constexpr int64_t kSharedAtOnce = 2;  // rows that one statement adds to the shared ones
constexpr int kUpkeepEach = 4;        // every fourth statement of every fourth writer

std::string ValuesOf(const Rows& rows) {
    std::vector<std::string> values;
    for (const Row& row : rows) values.push_back(fmt::format("({}, {})", row.id, row.value));
    return Join(values, ", ");
}

Told Run(engine::Session& session, const Load& load, int writer, int number) {
    Told told;
    told.writer = writer;
    told.number = number;
    try {
        const engine::StatementStats stats = session.Run(ToSql(OperationOf(load, writer, number)));
        told.outcome = Outcome::kDone;
        for (const auto& use : stats.written) told.version = use.version.number;
        told.rows_affected = static_cast<int64_t>(stats.rows_affected);
        told.commit_attempts = static_cast<int64_t>(stats.commit_attempts);
        told.reruns = static_cast<int64_t>(stats.reruns);
        told.run_ms = stats.run_ms;
    } catch (const Error& error) {
        told.outcome = error.kind() == ErrorKind::kConflict ? Outcome::kConflict : Outcome::kFailed;
        told.message = error.what();
    }
    return told;
}

void Write(const std::vector<Told>& history, const std::string& path) {
    std::ofstream out(path);
    for (const Told& told : history) {
        out << told.writer << ' ' << told.number << ' ' << static_cast<int>(told.outcome) << ' '
            << told.version << ' ' << told.rows_affected << ' ' << told.commit_attempts << ' '
            << told.reruns << ' ' << told.run_ms << ' ' << told.message << '\n';
    }
}

std::vector<Told> ReadHistory(const std::string& path) {
    std::vector<Told> history;
    std::ifstream in(path);
    Told told;
    int outcome = 0;
    while (in >> told.writer >> told.number >> outcome >> told.version >> told.rows_affected >>
           told.commit_attempts >> told.reruns >> told.run_ms) {
        told.outcome = static_cast<Outcome>(outcome);
        std::getline(in, told.message);
        history.push_back(told);
    }
    return history;
}

// One process with these writers, a thread each.
void BeProcess(const std::string& folder, int first, int count, const Load& load) {
    RealClock clock;
    storage::LocalStore disk;
    durability::DiskTable table(disk, folder, clock);
    std::vector<std::vector<Told>> histories(static_cast<size_t>(count));
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) {
        threads.emplace_back([&, i] {
            const auto session = table.Connect();
            for (int number = 0; number < load.statements; ++number) {
                histories[static_cast<size_t>(i)].push_back(Run(*session, load, first + i, number));
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    std::vector<Told> all;
    for (const auto& history : histories) all.insert(all.end(), history.begin(), history.end());
    Write(all, fmt::format("{}-history-{}", folder, first));
}

}  // namespace

int64_t FirstOwnId(int writer) { return kSharedIds + writer * kOwnIds; }

Rows FirstRows() {
    Rows rows;
    for (int64_t id = 0; id < kSharedRows; ++id) rows.push_back({id, 0});
    for (int writer = 0; writer < kWriters; ++writer) {
        for (int64_t i = 0; i < kOwnRows; ++i) rows.push_back({FirstOwnId(writer) + i, 0});
    }
    return rows;
}

std::string ToSql(const Operation& operation) {
    switch (operation.kind) {
        case OperationKind::kDelete:
            return fmt::format("DELETE FROM t WHERE k BETWEEN {} AND {}", operation.low,
                               operation.high);
        case OperationKind::kUpdate:
            return fmt::format("UPDATE t SET v = v + {} WHERE k BETWEEN {} AND {}",
                               operation.amount, operation.low, operation.high);
        case OperationKind::kMerge: {
            Rows source;
            for (const int64_t key : operation.keys) source.push_back({key, operation.amount});
            return fmt::format(
                "MERGE INTO t USING (VALUES {}) s(k, a) ON t.k = s.k WHEN MATCHED THEN UPDATE SET "
                "v = t.v + s.a WHEN NOT MATCHED AND s.k % 2 = 1 THEN INSERT (k, v) VALUES "
                "(s.k, s.a)",
                ValuesOf(source));
        }
        case OperationKind::kOptimize:
            return "OPTIMIZE t";
        case OperationKind::kVacuum:
            return "VACUUM t";
        default:
            return "INSERT INTO t VALUES " + ValuesOf(operation.fresh);
    }
}

Operation OperationOf(const Load& load, int writer, int number) {
    SeededRandom random(static_cast<uint64_t>(writer) * 1000 + static_cast<uint64_t>(number));
    Operation operation;
    if (load.has_upkeep && writer % kUpkeepEach == 0 && number % kUpkeepEach == 0) {
        const int turn = writer / kUpkeepEach + number / kUpkeepEach;
        operation.kind = turn % 2 == 0 ? OperationKind::kOptimize : OperationKind::kVacuum;
        return operation;
    }
    operation.amount = 1 + static_cast<int64_t>(random.Below(9));
    const auto draw = [&](int64_t bound) {
        return static_cast<int64_t>(random.Below(static_cast<uint64_t>(bound)));
    };
    const int64_t own = FirstOwnId(writer);
    const uint64_t kind = random.Below(11);
    const bool is_shared = kind >= 9;
    // Rows that come to the shared ones, each id once.
    const int64_t come = kSharedRows + (number * kWriters + writer) * kSharedAtOnce;
    operation.low = is_shared ? draw(come) : own + draw(kOwnRows);
    operation.high = operation.low + draw(is_shared ? kOwnIds : 5);
    operation.high = std::min(operation.high, (is_shared ? kSharedIds : own + kOwnIds) - 1);
    if (kind == 10) {
        operation.kind = OperationKind::kAppend;
        for (int64_t i = 0; i < kSharedAtOnce; ++i) operation.fresh.push_back({come + i, 1});
    } else if (is_shared) {
        operation.kind = OperationKind::kUpdate;
    } else if (kind < 4) {
        operation.kind = OperationKind::kAppend;
        const int64_t first = own + kOwnRows + number * static_cast<int64_t>(kMostRows);
        for (int64_t i = 0; i <= draw(kMostRows); ++i) operation.fresh.push_back({first + i, 1});
    } else if (kind < 6) {
        operation.kind = OperationKind::kDelete;
    } else if (kind < 7) {
        operation.kind = OperationKind::kUpdate;
    } else {
        operation.kind = OperationKind::kMerge;
        for (int64_t i = 0; i <= 3; ++i) operation.keys.push_back(own + draw(2 * kOwnRows));
        std::sort(operation.keys.begin(), operation.keys.end());
        operation.keys.erase(std::unique(operation.keys.begin(), operation.keys.end()),
                             operation.keys.end());
    }
    return operation;
}

Meeting MeetingOf(const Operation& operation) {
    if (operation.kind == OperationKind::kOptimize || operation.kind == OperationKind::kVacuum) {
        return Meeting::kUpkeep;
    }
    if (operation.kind == OperationKind::kMerge) return Meeting::kMerge;
    const bool is_shared = operation.kind == OperationKind::kUpdate && operation.low < kSharedIds;
    return is_shared ? Meeting::kShared : Meeting::kDisjoint;
}

std::vector<Told> RunWriters(const std::string& folder, const Load& load) {
    std::vector<pid_t> children;
    std::vector<int> firsts = {0};
    for (int i = 0; i < kProcesses; ++i) firsts.push_back(kThreads + i);
    for (const int first : firsts) {
        const pid_t child = fork();
        if (child == 0) {
            try {
                BeProcess(folder, first, first == 0 ? kThreads : 1, load);
            } catch (const std::exception& error) {
                fmt::print(stderr, "{}\n", error.what());
                _exit(1);
            }
            _exit(0);
        }
        children.push_back(child);
    }
    for (const pid_t child : children) waitpid(child, nullptr, 0);
    std::vector<Told> all;
    for (const int first : firsts) {
        const auto history = ReadHistory(fmt::format("{}-history-{}", folder, first));
        all.insert(all.end(), history.begin(), history.end());
    }
    return all;
}

}  // namespace tarn::concurrency
