#include "delta/log_path.h"

#include <gtest/gtest.h>

namespace tarn::delta {
namespace {

TEST(LogPathTest, KnowsTheNamesOfTheProtocol) {
    EXPECT_EQ(ParseLogPath("00000000000000000007.json").kind, LogFileKind::kCommit);
    EXPECT_EQ(ParseLogPath("00000000000000000007.json").version.number, 7);
    EXPECT_EQ(ParseLogPath("00000000000000000010.checkpoint.parquet").kind,
              LogFileKind::kClassicCheckpoint);
    const LogPath part =
        ParseLogPath("00000000000000000010.checkpoint.0000000002.0000000003.parquet");
    EXPECT_EQ(part.kind, LogFileKind::kMultiPartCheckpoint);
    EXPECT_EQ(part.part, 2U);
    EXPECT_EQ(part.parts, 3U);
    const LogPath uuid =
        ParseLogPath("00000000000000000010.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json");
    EXPECT_EQ(uuid.kind, LogFileKind::kUuidCheckpoint);
    EXPECT_TRUE(uuid.is_json);
    EXPECT_EQ(ParseLogPath("00000000000000000007.crc").kind, LogFileKind::kChecksum);
    const LogPath compaction =
        ParseLogPath("00000000000000000001.00000000000000000005.compacted.json");
    EXPECT_EQ(compaction.kind, LogFileKind::kCompaction);
    EXPECT_EQ(compaction.first_version.number, 1);
    EXPECT_EQ(compaction.version.number, 5);
}

TEST(LogPathTest, StrangersAreStrangers) {
    for (const char* name :
         {"_last_checkpoint", "7.json", "00000000000000000007.crcx",
          "00000000000000000007.json.tmp", ".00000000000000000007.json",
          "0000000000000000000x.json", "00000000000000000007", "99999999999999999999.json",
          "000000000000000000070.json",
          "00000000000000000010.checkpoint.0000000004.0000000003.parquet",
          "00000000000000000010.checkpoint.0000000000.0000000003.parquet",
          "00000000000000000010.checkpoint.80a083e8.parquet",
          "00000000000000000005.00000000000000000005.compacted.json",
          "00000000000000000005.00000000000000000004.compacted.json",
          "00000000000000000001.5.compacted.json", "00000000000000000001.compacted.json",
          "00000000000000000001.00000000000000000005.compacted.parquet"}) {
        EXPECT_EQ(ParseLogPath(name).kind, LogFileKind::kStranger) << name;
    }
}

TEST(LogPathTest, LocationsParseBack) {
    EXPECT_EQ(CommitLocation("/t", {12}), "/t/_delta_log/00000000000000000012.json");
    EXPECT_LT(BeforeVersionLocation("/t", {12}), CommitLocation("/t", {12}));
    EXPECT_LT(ClassicCheckpointLocation("/t", {11}), BeforeVersionLocation("/t", {12}));
    EXPECT_GT(LastCheckpointLocation("/t"), CommitLocation("/t", {INT64_MAX}));
}

}  // namespace
}  // namespace tarn::delta
