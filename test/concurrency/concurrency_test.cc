// Many writers on one table, in threads and processes, with upkeep and without: their histories
// hold against the versions that they made (history_checker.h), and those who touch no row of
// another hardly ever end in conflict.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "concurrency/history_checker.h"
#include "concurrency/writers.h"
#include "durability/disk_table.h"
#include "durability/system_call_killer.h"
#include "engine/test_lake.h"
#include "storage/local_store.h"

namespace tarn::concurrency {
namespace {

namespace fs = std::filesystem;

constexpr int kStatements = 12;
constexpr int kLitter = 20;
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

struct Case {
    std::string isolation;
    bool has_upkeep;
};

class Concurrency : public testing::TestWithParam<Case> {
protected:
    Load Whole() const { return {kStatements, GetParam().has_upkeep}; }
    // The table, on which nobody works yet; forks later, so the engine is another process's.
    void Make() {
        ASSERT_TRUE(durability::RunApart([&] {
            storage::LocalStore disk;
            durability::DiskTable table(disk, Path());
            table.Run(fmt::format(
                "CREATE TABLE t (k BIGINT, v BIGINT) USING DELTA LOCATION '{}' TBLPROPERTIES "
                "('delta.enableDeletionVectors' = 'true', 'delta.isolationLevel' = '{}')",
                Path(), GetParam().isolation));
            Operation first;
            first.fresh = FirstRows();
            table.Run(ToSql(first));
        }));
    }
    std::string Path() const { return folder_.path() + "/t"; }

    // What crashed writers left long ago, for VACUUM.
    void Litter() const {
        const auto long_ago = fs::file_time_type::clock::now() - std::chrono::hours(24 * 30);
        for (int i = 0; i < kLitter; ++i) {
            std::ofstream(LitterPath(i)) << "rows of nobody";
            fs::last_write_time(LitterPath(i), long_ago);
        }
    }
    std::string LitterPath(int number) const {
        return fmt::format("{}/part-{}.parquet", Path(), number);
    }
    int LitterLeft() const {
        int left = 0;
        for (int i = 0; i < kLitter; ++i) left += fs::exists(LitterPath(i)) ? 1 : 0;
        return left;
    }

    // Every version from the first that has rows.
    std::vector<SeenVersion> ReadAll() const {
        storage::LocalStore disk;
        durability::DiskTable table(disk, Path());
        const auto session = table.Connect();
        std::vector<SeenVersion> versions;
        for (const engine::TextRow& row :
             session->Query("SELECT version, operation FROM (DESCRIBE HISTORY t) ORDER BY 1")) {
            const int64_t version = ParseInt(*row.at(0)).value();
            if (version == 0) continue;
            versions.push_back({version, *row.at(1), RowsAt(*session, version)});
        }
        return versions;
    }

    engine::TestFolder folder_;
};

std::map<Meeting, Tally> TallyOf(const Load& load, const std::vector<Told>& history) {
    std::map<Meeting, Tally> tallies;
    for (const Told& told : history) {
        EXPECT_NE(told.outcome, Outcome::kFailed) << told.message;
        const Operation operation = OperationOf(load, told.writer, told.number);
        tallies[MeetingOf(operation)].Count(told);
        if (told.outcome == Outcome::kConflict)
            std::cout << ToSql(operation) << ":" << told.message << "\n";
    }
    std::cout << "blind appends and changes of disjoint rows: "
              << tallies[Meeting::kDisjoint].ToString()
              << "\nmerges: " << tallies[Meeting::kMerge].ToString()
              << "\nchanges of shared rows: " << tallies[Meeting::kShared].ToString()
              << "\nupkeep: " << tallies[Meeting::kUpkeep].ToString() << "\n";
    return tallies;
}

TEST_P(Concurrency, SixteenWritersAreAsIfOneWroteAfterTheOther) {
    Make();
    if (GetParam().has_upkeep) Litter();
    const Load load = Whole();
    const std::vector<Told> history = RunWriters(Path(), load);
    ASSERT_EQ(history.size(), static_cast<size_t>(kWriters * kStatements));
    std::map<Meeting, Tally> tallies = TallyOf(load, history);
    for (const Meeting meeting : {Meeting::kDisjoint, Meeting::kMerge}) {
        const Tally& tally = tallies[meeting];
        EXPECT_LE(tally.conflicts, kMostConflicts * tally.statements);
    }
    // These do not touch what others touch: hardly one of them is run again, unless their rows are
    // moved meanwhile.
    if (!GetParam().has_upkeep) {
        EXPECT_LE(tallies[Meeting::kDisjoint].run_again,
                  kMostConflicts * tallies[Meeting::kDisjoint].statements);
    }
    EXPECT_EQ(LitterLeft(), 0);
    std::vector<Done> done;
    for (const Told& told : history) {
        if (told.outcome != Outcome::kDone || told.version < 0) continue;
        done.push_back({told, OperationOf(load, told.writer, told.number)});
    }
    const bool is_write_serializable = GetParam().isolation == "WriteSerializable";
    EXPECT_EQ(FindFlaws(done, ReadAll(), is_write_serializable), std::vector<std::string>());
}

INSTANTIATE_TEST_SUITE_P(Of, Concurrency,
                         testing::Values(Case{"Serializable", false}, Case{"Serializable", true},
                                         Case{"WriteSerializable", true}),
                         [](const testing::TestParamInfo<Case>& tested) {
                             return tested.param.isolation +
                                    (tested.param.has_upkeep ? "WithUpkeep" : "");
                         });

}  // namespace
}  // namespace tarn::concurrency
