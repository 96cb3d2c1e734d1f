#include <gtest/gtest.h>

#include "delta/arrow_view.h"
#include "delta/checkpoint_writer.h"
#include "delta/log_path.h"
#include "delta/log_segment.h"
#include "delta/log_state.h"
#include "delta/testing/row_changes.h"
#include "delta/testing/table_fixture.h"

namespace tarn::delta {
namespace {

using CheckpointTest = TableFixture;

// Once with its checkpoints in memory, once with those left on the store.
class CheckpointedTable : public TableFixture, public testing::WithParamInterface<uint64_t> {
protected:
    CheckpointedTable() : TableFixture(FormatOptions{GetParam()}) {}

    // Eleven versions: appends, one rewrite, transactions; version 10 has a checkpoint.
    void MakeVersions() {
        MakeTable({{"delta.enableDeletionVectors", "true"}});
        for (int i = 1; i <= 9; ++i) {
            table::Change change = Append({NewFile(kRoot, "f" + std::to_string(i), i, i, i % 3)});
            change.transactions = {{"app" + std::to_string(i % 2), i}};
            MustCommit(change);
        }
        table::Change rewrite = Append({NewFile(kRoot, "g")});
        rewrite.remove =
            Latest()
                ->Plan(table::Predicate::Compare({"id"}, table::Comparison::kLess, int64_t{4}))
                .files;
        MustCommit(rewrite);
    }

    void DropCommitsBefore(int64_t version) {
        for (int64_t v = 0; v < version; ++v) store_.Delete(CommitLocation(kRoot, {v}));
    }
};

TEST_P(CheckpointedTable, StandsForTheCommitsBeforeIt) {
    MakeVersions();
    const auto before = Latest();
    ASSERT_TRUE(store_.Stat(ClassicCheckpointLocation(kRoot, {10})));
    EXPECT_EQ(ReadLastCheckpointHint(store_, kRoot)->number, 10);
    DropCommitsBefore(11);
    const auto after = Latest();
    EXPECT_EQ(after->AtVersion().number, 10);
    EXPECT_EQ(PathsOf(*after), PathsOf(*before));
    EXPECT_EQ(after->Metadata().schema, before->Metadata().schema);
    EXPECT_EQ(after->Metadata().properties, before->Metadata().properties);
    EXPECT_EQ(after->Metadata().id, before->Metadata().id);
    EXPECT_EQ(after->Protocol(), before->Protocol());
    EXPECT_EQ(after->LiveRows(), before->LiveRows());
    EXPECT_EQ(after->TransactionVersion("app1"), 9);
    EXPECT_EQ(
        PathsOf(*after, table::Predicate::Compare({"id"}, table::Comparison::kEqual, int64_t{7})),
        std::multiset<std::string>{"f7"});
    MustAppend("later");
    EXPECT_EQ(Latest()->AtVersion().number, 11);
    EXPECT_EQ(KindOf([&] { (void)format_.Load(kRoot, table::Version{9}); }), ErrorKind::kNotFound);
}

TEST_P(CheckpointedTable, TheHintIsOnlyAHint) {
    MakeVersions();
    const auto expected = PathsOf(*Latest());
    for (const char* hint : {"", "nonsense", "{\"version\":\"x\"}", "{\"version\":7}",
                             "{\"version\":99}", "{\"version\":-1}", "[]"}) {
        store_.Put(LastCheckpointLocation(kRoot), hint);
        EXPECT_EQ(PathsOf(*Latest()), expected) << hint;
    }
    store_.Delete(LastCheckpointLocation(kRoot));
    EXPECT_EQ(PathsOf(*Latest()), expected);
}

TEST_P(CheckpointedTable, KeepsTombstonesUntilTheyExpire) {
    MakeVersions();
    ReplayOptions options;
    options.keep_tombstones = true;
    const LogSegment segment = ListSegment(store_, kRoot, std::nullopt);
    EXPECT_EQ(segment.checkpoint_version->number, 10);
    const LogState state = ReadLog(store_, parquet_, kRoot, segment, options);
    EXPECT_EQ(state.tombstones.size(), 3U);
    for (const Remove& remove : state.tombstones) EXPECT_TRUE(remove.has_file_metadata);
    // Ten days later the next checkpoint leaves them out.
    clock_.Advance(std::chrono::hours(240));
    for (int i = 0; i < 10; ++i) MustAppend("h" + std::to_string(i));
    const LogSegment next = ListSegment(store_, kRoot, std::nullopt);
    EXPECT_EQ(next.checkpoint_version->number, 20);
    EXPECT_TRUE(ReadLog(store_, parquet_, kRoot, next, options).tombstones.empty());
}

TEST_P(CheckpointedTable, AnIncompleteMultiPartCheckpointIsPassedOver) {
    MakeVersions();
    const auto expected = PathsOf(*Latest());
    MustAppend("later");
    store_.Put(std::string(kRoot) +
                   "/_delta_log/00000000000000000011.checkpoint.0000000001.0000000002.parquet",
               "x");
    store_.Put(ClassicCheckpointLocation(kRoot, {11}), "");  // torn by a crash
    EXPECT_EQ(ListSegment(store_, kRoot, std::nullopt).checkpoint_version->number, 10);
    EXPECT_EQ(Latest()->Totals().files, expected.size() + 1);
}

TEST_P(CheckpointedTable, CommitsOnTopRemoveAndReplaceItsFiles) {
    MakeVersions();
    const auto cached = Latest();
    table::Change remove = Append({});
    remove.remove =
        cached->Plan(table::Predicate::Compare({"id"}, table::Comparison::kEqual, int64_t{7}))
            .files;
    ASSERT_EQ(remove.remove.size(), 1U);
    MustCommit(remove);
    // Added once more with other statistics: it stays one file.
    PutLog(12, R"({"add":{"path":"f8","partitionValues":{"day":"1970-01-03"},"size":100,)"
               R"("modificationTime":5,"dataChange":false,)"
               R"("stats":"{\"numRecords\":3,\"minValues\":{\"id\":80},)"
               R"(\"maxValues\":{\"id\":81}}"}})");
    DropCommitsBefore(11);
    for (const auto& snapshot : {Latest(), format_.Load(kRoot, table::Latest{}, cached)}) {
        EXPECT_EQ(PathsOf(*snapshot),
                  (std::multiset<std::string>{"f4", "f5", "f6", "f8", "f9", "g"}));
        EXPECT_EQ(snapshot->Totals().files, 6U);
        EXPECT_EQ(snapshot->LiveRows(), 53U);
        EXPECT_EQ(snapshot->EstimatedRows(), 53U);
        EXPECT_EQ(PathsOf(*snapshot, table::Predicate::Compare({"id"}, table::Comparison::kGreater,
                                                               int64_t{8})),
                  (std::multiset<std::string>{"f8", "f9"}));
        EXPECT_EQ(PathsOf(*snapshot, table::Predicate::Compare({"day"}, table::Comparison::kEqual,
                                                               table::Date{2})),
                  (std::multiset<std::string>{"f5", "f8"}));
        EXPECT_EQ(snapshot->Plan(table::Predicate::IsNull({"id"})).files_skipped, 5U);
    }
}

TEST_P(CheckpointedTable, TheNextCheckpointHoldsTheSameFiles) {
    MakeVersions();
    for (int i = 0; i < 10; ++i) MustAppend("h" + std::to_string(i), 100 + i, 100 + i);
    const auto expected = PathsOf(*Latest());
    DropCommitsBefore(20);
    EXPECT_EQ(expected.size(), 17U);
    EXPECT_EQ(PathsOf(*Latest()), expected);
    EXPECT_EQ(PathsOf(*Latest(), table::Predicate::Compare({"id"}, table::Comparison::kGreaterEqual,
                                                           int64_t{108})),
              (std::multiset<std::string>{"h8", "h9"}));
}

TEST_P(CheckpointedTable, AStoredCheckpointThatGoesAwayIsMissedOnce) {
    MakeVersions();
    const auto cached = Latest();
    const std::string location = ClassicCheckpointLocation(kRoot, {10});
    store_.Put(location, "another one");
    if (GetParam() == 0) {
        EXPECT_EQ(KindOf([&] { (void)cached->Plan({}); }), ErrorKind::kUnavailable);
    }
    EXPECT_EQ(PathsOf(*format_.Load(kRoot, table::Latest{}, cached)).size(), 7U);
    store_.Delete(location);
    EXPECT_EQ(PathsOf(*format_.Load(kRoot, table::Latest{}, cached)).size(), 7U);
}

// The same with checkpoints of the second spec.
class V2CheckpointedTable : public CheckpointedTable {
protected:
    void MakeV2Table() {
        MakeTable({{"delta.checkpointPolicy", "v2"}, {"delta.feature.v2Checkpoint", "supported"}});
    }
    std::vector<std::string> Names(const std::string& folder) {
        std::vector<std::string> names;
        for (const auto& info : store_.List(folder, {})) {
            names.emplace_back(storage::LastName(info.location));
        }
        return names;
    }
    std::vector<std::string> Sidecars() { return Names(SidecarFolder(kRoot)); }
};

TEST_P(V2CheckpointedTable, StandsForTheCommitsBeforeIt) {
    MakeV2Table();
    for (int i = 1; i <= 9; ++i) {
        table::Change change = Append({NewFile(kRoot, "f" + std::to_string(i), i, i)});
        change.transactions = {{"app", i}};
        MustCommit(change);
    }
    table::Change change = Append({NewFile(kRoot, "g")});
    change.remove =
        Latest()
            ->Plan(table::Predicate::Compare({"id"}, table::Comparison::kLess, int64_t{4}))
            .files;
    MustCommit(change);
    const auto expected = PathsOf(*Latest());
    EXPECT_EQ(expected.size(), 7U);
    EXPECT_FALSE(store_.Stat(ClassicCheckpointLocation(kRoot, {10})));
    EXPECT_EQ(ReadLastCheckpointHint(store_, kRoot)->number, 10);
    EXPECT_EQ(Sidecars().size(), 2U);  // files, and what was removed
    DropCommitsBefore(11);
    const auto after = Latest();
    EXPECT_EQ(PathsOf(*after), expected);
    EXPECT_EQ(after->TransactionVersion("app"), 9);
    ReplayOptions options;
    options.keep_tombstones = true;
    const LogSegment segment = ListSegment(store_, kRoot, std::nullopt);
    EXPECT_EQ(ReadLog(store_, parquet_, kRoot, segment, options).tombstones.size(), 3U);
    LogState latest;
    latest.version = segment.version;
    EXPECT_EQ(ReadTombstones(store_, parquet_, kRoot, latest).size(), 3U);
}

TEST_P(V2CheckpointedTable, LaterOnesTakeOverWhatDidNotChange) {
    MakeV2Table();
    std::vector<table::DataFile> many;
    for (int i = 0; i < 3000; ++i) many.push_back(NewFile(kRoot, "m" + std::to_string(i), i, i));
    MustCommit(Append(many));
    for (int i = 2; i <= 10; ++i) MustAppend("f" + std::to_string(i), 9000, 9000);
    const auto first = Sidecars();
    ASSERT_EQ(first.size(), 1U);
    // Read back from the checkpoint, as a new process has it.
    auto cached = format_.Load(kRoot, table::Latest{});
    for (int i = 11; i <= 20; ++i) {
        (void)format_.Commit(cached, Append({NewFile(kRoot, "g" + std::to_string(i), 9000, 9000)}));
        cached = format_.Load(kRoot, table::Latest{}, cached);
    }
    const auto both = Sidecars();
    if (GetParam() == 0) {
        EXPECT_EQ(both.size(), 2U);
        EXPECT_TRUE(std::find(both.begin(), both.end(), first.front()) != both.end());
    }
    const auto expected = PathsOf(*cached);
    EXPECT_EQ(expected.size(), 3019U);
    DropCommitsBefore(21);
    EXPECT_EQ(PathsOf(*Latest()), expected);
}

INSTANTIATE_TEST_SUITE_P(InMemoryAndStored, V2CheckpointedTable,
                         testing::Values(FormatOptions{}.stored_from_bytes, 0));

INSTANTIATE_TEST_SUITE_P(InMemoryAndStored, CheckpointedTable,
                         testing::Values(FormatOptions{}.stored_from_bytes, 0));

TEST_F(CheckpointTest, AFailedCheckpointNeverFailsTheCommit) {
    NoParquet none;
    Format format(store_, none, clock_, random_);
    MakeTable({{"delta.checkpointInterval", "1"}});
    const auto outcome = format.Commit(Latest(), Append({NewFile(kRoot, "a")}));
    EXPECT_TRUE(std::holds_alternative<table::Committed>(outcome));
    EXPECT_FALSE(store_.Stat(LastCheckpointLocation(kRoot)));
}

// Keeps the work until it is told to do it.
class LaterExecutor final : public Executor {
public:
    void Run(std::function<void()> work) override { waiting_.push_back(std::move(work)); }
    void DoAll() {
        for (const auto& work : std::exchange(waiting_, {})) work();
    }

private:
    std::vector<std::function<void()>> waiting_;
};

TEST_F(CheckpointTest, ACommitDoesNotWaitForWhatIsDueBehindIt) {
    LaterExecutor later;
    FormatOptions options;
    options.executor = &later;
    Format format(store_, parquet_, clock_, random_, options);
    MakeTable({{"delta.checkpointInterval", "2"}});
    for (const char* file : {"a", "b", "c"}) {
        const auto outcome = format.Commit(Latest(), Append({NewFile(kRoot, file)}));
        EXPECT_TRUE(std::holds_alternative<table::Committed>(outcome));
    }
    EXPECT_FALSE(store_.Stat(ClassicCheckpointLocation(kRoot, {2})));
    later.DoAll();
    // It is of the version that was due, whatever came since.
    ASSERT_TRUE(store_.Stat(ClassicCheckpointLocation(kRoot, {2})));
    for (int version = 0; version < 2; ++version) store_.Delete(CommitLocation(kRoot, {version}));
    EXPECT_EQ(PathsOf(*format.Load(kRoot, table::Version{2})),
              (std::multiset<std::string>{"a", "b"}));
    EXPECT_EQ(PathsOf(*Latest()), (std::multiset<std::string>{"a", "b", "c"}));
}

TEST_F(CheckpointTest, ABrokenCheckpointIsFollowedByAWholeOne) {
    MakeTable({{"delta.checkpointInterval", "5"}});
    for (int i = 1; i <= 9; ++i) MustAppend("f" + std::to_string(i));
    table::Change change;
    change.operation = "DELETE";
    change.remove = {FileNamed(*Latest(), "f1")};
    store_.Put(ClassicCheckpointLocation(kRoot, {5}), "torn");
    MustCommit(change);
    EXPECT_TRUE(store_.Stat(ClassicCheckpointLocation(kRoot, {10})));
    EXPECT_TRUE(format_.InUseSince(Latest(), 0).Contains(std::string(kRoot) + "/f1"));
}

TEST_F(CheckpointTest, StructStatisticsStandInTheColumnsTypes) {
    MakeTable({{"delta.checkpointInterval", "1"},
               {"delta.checkpoint.writeStatsAsStruct", "true"},
               {"delta.checkpoint.writeStatsAsJson", "false"}});
    MustAppend("a", 3, 8, 2);
    store_.Delete(CommitLocation(kRoot, {0}));
    store_.Delete(CommitLocation(kRoot, {1}));
    bool is_seen = false;
    parquet_.Scan(ClassicCheckpointLocation(kRoot, {1}), {},
                  [&](const ArrowSchema& schema, const ArrowArray& rows) {
                      const ArrowBatch batch(schema, rows, "checkpoint");
                      EXPECT_TRUE(batch.Column("add").Column("stats").IsMissing());
                      for (int64_t row = 0; row < batch.Rows(); ++row) {
                          const ArrowCell add = batch.Row(row)["add"];
                          if (add.IsNull()) continue;
                          is_seen = true;
                          EXPECT_EQ(add["partitionValues_parsed"]["day"].Int(), 2);
                          const ArrowCell stats = add["stats_parsed"];
                          EXPECT_EQ(stats["numRecords"].Int(), 10);
                          EXPECT_EQ(stats["minValues"]["id"].Int(), 3);
                          EXPECT_EQ(stats["maxValues"]["id"].Int(), 8);
                          EXPECT_EQ(stats["nullCount"]["id"].Int(), 0);
                          EXPECT_TRUE(stats["minValues"]["name"].IsNull());
                      }
                  });
    EXPECT_TRUE(is_seen);
    const auto snapshot = Latest();
    EXPECT_EQ(snapshot->LiveRows(), 10U);
    EXPECT_TRUE(PathsOf(*snapshot,
                        table::Predicate::Compare({"id"}, table::Comparison::kGreater, int64_t{8}))
                    .empty());
}

TEST_F(CheckpointTest, ASlowWriterDoesNotTakeTheHintBack) {
    MakeTable({{"delta.checkpointInterval", "5"}});
    store_.Put(LastCheckpointLocation(kRoot), R"({"version":7})");
    for (int i = 1; i <= 5; ++i) MustAppend("f" + std::to_string(i));
    EXPECT_TRUE(store_.Stat(ClassicCheckpointLocation(kRoot, {5})));
    EXPECT_EQ(ReadLastCheckpointHint(store_, kRoot)->number, 7);
}

TEST_F(CheckpointTest, JsonCheckpointsOfTheSecondSpecAreRead) {
    MakeTable();
    MustAppend("a");
    const std::string folder = LogFolder(kRoot);
    std::string lines = "{\"checkpointMetadata\":{\"version\":1}}\n";
    lines += store_.Get(CommitLocation(kRoot, {0})) + store_.Get(CommitLocation(kRoot, {1}));
    store_.Put(
        folder + "/00000000000000000001.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json",
        lines);
    store_.Delete(CommitLocation(kRoot, {0}));
    EXPECT_EQ(PathsOf(*Latest()), std::multiset<std::string>{"a"});
}

TEST_F(CheckpointTest, SidecarsBringTheFiles) {
    MakeTable();
    MustAppend("a");
    LogState state = ReadLog(store_, parquet_, kRoot, ListSegment(store_, kRoot, std::nullopt));
    const auto rows = CheckpointRows(state, 0);
    parquet_.Write(LogFolder(kRoot) + "/_sidecars/side.parquet", *rows);
    const std::string lines =
        "{\"checkpointMetadata\":{\"version\":1}}\n" + store_.Get(CommitLocation(kRoot, {0})) +
        "{\"sidecar\":{\"path\":\"side.parquet\",\"sizeInBytes\":1,\"modificationTime\":1}}\n";
    store_.Put(LogFolder(kRoot) +
                   "/00000000000000000001.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json",
               lines);
    store_.Delete(CommitLocation(kRoot, {0}));
    EXPECT_EQ(PathsOf(*Latest()), std::multiset<std::string>{"a"});
}

// The names of a struct's fields.
std::vector<std::string> NamesIn(const ArrowSchema& schema) {
    std::vector<std::string> names;
    for (int64_t i = 0; i < schema.n_children; ++i) names.emplace_back(schema.children[i]->name);
    return names;
}

// The fields of adds and of removes in a checkpoint of a table with these features.
std::vector<std::vector<std::string>> FileFieldsWith(const std::vector<std::string>& features) {
    LogState state;
    state.protocol = Protocol{3, 7, std::vector<std::string>{}, features};
    for (const std::string& feature : features) {
        if (feature == "deletionVectors") state.protocol->reader_features->push_back(feature);
    }
    state.metadata = Metadata{};
    ArrowSchema schema;
    CheckpointRows(state, 0)->GetSchema(&schema);
    const std::vector<std::vector<std::string>> names = {NamesIn(*schema.children[0]),
                                                         NamesIn(*schema.children[1])};
    schema.release(&schema);
    return names;
}

TEST(CheckpointRowsTest, ColumnsOfAFeatureStandWhereTheProtocolHasIt) {
    using Names = std::vector<std::string>;
    const Names add = {"path", "partitionValues", "size", "modificationTime", "dataChange", "tags"};
    const Names remove = {
        "path", "deletionTimestamp", "dataChange", "extendedFileMetadata", "partitionValues",
        "size"};
    const auto with = [](Names names, const Names& more) {
        names.insert(names.end(), more.begin(), more.end());
        return names;
    };
    EXPECT_EQ(FileFieldsWith({})[0], with(add, {"stats"}));
    EXPECT_EQ(FileFieldsWith({})[1], remove);
    const auto all = FileFieldsWith({"deletionVectors", "rowTracking", "clustering"});
    EXPECT_EQ(all[0], with(add, {"deletionVector", "baseRowId", "defaultRowCommitVersion",
                                 "clusteringProvider", "stats"}));
    EXPECT_EQ(all[1], with(remove, {"deletionVector", "baseRowId", "defaultRowCommitVersion"}));
}

const DeletionVector kStoredVector{'u', "ab^-aqEH.-t@S}K{vb[*k^", 1, 34, 1};

// Its feature was dropped, and older versions still need the vector.
TEST_F(CheckpointTest, RemovesOfFilesWithVectorsNeedNoFeature) {
    MakeTable();
    MustAppend("a");
    LogState state = ReadLog(store_, parquet_, kRoot, ListSegment(store_, kRoot, std::nullopt));
    Remove remove;
    remove.path = "b";
    remove.deletion_vector = kStoredVector;
    state.tombstones = {remove};
    parquet_.Write(ClassicCheckpointLocation(kRoot, state.version),
                   *CheckpointRows(state, INT64_MIN));
    const auto removes = ReadTombstones(store_, parquet_, kRoot, state);
    ASSERT_EQ(removes.size(), 1U);
    EXPECT_EQ(removes[0].deletion_vector, kStoredVector);
}

TEST_F(CheckpointTest, AVectorInATableWithoutTheFeatureIsCorrupt) {
    MakeTable();
    MustAppend("a");
    LogState state = ReadLog(store_, parquet_, kRoot, ListSegment(store_, kRoot, std::nullopt));
    Add add;
    add.path = "b";
    add.deletion_vector = kStoredVector;
    FileSet::Builder files(std::move(state.files));
    files.BeginVersion();
    files.Apply(add);
    state.files = files.Build();
    try {
        parquet_.Write(LogFolder(kRoot) + "/c.parquet", *CheckpointRows(state, INT64_MIN));
        FAIL() << "was written";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kCorrupt);
    }
}

TEST(IntervalTest, ReadsSparksSpelling) {
    EXPECT_EQ(ParseInterval("interval 2 days"), 172'800'000);
    EXPECT_EQ(ParseInterval("1 week"), 604'800'000);
    EXPECT_EQ(ParseInterval("INTERVAL 0 HOURS"), 0);
    for (const char* wrong : {"", "interval", "two days", "1 fortnight", "-1 day", "1 day 2 hours",
                              "9999999999999999 weeks"}) {
        EXPECT_FALSE(ParseInterval(wrong)) << wrong;
    }
}

}  // namespace
}  // namespace tarn::delta
