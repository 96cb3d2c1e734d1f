// Holds the histories of many writers against one order, that of the log: each statement must have
// done there what it told its writer, and every version must read as the replay says.
#include <algorithm>
#include <iostream>
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "concurrency/writers.h"
#include "durability/disk_table.h"
#include "durability/system_call_killer.h"
#include "engine/test_lake.h"
#include "storage/local_store.h"

namespace tarn::concurrency {
namespace {

constexpr int kStatements = 12;
constexpr double kMostConflicts = 0.01;

Rows RowsAt(engine::Session& session, int64_t version) {
    Rows rows;
    const std::string sql =
        fmt::format("SELECT k, v FROM t VERSION AS OF {} ORDER BY ALL", version);
    for (const engine::TextRow& row : session.Query(sql)) {
        rows.push_back({ParseInt(*row.at(0)).value(), ParseInt(*row.at(1)).value()});
    }
    return rows;
}

// Rows that a statement says it changed, when it changes `before` to `after`.
int64_t Affected(const Operation& operation, const simulation::SplitRows& before,
                 const Rows& after) {
    switch (operation.kind) {
        case OperationKind::kDelete:
        case OperationKind::kUpdate:
            return static_cast<int64_t>(before.read.size());
        default:
            return static_cast<int64_t>(after.size());
    }
}

// What became of the statements that meet others in one way.
struct Tally {
    int statements = 0;
    int conflicts = 0;
    int64_t further_attempts = 0;
    int64_t reruns = 0;
    int run_again = 0;
    double run_ms = 0;
    double run_again_ms = 0;  // of run_ms, those that were run more than once

    void Count(const Told& told) {
        ++statements;
        conflicts += told.outcome == Outcome::kConflict ? 1 : 0;
        further_attempts += std::max<int64_t>(told.commit_attempts - 1, 0);
        reruns += told.reruns;
        run_ms += told.run_ms;
        if (told.reruns == 0) return;
        ++run_again;
        run_again_ms += told.run_ms;
    }
    std::string ToString() const {
        const auto mean = [](double sum, int count) { return count == 0 ? 0 : sum / count; };
        return fmt::format(
            "{} statements, {} in conflict, {} further attempts to commit, {} run again {} times; "
            "{:.1f} ms each, {:.1f} ms those run again",
            statements, conflicts, further_attempts, run_again, reruns,
            mean(run_ms - run_again_ms, statements - run_again), mean(run_again_ms, run_again));
    }
};

class Concurrency : public testing::Test {
protected:
    // The table, on which nobody works yet; forks later, so the engine is another process's.
    void Make() {
        ASSERT_TRUE(durability::RunApart([&] {
            storage::LocalStore disk;
            durability::DiskTable table(disk, Path());
            table.Run(fmt::format(
                "CREATE TABLE t (k BIGINT, v BIGINT) USING DELTA LOCATION '{}' TBLPROPERTIES "
                "('delta.enableDeletionVectors' = 'true', "
                "'delta.isolationLevel' = 'Serializable')",
                Path()));
            Operation first;
            first.fresh = FirstRows();
            table.Run(ToSql(first));
        }));
    }
    std::string Path() const { return folder_.path() + "/t"; }

    // Replays what was done in the log's order; each version that a statement made is read.
    void Replay(const std::vector<Told>& history) {
        storage::LocalStore disk;
        durability::DiskTable table(disk, Path());
        const auto session = table.Connect();
        std::multimap<int64_t, const Told*> done;
        for (const Told& told : history) {
            if (told.outcome == Outcome::kDone && told.version >= 0) {
                done.emplace(told.version, &told);
            }
        }
        Rows model = RowsAt(*session, 1);
        ASSERT_EQ(model, FirstRows());
        const int64_t last = table.Version();
        for (int64_t version = 2; version <= last; ++version) {
            const auto [from, to] = done.equal_range(version);
            ASSERT_NE(from, to) << "nobody made version " << version;
            for (auto at = from; at != to; ++at) Apply(*at->second, model);
            ASSERT_TRUE(RowsAt(*session, version) == model) << "at version " << version;
        }
        EXPECT_TRUE(done.empty() || done.rbegin()->first == last);
    }

    static void Apply(const Told& told, Rows& model) {
        const Operation operation = OperationOf(told.writer, told.number);
        simulation::SplitRows split = SplitBy(operation, model);
        const Rows after = operation.Apply(split.read);
        EXPECT_EQ(told.rows_affected, Affected(operation, split, after))
            << "writer " << told.writer << " at version " << told.version << ": "
            << ToSql(operation);
        model = std::move(split.others);
        model.insert(model.end(), after.begin(), after.end());
        std::sort(model.begin(), model.end());
    }

    engine::TestFolder folder_;
};

TEST_F(Concurrency, SixteenWritersAreAsIfOneWroteAfterTheOther) {
    Make();
    const std::vector<Told> history = RunWriters(Path(), kStatements);
    ASSERT_EQ(history.size(), static_cast<size_t>(kWriters * kStatements));
    std::map<Meeting, Tally> tallies;
    for (const Told& told : history) {
        EXPECT_NE(told.outcome, Outcome::kFailed) << told.message;
        const Operation operation = OperationOf(told.writer, told.number);
        const Meeting meeting = MeetingOf(operation);
        tallies[meeting].Count(told);
        if (told.outcome == Outcome::kConflict)
            std::cout << ToSql(operation) << ":" << told.message << "\n";
    }
    std::cout << "blind appends and changes of disjoint rows: "
              << tallies[Meeting::kDisjoint].ToString()
              << "\nmerges: " << tallies[Meeting::kMerge].ToString()
              << "\nchanges of shared rows: " << tallies[Meeting::kShared].ToString() << "\n";
    for (const auto& [meeting, tally] : tallies)
        EXPECT_LE(tally.conflicts, kMostConflicts * tally.statements);
    // These do not touch what others touch: hardly one of them is run again.
    EXPECT_LE(tallies[Meeting::kDisjoint].run_again,
              kMostConflicts * tallies[Meeting::kDisjoint].statements);
    Replay(history);
}

}  // namespace
}  // namespace tarn::concurrency
