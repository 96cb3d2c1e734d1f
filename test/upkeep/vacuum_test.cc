#include "upkeep/vacuum.h"

#include "delta/testing/row_changes.h"
#include "upkeep/upkeep_table.h"

namespace tarn::upkeep {
namespace {

class VacuumTest : public UpkeepTable {
protected:
    VacuumTask Task() { return {format_, store_, clock_, Latest()}; }
    std::set<std::string> Deleted(const VacuumReport& report) {
        std::set<std::string> paths;
        for (const auto& file : report.plan.files) {
            paths.insert(file.location.substr(std::string(kRoot).size() + 1));
        }
        return paths;
    }
};

using Paths = std::set<std::string>;

TEST_F(VacuumTest, DeletesWhatNoVersionWithinTheRetentionNeeds) {
    MakeTable();
    Append("old");
    Append("live");
    PutFile("orphan");
    Remove("old");
    WaitDays(5);
    Append("young");
    Remove("young");
    PutFile("being_written");
    WaitDays(3);
    const VacuumReport report = Vacuum(Task());
    EXPECT_EQ(Deleted(report), (Paths{"old", "orphan"}));
    EXPECT_EQ(report.deleted, 2U);
    EXPECT_EQ(Files(), (Paths{"live", "young", "being_written"}));
}

TEST_F(VacuumTest, ADryRunSaysExactlyWhatTheRunDeletesAndWritesNothing) {
    MakeTable();
    Append("a");
    Append("b");
    Remove("a");
    PutFile("x");
    WaitDays(8);
    VacuumTask task = Task();
    task.is_dry_run = true;
    const auto version = Latest()->AtVersion();
    const Paths before = Files();
    const VacuumReport dry = Vacuum(task);
    EXPECT_EQ(Files(), before);
    EXPECT_EQ(Latest()->AtVersion(), version);
    EXPECT_EQ(dry.deleted, 0U);
    EXPECT_EQ(Deleted(Vacuum(Task())), Deleted(dry));
    EXPECT_EQ(Deleted(dry), (Paths{"a", "x"}));
}

TEST_F(VacuumTest, AnInventoryNamesNoFilesOfOtherFolders) {
    MakeTable();
    PutFile("orphan");
    const std::string elsewhere = std::string(kRoot) + "-other/theirs";
    store_.Put(elsewhere, "bytes");
    WaitDays(8);
    VacuumTask task = Task();
    task.inventory = {std::string(kRoot) + "/orphan", elsewhere};
    EXPECT_EQ(Vacuum(task).deleted, 1U);
    EXPECT_TRUE(store_.Stat(elsewhere));
    EXPECT_EQ(Files(), Paths());
}

TEST_F(VacuumTest, AShorterRetentionIsTakenOnceItIsNotChecked) {
    MakeTable();
    PutFile("orphan");
    WaitDays(1);
    VacuumTask task = Task();
    task.retention_ms = 0;
    task.checks_retention = false;
    EXPECT_EQ(Vacuum(task).deleted, 1U);
}

TEST_F(VacuumTest, ItsRunStandsInTheHistory) {
    MakeTable();
    PutFile("x");
    WaitDays(8);
    Vacuum(Task());
    const auto history = format_.History(kRoot, 2);
    EXPECT_EQ(history[0].operation, "VACUUM END");
    EXPECT_EQ(history[0].metrics.at("numDeletedFiles"), "1");
    EXPECT_EQ(history[1].operation, "VACUUM START");
    EXPECT_EQ(history[1].metrics.at("numFilesToDelete"), "1");
    EXPECT_EQ(history[1].metrics.at("sizeOfDataToDelete"), "5");
}

TEST_F(VacuumTest, TheHistoryIsSilentWhereTheTableSaysSo) {
    MakeTable({{"delta.vacuum.logging.enabled", "false"}});
    PutFile("x");
    WaitDays(8);
    EXPECT_EQ(Vacuum(Task()).deleted, 1U);
    EXPECT_EQ(Latest()->AtVersion().number, 0);
}

TEST_F(VacuumTest, ARetentionBelowTheTablesIsRefused) {
    MakeTable();
    PutFile("x");
    WaitDays(3);
    VacuumTask task = Task();
    task.retention_ms = 0;
    EXPECT_EQ(KindOf([&] { Vacuum(task); }), ErrorKind::kInvalidInput);
    EXPECT_EQ(Files(), Paths{"x"});
    task.retention_ms = int64_t{30} * 24 * 3'600'000;
    EXPECT_EQ(Vacuum(task).deleted, 0U);
}

// RESTORE, or a writer that took long, names an old file while vacuum runs.
TEST_F(VacuumTest, AFileThatACommitNamesMeanwhileIsLeft) {
    MakeTable();
    Append("restored");
    Remove("restored");
    PutFile("slow");
    PutFile("orphan");
    WaitDays(8);
    VacuumTask task = Task();
    int steps = 0;
    task.step = [&](double) {
        // The listing is the first step; then the deleting begins.
        if (++steps != 2) return;
        MustCommit(
            delta::Append({delta::NewFile(kRoot, "restored"), delta::NewFile(kRoot, "slow")}));
    };
    EXPECT_EQ(Deleted(Vacuum(task)), Paths{"orphan"});
    EXPECT_EQ(Files(), (Paths{"restored", "slow"}));
}

// The same while it deletes: what is named then is among those that are left.
TEST_F(VacuumTest, AFileThatACommitNamesBetweenDeletingIsLeft) {
    MakeTable();
    for (int i = 0; i < 1500; ++i) PutFile("f" + std::to_string(10'000 + i));
    WaitDays(8);
    VacuumTask task = Task();
    std::string named;
    int steps = 0;
    task.step = [&](double) {
        if (++steps != 3) return;
        named = *Files().begin();
        MustCommit(delta::Append({delta::NewFile(kRoot, named)}));
    };
    EXPECT_EQ(Vacuum(task).deleted, 1499U);
    EXPECT_EQ(Files(), Paths{named});
}

TEST_F(VacuumTest, MoreFilesThanOneListingGives) {
    MakeTable();
    constexpr int kFiles = 20'000;
    for (int i = 0; i < kFiles; ++i) PutFile("f" + std::to_string(kFiles + i));
    WaitDays(8);
    VacuumTask task = Task();
    task.is_dry_run = true;
    EXPECT_EQ(Vacuum(task).plan.files.size(), static_cast<size_t>(kFiles));
}

TEST_F(VacuumTest, TheTablesOwnRetentionMayBeSaid) {
    MakeTable();
    PutFile("x");
    WaitDays(8);
    VacuumTask task = Task();
    task.retention_ms = format_.FileRetentionMs(*Latest());
    EXPECT_EQ(Vacuum(task).deleted, 1U);
}

// Readers of this process keep the files of their version, and their vectors, whatever the log
// says.
TEST_F(VacuumTest, WhatIsBeingReadStays) {
    MakeTable(delta::HidesRows());
    const table::SnapshotPtr read = AppendWithVector();
    const Paths before = Files();
    EXPECT_EQ(before.size(), 2U);
    Remove("a");
    WaitDays(30);
    VacuumTask task = Task();
    task.readers = {read};
    const VacuumReport report = Vacuum(task);
    EXPECT_EQ(report.deleted, 0U);
    EXPECT_EQ(report.kept_for_others, 2U);
    EXPECT_EQ(Files(), before);
    EXPECT_EQ(Vacuum(Task()).deleted, 2U);
}

// A table of its own that names files of this one.
TEST_F(VacuumTest, WhatACloneNeedsStays) {
    constexpr const char* kClone = "mem://t/clone";
    MakeTable();
    Append("a");
    Append("b");
    ASSERT_TRUE(std::holds_alternative<table::Committed>(
        format_.Create(kClone, delta::EventsTable(), delta::Append({delta::NewFile(kRoot, "a")}))));
    Remove("a");
    Remove("b");
    WaitDays(30);
    VacuumTask task = Task();
    task.clones = {format_.Load(kClone, table::Latest{})};
    const VacuumReport report = Vacuum(task);
    EXPECT_EQ(Deleted(report), Paths{"b"});
    EXPECT_EQ(report.kept_for_others, 1U);
    EXPECT_EQ(Files(), Paths{"a"});
}

TEST_F(VacuumTest, AStatementThatIsStoppedDeletesNoMore) {
    MakeTable();
    PutFile("x");
    WaitDays(8);
    VacuumTask task = Task();
    int steps = 0;
    task.step = [&](double) {
        if (++steps == 2) throw Error(ErrorKind::kCancelled, "stopped");
    };
    EXPECT_EQ(KindOf([&] { Vacuum(task); }), ErrorKind::kCancelled);
    EXPECT_EQ(Files(), Paths{"x"});
}

TEST_F(VacuumTest, TablesOfUnknownWritersAreLeftAlone) {
    PutLog(0, delta::Lines({R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,)"
                            R"("readerFeatures":["vacuumProtocolCheck"],)"
                            R"("writerFeatures":["vacuumProtocolCheck","ofTheFuture"]}})",
                            delta::IdMetadata()}));
    PutFile("x");
    WaitDays(8);
    EXPECT_EQ(KindOf([&] { Vacuum(Task()); }), ErrorKind::kUnsupported);
    EXPECT_EQ(Files(), Paths{"x"});
}

TEST_F(VacuumTest, FilesOfVectorsAndRecordedChangesLiveAsLongAsTheirVersions) {
    PutLog(0,
           delta::Lines({R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,)"
                         R"("readerFeatures":["deletionVectors"],)"
                         R"("writerFeatures":["deletionVectors","changeDataFeed"]}})",
                         delta::IdMetadata(),
                         delta::AddLine("f", R"(,"deletionVector":{"storageType":"u",)"
                                             R"("pathOrInlineDv":"ab^-aqEH.-t@S}K{vb[*k^",)"
                                             R"("offset":1,"sizeInBytes":34,"cardinality":2})")}));
    const std::string vector = "ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin";
    PutFile("f");
    PutFile(vector);
    PutFile("ab/deletion_vector_00000000-8816-431a-aaf6-d3fe2512ff61.bin");
    PutFile("_change_data/cdc-old.parquet");
    WaitDays(8);
    PutLog(1, R"({"cdc":{"path":"_change_data/cdc-new.parquet","partitionValues":{},"size":1,)"
              R"("dataChange":false}})");
    PutFile("_change_data/cdc-new.parquet");
    Vacuum(Task());
    EXPECT_EQ(Files(), (Paths{"f", vector, "_change_data/cdc-new.parquet"}));
    // A commit that is a week old names nothing any more that is not live.
    WaitDays(8);
    Vacuum(Task());
    EXPECT_EQ(Files(), (Paths{"f", vector}));
}

// The public bugs that concern it, by number.
class VacuumMuseum : public VacuumTest {};

// delta-rs 4646: escaped names of partitions were reported and counted, and never deleted.
TEST_F(VacuumMuseum, DeltaRs4646EscapedPartitionsAreReallyDeleted) {
    PutLog(0, delta::Lines({delta::kPlainProtocol, delta::IdMetadata(),
                            delta::AddLine("part=a%2520b/live"),
                            delta::AddLine("part=a%2520b/gone"), delta::AddLine("part=x~y/gone")}));
    PutLog(1, delta::Lines(
                  {delta::RemoveLine("part=a%2520b/gone"), delta::RemoveLine("part=x~y/gone")}));
    for (const char* path : {"part=a%20b/live", "part=a%20b/gone", "part=x~y/gone"}) PutFile(path);
    WaitDays(8);
    EXPECT_EQ(Vacuum(Task()).deleted, 2U);
    EXPECT_EQ(Files(), Paths{"part=a%20b/live"});
}

// delta 256: a partition column whose name begins with an underscore was taken for a hidden folder.
TEST_F(VacuumMuseum, Delta256PartitionsWithAnUnderscoreAreVacuumed) {
    MakeTable();
    PutFile("_group=1/old");
    WaitDays(8);
    EXPECT_EQ(Vacuum(Task()).deleted, 1U);
}

// delta-rs 3203 and 4475: a tombstone of the checkpoint is still needed, and one without a time
// must not be taken for an old one while its commit is young.
TEST_F(VacuumMuseum, TombstonesInACheckpointKeepTheirFiles) {
    MakeTable({{"delta.checkpointInterval", "3"}});
    Append("a");
    Append("b");
    Remove("a");
    ASSERT_TRUE(store_.Stat(delta::ClassicCheckpointLocation(kRoot, {3})));
    for (int64_t v = 0; v < 3; ++v) store_.Delete(delta::CommitLocation(kRoot, {v}));
    clock_.Advance(std::chrono::hours(24 * 6));
    Vacuum(Task());
    EXPECT_EQ(Files(), (Paths{"a", "b"}));
}

TEST_F(VacuumMuseum, ARemoveWithoutATimeIsAsYoungAsItsCommit) {
    PutLog(0, delta::Lines({delta::kPlainProtocol, delta::IdMetadata(), delta::AddLine("f")}));
    PutFile("f");
    WaitDays(8);
    PutLog(1, R"({"remove":{"path":"f","dataChange":true}})");
    Vacuum(Task());
    EXPECT_EQ(Files(), Paths{"f"});
}

// delta-rs 682: absolute paths, and those with another spelling, are the table's, too.
TEST_F(VacuumMuseum, AbsolutePathsAreTheTablesFiles) {
    PutLog(0, delta::Lines({delta::kPlainProtocol, delta::IdMetadata(),
                            delta::AddLine(std::string(kRoot) + "/a"), delta::AddLine("./b"),
                            delta::AddLine("c%20d")}));
    for (const char* path : {"a", "b", "c d", "orphan"}) PutFile(path);
    WaitDays(8);
    Vacuum(Task());
    EXPECT_EQ(Files(), (Paths{"a", "b", "c d"}));
}

}  // namespace
}  // namespace tarn::upkeep
