#include "catalog/lease.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "catalog/scratch_folder.h"
#include "catalog/sqlite_store.h"

namespace tarn::catalog {
namespace {

class LeaseTest : public testing::Test {
protected:
    std::unique_ptr<Lease> Take() {
        return Lease::Acquire(store_, clock_, random_, "build",
                              {.heartbeat = false, .purpose = "tarn build"});
    }
    bool IsRefused() {
        try {
            Take();
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::kConflict);
            return true;
        }
        return false;
    }

    ScratchFolder folder_;
    ManualClock clock_{TimestampUs(std::chrono::hours(24 * 365 * 56))};
    SeededRandom random_{7};
    SqliteStore store_{folder_.path() + "/.tarn/catalog.db", Migrations(), clock_, random_};
};

TEST_F(LeaseTest, OneHolderAtATime) {
    auto lease = Take();
    EXPECT_TRUE(IsRefused());
    lease.reset();
    EXPECT_FALSE(IsRefused());
}

TEST_F(LeaseTest, LeasesOfOtherNamesAreFree) {
    const auto lease = Take();
    EXPECT_NO_THROW(Lease::Acquire(store_, clock_, random_, "upkeep", {.heartbeat = false}));
}

TEST_F(LeaseTest, AnExpiredLeaseIsTakenOverAndItsHolderIsTold) {
    const auto first = Take();
    clock_.Advance(std::chrono::seconds(20));
    first->Renew();
    clock_.Advance(std::chrono::seconds(20));
    EXPECT_TRUE(IsRefused());
    clock_.Advance(std::chrono::seconds(20));
    const auto second = Take();
    EXPECT_THROW(first->Renew(), Error);
    EXPECT_THROW(first->ThrowIfLost(), Error);
    EXPECT_NO_THROW(second->Renew());
}

TEST_F(LeaseTest, TheLoserDoesNotReleaseTheWinnersLease) {
    auto first = Take();
    clock_.Advance(std::chrono::seconds(60));
    const auto second = Take();
    first.reset();
    EXPECT_TRUE(IsRefused());
}

TEST_F(LeaseTest, TheLeaseOfAKilledProcessIsFreeAtOnce) {
    int ready[2];
    ASSERT_EQ(pipe(ready), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        SqliteStore store(folder_.path() + "/.tarn/catalog.db", Migrations(), clock_, random_);
        const auto lease = Lease::Acquire(store, clock_, random_, "build",
                                          {.heartbeat = false, .purpose = "child"});
        if (write(ready[1], "x", 1) != 1) _exit(1);
        pause();
        _exit(0);
    }
    char byte = 0;
    ASSERT_EQ(read(ready[0], &byte, 1), 1);
    EXPECT_TRUE(IsRefused());
    kill(child, SIGKILL);
    // Nobody has fetched its exit code yet: a zombie.
    siginfo_t ended;
    ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT), 0);
    EXPECT_FALSE(IsRefused());
    waitpid(child, nullptr, 0);
    close(ready[0]);
    close(ready[1]);
}

TEST_F(LeaseTest, TheHeartbeatKeepsItAlive) {
    RealClock clock;
    const LeaseOptions options{.time_to_live = std::chrono::milliseconds(300), .purpose = "beats"};
    const auto lease = Lease::Acquire(store_, clock, random_, "build", options);
    clock.Sleep(std::chrono::milliseconds(900));
    EXPECT_NO_THROW(lease->ThrowIfLost());
    EXPECT_THROW(Lease::Acquire(store_, clock, random_, "build", options), Error);
}

}  // namespace
}  // namespace tarn::catalog
