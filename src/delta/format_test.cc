#include "delta/format.h"

#include <gtest/gtest.h>

#include "delta/testing/log_lines.h"
#include "format/deletion_vector.h"
#include "format/z85.h"
#include "storage/metering_store.h"

namespace tarn::delta {
namespace {

using table::Comparison;
using table::ConflictReason;
using table::Predicate;

using FormatTest = TableFixture;
using Paths = std::multiset<std::string>;

const std::string kMetadataLine = IdMetadata();

ConflictReason ReasonOf(const table::CommitOutcome& outcome) {
    EXPECT_TRUE(std::holds_alternative<table::Conflict>(outcome));
    if (const auto* conflict = std::get_if<table::Conflict>(&outcome)) return conflict->reason;
    return ConflictReason::kTooManyAttempts;
}

TEST_F(FormatTest, ANewTableIsPlainAndTellsWhatItWasGiven) {
    table::TableMetadata metadata = EventsTable({{"owner", "me"}});
    metadata.description = "what happened";
    table::Change change = Append({NewFile(kRoot, "day=1970-01-02/a b.parquet", 1, 5, 1)});
    ASSERT_TRUE(std::holds_alternative<table::Committed>(format_.Create(kRoot, metadata, change)));
    EXPECT_TRUE(format_.Exists(kRoot));
    const auto snapshot = Latest();
    EXPECT_EQ(snapshot->AtVersion().number, 0);
    EXPECT_EQ(snapshot->Metadata().schema, metadata.schema);
    EXPECT_EQ(snapshot->Metadata().partition_columns, metadata.partition_columns);
    EXPECT_EQ(snapshot->Metadata().properties, metadata.properties);
    EXPECT_EQ(snapshot->Metadata().description, "what happened");
    EXPECT_EQ(snapshot->Metadata().id.size(), 36U);
    const std::vector<std::pair<std::string, std::string>> plain = {{"minReaderVersion", "1"},
                                                                    {"minWriterVersion", "2"}};
    EXPECT_EQ(snapshot->Protocol(), plain);
    const auto plan = snapshot->Plan(Predicate::True());
    ASSERT_EQ(plan.files.size(), 1U);
    EXPECT_EQ(plan.files[0].path, "day=1970-01-02/a%20b.parquet");
    EXPECT_EQ(plan.files[0].location, std::string(kRoot) + "/day=1970-01-02/a b.parquet");
    EXPECT_EQ(plan.files[0].partition_values, std::vector<table::Value>{table::Date{1}});
    EXPECT_EQ(plan.files[0].LiveRows(), 10U);
    EXPECT_EQ(snapshot->LiveRows(), 10U);
}

TEST_F(FormatTest, AnInstantWithoutZoneNeedsItsFeatureAndOnlyThen) {
    table::TableMetadata metadata = EventsTable();
    metadata.schema.fields.push_back(FieldOf("at", table::Type(table::TypeKind::kTimestampNtz)));
    (void)format_.Create(kRoot, metadata, Append({}));
    const auto protocol = Latest()->Protocol();
    EXPECT_EQ(protocol[0].second, "3");
    EXPECT_EQ(protocol[1].second, "7");
    EXPECT_EQ(protocol[2].second, "timestampNtz");
}

TEST_F(FormatTest, WhatATableCannotHoldIsRefusedBeforeAnythingIsWritten) {
    auto with_column = [](const std::string& name, table::Type type) {
        table::TableMetadata metadata = EventsTable();
        metadata.schema.fields.push_back(FieldOf(name, std::move(type)));
        return metadata;
    };
    const table::Type text(table::TypeKind::kString);
    const auto kind = [&](const table::TableMetadata& metadata) {
        return KindOf([&] { (void)format_.Create(kRoot, metadata, Append({})); });
    };
    EXPECT_EQ(kind(with_column("ID", text)), ErrorKind::kInvalidInput);
    EXPECT_EQ(kind(with_column("a b", text)), ErrorKind::kUnsupported);
    EXPECT_EQ(kind(with_column("v", table::Type(table::TypeKind::kVoid))),
              ErrorKind::kInvalidInput);
    EXPECT_EQ(kind(EventsTable({{"delta.enableIcebergCompatV3", "true"}})),
              ErrorKind::kUnsupported);
    EXPECT_EQ(kind(EventsTable({{"delta.constraints.a", "a > 1"}})), ErrorKind::kInvalidInput);
    EXPECT_EQ(kind(EventsTable({{"delta.columnMapping.mode", "odd"}})), ErrorKind::kUnsupported);
    EXPECT_EQ(kind(EventsTable({{"delta.feature.future", "supported"}})), ErrorKind::kUnsupported);
    table::TableMetadata wrong = EventsTable();
    wrong.partition_columns = {"nope"};
    EXPECT_EQ(kind(wrong), ErrorKind::kInvalidInput);
    EXPECT_FALSE(format_.Exists(kRoot));
}

TEST_F(FormatTest, OneTableAFolder) {
    MakeTable();
    EXPECT_EQ(ReasonOf(format_.Create(kRoot, EventsTable(), Append({}))),
              ConflictReason::kTableExists);
    EXPECT_EQ(KindOf([&] { (void)format_.Load("mem://t/none", table::Latest{}); }),
              ErrorKind::kNotFound);
}

TEST_F(FormatTest, PlanSkipsByPartitionAndStatistics) {
    MakeTable();
    MustAppend("a", 0, 9, 0);
    MustAppend("b", 10, 19, 0);
    const auto snapshot = MustAppend("c", 0, 9, 7);
    const auto paths = [&](const Predicate& predicate) { return PathsOf(*snapshot, predicate); };
    EXPECT_EQ(paths(Predicate::Compare({"DAY"}, Comparison::kEqual, table::Date{7})), Paths{"c"});
    EXPECT_EQ(paths(Predicate::Compare({"id"}, Comparison::kGreater, int64_t{9})), Paths{"b"});
    EXPECT_EQ(paths(Predicate::IsNull({"id"})), Paths{});
    EXPECT_EQ(paths(Predicate::IsNull({"name"})), (Paths{"a", "b", "c"}));
    const auto plan =
        snapshot->Plan(Predicate::And({Predicate::Compare({"id"}, Comparison::kLess, int64_t{5}),
                                       Predicate::IsNotNull({"day"})}));
    EXPECT_EQ(plan.files.size(), 2U);
    EXPECT_EQ(plan.files_skipped, 1U);
    EXPECT_EQ(plan.bytes_skipped, 100U);
    ASSERT_EQ(plan.files[0].statistics->columns.size(), 1U);
}

TEST_F(FormatTest, ALoadFromTheCacheReadsOnlyWhatIsNew) {
    storage::MeteringStore metering(store_);
    Format format(metering, parquet_, clock_, random_);
    MakeTable();
    for (int i = 0; i < 5; ++i) MustAppend("f" + std::to_string(i));
    auto cached = format.Load(kRoot, table::Latest{});
    MustAppend("new");
    const auto before = metering.Counts();
    const auto advanced = format.Load(kRoot, table::Latest{}, cached);
    EXPECT_EQ(metering.Counts().gets - before.gets, 1U);
    EXPECT_EQ(metering.Counts().lists - before.lists, 0U);
    EXPECT_EQ(PathsOf(*advanced), PathsOf(*Latest()));
    EXPECT_EQ(advanced->AtVersion().number, 6);
    const auto again = format.Load(kRoot, table::Latest{}, advanced);
    EXPECT_EQ(again, advanced);
    EXPECT_EQ(PathsOf(*format.Load(kRoot, table::Version{3}, advanced)), (Paths{"f0", "f1", "f2"}));
}

TEST_F(FormatTest, ACachedSnapshotOfAnotherLogIsNotBuiltUpon) {
    MakeTable();
    const auto cached = MustAppend("old");
    PutLog(0, Lines({kPlainProtocol, kMetadataLine}));
    PutLog(1, R"({"add":{"path":"other","partitionValues":{},"size":1,)"
              R"("modificationTime":1,"dataChange":true}})");
    EXPECT_EQ(PathsOf(*format_.Load(kRoot, table::Latest{}, cached)), Paths{"other"});
}

TEST_F(FormatTest, TimeTravelByVersionAndByTime) {
    MakeTable();
    const int64_t start = ToUnixMs(clock_.Now());
    clock_.Advance(std::chrono::seconds(10));
    MustAppend("a");
    clock_.Advance(std::chrono::seconds(10));
    MustAppend("b");
    EXPECT_EQ(PathsOf(*format_.Load(kRoot, table::Version{1})), Paths{"a"});
    EXPECT_EQ(KindOf([&] { (void)format_.Load(kRoot, table::Version{9}); }), ErrorKind::kNotFound);
    const auto at = [&](int64_t ms) {
        return format_.Load(kRoot, table::AtTime{ms})->AtVersion().number;
    };
    EXPECT_EQ(at(start), 0);
    EXPECT_EQ(at(start + 9'999), 0);
    EXPECT_EQ(at(start + 10'000), 1);
    EXPECT_EQ(at(start + 999'000), 2);
    EXPECT_EQ(KindOf([&] { at(start - 1); }), ErrorKind::kNotFound);
}

TEST_F(FormatTest, TimesGrowWithTheVersionWhereClocksStandStill) {
    MakeTable();
    const int64_t start = ToUnixMs(clock_.Now());
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(std::holds_alternative<table::Committed>(
            format_.Commit(Latest(), Append({NewFile(kRoot, std::to_string(i))}))));
    }
    const auto at = [&](int64_t ms) {
        return format_.Load(kRoot, table::AtTime{ms})->AtVersion().number;
    };
    EXPECT_EQ(at(start), 0);
    EXPECT_GE(at(start + 1000), 1);
}

TEST_F(FormatTest, BlindAppendsNeverConflict) {
    const auto base = MakeTable();
    MustAppend("a");
    MustAppend("b");
    const auto outcome = format_.Commit(base, Append({NewFile(kRoot, "c")}));
    ASSERT_TRUE(std::holds_alternative<table::Committed>(outcome));
    EXPECT_EQ(std::get<table::Committed>(outcome).version.number, 3);
    EXPECT_EQ(PathsOf(*Latest()), (Paths{"a", "b", "c"}));
}

TEST_F(FormatTest, ConflictsFollowWhatWasRead) {
    MakeTable();
    MustAppend("a", 0, 9, 0);
    const auto base = MustAppend("b", 0, 9, 1);
    const auto files = base->Plan(Predicate::True()).files;
    const auto by_path = [&](const std::string& path) {
        return *std::find_if(files.begin(), files.end(),
                             [&](const table::DataFile& file) { return file.path == path; });
    };
    table::Change rewrite = Append({NewFile(kRoot, "b2", 0, 9, 1)});
    rewrite.remove = {by_path("b")};
    const auto on_day = [](int32_t day) {
        return Predicate::Compare({"day"}, Comparison::kEqual, table::Date{day});
    };
    rewrite.reads.predicates = {on_day(1)};
    MustAppend("other day", 0, 9, 5);  // not read: no conflict
    ASSERT_TRUE(std::holds_alternative<table::Committed>(format_.Commit(base, rewrite)));
    // The file is gone now.
    rewrite.reads = {};
    EXPECT_EQ(ReasonOf(format_.Commit(base, rewrite)), ConflictReason::kConcurrentDelete);

    table::Change reader = Append({NewFile(kRoot, "sum")});
    reader.reads.predicates = {on_day(1)};
    EXPECT_EQ(ReasonOf(format_.Commit(base, reader)), ConflictReason::kConcurrentAppend);
    const auto now = Latest();
    table::Change remove_day_1;
    remove_day_1.operation = "DELETE";
    remove_day_1.remove = now->Plan(on_day(1)).files;
    ASSERT_TRUE(std::holds_alternative<table::Committed>(format_.Commit(now, remove_day_1)));
    EXPECT_EQ(ReasonOf(format_.Commit(now, reader)), ConflictReason::kConcurrentDeleteRead);
    reader.reads.predicates = {on_day(0)};
    EXPECT_TRUE(std::holds_alternative<table::Committed>(format_.Commit(now, reader)));
}

TEST_F(FormatTest, AChangeOfSchemaConflictsWithEverything) {
    const auto base = MakeTable();
    table::Change change;
    change.operation = "ADD COLUMNS";
    auto metadata = std::make_shared<table::TableMetadata>(base->Metadata());
    metadata->schema.fields.push_back(FieldOf("more", table::Type(table::TypeKind::kTimestampNtz)));
    change.metadata = metadata;
    const auto after = MustCommit(change);
    EXPECT_EQ(after->Metadata().schema.fields.size(), 4U);
    EXPECT_EQ(after->Metadata().id, base->Metadata().id);
    EXPECT_EQ(after->Protocol()[1].second, "7");
    EXPECT_EQ(ReasonOf(format_.Commit(base, Append({NewFile(kRoot, "a")}))),
              ConflictReason::kProtocolChanged);
}

TEST_F(FormatTest, AWritersTransactionHappensOnce) {
    const auto base = MakeTable();
    table::Change change = Append({NewFile(kRoot, "a")});
    change.transactions = {{"ingest", 7}};
    const auto after = MustCommit(change);
    EXPECT_EQ(after->TransactionVersion("ingest"), 7);
    EXPECT_FALSE(after->TransactionVersion("other"));
    EXPECT_EQ(ReasonOf(format_.Commit(after, change)), ConflictReason::kTransaction);
    EXPECT_EQ(ReasonOf(format_.Commit(base, change)), ConflictReason::kTransaction);
    change.transactions = {{"ingest", 8}};
    change.add = {NewFile(kRoot, "b")};
    EXPECT_EQ(MustCommit(change)->TransactionVersion("ingest"), 8);
}

TEST_F(FormatTest, AppendOnlyForbidsRemovingRows) {
    MakeTable({{"delta.appendOnly", "true"}});
    const auto snapshot = MustAppend("a");
    table::Change change;
    change.operation = "DELETE";
    change.remove = snapshot->Plan(Predicate::True()).files;
    EXPECT_EQ(KindOf([&] { (void)format_.Commit(snapshot, change); }), ErrorKind::kInvalidInput);
    change.remove[0].data_change = false;  // compaction only moves rows
    change.add = {NewFile(kRoot, "b")};
    change.add[0].data_change = false;
    EXPECT_EQ(PathsOf(*MustCommit(change)), Paths{"b"});
}

TEST_F(FormatTest, AFileThatIsNotLiveCannotBeRemoved) {
    const auto snapshot = MakeTable();
    table::Change change;
    change.remove = {NewFile(kRoot, "x")};
    change.remove[0].path = "x";
    EXPECT_EQ(KindOf([&] { (void)format_.Commit(snapshot, change); }), ErrorKind::kInvalidInput);
}

TEST_F(FormatTest, UnknownFeaturesRefuseByWhatTheyConcern) {
    const auto protocol = [](const std::string& readers, const std::string& writers) {
        return R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":[)" +
               readers + R"(],"writerFeatures":[)" + writers + "]}}";
    };
    PutLog(0, Lines({protocol(R"("fromTheFuture")", R"("fromTheFuture")"), kMetadataLine}));
    EXPECT_EQ(KindOf([&] { Latest(); }), ErrorKind::kUnsupported);
    PutLog(0, Lines({protocol("", R"("fromTheFuture")"), kMetadataLine}));
    const auto snapshot = Latest();
    table::DataFile file = NewFile(kRoot, "a");
    file.partition_values.clear();
    EXPECT_EQ(KindOf([&] { (void)format_.Commit(snapshot, Append({file})); }),
              ErrorKind::kUnsupported);
    PutLog(0,
           Lines({R"({"protocol":{"minReaderVersion":4,"minWriterVersion":7}})", kMetadataLine}));
    EXPECT_EQ(KindOf([&] { Latest(); }), ErrorKind::kUnsupported);
}

TEST_F(FormatTest, AGapOrATornLogIsCorrupt) {
    MakeTable();
    MustAppend("a");
    MustAppend("b");
    store_.Delete(std::string(kRoot) + "/_delta_log/00000000000000000001.json");
    EXPECT_EQ(KindOf([&] { Latest(); }), ErrorKind::kCorrupt);
    PutLog(1, R"({"add":{"path":"x")");
    EXPECT_EQ(KindOf([&] { Latest(); }), ErrorKind::kCorrupt);
    PutLog(1, "");
    EXPECT_EQ(PathsOf(*Latest()), Paths{"b"});
    store_.Delete(std::string(kRoot) + "/_delta_log/00000000000000000000.json");
    EXPECT_EQ(KindOf([&] { Latest(); }), ErrorKind::kCorrupt);
}

TEST_F(FormatTest, HistoryTellsTheCommitsNewestFirst) {
    MakeTable();
    table::Change change = Append({NewFile(kRoot, "a")});
    change.metrics = {{"numFiles", "1"}};
    change.commit_info = {{"run", "r1"}};
    MustCommit(change);
    const auto history = format_.History(kRoot, 10);
    ASSERT_EQ(history.size(), 2U);
    EXPECT_EQ(history[0].version.number, 1);
    EXPECT_EQ(history[0].operation, "WRITE");
    EXPECT_EQ(history[0].parameters.at("mode"), "\"Append\"");
    EXPECT_EQ(history[0].metrics.at("numFiles"), "1");
    EXPECT_EQ(history[0].commit_info.at("run"), "r1");
    EXPECT_EQ(format_.History(kRoot, 1).size(), 1U);
}

TEST_F(FormatTest, ChangesGiveTheFilesOfARange) {
    MakeTable();
    MustAppend("a");
    MustAppend("b", 0, 0, 3);
    const auto files = format_.Changes(kRoot, {2}, {2}, table::ChangeScope::kAppends);
    ASSERT_EQ(files.size(), 1U);
    EXPECT_EQ(files[0].file.path, "b");
    EXPECT_EQ(files[0].type, table::ChangeType::kInsert);
    EXPECT_EQ(files[0].file.partition_values, std::vector<table::Value>{table::Date{3}});
    EXPECT_EQ(files[0].version.number, 2);
    EXPECT_EQ(files[0].file.LiveRows(), 10U);
    EXPECT_TRUE(format_.Changes(kRoot, {3}, {2}, table::ChangeScope::kAll).empty());
    table::Change change;
    change.remove = Latest()->Plan(Predicate::True()).files;
    MustCommit(change);
    const auto removed = format_.Changes(kRoot, {3}, {3}, table::ChangeScope::kAll);
    ASSERT_EQ(removed.size(), 2U);
    EXPECT_EQ(removed[0].type, table::ChangeType::kDelete);
    EXPECT_EQ(format_.Changes(kRoot, {0}, {3}, table::ChangeScope::kAll).size(), 4U);
    EXPECT_EQ(KindOf([&] { (void)format_.Changes(kRoot, {1}, {3}, table::ChangeScope::kAppends); }),
              ErrorKind::kUnsupported);
    EXPECT_EQ(KindOf([&] { (void)format_.Changes(kRoot, {1}, {9}, table::ChangeScope::kAll); }),
              ErrorKind::kNotFound);
}

TEST_F(FormatTest, AStagedChangeIsSeenByItsOwnSnapshotOnly) {
    MakeTable();
    const auto base = MustAppend("a", 0, 9);
    table::Change change = Append({NewFile(kRoot, "b", 10, 19)});
    change.remove = base->Plan(Predicate::True()).files;
    change.transactions = {{"app", 1}};
    const auto staged = base->WithStaged(change);
    EXPECT_EQ(PathsOf(*staged), Paths{"b"});
    EXPECT_EQ(PathsOf(*staged, Predicate::Compare({"id"}, Comparison::kLess, int64_t{5})), Paths{});
    EXPECT_EQ(staged->TransactionVersion("app"), 1);
    EXPECT_EQ(PathsOf(*base), Paths{"a"});
    EXPECT_EQ(PathsOf(*format_.Load(kRoot, table::Latest{}, staged)), Paths{"a"});
    EXPECT_EQ(KindOf([&] { (void)format_.Commit(staged, change); }), ErrorKind::kInternal);
}

TEST_F(FormatTest, DeletionVectorsAreReadWhereTheyLie) {
    format::RoaringBitmap64 rows;
    rows.Add(2);
    rows.Add(5);
    const std::string inline_bytes = format::SerializeDeletionVector(rows);
    const std::string uuid = "d2c639aa-8816-431a-aaf6-d3fe2512ff61";
    format::DeletionVectorFile file;
    ASSERT_EQ(file.Append(inline_bytes), 1U);
    store_.Put(std::string(kRoot) + "/ab/deletion_vector_" + uuid + ".bin", file.Bytes());
    const auto add = [](const std::string& path, const std::string& vector) {
        return R"({"add":{"path":")" + path +
               R"(","partitionValues":{},"size":1,"modificationTime":1,"dataChange":true,)"
               R"("stats":"{\"numRecords\":9}",)" +
               R"("deletionVector":)" + vector + "}}";
    };
    const std::string size = std::to_string(inline_bytes.size());
    const std::string tail = R"(,"sizeInBytes":)" + size + R"(,"cardinality":)";
    PutLog(0,
           Lines({kPlainProtocol, kMetadataLine,
                  add("i", R"({"storageType":"i","pathOrInlineDv":")" +
                               format::EncodeZ85(inline_bytes) + "\"" + tail + "2}"),
                  add("u",
                      R"({"storageType":"u","pathOrInlineDv":"ab^-aqEH.-t@S}K{vb[*k^","offset":1)" +
                          tail + "2}"),
                  add("wrong",
                      R"({"storageType":"u","pathOrInlineDv":"ab^-aqEH.-t@S}K{vb[*k^","offset":1)" +
                          tail + "3}")}));
    const auto snapshot = Latest();
    EXPECT_EQ(snapshot->LiveRows(), 7U + 7U + 6U);
    for (const table::DataFile& data : snapshot->Plan(Predicate::True()).files) {
        if (data.path == "wrong") {
            EXPECT_EQ(KindOf([&] { (void)snapshot->LoadDeletedRows(data); }), ErrorKind::kCorrupt);
            continue;
        }
        const auto deleted = snapshot->LoadDeletedRows(data);
        EXPECT_EQ(deleted->Count(), 2U);
        EXPECT_TRUE(deleted->Contains(5));
        EXPECT_FALSE(deleted->Contains(3));
    }
}

TEST_F(FormatTest, InCommitTimestampsGrowAndRule) {
    PutLog(0,
           Lines({R"({"commitInfo":{"inCommitTimestamp":9000000000000}})",
                  R"({"protocol":{"minReaderVersion":1,"minWriterVersion":7,)"
                  R"("writerFeatures":["inCommitTimestamp"]}})",
                  R"({"metaData":{"id":"u","schemaString":"{\"type\":\"struct\",\"fields\":[]}",)"
                  R"("partitionColumns":[],)"
                  R"("configuration":{"delta.enableInCommitTimestamps":"true"}}})"}));
    EXPECT_EQ(Latest()->CommittedMs(), 9000000000000);
    table::DataFile file = NewFile(kRoot, "a");
    file.partition_values.clear();
    EXPECT_EQ(MustCommit(Append({file}))->CommittedMs(), 9000000000001);
    EXPECT_EQ(format_.Load(kRoot, table::AtTime{9000000000000})->AtVersion().number, 0);
}

TEST_F(FormatTest, InCommitTimestampsThatBeginLaterSaySinceWhen) {
    MakeTable();
    const auto base = Latest();
    MustCommit(Append({NewFile(kRoot, "a")}));
    table::TableMetadata wanted = base->Metadata();
    wanted.properties["delta.enableInCommitTimestamps"] = "true";
    table::Change change;
    change.metadata = format_.Define(wanted, base, table::Definition::kAlters);
    ASSERT_TRUE(std::holds_alternative<table::Committed>(format_.Commit(base, change)));
    const auto latest = Latest();
    const auto& properties = latest->Metadata().properties;
    EXPECT_EQ(properties.at("delta.inCommitTimestampEnablementVersion"), "2");
    EXPECT_EQ(properties.at("delta.inCommitTimestampEnablementTimestamp"),
              std::to_string(latest->CommittedMs()));
}

}  // namespace
}  // namespace tarn::delta
