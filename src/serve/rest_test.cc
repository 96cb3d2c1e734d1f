#include "serve/rest.h"

#include <future>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "serve/endpoint_check.h"
#include "serve/endpoint_config.h"
#include "serve/endpoint_samples.h"
#include "serve/fake_session.h"

namespace tarn::serve {
namespace {

using Json = nlohmann::json;

class FakeExchange final : public net::HttpExchange {
public:
    FakeExchange(net::HttpRequest request, std::promise<net::HttpResponse>& answer)
        : request_(std::move(request)), answer_(answer) {}
    const net::HttpRequest& Request() const override { return request_; }
    void Respond(net::HttpResponse response) override { answer_.set_value(std::move(response)); }
    void OnDisconnect(std::function<void()> callback) override { gone = std::move(callback); }
    std::function<void()> gone;

private:
    const net::HttpRequest request_;
    std::promise<net::HttpResponse>& answer_;
};

class KeepingObserver final : public RequestObserver {
public:
    void Started(const RequestRecord& record) override {
        const std::lock_guard lock(mutex_);
        started.push_back(record);
    }
    void Finished(const RequestRecord& record) override {
        const std::lock_guard lock(mutex_);
        finished.push_back(record);
    }
    std::vector<RequestRecord> started;
    std::vector<RequestRecord> finished;

private:
    std::mutex mutex_;
};

class RestTest : public ::testing::Test {
protected:
    RestTest() {
        lake_.columns = {{"carrier", "VARCHAR"},
                         {"month", "INTEGER"},
                         {"flights", "BIGINT"},
                         {"share", "DOUBLE"}};
        Open({1, 1, std::chrono::milliseconds(60'000)});
    }
    void Open(const QueryLimits& limits) {
        door_.reset();
        pool_ = std::make_unique<QueryPool>(
            limits, [this] { return std::make_unique<FakeSession>(lake_); }, [](size_t, size_t) {},
            clock_);
        FakeSession session(lake_);
        std::vector<CheckedEndpoint> endpoints;
        endpoints.push_back({ParseEndpoint(samples::kOnTime, "apis/on-time.yml"), {}});
        endpoints.back().types = CheckEndpoint(endpoints.back().endpoint, session);
        door_ = std::make_unique<RestDoor>(
            RestOptions{"nyc_flights", "0.1.0", "local", std::string(kCursorKeyBytes, 'k')},
            std::move(endpoints), *pool_, VisitParts{metrics_, observer_, clock_, random_});
        lake_.statements.clear();
        lake_.options.clear();
    }
    net::HttpResponse Ask(const std::string& target, const std::string& method = "GET",
                          std::vector<net::HttpHeader> headers = {}, const std::string& body = "") {
        std::promise<net::HttpResponse> answer;
        headers.push_back({"Host", "localhost:8787"});
        door_->Handle(std::make_shared<FakeExchange>(
            net::HttpRequest{method, target, headers, body, "127.0.0.1:1"}, answer));
        return answer.get_future().get();
    }
    Json Problem(const std::string& target, int status, const std::string& method = "GET") {
        const net::HttpResponse response = Ask(target, method);
        EXPECT_EQ(response.status, status) << target << response.body;
        EXPECT_EQ(*response.Find("Content-Type"), kProblemMediaType);
        return Json::parse(response.body);
    }

    RealClock clock_;
    SeededRandom random_{1};
    FakeLake lake_;
    Metrics metrics_{"0.1.0"};
    KeepingObserver observer_;
    std::unique_ptr<QueryPool> pool_;
    std::unique_ptr<RestDoor> door_;
};

TEST_F(RestTest, AnswersATypedPageWithItsVersionAndFreshness) {
    lake_.rows = {{"UA", "3", "4637", "0.81"}, {"UA", std::nullopt, "5", "nan"}};
    const net::HttpResponse response = Ask("/v1/on-time?carrier=UA");
    ASSERT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(*response.Find("Content-Type"), "application/json");
    const Json json = Json::parse(response.body);
    EXPECT_EQ(json["data"], Json::parse(R"([
        {"carrier":"UA","month":3,"flights":4637,"share":0.81},
        {"carrier":"UA","month":null,"flights":5,"share":null}])"));
    EXPECT_EQ(json["page"], Json::parse(R"({"limit":2,"next_cursor":null})"));
    EXPECT_EQ(json["meta"]["tables"], Json::parse(R"([{"name":"gold.on_time","version":3,
                         "refreshed_at":"1970-01-01T00:00:01.000000Z"}])"));
    EXPECT_EQ(json["meta"]["bytes_scanned"], 1234);
    EXPECT_EQ(json["meta"]["stale"], true);
    EXPECT_EQ(response.Find("Link"), nullptr);
    ASSERT_EQ(lake_.options.size(), 1U);
    EXPECT_EQ(lake_.options[0].parameters.size(), 2U);
    EXPECT_GT(lake_.options[0].timeout_ms, 0);
}

TEST_F(RestTest, TheNextPageReadsTheSameVersionAfterACommit) {
    lake_.rows = {{"UA", "3", "1", "0"}, {"UA", "2", "1", "0"}, {"UA", "1", "1", "0"}};
    const net::HttpResponse first = Ask("/v1/on-time");
    const Json page = Json::parse(first.body);
    ASSERT_EQ(page["data"].size(), 2U);
    const std::string cursor = page["page"]["next_cursor"];
    EXPECT_NE(first.Find("Link")->find("cursor=" + cursor), std::string::npos);
    {
        const std::lock_guard lock(lake_.mutex);
        lake_.version = 9;
        lake_.rows = {{"UA", "1", "1", "0"}};
    }
    const Json second = Json::parse(Ask("/v1/on-time?cursor=" + cursor).body);
    EXPECT_EQ(second["data"].size(), 1U);
    EXPECT_EQ(second["page"]["next_cursor"], nullptr);
    EXPECT_EQ(second["meta"]["tables"][0]["version"], 3);
    EXPECT_NE(lake_.statements.back().find("AT (VERSION => 3)"), std::string::npos);
    const auto& values = lake_.options.back().parameters;
    EXPECT_EQ(values.back(), table::Value(std::string("UA")));
}

TEST_F(RestTest, ACursorOfAnotherRequestOrChangedIsRefused) {
    lake_.rows = {{"UA", "3", "1", "0"}, {"UA", "2", "1", "0"}, {"UA", "1", "1", "0"}};
    const std::string cursor = Json::parse(Ask("/v1/on-time?month=3").body)["page"]["next_cursor"];
    lake_.statements.clear();
    for (const std::string& target :
         {"/v1/on-time?month=4&cursor=" + cursor, "/v1/on-time?cursor=" + cursor,
          "/v1/on-time?month=3&cursor=" + cursor + "A", std::string("/v1/on-time?month=3&cursor=x"),
          std::string("/v1/on-time?cursor=")}) {
        EXPECT_EQ(Problem(target, 400)["errors"][0]["parameter"], "cursor");
    }
    EXPECT_TRUE(lake_.statements.empty());
}

TEST_F(RestTest, AWalkWhoseVersionIsGoneEnds) {
    lake_.rows = {{"UA", "3", "1", "0"}, {"UA", "2", "1", "0"}, {"UA", "1", "1", "0"}};
    const std::string cursor = Json::parse(Ask("/v1/on-time").body)["page"]["next_cursor"];
    lake_.on_execute = [](engine::Session&) {
        throw Error(ErrorKind::kNotFound, "version 3 is vacuumed at /secret");
    };
    EXPECT_EQ(Problem("/v1/on-time?cursor=" + cursor, 410)["type"], "urn:tarn:problem:page-gone");
    lake_.on_execute = nullptr;
    lake_.table_id = "made anew";
    Problem("/v1/on-time?cursor=" + cursor, 410);
    lake_.table_id = "table-1";
    lake_.version = 2;  // restored from a backup
    Problem("/v1/on-time?cursor=" + cursor, 410);
}

TEST_F(RestTest, RowsThatTheUniqueColumnsDoNotTellApartAreAnErrorNotALoss) {
    lake_.rows = {{"UA", "3", "1", "0"}, {"UA", "2", "1", "0"}, {"UA", "2", "7", "0"}};
    Problem("/v1/on-time", 500);
    EXPECT_NE(observer_.finished.back().failure.find("unique"), std::string::npos);
}

TEST_F(RestTest, MistakesNameTheirParameterBeforeAnyQuery) {
    EXPECT_EQ(Problem("/v1/on-time?mnth=3", 400)["errors"][0]["pointer"], "#/query/mnth");
    EXPECT_EQ(Problem("/v1/on-time?month=x", 400)["errors"][0]["parameter"], "month");
    Problem("/v1/on-time?month=1&month=1", 400);
    Problem("/v1/on-time?limit=6", 400);
    Problem("/v1/on-time?x", 400);
    Problem("/v1/on-time?month=%zz", 400);
    Problem("/healthz?x=1", 400);
    EXPECT_EQ(Ask("/v1/on-time", "GET", {}, "body").status, 400);
    EXPECT_TRUE(lake_.statements.empty());
}

TEST_F(RestTest, UnknownRoutesAndMethods) {
    EXPECT_NE(Problem("/v1/on-tme", 404)["detail"].get<std::string>().find("/v1/on-time"),
              std::string::npos);
    Problem("/v1/on-time/", 404);
    Problem("/v1", 404);
    const net::HttpResponse posted = Ask("/v1/on-time", "POST");
    EXPECT_EQ(posted.status, 405);
    EXPECT_EQ(*posted.Find("Allow"), "GET, HEAD, OPTIONS");
    EXPECT_EQ(Ask("/healthz", "get").status, 405);
    EXPECT_EQ(Ask("/v1/on-time", "OPTIONS").status, 204);
    EXPECT_EQ(Ask("/v1/on-time", "HEAD").status, 200);
}

TEST_F(RestTest, ForeignHostsAndOriginsAreRefused) {
    EXPECT_EQ(Ask("/healthz", "GET", {{"Host", "evil.example"}}).status, 421);
    EXPECT_EQ(Ask("/v1/on-time", "GET", {{"Origin", "http://evil.example"}}).status, 403);
    EXPECT_TRUE(lake_.statements.empty());
}

TEST_F(RestTest, FailuresDoNotTellPaths) {
    const std::pair<ErrorKind, int> failures[] = {
        {ErrorKind::kInternal, 500},    {ErrorKind::kInvalidInput, 500},
        {ErrorKind::kTimeout, 504},     {ErrorKind::kLimitExceeded, 429},
        {ErrorKind::kUnavailable, 503}, {ErrorKind::kNotFound, 500}};
    for (const auto& [kind, status] : failures) {
        lake_.on_execute = [kind = kind](engine::Session&) {
            throw Error(kind, "/secret/part-1.parquet");
        };
        EXPECT_EQ(Problem("/v1/on-time", status).dump().find("secret"), std::string::npos);
        EXPECT_NE(observer_.finished.back().failure.find("secret"), std::string::npos);
    }
}

TEST_F(RestTest, AKnownTagIsAnswered304WithoutTheEngine) {
    const std::string tag = *Ask("/v1/on-time").Find("ETag");
    lake_.statements.clear();
    const net::HttpResponse again =
        Ask("/v1/on-time", "GET", {{"If-None-Match", "\"other\", " + tag}});
    EXPECT_EQ(again.status, 304);
    EXPECT_EQ(*again.Find("ETag"), tag);
    EXPECT_TRUE(again.body.empty());
    EXPECT_TRUE(lake_.statements.empty());
    EXPECT_NE(*Ask("/v1/on-time?month=1").Find("ETag"), tag);
    EXPECT_NE(*Ask("/v1/on-time?limit=1").Find("ETag"), tag);
    lake_.version = 4;
    EXPECT_EQ(Ask("/v1/on-time", "GET", {{"If-None-Match", tag}}).status, 200);
    lake_.committed_ms = ToUnixMs(clock_.Now());
    EXPECT_NE(*Ask("/v1/on-time").Find("ETag"), tag);  // no longer stale
}

TEST_F(RestTest, MoreThanTheServerTakesIsRefusedAtOnce) {
    std::promise<void> release;
    std::shared_future<void> released = release.get_future().share();
    std::promise<void> started;
    std::atomic<bool> first{true};
    lake_.on_execute = [&](engine::Session&) {
        if (first.exchange(false)) started.set_value();
        released.wait();
    };
    auto running = std::async(std::launch::async, [&] { return Ask("/v1/on-time").status; });
    started.get_future().wait();
    std::promise<net::HttpResponse> waiting;
    door_->Handle(std::make_shared<FakeExchange>(
        net::HttpRequest{"GET", "/v1/on-time", {{"Host", "localhost"}}, "", ""}, waiting));
    const net::HttpResponse refused = Ask("/v1/on-time");
    EXPECT_EQ(refused.status, 503);
    EXPECT_NE(refused.Find("Retry-After"), nullptr);
    EXPECT_EQ(Ask("/healthz").status, 200);  // needs no query
    release.set_value();
    EXPECT_EQ(running.get(), 200);
    EXPECT_EQ(waiting.get_future().get().status, 200);
}

TEST_F(RestTest, AQueryWhoseCallerHasGoneIsCancelled) {
    std::promise<void> started;
    lake_.on_execute = [&](engine::Session& session) {
        started.set_value();
        dynamic_cast<FakeSession&>(session).WaitForCancel(clock_);
    };
    std::promise<net::HttpResponse> answer;
    auto exchange = std::make_shared<FakeExchange>(
        net::HttpRequest{"GET", "/v1/on-time", {{"Host", "localhost"}}, "", ""}, answer);
    door_->Handle(exchange);
    started.get_future().wait();
    exchange->gone();
    EXPECT_EQ(answer.get_future().get().status, 499);
}

TEST_F(RestTest, FixedRoutesDescribeTheServer) {
    EXPECT_EQ(Json::parse(Ask("/healthz").body)["status"], "ok");
    EXPECT_EQ(Json::parse(Ask("/").body)["endpoints"][0]["path"], "/v1/on-time");
    EXPECT_EQ(Json::parse(Ask("/openapi.json").body)["openapi"], "3.1.0");
    Ask("/v1/on-time");
    Ask("/v1/on-time?month=x");
    const net::HttpResponse metrics = Ask("/metrics");
    EXPECT_EQ(*metrics.Find("Content-Type"), kMetricsMediaType);
    for (const char* line :
         {"tarn_http_requests_total{endpoint=\"v1/on_time\",method=\"GET\",status=\"200\"} 1",
          "tarn_http_requests_total{endpoint=\"v1/on_time\",method=\"GET\",status=\"400\"} 1",
          "tarn_query_bytes_scanned_total{endpoint=\"v1/on_time\"} 1234",
          "tarn_http_requests_in_flight 1", "tarn_build_info{version=\"0.1.0\"} 1",
          "tarn_http_request_duration_seconds_count{endpoint=\"v1/on_time\"} 2"}) {
        EXPECT_NE(metrics.body.find(line), std::string::npos) << line << "\n" << metrics.body;
    }
}

TEST_F(RestTest, CallersCannotMakeLabels) {
    Ask("/nowhere/" + std::string(50, 'x'), "EVIL");
    const std::string metrics = Ask("/metrics").body;
    EXPECT_EQ(metrics.find("EVIL"), std::string::npos);
    EXPECT_EQ(metrics.find("nowhere"), std::string::npos);
    EXPECT_NE(metrics.find("endpoint=\"none\",method=\"other\",status=\"404\""), std::string::npos);
}

TEST_F(RestTest, EveryRequestIsRecordedAtItsStartAndItsEnd) {
    lake_.rows = {{"UA", "3", "1", "0"}};
    const net::HttpResponse response = Ask("/v1/on-time");
    Ask("/nowhere");
    ASSERT_EQ(observer_.started.size(), 2U);
    ASSERT_EQ(observer_.finished.size(), 2U);
    EXPECT_EQ(observer_.started[0].endpoint, "v1/on_time");
    const RequestRecord& record = observer_.finished[0];
    EXPECT_EQ(record.id, observer_.started[0].id);
    EXPECT_EQ(record.id, *response.Find("X-Request-Id"));
    EXPECT_EQ(record.status, 200);
    EXPECT_EQ(record.rows, 1U);
    EXPECT_EQ(record.bytes_scanned, 1234U);
    ASSERT_EQ(record.tables.size(), 1U);
    EXPECT_EQ(record.tables[0].version, 3);
    EXPECT_EQ(observer_.finished[1].status, 404);
}

}  // namespace
}  // namespace tarn::serve
