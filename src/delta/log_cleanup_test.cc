#include "delta/log_cleanup.h"

#include <gtest/gtest.h>

#include "delta/features.h"
#include "delta/log_path.h"
#include "delta/log_segment.h"
#include "delta/snapshot.h"
#include "delta/testing/log_lines.h"
#include "delta/version_checksum.h"

namespace tarn::delta {
namespace {

using Days = std::chrono::duration<int64_t, std::ratio<86'400>>;

class LogCleanupTest : public TableFixture {
protected:
    void Wait(int days) { clock_.Advance(Days(days)); }
    // One version a day, and a checkpoint at every fifth.
    void MakeLog(int versions, std::map<std::string, std::string> properties = {}) {
        properties["delta.checkpointInterval"] = "5";
        MakeTable(std::move(properties));
        for (int i = 1; i <= versions; ++i) {
            Wait(1);
            MustAppend("f" + std::to_string(i), i, i);
        }
    }
    std::vector<std::string> Names(const std::string& folder) {
        std::vector<std::string> names;
        for (const auto& info : store_.List(folder, {})) {
            names.emplace_back(storage::LastName(info.location));
        }
        return names;
    }
    bool Has(int64_t version) { return store_.Stat(CommitLocation(kRoot, {version})).has_value(); }
    int64_t FirstCommit() { return ListCommits(store_, kRoot, {0}).front().version.number; }
};

TEST_F(LogCleanupTest, WhatIsBeyondTheRetentionGoesBehindACheckpoint) {
    MakeLog(44);
    EXPECT_EQ(FirstCommit(), 5);  // version 40 saw to that
    Wait(2);
    MustAppend("f45");  // with its checkpoint; the cutoff is the midnight after version 15
    EXPECT_EQ(FirstCommit(), 15);
    for (const std::string& name : Names(LogFolder(kRoot))) {
        const LogPath path = ParseLogPath(name);
        EXPECT_TRUE(path.kind == LogFileKind::kStranger || path.version.number >= 15) << name;
    }
    EXPECT_EQ(Latest()->Totals().files, 45U);
    EXPECT_EQ(format_.Load(kRoot, table::Version{15})->Totals().files, 15U);
    EXPECT_EQ(format_.Load(kRoot, table::Version{17})->Totals().files, 17U);
    EXPECT_EQ(KindOf([&] { (void)format_.Load(kRoot, table::Version{14}); }), ErrorKind::kNotFound);
}

TEST_F(LogCleanupTest, TheCutoffIsMidnight) {
    Metadata metadata;
    const int64_t day = 86'400'000;
    EXPECT_EQ(LogCutoffMs(metadata, 100 * day + 5), 70 * day);
    metadata.configuration["delta.logRetentionDuration"] = "interval 2 days";
    EXPECT_EQ(LogCutoffMs(metadata, 100 * day + day - 1), 98 * day);
    metadata.configuration["delta.logRetentionDuration"] = "a while";
    EXPECT_FALSE(LogCutoffMs(metadata, 100 * day));
    metadata.configuration["delta.logRetentionDuration"] = "interval 2 days";
    metadata.configuration["delta.enableExpiredLogCleanup"] = "false";
    EXPECT_FALSE(LogCutoffMs(metadata, 100 * day));
}

TEST_F(LogCleanupTest, ATableCanKeepItsLog) {
    MakeLog(50, {{"delta.enableExpiredLogCleanup", "false"}});
    EXPECT_EQ(FirstCommit(), 0);
}

TEST_F(LogCleanupTest, ACheckpointThatCannotBeReadProtectsWhatStandsForIt) {
    MakeLog(44);
    store_.Delete(ClassicCheckpointLocation(kRoot, {15}));
    store_.Delete(ClassicCheckpointLocation(kRoot, {10}));
    store_.Put(ClassicCheckpointLocation(kRoot, {5}), "");  // torn by a crash
    Wait(2);
    MustAppend("f45");
    EXPECT_EQ(FirstCommit(), 5);
}

TEST_F(LogCleanupTest, ProtectedHistoryGoesAsAWholeOrNotAtAll) {
    Protocol protocol;
    protocol.min_writer_version = 7;
    protocol.writer_features = {"checkpointProtection"};
    Metadata metadata;
    EXPECT_TRUE(MayCutAt(protocol, metadata, {5}));
    metadata.configuration["delta.requireCheckpointProtectionBeforeVersion"] = "7";
    EXPECT_FALSE(MayCutAt(protocol, metadata, {5}));
    EXPECT_TRUE(MayCutAt(protocol, metadata, {7}));
    metadata.configuration["delta.requireCheckpointProtectionBeforeVersion"] = "x";
    EXPECT_FALSE(MayCutAt(protocol, metadata, {7}));
    EXPECT_TRUE(MayCutAt(PlainProtocol(), metadata, {5}));
}

TEST_F(LogCleanupTest, AnOlderHintForbidsTheCut) {
    MakeLog(44);
    store_.Put(LastCheckpointLocation(kRoot), R"({"version":5})");
    LogCleaner cleaner(store_, parquet_, kRoot);
    Wait(1);
    EXPECT_EQ(cleaner.CleanUp({}, {}, ToUnixMs(clock_.Now())), 0U);
    store_.Delete(LastCheckpointLocation(kRoot));
    EXPECT_EQ(cleaner.CleanUp({}, {}, ToUnixMs(clock_.Now())), 0U);
}

TEST_F(LogCleanupTest, ALogWhoseOldestCommitIsYoungIsNotListed) {
    MakeLog(44);
    const auto state = std::dynamic_pointer_cast<const Snapshot>(Latest());
    const auto clean = [&](OldestCommits& oldest) {
        return LogCleaner(store_, parquet_, kRoot, &oldest)
            .CleanUp(*state->State().protocol, *state->State().metadata, ToUnixMs(clock_.Now()));
    };
    Wait(2);
    OldestCommits young;
    young.Saw(kRoot, ToUnixMs(clock_.Now()));
    EXPECT_EQ(clean(young), 0U);
    OldestCommits seen;
    EXPECT_GT(clean(seen), 0U);
    const auto oldest = seen.TimeMs(kRoot);
    ASSERT_TRUE(oldest);
    EXPECT_EQ(clean(seen), 0U);
    EXPECT_GT(*seen.TimeMs(kRoot), *oldest);
}

TEST_F(LogCleanupTest, CompactionsThatReachOverTheCutGo) {
    std::vector<storage::ObjectInfo> log;
    for (const std::string& location :
         {CommitLocation(kRoot, {4}), CommitLocation(kRoot, {5}), ChecksumLocation(kRoot, {4}),
          ClassicCheckpointLocation(kRoot, {5}), CompactionLocation(kRoot, {5}, {7}),
          CompactionLocation(kRoot, {6}, {7}), LogFolder(kRoot) + "/_last_checkpoint",
          LogFolder(kRoot) + "/notes.txt"}) {
        log.push_back({location, 1, 0, ""});
    }
    std::vector<std::string> names;
    for (const auto& file : FilesBefore(log, {5})) names.push_back(file.location);
    EXPECT_EQ(names,
              (std::vector<std::string>{CommitLocation(kRoot, {4}), ChecksumLocation(kRoot, {4}),
                                        CompactionLocation(kRoot, {5}, {7})}));
}

TEST_F(LogCleanupTest, SidecarsOfRemovedCheckpointsGo) {
    MakeLog(45, {{"delta.checkpointPolicy", "v2"}, {"delta.feature.v2Checkpoint", "supported"}});
    const size_t kept = Names(SidecarFolder(kRoot)).size();
    EXPECT_EQ(FirstCommit(), 10);
    EXPECT_EQ(kept, 8U);  // of 10, 15 ... 45: each had all files in one
    EXPECT_EQ(format_.Load(kRoot, table::Version{16})->Totals().files, 16U);
}

TEST_F(LogCleanupTest, WhatABrokenCheckpointNamesStays) {
    MakeLog(44, {{"delta.checkpointPolicy", "v2"}, {"delta.feature.v2Checkpoint", "supported"}});
    const auto state = std::dynamic_pointer_cast<const Snapshot>(Latest());
    const auto sidecars = Names(SidecarFolder(kRoot));
    for (const std::string& name : Names(LogFolder(kRoot))) {
        const LogPath path = ParseLogPath(name);
        if (path.kind == LogFileKind::kUuidCheckpoint && path.version.number == 40)
            store_.Put(LogFolder(kRoot) + "/" + name, "torn");
    }
    Wait(2);
    LogCleaner cleaner(store_, parquet_, kRoot);
    EXPECT_GT(
        cleaner.CleanUp(*state->State().protocol, *state->State().metadata, ToUnixMs(clock_.Now())),
        0U);
    EXPECT_EQ(FirstCommit(), 15);
    EXPECT_EQ(Names(SidecarFolder(kRoot)), sidecars);
    EXPECT_EQ(Latest()->Totals().files, 44U);
}

// delta-rs 2174 and 2044: clean-up without a newer checkpoint took the last one, or all commits.
TEST_F(LogCleanupTest, Museum2174TheOnlyCheckpointStays) {
    MakeLog(7, {{"delta.logRetentionDuration", "interval 1 second"}});
    Wait(100);
    LogCleaner cleaner(store_, parquet_, kRoot);
    const auto state = std::dynamic_pointer_cast<const Snapshot>(Latest());
    cleaner.CleanUp(*state->State().protocol, *state->State().metadata, ToUnixMs(clock_.Now()));
    EXPECT_EQ(FirstCommit(), 5);
    EXPECT_TRUE(store_.Stat(ClassicCheckpointLocation(kRoot, {5})));
    EXPECT_EQ(Latest()->Totals().files, 7U);
}

TEST_F(LogCleanupTest, Museum2044ATableWithoutCheckpointsKeepsItsLog) {
    MakeTable({{"delta.logRetentionDuration", "interval 1 second"}});
    MustAppend("a");
    Wait(100);
    LogCleaner cleaner(store_, parquet_, kRoot);
    EXPECT_EQ(cleaner.CleanUp({}, {}, ToUnixMs(clock_.Now())), 0U);
    EXPECT_EQ(Latest()->Totals().files, 1U);
}

// delta-rs 3057: a snapshot from before the clean-up asked for commits that were gone.
TEST_F(LogCleanupTest, Museum3057ASnapshotFromBeforeGoesOn) {
    MakeLog(44);
    const auto cached = Latest();
    Wait(2);
    MustAppend("f45");
    ASSERT_EQ(FirstCommit(), 15);
    const auto outcome = format_.Commit(cached, Append({NewFile(kRoot, "late")}));
    EXPECT_TRUE(std::holds_alternative<table::Committed>(outcome));
    EXPECT_EQ(format_.Load(kRoot, table::Latest{}, cached)->Totals().files, 46U);
}

// delta-rs 3692: of several old checkpoints the newest was kept, and versions within the retention
// before it were lost.
TEST_F(LogCleanupTest, Museum3692VersionsWithinTheRetentionStayReadable) {
    MakeLog(45);
    for (int64_t v = 15; v <= 45; ++v) {
        EXPECT_EQ(format_.Load(kRoot, table::Version{v})->Totals().files, static_cast<uint64_t>(v));
    }
}

TEST_F(LogCleanupTest, ChecksumFilesAgreeWithTheirVersions) {
    MakeTable({{"delta.writeChecksumFile.enabled", "true"}});
    table::Change change = Append({NewFile(kRoot, "a"), NewFile(kRoot, "b")});
    change.transactions = {{"app", 3}};
    MustCommit(change);
    const std::string text = store_.Get(ChecksumLocation(kRoot, {1}));
    EXPECT_NE(text.find("\"numFiles\":2,"), std::string::npos) << text;
    EXPECT_NE(text.find("\"tableSizeBytes\":200,"), std::string::npos) << text;
    EXPECT_NE(text.find("\"appId\":\"app\""), std::string::npos) << text;
    EXPECT_NE(text.find("\"txnId\":"), std::string::npos) << text;
    const auto state = std::dynamic_pointer_cast<const Snapshot>(Latest())->State();
    EXPECT_NO_THROW(CheckAgainst(text, "1.crc", state));
    std::string wrong = text;
    wrong.replace(wrong.find("\"numFiles\":2"), 12, "\"numFiles\":3");
    EXPECT_EQ(KindOf([&] { CheckAgainst(wrong, "1.crc", state); }), ErrorKind::kCorrupt);
}

TEST_F(LogCleanupTest, CompactionsStandForTheirCommits) {
    MakeTable({{"delta.logCompactionInterval", "4"}});
    MustAppend("a", 1, 1);
    table::Change change = Append({NewFile(kRoot, "b", 2, 2)});
    change.remove = Latest()->Plan({}).files;
    change.transactions = {{"app", 1}};
    MustCommit(change);
    MustAppend("c", 3, 3);
    const std::string text = store_.Get(CompactionLocation(kRoot, {0}, {3}));
    EXPECT_EQ(text.find("commitInfo"), std::string::npos);
    size_t adds = 0;
    size_t removes = 0;
    ParseActions(text, "compaction", [&](Action&& action) {
        adds += std::holds_alternative<Add>(action) ? 1 : 0;
        removes += std::holds_alternative<Remove>(action) ? 1 : 0;
    });
    EXPECT_EQ(adds, 2U);
    EXPECT_EQ(removes, 1U);
    // Readers take it: the commits' own text does not matter any more.
    const auto expected = PathsOf(*Latest());
    store_.Put(CommitLocation(kRoot, {2}), "nonsense");
    const auto read = ReadVersionOf(store_, parquet_, kRoot, std::nullopt);
    EXPECT_EQ(read.state.files.Count(), expected.size());
    EXPECT_EQ(read.state.transactions.at("app").version, 1);
}

}  // namespace
}  // namespace tarn::delta
