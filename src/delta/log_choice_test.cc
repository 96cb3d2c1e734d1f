// Which files of a log are read, and what stands in for those that cannot be.
#include <gtest/gtest.h>

#include "delta/checkpoint_writer.h"
#include "delta/log_segment.h"
#include "delta/log_state.h"
#include "delta/testing/log_lines.h"
#include "storage/forwarding_store.h"
#include "storage/metering_store.h"

namespace tarn::delta {
namespace {

constexpr const char* kUuid = "80a083e8-7026-4e79-81be-64bd76c43a11";

class LogChoice : public ForeignLog {
protected:
    static std::string Compaction(int64_t first, int64_t last) {
        return fmt::format("{:020}.{:020}.compacted.json", first, last);
    }
    static std::string JsonCheckpoint(int64_t version, const char* uuid = kUuid) {
        return fmt::format("{:020}.checkpoint.{}.json", version, uuid);
    }
    // Files of the commits that a load of the latest version reads.
    uint64_t GetsOfLoad() {
        storage::MeteringStore metering(store_);
        (void)Format(metering, parquet_, clock_, random_).Load(kRoot, table::Latest{});
        return metering.Counts().gets;
    }
    void PutSidecar(const std::string& name, int64_t version) {
        const LogState state =
            ReadLog(store_, parquet_, kRoot, ListSegment(store_, kRoot, table::Version{version}));
        parquet_.Write(LogFile("_sidecars/" + name), *CheckpointRows(state, 0));
    }
    static std::string SidecarLine(const std::string& name) {
        return R"({"sidecar":{"path":")" + name + R"(","sizeInBytes":1,"modificationTime":1}})";
    }
    void PutCheckpointWithSidecar(int64_t version) {
        PutSidecar("side.parquet", version);
        Put(JsonCheckpoint(version),
            Lines({fmt::format(R"({{"checkpointMetadata":{{"version":{}}}}})", version),
                   kPlainProtocol, IdMetadata(), SidecarLine("side.parquet")}));
    }
    void DeleteCommitsBefore(int64_t version) {
        for (int64_t n = 0; n < version; ++n) store_.Delete(CommitLocation(kRoot, {n}));
    }
};

TEST_F(LogChoice, ACompactionStandsForItsCommits) {
    PutVersions(6);
    PutLog(4, RemoveLine("f1"));
    const Paths expected = {"f0", "f2", "f3", "f5", "f6"};
    ASSERT_EQ(PathsOf(*Latest()), expected);
    const uint64_t plain = GetsOfLoad();
    Put(Compaction(2, 4), Lines({AddLine("f2"), AddLine("f3"), RemoveLine("f1")}));
    EXPECT_EQ(PathsOf(*Latest()), expected);
    EXPECT_EQ(GetsOfLoad(), plain - 2);
    EXPECT_EQ(PathsOf(*format_.Load(kRoot, table::Version{3})), (Paths{"f0", "f1", "f2", "f3"}));
}

TEST_F(LogChoice, OfOverlappingCompactionsTheLongestFromEachPlaceIsUsed) {
    PutVersions(9);
    const auto expected = PathsOf(*Latest());
    Put(Compaction(1, 2), Lines({AddLine("f1"), AddLine("f2")}));
    Put(Compaction(1, 4), Lines({AddLine("f1"), AddLine("f2"), AddLine("f3"), AddLine("f4")}));
    Put(Compaction(3, 8), "not even read");
    Put(Compaction(5, 6), Lines({AddLine("f5"), AddLine("f6")}));
    EXPECT_EQ(PathsOf(*Latest()), expected);
    const LogSegment segment = ListSegment(store_, kRoot, std::nullopt);
    ASSERT_EQ(segment.compactions.size(), 2U);
    EXPECT_EQ(segment.compactions[0].last.number, 4);
    EXPECT_EQ(segment.compactions[1].last.number, 6);
}

TEST_F(LogChoice, ABrokenCompactionIsPassedOverForTheCommits) {
    PutVersions(5);
    const auto expected = PathsOf(*Latest());
    for (const char* bytes : {"", "{", "{\"add\":{\"path\":\"ghost\",\"size\":1}}\n{\"add\":1}"}) {
        Put(Compaction(1, 3), bytes);
        EXPECT_EQ(PathsOf(*Latest()), expected) << bytes;
    }
}

TEST_F(LogChoice, ACompactionHidesNoLaterCommitAndReachesNoFurther) {
    PutVersions(3);
    Put(Compaction(2, 7), Lines({AddLine("ghost")}));  // beyond the last commit
    Put(Compaction(9, 12), Lines({AddLine("ghost")}));
    EXPECT_EQ(PathsOf(*Latest()), (Paths{"f0", "f1", "f2", "f3"}));
    EXPECT_EQ(Latest()->AtVersion().number, 3);
}

TEST_F(LogChoice, ACompactionDoesNotFillAGap) {
    PutVersions(5);
    Put(Compaction(1, 3), Lines({AddLine("f1"), AddLine("f2"), AddLine("f3")}));
    store_.Delete(CommitLocation(kRoot, {2}));
    EXPECT_EQ(Refusal(), ErrorKind::kCorrupt);
}

TEST_F(LogChoice, ACompactionKeepsTheLastCommitsOwnTime) {
    const std::string metadata = IdMetadata(R"("delta.enableInCommitTimestamps":"true")");
    PutLog(0, Lines({CommitTimeLine(100), kPlainProtocol, metadata}));
    PutLog(1, Lines({CommitTimeLine(200), AddLine("f1")}));
    PutLog(2, Lines({CommitTimeLine(300), AddLine("f2")}));
    Put(Compaction(1, 2), Lines({AddLine("f1"), AddLine("f2")}));
    EXPECT_EQ(Latest()->CommittedMs(), 300);
}

TEST_F(LogChoice, LogGapZeroToTwoIsCorruptAndNamed) {
    PutVersions(2);
    store_.Delete(CommitLocation(kRoot, {1}));
    EXPECT_EQ(Refusal(), ErrorKind::kCorrupt);
    EXPECT_NE(RefusalText().find("version 1"), std::string::npos);
}

TEST_F(LogChoice, StrangersInTheFolderAreIgnored) {
    PutVersions(2);
    const auto expected = PathsOf(*Latest());
    for (const char* name :
         {"00000000000000000003.json.tmp", ".00000000000000000003.json.crc", "3.json",
          "_staged_commits/00000000000000000003.80a083e8-7026-4e79-81be-64bd76c43a11.json",
          "00000000000000000003.80a083e8-7026-4e79-81be-64bd76c43a11.json", "00000000000000000003",
          "00000000000000000003.checkpoint", "zzz"}) {
        Put(name, "stranger");
    }
    EXPECT_EQ(PathsOf(*Latest()), expected);
}

TEST_F(LogChoice, AMissingSidecarIsPassedOverForTheCommits) {
    PutVersions(3);
    PutCheckpointWithSidecar(3);
    PutLog(4, AddLine("f4"));
    const auto expected = PathsOf(*Latest());
    EXPECT_EQ(ListSegment(store_, kRoot, std::nullopt).checkpoint_version->number, 3);
    store_.Delete(LogFile("_sidecars/side.parquet"));
    EXPECT_EQ(PathsOf(*Latest()), expected);
    Put("_last_checkpoint", R"({"version":3,"size":1})");
    EXPECT_EQ(PathsOf(*Latest()), expected);
}

TEST_F(LogChoice, AMissingSidecarIsNamedWhereNothingStandsInForIt) {
    PutVersions(3);
    PutCheckpointWithSidecar(3);
    DeleteCommitsBefore(3);
    EXPECT_EQ(Latest()->Totals().files, 4U);
    store_.Delete(LogFile("_sidecars/side.parquet"));
    EXPECT_EQ(Refusal(), ErrorKind::kNotFound);
    EXPECT_NE(RefusalText().find("side.parquet"), std::string::npos);
    PutLog(4, AddLine("f4"));
    EXPECT_EQ(Refusal(), ErrorKind::kNotFound);
}

TEST_F(LogChoice, AnOlderCheckpointStandsInForABrokenOne) {
    PutVersions(2);
    Put(JsonCheckpoint(2),
        Lines({kPlainProtocol, IdMetadata(), AddLine("f0"), AddLine("f1"), AddLine("f2")}));
    for (int64_t n = 3; n <= 6; ++n) PutLog(n, AddLine("f" + std::to_string(n)));
    DeleteCommitsBefore(2);
    const auto expected = PathsOf(*Latest());
    EXPECT_EQ(expected.size(), 7U);
    Put(JsonCheckpoint(5), "{\"add\":");
    EXPECT_EQ(PathsOf(*Latest()), expected);
    Put(JsonCheckpoint(5), Lines({AddLine("f0")}));  // without protocol and metadata
    EXPECT_EQ(PathsOf(*Latest()), expected);
}

TEST_F(LogChoice, SeveralCheckpointsOfOneVersionStandInForEachOther) {
    PutVersions(2);
    const std::string whole =
        Lines({kPlainProtocol, IdMetadata(), AddLine("f0"), AddLine("f1"), AddLine("f2")});
    Put(JsonCheckpoint(2), whole);
    Put(JsonCheckpoint(2, "90a083e8-7026-4e79-81be-64bd76c43a11"), "torn");
    Put("00000000000000000002.checkpoint.parquet", "");
    DeleteCommitsBefore(3);
    EXPECT_EQ(PathsOf(*Latest()), (Paths{"f0", "f1", "f2"}));
    EXPECT_EQ(Latest()->AtVersion().number, 2);
}

TEST_F(LogChoice, ABrokenCheckpointBeyondTheCommitsDoesNotAnswerWithAnOlderVersion) {
    PutVersions(3);
    Put(JsonCheckpoint(5), "torn");  // versions 4 and 5 are gone with it
    EXPECT_EQ(Refusal(), ErrorKind::kCorrupt);
    EXPECT_EQ(PathsOf(*format_.Load(kRoot, table::Version{3})).size(), 4U);
}

TEST_F(LogChoice, AnIncompleteMultiPartCheckpointIsNoCheckpoint) {
    PutVersions(3);
    const auto expected = PathsOf(*Latest());
    Put("00000000000000000002.checkpoint.0000000001.0000000002.parquet", "x");
    Put("00000000000000000003.checkpoint.0000000002.0000000003.parquet", "x");
    Put("00000000000000000003.checkpoint.0000000003.0000000003.parquet", "x");
    EXPECT_FALSE(ListSegment(store_, kRoot, std::nullopt).checkpoint_version);
    EXPECT_EQ(PathsOf(*Latest()), expected);
    DeleteCommitsBefore(1);
    EXPECT_EQ(Refusal(), ErrorKind::kCorrupt);
}

TEST_F(LogChoice, TheHintMayLieInEveryWay) {
    PutVersions(9);
    Put(JsonCheckpoint(4), Lines({kPlainProtocol, IdMetadata(), AddLine("f0"), AddLine("f1"),
                                  AddLine("f2"), AddLine("f3"), AddLine("f4")}));
    const auto expected = PathsOf(*Latest());
    for (const char* hint :
         {R"({"version":4,"size":99,"parts":7})", R"({"version":4,"checksum":"wrong"})",
          R"({"version":2})", R"({"version":7,"parts":3})", R"({"version":9223372036854775807})",
          R"({"version":18446744073709551615})", R"({"version":4.5})", "[4]", "", "{", "\xff"}) {
        Put("_last_checkpoint", hint);
        EXPECT_EQ(PathsOf(*Latest()), expected) << hint;
        EXPECT_EQ(format_.Load(kRoot, table::Version{6})->Totals().files, 7U) << hint;
    }
}

// Lists no commit, as a list that is older than they are.
class NoCommitListed final : public storage::ForwardingStore {
public:
    using ForwardingStore::ForwardingStore;
    std::vector<storage::ObjectInfo> List(const std::string& folder,
                                          const storage::ListOptions& options) override {
        auto files = Inner().List(folder, options);
        std::erase_if(files, [](const storage::ObjectInfo& file) {
            return ParseLogPath(storage::LastName(file.location)).kind == LogFileKind::kCommit;
        });
        return files;
    }
};

TEST_F(LogChoice, CommitsBehindACheckpointAreAskedForByName) {
    PutVersions(6);
    Put(JsonCheckpoint(4), Lines({kPlainProtocol, IdMetadata(), AddLine("f0")}));
    DeleteCommitsBefore(5);
    NoCommitListed older(store_);
    Format format(older, parquet_, clock_, random_);
    EXPECT_EQ(format.Load(kRoot, table::Latest{})->AtVersion().number, 6);
}

TEST_F(LogChoice, VersionsWhoseCommitsAreGoneAreNotFound) {
    PutVersions(6);
    Put(JsonCheckpoint(4), Lines({kPlainProtocol, IdMetadata(), AddLine("f0")}));
    DeleteCommitsBefore(3);
    EXPECT_EQ(Latest()->AtVersion().number, 6);
    for (const int64_t gone : {0, 2, 3, 7}) {
        EXPECT_EQ(KindOf([&] { (void)format_.Load(kRoot, table::Version{gone}); }),
                  ErrorKind::kNotFound)
            << gone;
    }
    EXPECT_EQ(format_.Load(kRoot, table::Version{4})->AtVersion().number, 4);
}

}  // namespace
}  // namespace tarn::delta
