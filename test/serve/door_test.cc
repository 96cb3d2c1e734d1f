// `tarn serve` in process: endpoint files, engine, Delta tables on disk, sockets.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/test_lake.h"
#include "serve/raw_http.h"
#include "serve/server.h"

namespace tarn::serve {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* kEvents = R"(name: events
version: v1
path: /v1/events
owner: test
freshness: {max_age: 1h}
source: {table: gold.events}
columns:
  - {name: id, type: integer}
  - {name: kind, type: string}
  - {name: amount, type: decimal}
  - {name: share, type: number}
  - {name: day, type: date}
  - {name: at, type: timestamp}
  - {name: is_open, type: boolean}
parameters:
  - {name: kind, type: string, column: kind}
  - {name: since, type: date, column: day, operator: gte}
  - {name: until, type: timestamp, column: at, operator: lt}
  - {name: amount, type: decimal, column: amount, operator: lte}
  - {name: ids, type: integer, column: id, operator: in}
order:
  by: [{column: kind, direction: desc, nulls: first}]
  unique: [id]
page: {default: 100, largest: 1000}
)";

constexpr const char* kByKind = R"(name: by_kind
version: v1
path: /v1/by-kind
owner: test
source:
  sql: SELECT k.kind, count(*) AS n FROM e JOIN k USING (kind) WHERE e.day >= $since GROUP BY ALL
  tables: {e: gold.events, k: gold.kinds}
columns:
  - {name: kind, type: string}
  - {name: n, type: integer}
parameters:
  - {name: since, type: date, required: true}
order: {unique: [kind]}
)";

// Runs for minutes unless something ends it.
constexpr const char* kSlow = R"(name: slow
version: v1
path: /v1/slow
owner: test
source:
  sql: SELECT count(*) AS n FROM e, range(100000000000) AS r(i) WHERE e.id + r.i < $most
  tables: {e: gold.events}
columns:
  - {name: n, type: integer}
parameters:
  - {name: most, type: integer}
order: {unique: [n]}
)";

class DoorTest : public ::testing::Test {
protected:
    DoorTest() {
        session_ = lake_.Connect();
        session_->Run("CREATE SCHEMA gold");
        session_->Run(
            "CREATE TABLE gold.events (id BIGINT, kind VARCHAR, amount DECIMAL(10,2), share "
            "DOUBLE, day DATE, "
            "\"at\" TIMESTAMP WITH TIME ZONE, is_open BOOLEAN)");
        session_->Run(InsertOf(0, 300));
        session_->Run("CREATE TABLE gold.kinds AS SELECT * FROM (VALUES ('a'), ('b')) AS t(kind)");
        fs::create_directories(Apis());
    }
    static std::string InsertOf(int from, int to) {
        return fmt::format(
            "INSERT INTO gold.events SELECT i, CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN 'a' ELSE "
            "'b' END, "
            "i / 4.0, i / 8.0, DATE '2013-01-01' + (i % 365)::INTEGER, "
            "TIMESTAMPTZ '2013-01-01 00:00:00+00' + INTERVAL 1 HOUR * i, i % 2 = 0 FROM range({}, "
            "{}) AS t(i)",
            from, to);
    }
    fs::path Apis() const { return fs::path(folder_.path()) / "apis"; }
    void Put(const char* name, const std::string& text) { std::ofstream(Apis() / name) << text; }
    void Serve(const QueryLimits& queries = {}) {
        ServeOptions options;
        options.lake_name = "lake";
        options.tarn_version = "test";
        options.apis_folder = Apis().string();
        options.state_folder = folder_.path() + "/.tarn";
        options.port = 0;
        options.queries = queries;
        server_ = std::make_unique<Server>(
            options, ServeParts{lake_.engine(), observer_, clock_, lake_.random});
        server_->Start();
    }
    ErrorKind ServeFails() {
        try {
            Serve();
        } catch (const Error& error) {
            EXPECT_GT(error.spot().line, 0) << error.what();
            return error.kind();
        }
        ADD_FAILURE() << "served";
        return ErrorKind::kInternal;
    }
    RawAnswer Ask(const std::string& target, const std::vector<std::string>& headers = {}) {
        return Get(server_->Port(), target, headers);
    }
    Json AskJson(const std::string& target) {
        const RawAnswer answer = Ask(target);
        EXPECT_EQ(answer.status, 200) << target << "\n" << answer.body;
        return answer.status == 200 ? Json::parse(answer.body) : Json::object();
    }
    // Ids of the walk in order; all pages must read one version, which is given.
    std::vector<int64_t> Walk(
        const std::string& target, int64_t& version, const std::function<void()>& between = [] {}) {
        std::vector<int64_t> ids;
        std::string cursor;
        do {
            const Json page = AskJson(target + (cursor.empty() ? "" : "&cursor=" + cursor));
            if (!page.contains("data")) return ids;
            const int64_t read = page["meta"]["tables"][0]["version"];
            EXPECT_TRUE(cursor.empty() || read == version);
            version = read;
            for (const Json& row : page["data"]) ids.push_back(row["id"]);
            cursor = page["page"]["next_cursor"].is_null() ? "" : page["page"]["next_cursor"];
            between();
        } while (!cursor.empty());
        return ids;
    }

    engine::TestFolder folder_;
    engine::TestLake lake_{{}, true};
    RealClock clock_;
    NoRequestObserver observer_;
    std::unique_ptr<engine::Session> session_;
    std::unique_ptr<Server> server_;
};

TEST_F(DoorTest, AnswersTypedRowsThroughEveryFilter) {
    Put("events.yml", kEvents);
    Serve();
    const Json page = AskJson("/v1/events?ids=4,6,7&amount=1.50");
    EXPECT_EQ(page["data"], Json::parse(R"([
        {"id":6,"kind":null,"amount":"1.50","share":0.75,"day":"2013-01-07",
         "at":"2013-01-01T06:00:00Z","is_open":true},
        {"id":4,"kind":"a","amount":"1.00","share":0.5,"day":"2013-01-05",
         "at":"2013-01-01T04:00:00Z","is_open":true}])"));
    EXPECT_GT(page["meta"]["bytes_scanned"], 0);
    EXPECT_EQ(page["meta"]["tables"][0]["name"], "gold.events");
    EXPECT_EQ(page["meta"]["tables"][0]["version"], 1);
    const int64_t committed_ms = session_->Snapshot({"gold", "events"})->CommittedMs();
    EXPECT_EQ(page["meta"]["tables"][0]["refreshed_at"],
              FormatTimestamp(TimestampUs(std::chrono::milliseconds(committed_ms))));
    EXPECT_EQ(page["meta"]["stale"], false);
    EXPECT_EQ(AskJson("/v1/events?kind=a&limit=1000")["data"].size(), 100U);
    EXPECT_EQ(AskJson("/v1/events?since=2013-10-01")["data"].size(), 27U);
    EXPECT_EQ(AskJson("/v1/events?until=2013-01-01T02:00:00%2B01:00")["data"].size(), 1U);
    EXPECT_EQ(AskJson("/v1/events?kind=it's%22;DROP%20TABLE%20gold.events--")["data"].size(), 0U);
}

TEST_F(DoorTest, AWalkUnderConcurrentCommitsGivesEachRowOnce) {
    Put("events.yml", kEvents);
    Serve();
    std::atomic<bool> done{false};
    std::thread writer([&] {
        const auto session = lake_.Connect();
        for (int i = 0; !done; ++i) {
            session->Run(InsertOf(1000 + 2 * i, 1002 + 2 * i));
            session->Run(fmt::format("DELETE FROM gold.events WHERE id = {}", i));
            session->Run(fmt::format("UPDATE gold.events SET kind = 'z' WHERE id = {}", 299 - i));
        }
    });
    for (int round = 0; round < 3; ++round) {
        int64_t version = 0;
        const std::vector<int64_t> ids = Walk("/v1/events?limit=23", version);
        std::vector<int64_t> expected;
        for (const engine::TextRow& row : session_->Query(fmt::format(
                 "SELECT id FROM gold.events AT (VERSION => {}) ORDER BY kind DESC NULLS FIRST, id",
                 version))) {
            expected.push_back(std::stoll(*row[0]));
        }
        EXPECT_EQ(ids, expected) << "at version " << version;
        EXPECT_EQ(std::set<int64_t>(ids.begin(), ids.end()).size(), ids.size());
    }
    done = true;
    writer.join();
}

TEST_F(DoorTest, CursorsOutliveARestartOfTheServer) {
    Put("events.yml", kEvents);
    Serve();
    int64_t version = 0;
    const std::vector<int64_t> ids = Walk("/v1/events?limit=100", version, [&] {
        server_.reset();
        Serve();
    });
    EXPECT_EQ(ids.size(), 300U);
}

TEST_F(DoorTest, AWalkOverVacuumedFilesEndsWith410) {
    Put("events.yml", kEvents);
    Serve();
    const std::string cursor = AskJson("/v1/events?limit=10")["page"]["next_cursor"];
    std::set<std::string> before;
    for (const auto& file : fs::recursive_directory_iterator(lake_.root)) {
        if (file.path().extension() == ".parquet") before.insert(file.path().string());
    }
    session_->Run("UPDATE gold.events SET share = 0");
    for (const std::string& file : before) {
        if (file.find("events") != std::string::npos) fs::remove(file);
    }
    EXPECT_EQ(AskJson("/v1/events?limit=10")["data"].size(), 10U);
    const RawAnswer gone = Ask("/v1/events?limit=10&cursor=" + cursor);
    EXPECT_EQ(gone.status, 410) << gone.body;
    EXPECT_EQ(gone.body.find(lake_.root), std::string::npos);
}

TEST_F(DoorTest, AWalkOverATableMadeAnewEndsWith410) {
    Put("events.yml", kEvents);
    Serve();
    const std::string cursor = AskJson("/v1/events?limit=10")["page"]["next_cursor"];
    session_->Run("CREATE TABLE gold.copy AS SELECT * FROM gold.events");
    session_->Run("DROP TABLE gold.events");
    EXPECT_EQ(Ask("/v1/events?limit=10").status, 500);
    session_->Run("CREATE TABLE gold.events AS SELECT * FROM gold.copy");
    EXPECT_EQ(AskJson("/v1/events?limit=10")["data"].size(), 10U);
    EXPECT_EQ(Ask("/v1/events?limit=10&cursor=" + cursor).status, 410);
}

TEST_F(DoorTest, AKnownTagIsAnswered304UntilTheTableChanges) {
    Put("events.yml", kEvents);
    Serve();
    const std::string tag = Ask("/v1/events").Header("ETag");
    EXPECT_EQ(Ask("/v1/events", {"If-None-Match: " + tag}).status, 304);
    session_->Run("DELETE FROM gold.events WHERE id = 0");
    EXPECT_EQ(Ask("/v1/events", {"If-None-Match: " + tag}).status, 200);
}

TEST_F(DoorTest, SqlEndpointsReadTheirTablesAtTheVersionsOfTheWalk) {
    Put("by-kind.yml", kByKind);
    Serve();
    const Json first = AskJson("/v1/by-kind?since=2013-01-01&limit=1");
    EXPECT_EQ(first["data"], Json::parse(R"([{"kind":"a","n":100}])"));
    EXPECT_EQ(first["meta"]["tables"].size(), 2U);
    session_->Run("DELETE FROM gold.events WHERE kind = 'b'");
    session_->Run("INSERT INTO gold.kinds VALUES ('aa')");
    const std::string cursor = first["page"]["next_cursor"];
    const Json second = AskJson("/v1/by-kind?since=2013-01-01&limit=1&cursor=" + cursor);
    EXPECT_EQ(second["data"], Json::parse(R"([{"kind":"b","n":100}])"));
    EXPECT_EQ(second["page"]["next_cursor"], nullptr);
    EXPECT_EQ(Ask("/v1/by-kind").status, 400);
    EXPECT_EQ(Ask("/v1/by-kind?since=2013-01-01'").status, 400);
}

TEST_F(DoorTest, AQueryPastItsTimeIsStoppedAndTheNextOneRuns) {
    Put("slow.yml", kSlow);
    Put("events.yml", kEvents);
    Serve({1, 4, std::chrono::milliseconds(500)});
    const DurationUs begin = clock_.Monotonic();
    EXPECT_EQ(Ask("/v1/slow?most=5").status, 504);
    EXPECT_LT(clock_.Monotonic() - begin, std::chrono::seconds(20));
    EXPECT_EQ(Ask("/v1/events").status, 200);
}

TEST_F(DoorTest, ACallerWhoLeavesFreesTheEngine) {
    Put("slow.yml", kSlow);
    Put("events.yml", kEvents);
    Serve({1, 4, std::chrono::milliseconds(120'000)});
    const DurationUs begin = clock_.Monotonic();
    {
        RawConnection impatient(server_->Port());
        impatient.Send("/v1/slow?most=5");
        clock_.Sleep(std::chrono::milliseconds(300));
    }
    EXPECT_EQ(Ask("/v1/events").status, 200);
    EXPECT_LT(clock_.Monotonic() - begin, std::chrono::seconds(30));
}

TEST_F(DoorTest, MistakesOfEndpointFilesAreFoundBeforeThePortOpens) {
    const auto with = [](std::string text, std::string_view from, std::string_view to) {
        return text.replace(text.find(from), from.size(), to);
    };
    const std::string mistakes[] = {with(kEvents, "name: share", "name: shares"),
                                    with(kEvents, "amount, type: decimal", "amount, type: integer"),
                                    with(kByKind, "count(*)", "cuont(*)"),
                                    with(kByKind, "FROM e", "FROM gold.events"),
                                    with(kByKind, "SELECT k.kind", "SELECT FROM k.kind")};
    for (const std::string& mistake : mistakes) {
        Put("a.yml", mistake);
        EXPECT_EQ(ServeFails(), ErrorKind::kInvalidInput) << mistake;
    }
    Put("a.yml", with(kEvents, "gold.events", "gold.evnts"));
    EXPECT_EQ(ServeFails(), ErrorKind::kNotFound);
}

TEST_F(DoorTest, OnlyTheLoopbackIsBound) {
    for (const char* address : {"0.0.0.0", "::", "192.168.0.1", "localhost"}) {
        ServeOptions options;
        options.address = address;
        options.apis_folder = Apis().string();
        options.state_folder = folder_.path() + "/.tarn";
        Server server(options, {lake_.engine(), observer_, clock_, lake_.random});
        try {
            server.Start();
            ADD_FAILURE() << "bound to " << address;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput) << address;
        }
    }
}

TEST_F(DoorTest, ManyCallersAtOnceGetTheirOwnAnswers) {
    Put("events.yml", kEvents);
    Serve({2, 64, std::chrono::milliseconds(60'000)});
    std::vector<std::thread> callers;
    std::atomic<int> wrong{0};
    for (int caller = 0; caller < 8; ++caller) {
        callers.emplace_back([&, caller] {
            for (int i = 0; i < 10; ++i) {
                const int id = caller * 10 + i;
                const RawAnswer answer = Ask(fmt::format("/v1/events?ids={}", id));
                if (answer.status != 200 || Json::parse(answer.body)["data"][0]["id"] != id)
                    ++wrong;
            }
        });
    }
    for (std::thread& caller : callers) caller.join();
    EXPECT_EQ(wrong, 0);
    server_->Stop();
    EXPECT_EQ(Ask("/healthz").status, 0);
}

}  // namespace
}  // namespace tarn::serve
