#include "delta/row_deletions.h"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "delta/testing/log_lines.h"
#include "delta/testing/row_changes.h"
#include "storage/fault_store.h"

namespace tarn::delta {
namespace {

using table::Predicate;

class RowDeletionsTest : public TableFixture {
protected:
    RowDeletionsTest() { MakeTable({{"delta.enableDeletionVectors", "true"}}); }

    std::vector<std::string> VectorFiles() {
        std::vector<std::string> names;
        for (const auto& file : store_.List(kRoot, {})) {
            if (file.location.ends_with(".bin")) names.push_back(file.location);
        }
        return names;
    }
    // A file of many rows, so that its vector is large.
    table::SnapshotPtr AppendLarge(const std::string& name, uint64_t rows) {
        table::DataFile file = NewFile(kRoot, name);
        table::FileStatistics statistics;
        statistics.record_count = rows;
        file.statistics = std::make_shared<const table::FileStatistics>(statistics);
        return MustCommit(Append({file}));
    }
    static std::vector<uint64_t> EverySecond(uint64_t rows) {
        std::vector<uint64_t> positions;
        for (uint64_t row = 0; row < rows; row += 2) positions.push_back(row);
        return positions;
    }
    ErrorKind Refusal(const table::Change& change) {
        return KindOf([&] { (void)format_.Commit(Latest(), change); });
    }
};

TEST_F(RowDeletionsTest, RowsGoAndTheirFileStays) {
    MustAppend("a", 1, 9);
    const auto before = MustAppend("b");
    const auto after = MustCommit(Hide(*before, {{"a", {2, 5}}}));
    EXPECT_EQ(PathsOf(*after), (std::multiset<std::string>{"a", "b"}));
    EXPECT_EQ(after->LiveRows(), 18U);
    EXPECT_EQ(HiddenIn(*after, "a"), (std::vector<uint64_t>{2, 5}));
    const auto plan =
        after->Plan(Predicate::Compare({"id"}, table::Comparison::kGreaterEqual, int64_t{1}));
    ASSERT_EQ(plan.files.size(), 1U);
    EXPECT_EQ(plan.files[0].statistics->record_count, 10U);
    EXPECT_FALSE(plan.files[0].statistics->tight_bounds);
    EXPECT_TRUE(VectorFiles().empty()) << "a small vector stands in the log";
    EXPECT_EQ(before->LiveRows(), 20U);
}

TEST_F(RowDeletionsTest, LaterRowsJoinThoseThatAreHidden) {
    MustAppend("a");
    MustCommit(Hide(*Latest(), {{"a", {2, 5}}}));
    MustCommit(Hide(*Latest(), {{"a", {0, 9}}}));
    EXPECT_EQ(HiddenIn(*Latest(), "a"), (std::vector<uint64_t>{0, 2, 5, 9}));
    EXPECT_EQ(Refusal(Hide(*Latest(), {{"a", {1, 5}}})), ErrorKind::kInvalidInput);
    EXPECT_EQ(Latest()->AtVersion().number, 3);
}

TEST_F(RowDeletionsTest, AFileWithoutRowsIsRemoved) {
    MustAppend("a");
    MustAppend("b");
    MustCommit(Hide(*Latest(), {{"a", {0, 1, 2, 3}}}));
    const auto after = MustCommit(Hide(*Latest(), {{"a", {4, 5, 6, 7, 8, 9}}, {"b", {0}}}));
    EXPECT_EQ(PathsOf(*after), std::multiset<std::string>{"b"});
    EXPECT_EQ(HiddenIn(*after, "b"), std::vector<uint64_t>{0});
}

TEST_F(RowDeletionsTest, LargeVectorsOfACommitShareOneFile) {
    AppendLarge("a", 40'000);
    AppendLarge("b", 90'000);
    MustAppend("c");
    const auto after = MustCommit(
        Hide(*Latest(), {{"a", EverySecond(40'000)}, {"b", EverySecond(90'000)}, {"c", {7}}}));
    EXPECT_EQ(VectorFiles().size(), 1U);
    EXPECT_EQ(HiddenIn(*after, "a", 40'000), EverySecond(40'000));
    EXPECT_EQ(HiddenIn(*after, "b", 90'000), EverySecond(90'000));
    EXPECT_EQ(HiddenIn(*after, "c"), std::vector<uint64_t>{7});
    EXPECT_EQ(after->LiveRows(), 20'000U + 45'000U + 9U);
    // A stretch of rows is small, however long.
    std::vector<uint64_t> rest(20'000);
    std::iota(rest.begin(), rest.end(), 10'000);
    AppendLarge("d", 40'000);
    MustCommit(Hide(*Latest(), {{"d", rest}}));
    EXPECT_EQ(VectorFiles().size(), 1U);
}

TEST_F(RowDeletionsTest, WhatDoesNotFitTheBaseIsRefusedAndWritesNothing) {
    AppendLarge("a", 40'000);
    const auto base = MustAppend("b");
    const auto hide = [&](const std::string& path, std::vector<uint64_t> rows) {
        return Hide(*base, {{path, std::move(rows)}});
    };
    EXPECT_EQ(Refusal(hide("b", {3, 2})), ErrorKind::kInvalidInput);
    EXPECT_EQ(Refusal(hide("b", {3, 3})), ErrorKind::kInvalidInput);
    EXPECT_EQ(Refusal(hide("b", {10})), ErrorKind::kInvalidInput);
    table::Change twice = hide("b", {1});
    twice.delete_rows.push_back(twice.delete_rows[0]);
    EXPECT_EQ(Refusal(twice), ErrorKind::kInvalidInput);
    table::Change removed = hide("a", EverySecond(40'000));
    removed.remove = {FileNamed(*base, "a")};
    EXPECT_EQ(Refusal(removed), ErrorKind::kInvalidInput);
    table::Change unknown = hide("b", {1});
    unknown.delete_rows[0].file.path = "nowhere";
    EXPECT_EQ(Refusal(unknown), ErrorKind::kInvalidInput);
    EXPECT_TRUE(VectorFiles().empty());
    EXPECT_EQ(Latest()->AtVersion(), base->AtVersion());
}

TEST_F(RowDeletionsTest, AFileOfUnknownLengthNeedsItsReadersCount) {
    table::DataFile file = NewFile(kRoot, "a");
    file.statistics = nullptr;
    MustCommit(Append({file}));
    table::Change change = Hide(*Latest(), {{"a", {3}}});
    EXPECT_EQ(Refusal(change), ErrorKind::kInvalidInput);
    table::FileStatistics counted;
    counted.record_count = 4;
    change.delete_rows[0].file.statistics = std::make_shared<const table::FileStatistics>(counted);
    EXPECT_EQ(MustCommit(change)->LiveRows(), 3U);
}

TEST_F(RowDeletionsTest, AStagedSnapshotShowsThem) {
    const auto base = MustAppend("a");
    const auto staged = base->WithStaged(Hide(*base, {{"a", {0, 4}}}));
    EXPECT_EQ(staged->LiveRows(), 8U);
    EXPECT_EQ(HiddenIn(*staged, "a"), (std::vector<uint64_t>{0, 4}));
    std::vector<uint64_t> all(10);
    std::iota(all.begin(), all.end(), 0);
    EXPECT_TRUE(PathsOf(*base->WithStaged(Hide(*base, {{"a", all}}))).empty());
    EXPECT_EQ(base->LiveRows(), 10U);
}

TEST_F(RowDeletionsTest, NobodyHidesRowsTwice) {
    MustAppend("a");
    const auto base = MustAppend("b");
    MustCommit(Hide(*base, {{"a", {1}}}));
    const auto outcome = format_.Commit(base, Hide(*base, {{"a", {1}}}));
    ASSERT_TRUE(std::holds_alternative<table::Conflict>(outcome));
    EXPECT_EQ(std::get<table::Conflict>(outcome).reason, table::ConflictReason::kConcurrentDelete);
}

TEST_F(RowDeletionsTest, ALostAnswerOfTheVectorFileIsNoLoss) {
    AppendLarge("a", 40'000);
    storage::FaultPlan plan;
    plan.lost_answer_per_mille = 400;
    storage::FaultStore faulty(store_, plan, 7);
    Format format(faulty, parquet_, clock_, random_);
    int committed = 0;
    for (uint64_t step = 0; step < 20; ++step) {
        std::vector<uint64_t> rows;
        for (uint64_t row = step; row < 40'000; row += 40) rows.push_back(row);
        try {
            const auto outcome = format.Commit(Latest(), Hide(*Latest(), {{"a", rows}}));
            committed += std::holds_alternative<table::Committed>(outcome) ? 1000 : 0;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::kUnavailable);
        }
    }
    EXPECT_GT(committed, 0);
    EXPECT_EQ(Latest()->LiveRows(), 40'000U - static_cast<uint64_t>(committed));
    EXPECT_EQ(HiddenIn(*Latest(), "a", 40'000).size(), static_cast<size_t>(committed));
}

TEST_F(RowDeletionsTest, AnAppendOnlyTableKeepsItsRows) {
    const std::string root = "mem://t/kept";
    (void)format_.Create(
        root, EventsTable({{"delta.enableDeletionVectors", "true"}, {"delta.appendOnly", "true"}}),
        Append({NewFile(root, "a")}));
    const auto base = format_.Load(root, table::Latest{});
    EXPECT_EQ(KindOf([&] { (void)format_.Commit(base, Hide(*base, {{"a", {1}}})); }),
              ErrorKind::kInvalidInput);
}

TEST_F(RowDeletionsTest, ATableWithoutTheFeatureHidesNothing) {
    const std::string root = "mem://t/plain";
    (void)format_.Create(root, EventsTable(), Append({NewFile(root, "a")}));
    const auto base = format_.Load(root, table::Latest{});
    EXPECT_EQ(KindOf([&] { (void)format_.Commit(base, Hide(*base, {{"a", {1}}})); }),
              ErrorKind::kInvalidInput);
}

TEST_F(RowDeletionsTest, RecordedChangesStandInTheLog) {
    MustAppend("a", 0, 0, 3);
    table::Change change = Hide(*Latest(), {{"a", {1}}});
    change.change_data = {{std::string(kRoot) + "/_change_data/x y.parquet", 77, {table::Date{3}}}};
    const auto after = MustCommit(change);
    const auto changes =
        format_.Changes(kRoot, after->AtVersion(), after->AtVersion(), table::ChangeScope::kAll);
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].type, table::ChangeType::kRecorded);
    EXPECT_EQ(changes[0].file.location, std::string(kRoot) + "/_change_data/x y.parquet");
    EXPECT_EQ(changes[0].file.size_bytes, 77U);
    EXPECT_EQ(changes[0].file.partition_values, std::vector<table::Value>{table::Date{3}});
}

TEST_F(RowDeletionsTest, WhatOthersWroteOnTheFileIsKept) {
    PutLog(1, AddLine("a", R"(,"tags":{"k":"v"},"baseRowId":40,"defaultRowCommitVersion":1,)"
                           R"("clusteringProvider":"liquid",)"
                           R"("stats":"{\"numRecords\":10,\"minValues\":{\"id\":1}}")"));
    MustCommit(Hide(*Latest(), {{"a", {3}}}));
    const std::string log = store_.Get(LogFolder(kRoot) + "/00000000000000000002.json");
    std::vector<Add> adds;
    std::vector<Remove> removes;
    ParseActions(log, "log", [&](Action&& action) {
        if (auto* add = std::get_if<Add>(&action)) adds.push_back(std::move(*add));
        if (auto* remove = std::get_if<Remove>(&action)) removes.push_back(std::move(*remove));
    });
    ASSERT_EQ(adds.size(), 1U);
    ASSERT_EQ(removes.size(), 1U);
    EXPECT_EQ(adds[0].extras.tags.at("k"), "v");
    EXPECT_EQ(adds[0].extras.base_row_id, 40);
    EXPECT_EQ(adds[0].extras.default_row_commit_version, 1);
    EXPECT_EQ(adds[0].extras.clustering_provider, "liquid");
    EXPECT_EQ(adds[0].stats, R"({"numRecords":10,"minValues":{"id":1},"tightBounds":false})");
    EXPECT_TRUE(adds[0].data_change);
    EXPECT_FALSE(removes[0].deletion_vector);
    EXPECT_EQ(removes[0].extras.base_row_id, 40);
    EXPECT_TRUE(removes[0].has_file_metadata);
}

}  // namespace
}  // namespace tarn::delta
