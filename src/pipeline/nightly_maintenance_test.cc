#include "pipeline/nightly_maintenance.h"

#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace tarn::pipeline {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::Contains;
using testing::HasSubstr;

const TimestampUs kDay{hours(24 * 20'000)};

TEST(NightlyMaintenance, RunsAtThatTimeOfEachDay) {
    EXPECT_EQ(NextRun(kDay, 120), kDay + hours(2));
    EXPECT_EQ(NextRun(kDay + hours(2), 120), kDay + hours(26));
    EXPECT_EQ(NextRun(kDay + hours(3), 120), kDay + hours(26));
    EXPECT_EQ(NextRun(kDay + minutes(119), 120), kDay + hours(2));
}

// What the service did, told by its thread.
class Told {
public:
    void Add(const std::string& line) {
        const std::lock_guard lock(mutex_);
        lines_.push_back(line);
        changed_.notify_all();
    }
    bool Knows(const std::string& words) {
        const std::lock_guard lock(mutex_);
        return testing::Matches(Contains(HasSubstr(words)))(lines_);
    }
    // Waits for a line with these words.
    bool Has(const std::string& words) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(30), [&] {
            return testing::Matches(Contains(HasSubstr(words)))(lines_);
        });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> lines_;
};

class NightlyMaintenanceTest : public testing::Test {
protected:
    NightlyWork Work() {
        NightlyWork work;
        work.minute_of_day = 120;
        work.is_busy = [this] { return is_busy_.load(); };
        work.run = [this](const std::function<bool()>&) {
            ++runs_;
            MaintenanceReport report;
            report.steps.push_back({"main.t", "compact", StepState::kDone, 5, 10, 1});
            report.costs = {{"main.t", 10, 15}, {"main.u", 0, 0}};
            return report;
        };
        work.cancel = [] {};
        work.log = [this](const std::string& line) { told_.Add(line); };
        return work;
    }

    ManualClock clock_{kDay};
    std::atomic<bool> is_busy_{false};
    std::atomic<int> runs_{0};
    Told told_;
};

TEST_F(NightlyMaintenanceTest, TellsWhatItDid) {
    NightlyMaintenance nightly(clock_, Work());
    clock_.Advance(hours(3));
    EXPECT_TRUE(told_.Has("compact main.t: done"));
    EXPECT_TRUE(told_.Has("main.t: write amplification 2.5x"));
    EXPECT_TRUE(told_.Has("ends after 1"));
    EXPECT_FALSE(told_.Knows("main.u"));
    EXPECT_EQ(runs_, 1);
}

TEST_F(NightlyMaintenanceTest, WaitsWhileTheLakeIsBusy) {
    is_busy_ = true;
    NightlyMaintenance nightly(clock_, Work());
    clock_.Advance(hours(3));
    EXPECT_TRUE(told_.Has("waits"));
    EXPECT_EQ(runs_, 0);
    is_busy_ = false;
    EXPECT_TRUE(told_.Has("ends after"));
    EXPECT_EQ(runs_, 1);
}

TEST_F(NightlyMaintenanceTest, IsLeftOutOnADayThatIsBusyThroughout) {
    is_busy_ = true;
    NightlyMaintenance nightly(clock_, Work());
    clock_.Advance(hours(9));
    EXPECT_TRUE(told_.Has("left out"));
    EXPECT_EQ(runs_, 0);
}

TEST_F(NightlyMaintenanceTest, AFailureIsToldAndTheNextDayComes) {
    NightlyWork work = Work();
    work.run = [this](const std::function<bool()>&) -> MaintenanceReport {
        if (++runs_ == 1) throw Error(ErrorKind::kConflict, "another holds the lease");
        return {};
    };
    NightlyMaintenance nightly(clock_, std::move(work));
    clock_.Advance(hours(3));
    EXPECT_TRUE(told_.Has("Conflict"));
    clock_.Advance(hours(24));
    EXPECT_TRUE(told_.Has("ends after 0"));
    EXPECT_EQ(runs_, 2);
}

TEST_F(NightlyMaintenanceTest, ItsEndStopsWhatRuns) {
    NightlyWork work = Work();
    std::promise<void> cancelled;
    work.run = [&](const std::function<bool()>& must_stop) {
        told_.Add("started");
        cancelled.get_future().wait();
        EXPECT_TRUE(must_stop());
        return MaintenanceReport();
    };
    work.cancel = [&] { cancelled.set_value(); };
    {
        NightlyMaintenance nightly(clock_, std::move(work));
        clock_.Advance(hours(3));
        EXPECT_TRUE(told_.Has("started"));
    }
}

}  // namespace
}  // namespace tarn::pipeline
