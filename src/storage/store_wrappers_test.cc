// What is particular to each wrapper and to the local store, beyond the common contract.
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/testing/kind_of.h"
#include "storage/fault_store.h"
#include "storage/local_store.h"
#include "storage/memory_store.h"
#include "storage/metering_store.h"
#include "storage/retrying_store.h"
#include "storage/router_store.h"

namespace tarn::storage {
namespace {

class StoreWrappers : public ::testing::Test {
protected:
    ManualClock clock_{TimestampUs(std::chrono::seconds(1'700'000'000))};
    MemoryStore memory_{clock_};
    SeededRandom random_{3};
};

TEST_F(StoreWrappers, ASchemeWithoutAStoreIsUnsupportedAndANakedNameWrong) {
    RouterStore router({&memory_});
    const auto kind = [&](const std::string& location) {
        return KindOf([&] { (void)router.OpenReader(location); });
    };
    EXPECT_EQ(kind("abfss://c@a.dfs.core.windows.net/x.parquet"), ErrorKind::kUnsupported);
    EXPECT_EQ(kind("gs://bucket/x"), ErrorKind::kUnsupported);
    EXPECT_EQ(kind("folder/x"), ErrorKind::kInvalidInput);
    EXPECT_EQ(kind("/folder/a:/x"), ErrorKind::kInvalidInput);
    EXPECT_EQ(kind("mem://t/x"), ErrorKind::kNotFound);
}

TEST_F(StoreWrappers, MeteringCountsCallsAndBytes) {
    MeteringStore store(memory_);
    store.Put("mem://t/a", "12345");
    store.OpenWriter("mem://t/b")->Write("12");
    (void)store.Get("mem://t/a");
    char byte = 0;
    store.OpenReader("mem://t/a")->ReadAt(1, &byte, 1);
    (void)store.List("mem://t", {});
    const StoreCounts counts = store.Counts();
    EXPECT_EQ(counts.puts, 1u);
    EXPECT_EQ(counts.gets, 1u);
    EXPECT_EQ(counts.opens, 1u);
    EXPECT_EQ(counts.reads, 1u);
    EXPECT_EQ(counts.lists, 1u);
    EXPECT_EQ(counts.bytes_written, 7u);
    EXPECT_EQ(counts.bytes_read, 6u);
}

TEST_F(StoreWrappers, RetryingRidesOverFaultsOfReads) {
    memory_.Put("mem://t/a", "x");
    FaultPlan plan;
    plan.unavailable_per_mille = 500;
    FaultStore faulty(memory_, plan, 11);
    RetryOptions options;
    options.max_attempts = 50;
    RetryingStore store(faulty, clock_, random_, options);
    const TimestampUs start = clock_.Now();
    for (int i = 0; i < 50; ++i) EXPECT_EQ(store.Get("mem://t/a"), "x");
    EXPECT_GT(faulty.Calls(), 60u);
    EXPECT_GT(clock_.Now(), start);
}

TEST_F(StoreWrappers, RetryingGivesUpAndLeavesOtherKindsAlone) {
    FaultPlan plan;
    plan.unavailable_per_mille = 1000;
    FaultStore faulty(memory_, plan, 11);
    RetryingStore store(faulty, clock_, random_);
    EXPECT_THROW((void)store.Get("mem://t/a"), Error);
    EXPECT_EQ(faulty.Calls(), 5u);
    MeteringStore metering(memory_);
    RetryingStore sound(metering, clock_, random_);
    EXPECT_THROW((void)sound.Get("mem://t/none"), Error);
    EXPECT_EQ(metering.Counts().gets, 1u);
}

TEST_F(StoreWrappers, RetryingNeverRepeatsAConditionalPut) {
    FaultPlan plan;
    plan.unavailable_per_mille = 1000;
    FaultStore faulty(memory_, plan, 11);
    RetryingStore store(faulty, clock_, random_);
    EXPECT_THROW((void)store.PutIfAbsent("mem://t/a", "x"), Error);
    EXPECT_THROW((void)store.PutIfMatch("mem://t/a", "x", "e"), Error);
    EXPECT_EQ(faulty.Calls(), 2u);
}

TEST_F(StoreWrappers, FaultStopsAtTheCallAndStaysDown) {
    FaultPlan plan;
    plan.crash_at_call = 2;
    FaultStore store(memory_, plan, 1);
    store.Put("mem://t/a", "x");
    EXPECT_THROW(store.Put("mem://t/b", "x"), StoreCrash);
    EXPECT_THROW((void)store.Stat("mem://t/a"), StoreCrash);
    EXPECT_TRUE(store.Crashed());
    EXPECT_FALSE(memory_.Stat("mem://t/b"));

    plan.crash_after_effect = true;
    FaultStore after(memory_, plan, 1);
    after.Put("mem://t/a", "x");
    EXPECT_THROW(after.Put("mem://t/b", "x"), StoreCrash);
    EXPECT_TRUE(memory_.Stat("mem://t/b"));
}

TEST_F(StoreWrappers, FaultLosesAnswersInEveryWay) {
    FaultPlan plan;
    plan.lost_answer_per_mille = 1000;
    FaultStore store(memory_, plan, 5);
    int there_at_once = 0;
    for (int i = 0; i < 60; ++i) {
        const std::string name = "mem://t/" + std::to_string(i);
        EXPECT_EQ(store.PutIfAbsent(name, "x"), PutOutcome::kUnknown);
        if (memory_.Stat(name)) ++there_at_once;
    }
    const size_t in_the_end = memory_.List("mem://t", {}).size();
    EXPECT_GT(there_at_once, 5);
    EXPECT_GT(in_the_end, static_cast<size_t>(there_at_once));  // late ones landed
    EXPECT_LT(in_the_end, 60u);                                 // and some never
}

class LocalStoreTest : public ::testing::Test {
protected:
    LocalStoreTest() {
        std::string made = (std::filesystem::temp_directory_path() / "tarn-local-XXXXXX").string();
        folder_ = ::mkdtemp(made.data());
    }
    ~LocalStoreTest() override { std::filesystem::remove_all(folder_); }

    LocalStore store_;
    std::string folder_;
};

TEST_F(LocalStoreTest, TakesFileUrisAndAbsolutePathsOnly) {
    EXPECT_EQ(LocalStore::PathOf("file:///a/b"), "/a/b");
    EXPECT_EQ(LocalStore::PathOf("file:/a/b/"), "/a/b");
    EXPECT_EQ(LocalStore::PathOf("/a b%20"), "/a b%20");
    for (const char* wrong : {"a/b", "file://host/a", "mem://a/b", "", "//host/a"}) {
        EXPECT_THROW(LocalStore::PathOf(wrong), Error) << wrong;
    }
}

TEST_F(LocalStoreTest, LeftoverOfAKilledWriterIsNotListed) {
    const pid_t child = ::fork();
    if (child == 0) {
        auto writer = store_.OpenWriter(folder_ + "/x");
        writer->Write(std::string(1 << 20, 'a'));
        ::_exit(0);  // no destructor runs, as in a kill
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_FALSE(std::filesystem::is_empty(folder_));
    EXPECT_TRUE(store_.List(folder_, {}).empty());
    EXPECT_FALSE(store_.Stat(folder_ + "/x"));
}

TEST_F(LocalStoreTest, AFileThatMayNotGrowIsLimitExceeded) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{1000, 1000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        try {
            store_.Put(folder_ + "/x", std::string(5000, 'a'));
        } catch (const Error& error) {
            ::_exit(error.kind() == ErrorKind::kLimitExceeded ? 7 : 8);
        }
        ::_exit(9);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 7);
    EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(LocalStoreTest, AForbiddenFolderIsPermissionDenied) {
    std::filesystem::permissions(folder_, std::filesystem::perms(0555));
    const pid_t child = ::fork();
    if (child == 0) {
        // Root may write everywhere, so the child becomes nobody; where that is refused it is no
        // root.
        if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(6);
        try {
            store_.Put(folder_ + "/x", "1");
        } catch (const Error& error) {
            ::_exit(error.kind() == ErrorKind::kPermissionDenied ? 7 : 8);
        }
        ::_exit(9);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 7);
    std::filesystem::permissions(folder_, std::filesystem::perms::owner_all);
}

}  // namespace
}  // namespace tarn::storage
