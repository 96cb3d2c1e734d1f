#include "net/post_queue.h"

#include <mutex>

#include <gtest/gtest.h>

#include "net/http_server.h"

namespace tarn::net {
namespace {

using std::chrono::milliseconds;

// Answers with the statuses that it was given, in turn, then with 200; "/hold" never.
class Taker final : public HttpHandler {
public:
    explicit Taker(std::vector<int> statuses = {}) : statuses_(std::move(statuses)) {}
    void Handle(std::shared_ptr<HttpExchange> exchange) override {
        const std::lock_guard lock(mutex_);
        const HttpRequest& request = exchange->Request();
        if (request.target == "/hold") {
            held_.push_back(std::move(exchange));
            return;
        }
        const int status = next_ < statuses_.size() ? statuses_[next_++] : 200;
        bodies_.push_back(request.body);
        const std::string* const own = request.Find("x-own");
        seen_ = request.method + " " + request.target + " " + (own == nullptr ? "" : *own);
        exchange->Respond({status, {}, ""});
    }
    // Those that were never answered are now, with a failure.
    void LetGo() {
        std::vector<std::shared_ptr<HttpExchange>> held;
        const std::lock_guard lock(mutex_);
        held.swap(held_);
    }
    std::vector<std::string> Bodies() {
        const std::lock_guard lock(mutex_);
        return bodies_;
    }
    std::string Seen() {
        const std::lock_guard lock(mutex_);
        return seen_;
    }

private:
    std::mutex mutex_;
    std::string seen_;  // of the last: method, target, X-Own
    std::vector<int> statuses_;
    size_t next_ = 0;
    std::vector<std::string> bodies_;
    std::vector<std::shared_ptr<HttpExchange>> held_;
};

PostQueueLimits Quick() {
    PostQueueLimits limits;
    limits.first_pause = milliseconds(1);
    limits.longest_pause = milliseconds(2);
    return limits;
}

class PostQueueTest : public testing::Test {
protected:
    HttpPost To(const std::string& target) const {
        HttpPost post;
        post.url = "http://127.0.0.1:" + std::to_string(server_->Port()) + target;
        return post;
    }
    void Start(std::vector<int> statuses = {}) {
        taker_ = std::make_unique<Taker>(std::move(statuses));
        server_ = std::make_unique<HttpServer>(HttpServerOptions(), *taker_, clock_);
        server_->Start();
    }
    void Stop() {
        if (!server_) return;
        taker_->LetGo();
        server_->Stop();
        server_.reset();
    }
    void TearDown() override { Stop(); }

    RealClock clock_;
    std::unique_ptr<Taker> taker_;
    std::unique_ptr<HttpServer> server_;
};

TEST_F(PostQueueTest, SendsItsHeaders) {
    Start();
    HttpPost to = To("/a?b=c");
    to.headers = {{"X-Own", "1"}};
    PostQueue queue(to, Quick());
    queue.Add("body");
    queue.End();
    EXPECT_EQ(taker_->Seen(), "POST /a?b=c 1");
    EXPECT_EQ(taker_->Bodies(), std::vector<std::string>{"body"});
}

TEST_F(PostQueueTest, TheQueueTriesAgainInOrder) {
    Start({503, 429, 200, 400});
    PostQueue queue(To("/"), Quick());
    for (const char* body : {"1", "2", "3"}) queue.Add(body);
    queue.End();
    EXPECT_EQ(taker_->Bodies(), (std::vector<std::string>{"1", "1", "1", "2", "3"}));
    EXPECT_EQ(queue.Told().delivered, 2U);
    EXPECT_EQ(queue.Told().lost, 1U);
}

TEST_F(PostQueueTest, TheQueueIsBounded) {
    Start();
    PostQueueLimits limits = Quick();
    limits.bodies = 3;
    limits.longest_end = milliseconds(20);
    PostQueue queue(To("/hold"), limits);
    for (int i = 0; i < 10; i++) queue.Add("x");
    queue.End();
    queue.Add("late");
    EXPECT_EQ(queue.Told().delivered, 0U);
    EXPECT_EQ(queue.Told().lost, 11U);
}

TEST_F(PostQueueTest, NobodyThereEndsSoon) {
    HttpPost to;
    to.url = "http://127.0.0.1:1";
    const DurationUs start = clock_.Monotonic();
    {
        PostQueue queue(to, Quick());
        for (int i = 0; i < 100; i++) queue.Add("x");
    }
    EXPECT_LT(clock_.Monotonic() - start, std::chrono::seconds(10));
}

}  // namespace
}  // namespace tarn::net
