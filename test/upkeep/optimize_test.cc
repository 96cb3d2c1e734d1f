#include "upkeep/optimize.h"

#include <functional>

#include "upkeep/upkeep_table.h"
#include "upkeep/vacuum.h"

namespace tarn::upkeep {
namespace {

// Makes one file of each group, with as many rows.
class CountingRewriter final : public FileRewriter {
public:
    CountingRewriter(std::string root, storage::ObjectStore& store)
        : root_(std::move(root)), store_(store) {}

    std::vector<table::DataFile> Rewrite(const table::SnapshotPtr&,
                                         const std::vector<const FileGroup*>& groups,
                                         const FileStyle&) override {
        std::vector<table::DataFile> files;
        for (const FileGroup* group : groups) {
            table::DataFile file;
            file.location = root_ + "/compact" + std::to_string(++files_);
            store_.Put(file.location, "bytes");
            file.partition_values = group->partition_values;
            table::FileStatistics statistics;
            statistics.record_count = 0;
            for (const table::DataFile& old : group->files) {
                file.size_bytes += old.size_bytes;
                *statistics.record_count += old.LiveRows().value_or(0);
            }
            *statistics.record_count += rows_too_many;
            file.statistics = std::make_shared<const table::FileStatistics>(statistics);
            files.push_back(std::move(file));
        }
        ++calls;
        if (meanwhile) meanwhile(calls);
        return files;
    }

    int calls = 0;
    uint64_t rows_too_many = 0;
    std::function<void(int)> meanwhile;  // others' work, after each call

private:
    const std::string root_;
    storage::ObjectStore& store_;
    int files_ = 0;
};

class OptimizeTest : public UpkeepTable {
protected:
    OptimizeTask Task() {
        return {.format = format_, .latest = Latest(), .rewriter = rewriter_, .rules = {250, 0.05}};
    }

    CountingRewriter rewriter_{kRoot, store_};
};

using Live = std::multiset<std::string>;

TEST_F(OptimizeTest, SmallFilesBecomeOneAndNoRowChanges) {
    MakeTable();
    for (const char* name : {"a", "b", "c"}) Append(name);
    Append("other", 1);
    const auto rows = Latest()->LiveRows();
    const OptimizeReport report = Optimize(Task());
    EXPECT_EQ(delta::PathsOf(*Latest()), (Live{"compact1", "c", "other"}));
    EXPECT_EQ(Latest()->LiveRows(), rows);
    EXPECT_EQ(report.removed_bytes.size(), 2U);
    EXPECT_EQ(report.added_bytes, std::vector<uint64_t>{200});
    EXPECT_EQ(report.version, Latest()->AtVersion());
    const auto history = format_.History(kRoot, 1);
    EXPECT_EQ(history[0].operation, "OPTIMIZE");
    EXPECT_EQ(history[0].metrics.at("numRemovedFiles"), "2");
    EXPECT_EQ(history[0].metrics.at("minFileSize"), "200");
    // Readers of changes see none.
    EXPECT_TRUE(
        format_.Changes(kRoot, *report.version, *report.version, table::ChangeScope::kAppends)
            .empty());
    EXPECT_FALSE(Optimize(Task()).version);
}

TEST_F(OptimizeTest, OnlyTheWantedPartitions) {
    MakeTable();
    for (const int32_t day : {0, 1}) {
        for (const char* name : {"a", "b"}) Append(name + std::to_string(day), day);
    }
    OptimizeTask task = Task();
    task.is_wanted = [](const std::vector<table::Value>& values) {
        return values.front() == table::Value(table::Date{1});
    };
    EXPECT_EQ(Optimize(task).partitions, 1U);
    EXPECT_EQ(delta::PathsOf(*Latest()), (Live{"a0", "b0", "compact1"}));
}

// DELETE takes a file away while OPTIMIZE copies it: its rows must not come back, and the groups
// that nobody touched are committed all the same.
TEST_F(OptimizeTest, RowsDeletedMeanwhileStayDeleted) {
    MakeTable();
    for (const int32_t day : {0, 1}) {
        for (const char* name : {"a", "b", "c"}) Append(name + std::to_string(day), day);
    }
    rewriter_.meanwhile = [&](int call) {
        if (call == 1) Remove("a0");
    };
    OptimizeTask task = Task();
    task.rules.target_bytes = 1000;
    const OptimizeReport report = Optimize(task);
    EXPECT_EQ(Latest()->LiveRows(), 50U);
    EXPECT_EQ(delta::PathsOf(*Latest()), (Live{"compact2", "compact3"}));
    EXPECT_EQ(report.rounds, 2);
}

TEST_F(OptimizeTest, AppendsMeanwhileAreNoConflict) {
    MakeTable();
    for (const char* name : {"a", "b"}) Append(name);
    rewriter_.meanwhile = [&](int) { MustAppend("new"); };
    EXPECT_EQ(Optimize(Task()).rounds, 1);
    EXPECT_EQ(delta::PathsOf(*Latest()), (Live{"compact1", "new"}));
}

TEST_F(OptimizeTest, WritersThatAreAlwaysFasterEndIt) {
    MakeTable();
    for (const char* name : {"a", "b"}) Append(name);
    rewriter_.meanwhile = [&](int call) {
        const auto live = delta::PathsOf(*Latest());
        Remove(*live.begin());
        Append("n" + std::to_string(call));
    };
    EXPECT_EQ(KindOf([&] { Optimize(Task()); }), ErrorKind::kConflict);
    EXPECT_EQ(Latest()->LiveRows(), 20U);
}

// `tarn table maintain` ended with an error beside busy writers, though most of it was done.
TEST_F(OptimizeTest, WhatWasDoneBesideFasterWritersIsNoFailure) {
    MakeTable();
    for (const int32_t day : {0, 1}) {
        for (const char* name : {"a", "b"}) Append(name + std::to_string(day), day);
    }
    rewriter_.meanwhile = [&](int call) {
        for (const std::string& path : delta::PathsOf(*Latest())) {
            if (!path.ends_with('0') || path.starts_with("compact")) continue;
            Remove(path);
            Append("n" + std::to_string(call) + "0", 0);
            return;
        }
    };
    const OptimizeReport report = Optimize(Task());
    EXPECT_TRUE(report.was_outrun);
    EXPECT_EQ(report.removed_bytes.size(), 2U);
    EXPECT_EQ(Latest()->LiveRows(), 40U);
    EXPECT_EQ(delta::PathsOf(*Latest()).count("a1"), 0U);
    rewriter_.meanwhile = nullptr;
    EXPECT_FALSE(Optimize(Task()).was_outrun);
    EXPECT_EQ(delta::PathsOf(*Latest()).size(), 2U);
}

TEST_F(OptimizeTest, AStatementThatIsStoppedCommitsNothingAndLeavesNothingReachable) {
    MakeTable();
    for (const char* name : {"a", "b", "c", "d"}) Append(name);
    const auto before = Latest();
    OptimizeTask task = Task();
    std::vector<double> shares;
    task.step = [&](double share) {
        shares.push_back(share);
        if (share > 0) throw Error(ErrorKind::kCancelled, "stop");
    };
    EXPECT_EQ(KindOf([&] { Optimize(task); }), ErrorKind::kCancelled);
    EXPECT_EQ(shares, (std::vector<double>{0, 0.5}));
    EXPECT_EQ(Latest()->AtVersion(), before->AtVersion());
    EXPECT_EQ(Files(), (std::set<std::string>{"a", "b", "c", "d", "compact1"}));
    WaitDays(8);
    Vacuum({format_, store_, clock_, Latest()});
    EXPECT_EQ(Files(), (std::set<std::string>{"a", "b", "c", "d"}));
    EXPECT_EQ(Optimize(Task()).removed_bytes.size(), 4U);
}

TEST_F(OptimizeTest, ARewriteWithOtherRowsIsNeverCommitted) {
    MakeTable();
    for (const char* name : {"a", "b"}) Append(name);
    rewriter_.rows_too_many = 1;
    EXPECT_EQ(KindOf([&] { Optimize(Task()); }), ErrorKind::kInternal);
    EXPECT_EQ(delta::PathsOf(*Latest()), (Live{"a", "b"}));
}

// delta-rs 3047: optimizing twice after a checkpoint brought the rows of the checkpoint back.
TEST_F(OptimizeTest, Museum3047OptimizingTwiceAfterACheckpointKeepsTheRows) {
    MakeTable();
    for (const char* name : {"a", "b", "c", "d"}) Append(name);
    format_.Checkpoint(Latest());
    Optimize(Task());
    OptimizeTask task = Task();
    task.rules.target_bytes = 1000;
    Optimize(task);
    EXPECT_EQ(Latest()->LiveRows(), 40U);
    EXPECT_EQ(delta::PathsOf(*Latest()).size(), 1U);
    format_.Checkpoint(Latest());
    for (int64_t v = 0; v <= Latest()->AtVersion().number; ++v) {
        store_.Delete(delta::CommitLocation(kRoot, {v}));
    }
    EXPECT_EQ(format_.Load(kRoot, table::Latest{})->LiveRows(), 40U);
}

}  // namespace
}  // namespace tarn::upkeep
