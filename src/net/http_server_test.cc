#include "net/http_server.h"

#include <future>
#include <mutex>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"

namespace tarn::net {
namespace {

using std::chrono::milliseconds;

// Answers at once with what it was asked, or keeps the exchange for the test to answer ("/hold").
class EchoHandler final : public HttpHandler {
public:
    void Handle(std::shared_ptr<HttpExchange> exchange) override {
        const HttpRequest& request = exchange->Request();
        if (request.target == "/throw") throw Error(ErrorKind::kInternal, "broken");
        if (request.target == "/drop") return;
        if (request.target == "/inject")
            return exchange->Respond({200, {{"X", "a\r\nSet-Cookie: b"}}, ""});
        if (request.target == "/hold") {
            exchange->OnDisconnect([this] { gone_.set_value(); });
            held_.set_value(std::move(exchange));
            return;
        }
        exchange->Respond(
            {200, {{"X-Method", request.method}}, request.target + "|" + request.body});
    }
    std::shared_ptr<HttpExchange> Held() { return held_.get_future().get(); }
    bool WaitGone() {
        return gone_.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready;
    }

private:
    std::promise<std::shared_ptr<HttpExchange>> held_;
    std::promise<void> gone_;
};

// A client that sends exactly the bytes it is told.
class RawClient {
public:
    explicit RawClient(uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
        const timeval patience{10, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
    ~RawClient() { Close(); }
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    bool Send(std::string_view bytes) {
        return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
               static_cast<ssize_t>(bytes.size());
    }
    // All until the server closes.
    std::string ReadAll() {
        std::string all;
        char piece[4096];
        for (ssize_t n = 0; (n = ::recv(socket_, piece, sizeof piece, 0)) > 0;)
            all.append(piece, static_cast<size_t>(n));
        return all;
    }
    // Until the text has come, or the end.
    std::string ReadUntil(std::string_view text) {
        std::string all;
        char piece[1];
        while (all.find(text) == std::string::npos && ::recv(socket_, piece, 1, 0) == 1)
            all += piece[0];
        return all;
    }
    void Close() {
        if (socket_ >= 0) ::close(socket_);
        socket_ = -1;
    }
    bool connected() const { return connected_; }

private:
    int socket_;
    bool connected_ = false;
};

class HttpServerTest : public ::testing::Test {
protected:
    void Start(HttpServerLimits limits = {}) {
        HttpServerOptions options;
        options.threads = 2;
        options.limits = limits;
        options.access_log = [this](const HttpAccess& access) {
            const std::lock_guard lock(mutex_);
            accesses_.push_back(access);
        };
        server_ = std::make_unique<HttpServer>(options, handler_, clock_);
        server_->Start();
    }
    std::string Talk(std::string_view bytes) {
        RawClient client(server_->Port());
        client.Send(bytes);
        return client.ReadAll();
    }
    std::vector<HttpAccess> Accesses() {
        const std::lock_guard lock(mutex_);
        return accesses_;
    }

    RealClock clock_;
    EchoHandler handler_;
    std::mutex mutex_;
    std::vector<HttpAccess> accesses_;
    std::unique_ptr<HttpServer> server_;
};

std::string Status(const std::string& answer) {
    return answer.substr(0, std::min<size_t>(12, answer.size()));
}

size_t CountOf(const std::string& text, std::string_view piece) {
    size_t count = 0;
    for (size_t at = text.find(piece); at != std::string::npos; at = text.find(piece, at + 1))
        ++count;
    return count;
}

TEST_F(HttpServerTest, AnswersAndCloses) {
    Start();
    const std::string answer = Talk(
        "POST /a?b=c HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody");
    EXPECT_EQ(Status(answer), "HTTP/1.1 200");
    EXPECT_NE(answer.find("/a?b=c|body"), std::string::npos);
    EXPECT_NE(answer.find("Content-Length: 11\r\n"), std::string::npos);
    EXPECT_NE(answer.find("Date: "), std::string::npos);
}

TEST_F(HttpServerTest, KeepsTheConnectionAndAnswersAPipelineInOrder) {
    Start();
    std::string requests;
    for (int i = 0; i < 20; ++i) {
        requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n";
        if (i == 19) requests += "Connection: close\r\n";
        requests += "\r\n";
    }
    const std::string answer = Talk(requests);
    EXPECT_EQ(CountOf(answer, "HTTP/1.1 200"), 20U);
    size_t last = 0;
    for (int i = 0; i < 20; ++i) {
        const size_t at = answer.find("\r\n\r\n/" + std::to_string(i) + "|");
        ASSERT_NE(at, std::string::npos);
        EXPECT_GE(at, last);
        last = at;
    }
}

TEST_F(HttpServerTest, ReadsChunkedBodiesAndTheRequestAfterThem) {
    Start();
    const std::string answer = Talk(
        "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
        "chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
        "GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_NE(answer.find("/c|abcde"), std::string::npos);
    EXPECT_NE(answer.find("/next|"), std::string::npos);
}

TEST_F(HttpServerTest, HeadHasTheLengthButNoBody) {
    Start();
    const std::string answer = Talk("HEAD /abc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_NE(answer.find("Content-Length: 5\r\n"), std::string::npos);
    EXPECT_EQ(answer.find("/abc|"), std::string::npos);
}

TEST_F(HttpServerTest, ClosesAfterAnHttp10Request) {
    Start();
    EXPECT_EQ(Status(Talk("GET /a HTTP/1.0\r\n\r\n")), "HTTP/1.1 200");
}

TEST_F(HttpServerTest, SaysContinueBeforeABodyThatWaitsForIt) {
    Start();
    RawClient client(server_->Port());
    client.Send(
        "POST /e HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: "
        "100-continue\r\nContent-Length: 2\r\n\r\n");
    EXPECT_EQ(Status(client.ReadUntil("\r\n\r\n")), "HTTP/1.1 100");
    client.Send("ok");
    EXPECT_NE(client.ReadAll().find("/e|ok"), std::string::npos);
}

TEST_F(HttpServerTest, RefusesWhatIsNotHttp) {
    Start();
    const std::vector<std::string> garbage{
        std::string(64, '\x01') + "\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET / HTTP/1.1\r\nbad header\r\n\r\n",
        "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "\x16\x03\x01\x02\x01\x01\x01\xfc\x03\x03 a TLS hello\r\n\r\n",
    };
    for (const std::string& bytes : garbage) {
        const std::string answer = Talk(bytes);
        EXPECT_TRUE(Status(answer) == "HTTP/1.1 400" || Status(answer) == "HTTP/1.1 505")
            << bytes << " -> " << answer;
        EXPECT_EQ(CountOf(answer, "HTTP/1.1"), 1U) << bytes;
    }
    EXPECT_EQ(Status(Talk("GET / HTTP/1.0\r\n\r\n")), "HTTP/1.1 200");
}

TEST_F(HttpServerTest, NoSecondRequestHidesInABodyWhoseEndIsUnclear) {
    Start();
    const std::string hidden = "GET /hidden HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    const std::pair<const char*, const char*> requests[] = {
        {"HTTP/1.1\r\nTransfer-Encoding: gzip", ""},
        {"HTTP/1.1\r\nTransfer-Encoding: identity", ""},
        {"HTTP/1.1\r\nTransfer-Encoding: xchunked", "0\r\n\r\n"},
        {"HTTP/1.1\r\nTransfer-Encoding: chunked, chunked", "0\r\n\r\n"},
        {"HTTP/1.1\r\nTransfer-Encoding: gzip, chunked", "0\r\n\r\n"},
        {"HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: gzip", "0\r\n\r\n"},
        {"HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n"},
        {"HTTP/1.1\r\nTransfer-Encoding : chunked\r\nContent-Length: 5", "0\r\n\r\n"},
        {"HTTP/1.1\nTransfer-Encoding: chunked", "0\r\n\r\n"},
        {"HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked", "0\r\n\r\n"},
    };
    for (const auto& [head, body] : requests) {
        const std::string answer = Talk(std::string("POST / ") + head + "\r\n\r\n" + body + hidden);
        EXPECT_EQ(CountOf(answer, "HTTP/1.1 "), 1U) << head << "\n" << answer;
        EXPECT_EQ(answer.find("/hidden|"), std::string::npos) << head;
        EXPECT_TRUE(Status(answer) == "HTTP/1.1 400" || Status(answer) == "HTTP/1.1 501") << head;
    }
}

TEST_F(HttpServerTest, BoundsHeaderAndBody) {
    HttpServerLimits limits;
    limits.header_bytes = 1024;
    limits.body_bytes = 100;
    Start(limits);
    const std::string big(4000, 'a');
    EXPECT_EQ(Status(Talk("GET /" + big + " HTTP/1.1\r\nHost: x\r\n\r\n")), "HTTP/1.1 431");
    EXPECT_EQ(Status(Talk("GET / HTTP/1.1\r\nX: " + big + "\r\n\r\n")), "HTTP/1.1 431");
    EXPECT_EQ(Status(Talk("GET / HTTP/1.1\r\nX: " + big)), "HTTP/1.1 431");
    EXPECT_EQ(Status(Talk("POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n")),
              "HTTP/1.1 413");
    EXPECT_EQ(Status(Talk("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n" + big)),
              "HTTP/1.1 413");
    const std::string within =
        "POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 100\r\n\r\n" +
        std::string(100, 'b');
    EXPECT_EQ(Status(Talk(within)), "HTTP/1.1 200");
}

TEST_F(HttpServerTest, PipelinedBytesDoNotCountAsHeader) {
    HttpServerLimits limits;
    limits.header_bytes = 256;
    Start(limits);
    std::string requests;
    for (int i = 0; i < 100; ++i) requests += "GET /pipelined HTTP/1.1\r\nHost: x\r\n\r\n";
    EXPECT_EQ(
        CountOf(Talk(requests + "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"), "HTTP/1.1 200"),
        101U);
}

TEST_F(HttpServerTest, AHeaderThatDripsIsCutOffAndOthersAreServedMeanwhile) {
    HttpServerLimits limits;
    limits.header_timeout = milliseconds(300);
    Start(limits);
    RawClient slow(server_->Port());
    slow.Send("GET / HTTP/1.1\r\n");
    const DurationUs begin = clock_.Monotonic();
    bool open = true;
    for (int i = 0; i < 200 && open; ++i) {
        clock_.Sleep(milliseconds(20));
        open = slow.Send("X: y\r\n");
        if (i == 2) {
            EXPECT_EQ(Status(Talk("GET / HTTP/1.0\r\n\r\n")), "HTTP/1.1 200");
        }
    }
    EXPECT_FALSE(open);
    EXPECT_LT(clock_.Monotonic() - begin, std::chrono::seconds(3));
}

TEST_F(HttpServerTest, IdleConnectionsAndSlowBodiesAreCutOff) {
    HttpServerLimits limits;
    limits.idle_timeout = milliseconds(100);
    limits.body_timeout = milliseconds(100);
    Start(limits);
    RawClient silent(server_->Port());
    EXPECT_EQ(silent.ReadAll(), "");
    EXPECT_EQ(Talk("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab"), "");
}

TEST_F(HttpServerTest, RefusesConnectionsBeyondTheLimit) {
    HttpServerLimits limits;
    limits.connections = 2;
    Start(limits);
    RawClient first(server_->Port());
    first.Send("GET / HTTP/1.1\r\n\r\n");
    first.ReadUntil("/|");
    RawClient second(server_->Port());
    second.Send("GET / HTTP/1.1\r\n\r\n");
    second.ReadUntil("/|");
    EXPECT_EQ(Status(Talk("GET / HTTP/1.1\r\n\r\n")), "HTTP/1.1 503");
    second.Close();
    for (int i = 0; i < 500 && server_->Connections() > 1; ++i) clock_.Sleep(milliseconds(10));
    EXPECT_EQ(Status(Talk("GET / HTTP/1.0\r\n\r\n")), "HTTP/1.1 200");
}

TEST_F(HttpServerTest, AnswersLaterFromAnotherThread) {
    Start();
    RawClient client(server_->Port());
    client.Send("GET /hold HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    auto exchange = handler_.Held();
    exchange->Respond({202, {}, "later"});
    exchange->Respond({500, {}, "a second answer does not count"});
    const std::string answer = client.ReadAll();
    EXPECT_EQ(Status(answer), "HTTP/1.1 202");
    EXPECT_EQ(CountOf(answer, "HTTP/1.1"), 1U);
}

TEST_F(HttpServerTest, TellsWhenTheClientGoesAway) {
    Start();
    RawClient client(server_->Port());
    client.Send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    auto exchange = handler_.Held();
    client.Close();
    EXPECT_TRUE(handler_.WaitGone());
    bool late = false;
    exchange->OnDisconnect([&] { late = true; });
    EXPECT_TRUE(late);
    exchange->Respond({200, {}, "nobody listens"});
}

TEST_F(HttpServerTest, AFailedOrForgetfulHandlerIs500AndTheServerLivesOn) {
    Start();
    EXPECT_EQ(Status(Talk("GET /throw HTTP/1.0\r\n\r\n")), "HTTP/1.1 500");
    EXPECT_EQ(Status(Talk("GET /drop HTTP/1.0\r\n\r\n")), "HTTP/1.1 500");
    EXPECT_EQ(Talk("GET /inject HTTP/1.0\r\n\r\n").find("Set-Cookie"), std::string::npos);
    EXPECT_EQ(Status(Talk("GET / HTTP/1.0\r\n\r\n")), "HTTP/1.1 200");
}

TEST_F(HttpServerTest, StopLetsTheRequestUnderWayFinish) {
    Start();
    RawClient idle(server_->Port());
    RawClient client(server_->Port());
    client.Send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    auto exchange = handler_.Held();
    auto stopping = std::async(std::launch::async, [&] { server_->Stop(); });
    EXPECT_EQ(idle.ReadAll(), "");
    exchange->Respond({200, {}, "finished"});
    exchange.reset();
    EXPECT_NE(client.ReadAll().find("finished"), std::string::npos);
    stopping.get();
    EXPECT_FALSE(RawClient(server_->Port()).connected());
}

TEST_F(HttpServerTest, StopDisconnectsWhoDoesNotFinish) {
    HttpServerLimits limits;
    limits.drain_timeout = milliseconds(50);
    Start(limits);
    RawClient client(server_->Port());
    client.Send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    auto exchange = handler_.Held();
    auto stopping = std::async(std::launch::async, [&] { server_->Stop(); });
    EXPECT_TRUE(handler_.WaitGone());
    exchange.reset();
    stopping.get();
    EXPECT_EQ(client.ReadAll(), "");
}

TEST_F(HttpServerTest, ABusyPortAndAForeignAddressAreErrors) {
    Start();
    HttpServerOptions options;
    options.port = server_->Port();
    try {
        HttpServer(options, handler_, clock_).Start();
        ADD_FAILURE() << "two servers on one port";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kUnavailable);
    }
    options.port = 0;
    for (const char* address : {"203.0.113.7", "localhost", ""}) {
        options.address = address;
        try {
            HttpServer(options, handler_, clock_).Start();
            ADD_FAILURE() << "bound to " << address;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput) << address;
        }
    }
}

TEST_F(HttpServerTest, LogsEveryRequestOnce) {
    Start();
    Talk("GET /a HTTP/1.0\r\n\r\n");
    Talk("nonsense\r\n\r\n");
    server_->Stop();
    const auto accesses = Accesses();
    ASSERT_EQ(accesses.size(), 2U);
    EXPECT_EQ(accesses[0].method, "GET");
    EXPECT_EQ(accesses[0].target, "/a");
    EXPECT_EQ(accesses[0].status, 200);
    EXPECT_GT(accesses[0].response_bytes, 0U);
    EXPECT_EQ(accesses[1].status, 400);
}

TEST_F(HttpServerTest, ManyClientsAtOnceEachGetTheirOwnAnswers) {
    Start();
    std::vector<std::thread> clients;
    std::atomic<int> wrong{0};
    for (int c = 0; c < 8; ++c) {
        clients.emplace_back([&, c] {
            RawClient client(server_->Port());
            for (int i = 0; i < 100; ++i) {
                const std::string path = "/" + std::to_string(c) + "-" + std::to_string(i);
                client.Send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
                const std::string answer = client.ReadUntil("|");
                if (answer.find("\r\n\r\n" + path + "|") == std::string::npos) ++wrong;
            }
        });
    }
    for (std::thread& client : clients) client.join();
    EXPECT_EQ(wrong, 0);
}

TEST(LoopbackTest, KnowsWhatOnlyThisMachineReaches) {
    for (const char* address : {"127.0.0.1", "127.8.9.1", "::1"})
        EXPECT_TRUE(IsLoopbackAddress(address)) << address;
    for (const char* address :
         {"0.0.0.0", "::", "10.0.0.1", "192.168.1.1", "localhost", "", "127.0.0.1:80", "1"}) {
        EXPECT_FALSE(IsLoopbackAddress(address)) << address;
    }
}

TEST(HttpMessageTest, FormatsDatesAsHttpDoes) {
    EXPECT_EQ(FormatHttpDate(TimestampUs(std::chrono::seconds(784111777))),
              "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(FormatHttpDate(TimestampUs{}), "Thu, 01 Jan 1970 00:00:00 GMT");
}

}  // namespace
}  // namespace tarn::net
