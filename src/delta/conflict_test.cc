#include "delta/conflict.h"

#include <gtest/gtest.h>

#include "delta/testing/log_lines.h"
#include "delta/testing/row_changes.h"

namespace tarn::delta {
namespace {

using table::Comparison;
using table::ConflictReason;
using table::Predicate;

Predicate IdIs(int64_t id) { return Predicate::Compare({"id"}, Comparison::kEqual, id); }

class ConflictTest : public ForeignLog {
protected:
    table::SnapshotPtr Make(const std::string& level = "") {
        auto properties = HidesRows();
        if (!level.empty()) properties["delta.isolationLevel"] = level;
        MakeTable(properties);
        return MustAppend("a", 0, 9);
    }
    // Nothing: it was committed.
    std::optional<ConflictReason> Try(const table::SnapshotPtr& base, const table::Change& change) {
        const auto outcome = format_.Commit(base, change);
        if (const auto* conflict = std::get_if<table::Conflict>(&outcome)) return conflict->reason;
        EXPECT_TRUE(std::holds_alternative<table::Committed>(outcome));
        return std::nullopt;
    }
    // DELETE of the rows at the positions, found by their id.
    static table::Change DeleteWhere(const table::Snapshot& base, int64_t id,
                                     std::map<std::string, std::vector<uint64_t>> rows) {
        table::Change change = Hide(base, std::move(rows));
        change.reads.predicates = {IdIs(id)};
        change.reads.only_rows_it_deletes = true;
        return change;
    }
    static table::Change Compact(const table::Snapshot& base, const std::string& into) {
        table::Change change = Append({NewFile(kRoot, into, 0, 9)});
        change.operation = "OPTIMIZE";
        change.remove = base.Plan(Predicate::True()).files;
        change.add[0].data_change = false;
        for (table::DataFile& file : change.remove) file.data_change = false;
        return change;
    }
};

// What the level does not decide.
class ConflictAtEveryLevel : public ConflictTest,
                             public testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(Of, ConflictAtEveryLevel,
                         testing::Values("Serializable", "WriteSerializable"),
                         [](const auto& level) { return std::string(level.param); });

TEST_F(ConflictTest, TheIsolationLevelDecidesOnBlindAppends) {
    for (const auto& [level, reason] : std::map<std::string, std::optional<ConflictReason>>{
             {"", std::nullopt},
             {"WriteSerializable", std::nullopt},
             {"serializable", ConflictReason::kConcurrentAppend},
             {"unheard of", ConflictReason::kConcurrentAppend}}) {
        const std::string root = "mem://t/" + (level.empty() ? "default" : level);
        std::map<std::string, std::string> properties;
        if (!level.empty()) properties["delta.isolationLevel"] = level;
        (void)format_.Create(root, EventsTable(properties), Append({}));
        const auto base = format_.Load(root, table::Latest{});
        (void)format_.Commit(base, Append({NewFile(root, "new", 0, 9)}));
        table::Change change = Append({NewFile(root, "sum", 0, 9)});
        change.reads.predicates = {IdIs(5)};
        EXPECT_EQ(Try(base, change), reason) << level;
        // Rows that were decided upon by reading count on every level.
        change.add = {NewFile(root, "sum of sums", 0, 9)};
        EXPECT_EQ(Try(base, change), ConflictReason::kConcurrentAppend) << level;
        // So do all, when the change gives the table another look.
        change = Append({NewFile(root, "replaced")});
        change.reads.whole_table = true;
        auto metadata = std::make_shared<table::TableMetadata>(base->Metadata());
        metadata->description = "new";
        change.metadata = metadata;
        EXPECT_EQ(Try(base, change), ConflictReason::kConcurrentAppend) << level;
    }
}

TEST_F(ConflictTest, AnAppendThatDoesNotCallItselfBlindIsNone) {
    const auto base = Make();
    PutLog(2, Lines({R"({"commitInfo":{"isBlindAppend":true}})", RemoveLine("a"),
                     AddLine("b", R"(,"stats":"{\"numRecords\":1}")")}));
    table::Change change = Append({NewFile(kRoot, "sum")});
    change.reads.predicates = {IdIs(5)};
    EXPECT_EQ(Try(base, change), ConflictReason::kConcurrentAppend);
    PutLog(2, AddLine("b"));
    EXPECT_EQ(Try(base, change), ConflictReason::kConcurrentAppend);
    PutLog(2, Lines({R"({"commitInfo":{"isBlindAppend":true}})", AddLine("b")}));
    EXPECT_EQ(Try(base, change), std::nullopt);
}

TEST_F(ConflictTest, DifferentRowsOfOneFileGoBoth) {
    for (const std::string level : {"WriteSerializable", "Serializable"}) {
        store_.Delete(LogFile("00000000000000000000.json"));
        for (int version = 1; version < 9; ++version) {
            store_.Delete(LogFile("0000000000000000000" + std::to_string(version) + ".json"));
        }
        const auto base = Make(level);
        MustCommit(DeleteWhere(*base, 1, {{"a", {1}}}));
        MustCommit(DeleteWhere(*Latest(), 8, {{"a", {8, 9}}}));
        EXPECT_EQ(Try(base, DeleteWhere(*base, 3, {{"a", {2, 3}}})), std::nullopt) << level;
        EXPECT_EQ(HiddenIn(*Latest(), "a"), (std::vector<uint64_t>{1, 2, 3, 8, 9})) << level;
        EXPECT_EQ(Latest()->LiveRows(), 5U);
        EXPECT_EQ(Try(base, DeleteWhere(*base, 9, {{"a", {9}}})), ConflictReason::kConcurrentDelete)
            << level;
        // Together they leave none.
        EXPECT_EQ(Try(base, DeleteWhere(*base, 0, {{"a", {0, 4, 5, 6, 7}}})), std::nullopt);
        EXPECT_EQ(PathsOf(*Latest()), Paths{});
    }
}

TEST_F(ConflictTest, LargeVectorsAreUnitedInAFileOfTheirOwn) {
    MakeTable(HidesRows());
    table::DataFile file = NewFile(kRoot, "a");
    table::FileStatistics counted;
    counted.record_count = 100'000;
    file.statistics = std::make_shared<const table::FileStatistics>(counted);
    const auto base = MustCommit(Append({file}));
    std::vector<uint64_t> thirds[3];
    for (uint64_t row = 0; row < 30'000; ++row) thirds[row % 3].push_back(row);
    for (const auto& rows : thirds) EXPECT_EQ(Try(base, Hide(*base, {{"a", rows}})), std::nullopt);
    EXPECT_EQ(Latest()->LiveRows(), 70'000U);
    EXPECT_EQ(HiddenIn(*Latest(), "a", 100'000).size(), 30'000U);
}

TEST_P(ConflictAtEveryLevel, RowsThatDecidedMustStay) {
    const auto base = Make(GetParam());
    MustCommit(DeleteWhere(*base, 1, {{"a", {1}}}));
    table::Change merge = Hide(*base, {{"a", {5}}});
    merge.reads.predicates = {IdIs(5)};
    EXPECT_EQ(Try(base, merge), ConflictReason::kConcurrentDeleteRead);
    merge.reads.predicates = {IdIs(77)};
    EXPECT_EQ(Try(base, merge), std::nullopt) << "the file holds no such row";
}

TEST_P(ConflictAtEveryLevel, AnUpdateAddsRowsThatMayHaveBeenWanted) {
    const auto base = Make(GetParam());
    table::Change update = DeleteWhere(*base, 1, {{"a", {1}}});
    update.operation = "UPDATE";
    update.add = {NewFile(kRoot, "updated", 3, 3)};
    MustCommit(update);
    EXPECT_EQ(Try(base, DeleteWhere(*base, 3, {{"a", {3}}})), ConflictReason::kConcurrentAppend);
    EXPECT_EQ(Try(base, DeleteWhere(*base, 4, {{"a", {4}}})), std::nullopt);
    EXPECT_EQ(PathsOf(*Latest()), (Paths{"a", "updated"}));
    EXPECT_EQ(HiddenIn(*Latest(), "a"), (std::vector<uint64_t>{1, 4}));
}

TEST_P(ConflictAtEveryLevel, AFileThatMovedCannotLoseRows) {
    const auto base = Make(GetParam());
    MustCommit(Compact(*base, "b"));
    EXPECT_EQ(Try(base, DeleteWhere(*base, 1, {{"a", {1}}})), ConflictReason::kConcurrentDelete);
    // Nor can a file move that has lost rows.
    const auto now = Latest();
    MustCommit(DeleteWhere(*now, 1, {{"b", {1}}}));
    EXPECT_EQ(Try(now, Compact(*now, "c")), ConflictReason::kConcurrentDelete);
    // To have read rows that only moved is fine.
    table::Change reader = Append({NewFile(kRoot, "sum")});
    reader.reads.predicates = {IdIs(5)};
    const auto then = Latest();
    MustCommit(Compact(*then, "d"));
    EXPECT_EQ(Try(then, reader), std::nullopt);
}

TEST_P(ConflictAtEveryLevel, RowsThatWereReadAreMissedWhereverTheyMoved) {
    const auto base = Make(GetParam());
    table::Change reader = Append({NewFile(kRoot, "sum")});
    reader.reads.predicates = {IdIs(5)};
    MustCommit(Compact(*base, "b"));
    MustCommit(Compact(*Latest(), "c"));
    MustCommit(DeleteWhere(*Latest(), 5, {{"c", {5}}}));
    EXPECT_EQ(Try(base, reader), ConflictReason::kConcurrentDeleteRead);
    reader.reads.predicates = {IdIs(77)};
    EXPECT_EQ(Try(base, reader), std::nullopt);
}

TEST_P(ConflictAtEveryLevel, RowsThatCameBackWereNotRead) {
    const auto full = Make(GetParam());
    const auto hidden = MustCommit(DeleteWhere(*full, 2, {{"a", {2, 3}}}));
    // RESTORE: the file without its vector again.
    table::Change restore;
    restore.operation = "RESTORE";
    restore.remove = {FileNamed(*hidden, "a")};
    restore.add = {FileNamed(*full, "a")};
    restore.add[0].statistics = NewFile(kRoot, "a", 0, 9).statistics;
    MustCommit(restore);
    EXPECT_EQ(Latest()->LiveRows(), 10U);
    EXPECT_EQ(Try(hidden, DeleteWhere(*hidden, 5, {{"a", {5}}})),
              ConflictReason::kConcurrentAppend);
    EXPECT_EQ(Try(hidden, DeleteWhere(*hidden, 77, {{"a", {5}}})), std::nullopt);
    EXPECT_EQ(HiddenIn(*Latest(), "a"), std::vector<uint64_t>{5});
}

TEST_P(ConflictAtEveryLevel, AFileThatIsDescribedAnewIsTakenAsItIsNow) {
    const auto base = Make(GetParam());
    PutLog(2, R"({"add":{"path":"a","partitionValues":{"day":"1970-01-01"},"size":100,)"
              R"("modificationTime":1,"dataChange":false,"tags":{"k":"v"},)"
              R"("stats":"{\"numRecords\":10}"}})");
    EXPECT_EQ(Try(base, DeleteWhere(*base, 5, {{"a", {5}}})), std::nullopt);
    EXPECT_NE(store_.Get(LogFile("00000000000000000003.json")).find(R"("tags":{"k":"v"})"),
              std::string::npos);
    table::Change drop;
    drop.remove = {FileNamed(*base, "a")};
    EXPECT_EQ(Try(base, drop), ConflictReason::kConcurrentDelete) << "it has another vector";
    store_.Delete(LogFile("00000000000000000003.json"));
    EXPECT_EQ(Try(base, drop), std::nullopt);
    EXPECT_NE(store_.Get(LogFile("00000000000000000003.json")).find(R"("tags":{"k":"v"})"),
              std::string::npos);
}

TEST_P(ConflictAtEveryLevel, NobodyWritesBehindAnotherDescription) {
    const auto base = Make(GetParam());
    const auto append = Append({NewFile(kRoot, "late")});
    for (const auto& [line, reason] : std::map<std::string, ConflictReason>{
             {IdMetadata(), ConflictReason::kMetadataChanged},
             {kPlainProtocol, ConflictReason::kProtocolChanged}}) {
        PutLog(2, line);
        EXPECT_EQ(Try(base, append), reason);
    }
    PutLog(2, R"({"domainMetadata":{"domain":"d","configuration":"{}","removed":false}})");
    EXPECT_EQ(Try(base, append), std::nullopt);
}

TEST_F(ConflictTest, OneDomainIsNotWrittenTwice) {
    table::TableMetadata clustered = EventsTable();
    clustered.partition_columns.clear();
    clustered.clustering_columns = {"id"};
    ASSERT_TRUE(
        std::holds_alternative<table::Committed>(format_.Create(kRoot, clustered, Append({}))));
    const auto base = Latest();
    table::Change change;
    change.operation = "CLUSTER BY";
    clustered.clustering_columns = {"name"};
    clustered.id = base->Metadata().id;
    change.metadata = format_.Define(clustered, base, table::Definition::kAlters);
    PutLog(1, R"({"domainMetadata":{"domain":"delta.clustering",)"
              R"("configuration":"{\"clusteringColumns\":[]}","removed":false}})");
    EXPECT_EQ(Try(base, change), ConflictReason::kMetadataChanged);
    PutLog(1, R"({"domainMetadata":{"domain":"another","configuration":"{}","removed":false}})");
    EXPECT_EQ(Try(base, change), std::nullopt);
    EXPECT_EQ(Latest()->Metadata().clustering_columns, std::vector<std::string>{"name"});
}

}  // namespace
}  // namespace tarn::delta
