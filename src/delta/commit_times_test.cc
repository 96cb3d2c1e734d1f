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

// Five versions of one file time, then one a second later.
class EqualFileTimes : public CommitTimesTest {
protected:
    EqualFileTimes() {
        PutVersions(4);
        clock_.Advance(std::chrono::seconds(1));
        PutLog(5, AddLine("f5"));
    }
    std::vector<int64_t> HistoryTimes() {
        std::vector<int64_t> times;
        for (const auto& entry : format_.History(kRoot, 100)) times.push_back(entry.timestamp_ms);
        return {times.rbegin(), times.rend()};
    }
    std::vector<int64_t> FeedTimes(int64_t first, int64_t last) {
        std::vector<int64_t> times;
        for (const auto& file : format_.Changes(kRoot, {first}, {last}, table::ChangeScope::kAll)) {
            times.push_back(file.committed_ms);
        }
        return times;
    }
    const std::vector<int64_t> expected_ = {start_ms_,     start_ms_ + 1, start_ms_ + 2,
                                            start_ms_ + 3, start_ms_ + 4, start_ms_ + 1000};
};

TEST_F(EqualFileTimes, HistoryFeedAndSnapshotsTellTheTimesThatTimeTravelTakes) {
    EXPECT_EQ(HistoryTimes(), expected_);
    EXPECT_EQ(FeedTimes(0, 5), expected_);
    EXPECT_EQ(FeedTimes(3, 4), (std::vector<int64_t>{start_ms_ + 3, start_ms_ + 4}));
    for (int64_t n = 0; n <= 5; ++n) {
        const int64_t time_ms = expected_.at(static_cast<size_t>(n));
        EXPECT_EQ(At(time_ms), n);
        EXPECT_EQ(format_.Load(kRoot, table::Version{n})->CommittedMs(), time_ms);
    }
}

TEST_F(EqualFileTimes, ASnapshotThatIsBroughtForwardCountsOn) {
    auto snapshot = format_.Load(kRoot, table::Version{1});
    for (const int64_t n : {3, 4, 5}) {
        snapshot = format_.Load(kRoot, table::Version{n}, snapshot);
        EXPECT_EQ(snapshot->CommittedMs(), expected_.at(static_cast<size_t>(n)));
    }
}

TEST_F(EqualFileTimes, OwnTimesCountFromTheEnablementOnEverywhere) {
    const int64_t enabled_ms = start_ms_ + 2'000;
    // A commit before the enablement carries one, too.
    PutLog(4, Lines({CommitTimeLine(77), AddLine("f4")}));
    PutLog(5, Lines({CommitTimeLine(enabled_ms), AddLine("f5"),
                     IdMetadata(fmt::format(R"("delta.enableInCommitTimestamps":"true",)"
                                            R"("delta.inCommitTimestampEnablementVersion":"5",)"
                                            R"("delta.inCommitTimestampEnablementTimestamp":"{}")",
                                            enabled_ms))}));
    auto times = expected_;
    times[4] = start_ms_ + 1000;  // its file was written anew
    times[5] = enabled_ms;
    EXPECT_EQ(HistoryTimes(), times);
    EXPECT_EQ(FeedTimes(0, 5), times);
    EXPECT_EQ(Latest()->CommittedMs(), enabled_ms);
    EXPECT_EQ(format_.Load(kRoot, table::Version{4})->CommittedMs(), times[4]);
    // Switched off, none of them count.
    PutLog(6, Lines({AddLine("f6"), IdMetadata(R"("delta.enableInCommitTimestamps":"false")")}));
    times[5] = start_ms_ + 1001;
    times.push_back(start_ms_ + 1002);
    EXPECT_EQ(HistoryTimes(), times);
    EXPECT_EQ(FeedTimes(0, 6), times);
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
