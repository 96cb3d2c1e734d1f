#include "delta/commit_times.h"

#include <gtest/gtest.h>

#include "delta/testing/log_lines.h"
#include "storage/metering_store.h"

namespace tarn::delta {
namespace {

class CommitTimesTest : public ForeignLog {
protected:
    int64_t At(int64_t unix_ms) {
        return format_.Load(kRoot, table::AtTime{unix_ms})->AtVersion().number;
    }
    ErrorKind RefusalAt(int64_t unix_ms) {
        return KindOf([&] { At(unix_ms); });
    }
    // Versions 0 and 1 a second apart by their files, then own times from version 2 on.
    void PutEnablement(int64_t enabled_ms) {
        PutLog(0, Lines({kPlainProtocol, IdMetadata()}));
        clock_.Advance(std::chrono::seconds(1));
        PutLog(1, AddLine("f1"));
        clock_.Advance(std::chrono::seconds(1));
        PutLog(2,
               Lines({CommitTimeLine(enabled_ms),
                      IdMetadata(fmt::format(R"("delta.enableInCommitTimestamps":"true",)"
                                             R"("delta.inCommitTimestampEnablementVersion":"2",)"
                                             R"("delta.inCommitTimestampEnablementTimestamp":"{}")",
                                             enabled_ms))}));
        PutLog(3, Lines({CommitTimeLine(enabled_ms + 50), AddLine("f3")}));
    }
    const int64_t start_ms_ = ToUnixMs(clock_.Now());
};

TEST_F(CommitTimesTest, IctEnablementBoundary) {
    // The file times of versions 2 and 3 lie before what the commits say of themselves.
    const int64_t enabled_ms = start_ms_ + 1'000'000;
    PutEnablement(enabled_ms);
    EXPECT_EQ(RefusalAt(start_ms_ - 1), ErrorKind::kNotFound);
    EXPECT_EQ(At(start_ms_), 0);
    EXPECT_EQ(At(start_ms_ + 1000), 1);
    EXPECT_EQ(At(enabled_ms - 1), 1);
    EXPECT_EQ(At(enabled_ms), 2);
    EXPECT_EQ(At(enabled_ms + 49), 2);
    EXPECT_EQ(At(enabled_ms + 50), 3);
    EXPECT_EQ(At(enabled_ms + 999'999), 3);
}

TEST_F(CommitTimesTest, FilesThatWereCopiedLaterDoNotMoveACommitsOwnTime) {
    const int64_t enabled_ms = 5'000;  // long before the files' times
    PutLog(0, Lines({CommitTimeLine(enabled_ms), kPlainProtocol,
                     IdMetadata(R"("delta.enableInCommitTimestamps":"true")")}));
    for (int64_t n = 1; n < 5; ++n) PutLog(n, CommitTimeLine(enabled_ms + n * 10));
    EXPECT_EQ(At(enabled_ms), 0);
    EXPECT_EQ(At(enabled_ms + 25), 2);
    EXPECT_EQ(RefusalAt(enabled_ms - 1), ErrorKind::kNotFound);
}

TEST_F(CommitTimesTest, ACommitThatLacksItsOwnTimeIsCorrupt) {
    PutEnablement(start_ms_ + 5000);
    PutLog(3, AddLine("f3"));
    EXPECT_EQ(RefusalAt(start_ms_ + 6000), ErrorKind::kCorrupt);
    EXPECT_EQ(At(start_ms_ + 1000), 1);
}

TEST_F(CommitTimesTest, TimesThatWereSwitchedOffDoNotCount) {
    PutEnablement(start_ms_ + 1'000'000);
    clock_.Advance(std::chrono::seconds(1));
    PutLog(4, IdMetadata(R"("delta.enableInCommitTimestamps":"false")"));
    EXPECT_EQ(At(start_ms_ + 2000), 2);
    EXPECT_EQ(At(start_ms_ + 3000), 4);
}

TEST_F(CommitTimesTest, FileTimesThatStandStillOrGoBackGrowWithTheVersion) {
    const std::vector<int64_t> file_times = {100, 100, 40, 500};
    std::vector<CommitFile> commits;
    for (const int64_t time_ms : file_times) {
        CommitFile& commit = commits.emplace_back();
        commit.version = {static_cast<int64_t>(commits.size()) - 1};
        commit.info.modified_ms = time_ms;
    }
    const auto at = [&](int64_t unix_ms) {
        return VersionAt(store_, commits, std::nullopt, unix_ms);
    };
    EXPECT_FALSE(at(99));
    EXPECT_EQ(at(100)->number, 0);
    EXPECT_EQ(at(101)->number, 1);
    EXPECT_EQ(at(102)->number, 2);
    EXPECT_EQ(at(499)->number, 2);
    EXPECT_EQ(at(500)->number, 3);
}

TEST_F(CommitTimesTest, FewCommitsAreReadToFindOne) {
    PutLog(0, Lines({CommitTimeLine(1000), kPlainProtocol,
                     IdMetadata(R"("delta.enableInCommitTimestamps":"true")")}));
    for (int64_t n = 1; n < 200; ++n) PutLog(n, CommitTimeLine(1000 + n));
    storage::MeteringStore metering(store_);
    const auto commits = ListCommits(metering, kRoot, {0});
    const auto before = metering.Counts().gets;
    EXPECT_EQ(VersionAt(metering, commits, CommitTimesEnabled{{0}, INT64_MIN}, 1077)->number, 77);
    EXPECT_LE(metering.Counts().gets - before, 9U);
}

TEST_F(CommitTimesTest, TheCommitInfoIsFoundOnAnyLine) {
    PutLog(0, Lines({kPlainProtocol, IdMetadata(), CommitTimeLine(77)}));
    const CommitFile commit = ListCommits(store_, kRoot, {0}).front();
    EXPECT_EQ(ReadCommitInfo(store_, commit).in_commit_timestamp_ms, 77);
}

}  // namespace
}  // namespace tarn::delta
