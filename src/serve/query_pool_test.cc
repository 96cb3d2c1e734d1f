#include "serve/query_pool.h"

#include <future>

#include <gtest/gtest.h>

#include "serve/fake_session.h"

namespace tarn::serve {
namespace {

using std::chrono::milliseconds;

// Runs what it is told and tells how it ended: nothing for well.
class TestQuery final : public Query {
public:
    explicit TestQuery(std::function<void(engine::Session&)> work = [](engine::Session&) {})
        : work_(std::move(work)) {}
    void Run(engine::Session& session, milliseconds, DurationUs) override {
        work_(session);
        end_.set_value(std::nullopt);
    }
    void Fail(const Error& error) override { end_.set_value(error.kind()); }
    std::optional<ErrorKind> Wait() { return end_.get_future().get(); }

private:
    const std::function<void(engine::Session&)> work_;
    std::promise<std::optional<ErrorKind>> end_;
};

class QueryPoolTest : public ::testing::Test {
protected:
    void Open(size_t concurrent, size_t queued, milliseconds timeout = milliseconds(60'000)) {
        pool_ = std::make_unique<QueryPool>(
            QueryLimits{concurrent, queued, timeout},
            [this] {
                ++connections_;
                return std::make_unique<FakeSession>(lake_);
            },
            [this](size_t running, size_t waiting) {
                most_running_ = std::max<size_t>(most_running_, running);
                waiting_ = waiting;
            },
            clock_);
    }
    // A query that holds a thread until released.
    std::shared_ptr<TestQuery> Hold() {
        auto started = std::make_shared<std::promise<void>>();
        auto query = std::make_shared<TestQuery>([this, started](engine::Session&) {
            started->set_value();
            released_.get_future().wait();
        });
        EXPECT_TRUE(pool_->Submit(query));
        started->get_future().wait();
        return query;
    }

    RealClock clock_;
    FakeLake lake_;
    std::atomic<int> connections_{0};
    std::atomic<size_t> most_running_{0};
    std::atomic<size_t> waiting_{0};
    std::promise<void> released_;
    std::unique_ptr<QueryPool> pool_;
};

TEST_F(QueryPoolTest, RunsAllWithOneSessionAThread) {
    Open(3, 100);
    std::vector<std::shared_ptr<TestQuery>> queries;
    for (int i = 0; i < 50; ++i) {
        queries.push_back(std::make_shared<TestQuery>());
        ASSERT_TRUE(pool_->Submit(queries.back()));
    }
    for (const auto& query : queries) EXPECT_EQ(query->Wait(), std::nullopt);
    EXPECT_LE(connections_, 3);
    EXPECT_LE(most_running_, 3U);
}

TEST_F(QueryPoolTest, RefusesBeyondTheQueue) {
    Open(1, 2);
    const auto running = Hold();
    const auto first = std::make_shared<TestQuery>();
    const auto second = std::make_shared<TestQuery>();
    EXPECT_TRUE(pool_->Submit(first));
    EXPECT_TRUE(pool_->Submit(second));
    EXPECT_FALSE(pool_->Submit(std::make_shared<TestQuery>()));
    EXPECT_EQ(waiting_, 2U);
    released_.set_value();
    EXPECT_EQ(first->Wait(), std::nullopt);
    EXPECT_EQ(second->Wait(), std::nullopt);
    EXPECT_EQ(running->Wait(), std::nullopt);
}

TEST_F(QueryPoolTest, WaitingCountsForTheDeadline) {
    Open(1, 2, milliseconds(30));
    const auto running = Hold();
    const auto late = std::make_shared<TestQuery>();
    ASSERT_TRUE(pool_->Submit(late));
    clock_.Sleep(milliseconds(60));
    released_.set_value();
    EXPECT_EQ(late->Wait(), ErrorKind::kTimeout);
}

TEST_F(QueryPoolTest, CancelTakesAQueryOutOfTheQueue) {
    Open(1, 1);
    const auto running = Hold();
    const auto waiting = std::make_shared<TestQuery>();
    ASSERT_TRUE(pool_->Submit(waiting));
    pool_->Cancel(waiting);
    EXPECT_EQ(waiting->Wait(), ErrorKind::kCancelled);
    EXPECT_TRUE(pool_->Submit(std::make_shared<TestQuery>()));  // its place is free
    released_.set_value();
}

TEST_F(QueryPoolTest, CancelInterruptsARunningQueryOnly) {
    Open(2, 2);
    std::promise<void> started;
    const auto query = std::make_shared<TestQuery>([&](engine::Session& session) {
        started.set_value();
        dynamic_cast<FakeSession&>(session).WaitForCancel(clock_);
    });
    ASSERT_TRUE(pool_->Submit(query));
    started.get_future().wait();
    const auto other = Hold();
    pool_->Cancel(query);
    EXPECT_EQ(query->Wait(), ErrorKind::kCancelled);
    pool_->Cancel(query);  // ended: nothing
    released_.set_value();
    EXPECT_EQ(other->Wait(), std::nullopt);
}

TEST_F(QueryPoolTest, ADefectCostsTheSessionOnly) {
    Open(1, 5);
    const auto fail = [&](ErrorKind kind) {
        const auto query =
            std::make_shared<TestQuery>([kind](engine::Session&) { throw Error(kind, "x"); });
        EXPECT_TRUE(pool_->Submit(query));
        return query->Wait();
    };
    EXPECT_EQ(fail(ErrorKind::kInvalidInput), ErrorKind::kInvalidInput);
    EXPECT_EQ(fail(ErrorKind::kTimeout), ErrorKind::kTimeout);
    EXPECT_EQ(connections_, 1);
    EXPECT_EQ(fail(ErrorKind::kInternal), ErrorKind::kInternal);
    const auto foreign =
        std::make_shared<TestQuery>([](engine::Session&) { throw std::bad_alloc(); });
    ASSERT_TRUE(pool_->Submit(foreign));
    EXPECT_EQ(foreign->Wait(), ErrorKind::kInternal);
    EXPECT_EQ(connections_, 2);
}

TEST_F(QueryPoolTest, StopFailsWhatWaitsAndInterruptsWhatRuns) {
    Open(1, 5);
    std::promise<void> started;
    const auto running = std::make_shared<TestQuery>([&](engine::Session& session) {
        started.set_value();
        dynamic_cast<FakeSession&>(session).WaitForCancel(clock_);
    });
    ASSERT_TRUE(pool_->Submit(running));
    started.get_future().wait();
    const auto waiting = std::make_shared<TestQuery>();
    ASSERT_TRUE(pool_->Submit(waiting));
    pool_->Stop();
    EXPECT_EQ(running->Wait(), ErrorKind::kCancelled);
    EXPECT_EQ(waiting->Wait(), ErrorKind::kUnavailable);
    EXPECT_FALSE(pool_->Submit(std::make_shared<TestQuery>()));
}

}  // namespace
}  // namespace tarn::serve
