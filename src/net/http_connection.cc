#include "net/http_connection.h"

#include <optional>
#include <utility>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fmt/core.h>

#include "base/check.h"

namespace tarn::net {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using ErrorCode = boost::beast::error_code;

// After a refusal the rest of what the client still sends is read and dropped within these limits,
// so that closing does not destroy the answer on its way.
constexpr size_t kLingerBytes = 256 * 1024;
constexpr std::chrono::seconds kLingerTimeout{2};
constexpr size_t kReadBytes = 8 * 1024;

class Connection;

class Exchange final : public HttpExchange {
public:
    Exchange(std::shared_ptr<Connection> connection, HttpRequest request)
        : connection_(std::move(connection)), request_(std::move(request)) {}
    ~Exchange() override;

    const HttpRequest& Request() const override { return request_; }
    void Respond(HttpResponse response) override;
    void OnDisconnect(std::function<void()> callback) override;
    // The client has gone: runs the callback, now or when it is given.
    void ClientGone();

private:
    const std::shared_ptr<Connection> connection_;
    const HttpRequest request_;
    std::atomic<bool> answered_{false};
    std::mutex mutex_;
    bool gone_ = false;
    std::function<void()> on_gone_;
};

class Connection final : public HttpConnection, public std::enable_shared_from_this<Connection> {
public:
    Connection(asio::ip::tcp::socket socket, HttpConnections& all)
        : all_(all), stream_(std::move(socket)), buffer_(all.Limits().header_bytes + kReadBytes) {
        ErrorCode ignored;
        const auto peer = stream_.socket().remote_endpoint(ignored);
        peer_ = peer.address().is_v6()
                    ? fmt::format("[{}]:{}", peer.address().to_string(), peer.port())
                    : fmt::format("{}:{}", peer.address().to_string(), peer.port());
    }
    void Start() override {
        asio::dispatch(stream_.get_executor(),
                       [self = shared_from_this()] { self->AwaitRequest(); });
    }

    void StartRefused() override {
        asio::dispatch(stream_.get_executor(), [self = shared_from_this()] {
            self->started_ = self->all_.GetClock().Monotonic();
            self->RefuseAndClose(503,
                                 "the server has no room for another connection: try again later");
        });
    }

    void Drain() override {
        asio::post(stream_.get_executor(), [self = shared_from_this()] {
            if (self->phase_ == Phase::kWaiting || self->phase_ == Phase::kReading) self->Close();
        });
    }

    void Disconnect() override {
        asio::post(stream_.get_executor(), [self = shared_from_this()] {
            self->Close();
            if (const auto exchange = self->exchange_.lock()) exchange->ClientGone();
        });
    }

    void Answer(HttpResponse response) {
        asio::dispatch(stream_.get_executor(),
                       [self = shared_from_this(), answer = std::move(response)]() mutable {
                           self->Write(std::move(answer), self->keep_alive_);
                       });
    }

    HttpHandler& Handler() { return all_.Handler(); }

private:
    enum class Phase { kWaiting, kReading, kHandling, kWriting, kLingering, kClosed };

    void AwaitRequest();
    void ReadHeader();
    void OnHeader(ErrorCode error);
    void SendContinue();
    void ReadBody();
    void OnRead(ErrorCode error);
    void Handle();
    void WatchForDisconnect();
    void RefuseAndClose(int status, std::string_view detail);
    bool RefuseBrokenRequest(ErrorCode error);
    void Write(HttpResponse response, bool keep_alive);
    template <typename Message>
    void Send(std::shared_ptr<Message> message, bool keep_alive);
    void LogAccess(size_t response_bytes);
    void OnWritten(ErrorCode error, size_t bytes, bool keep_alive);
    void Linger(size_t read_so_far);
    void Close();

    HttpConnections& all_;
    beast::tcp_stream stream_;
    beast::flat_buffer buffer_;
    std::optional<http::request_parser<http::string_body>> parser_;
    std::weak_ptr<Exchange> exchange_;
    std::string peer_;
    Phase phase_ = Phase::kWaiting;
    bool keep_alive_ = false;
    bool linger_ = false;
    HttpAccess access_;
    DurationUs started_{0};
};

Exchange::~Exchange() {
    if (!answered_) {
        connection_->Answer(
            connection_->Handler().Refuse(500, "the request ended without an answer"));
    }
}

void Exchange::Respond(HttpResponse response) {
    if (answered_.exchange(true)) return;
    connection_->Answer(std::move(response));
}

void Exchange::OnDisconnect(std::function<void()> callback) {
    {
        const std::lock_guard lock(mutex_);
        if (!gone_) {
            on_gone_ = std::move(callback);
            return;
        }
    }
    callback();
}

void Exchange::ClientGone() {
    std::function<void()> callback;
    {
        const std::lock_guard lock(mutex_);
        gone_ = true;
        callback = std::exchange(on_gone_, nullptr);
    }
    if (callback) callback();
}

void Connection::AwaitRequest() {
    phase_ = Phase::kWaiting;
    access_ = HttpAccess{};
    if (all_.IsDraining()) return Close();
    parser_.emplace();
    parser_->header_limit(static_cast<uint32_t>(all_.Limits().header_bytes));
    parser_->body_limit(all_.Limits().body_bytes);
    if (buffer_.size() > 0) return ReadHeader();
    stream_.expires_after(all_.Limits().idle_timeout);
    stream_.async_read_some(buffer_.prepare(kReadBytes),
                            [self = shared_from_this()](ErrorCode error, size_t bytes) {
                                if (error) return self->Close();
                                self->buffer_.commit(bytes);
                                self->ReadHeader();
                            });
}

void Connection::ReadHeader() {
    phase_ = Phase::kReading;
    started_ = all_.GetClock().Monotonic();
    // One deadline for the whole header: a client that drips bytes does not move it.
    stream_.expires_after(all_.Limits().header_timeout);
    http::async_read_header(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](ErrorCode error, size_t) { self->OnHeader(error); });
}

void Connection::OnHeader(ErrorCode error) {
    if (error) {
        if (!RefuseBrokenRequest(error)) Close();
        return;
    }
    const auto& header = parser_->get();
    access_.method = std::string(header.method_string());
    access_.target = std::string(header.target());
    if (header.version() != 10 && header.version() != 11)
        return RefuseAndClose(505, "speak HTTP/1.1");
    const auto length = parser_->content_length();
    if (length && *length > all_.Limits().body_bytes) return OnRead(http::error::body_limit);
    if (header.count(http::field::transfer_encoding) > 0) {
        // Where two readers would see different ends of the body, a second request could hide in
        // it.
        if (header.count(http::field::content_length) > 0 || header.version() == 10) {
            return RefuseAndClose(400, "Transfer-Encoding stands alone, in HTTP/1.1");
        }
        if (!beast::iequals(header[http::field::transfer_encoding], "chunked")) {
            return RefuseAndClose(501, "the only Transfer-Encoding taken is chunked");
        }
    }
    if (beast::iequals(header[http::field::expect], "100-continue") && !parser_->is_done())
        return SendContinue();
    ReadBody();
}

void Connection::SendContinue() {
    auto message = std::make_shared<http::response<http::empty_body>>(http::status::continue_, 11);
    stream_.expires_after(all_.Limits().write_timeout);
    http::async_write(stream_, *message,
                      [self = shared_from_this(), message](ErrorCode error, size_t) {
                          if (error) return self->Close();
                          self->ReadBody();
                      });
}

void Connection::ReadBody() {
    stream_.expires_after(all_.Limits().body_timeout);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](ErrorCode error, size_t) { self->OnRead(error); });
}

void Connection::OnRead(ErrorCode error) {
    if (!error) return Handle();
    if (!RefuseBrokenRequest(error)) Close();
}

bool Connection::RefuseBrokenRequest(ErrorCode error) {
    const HttpServerLimits& limits = all_.Limits();
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
        RefuseAndClose(431, fmt::format("the request's header is over the limit of {} bytes",
                                        limits.header_bytes));
        return true;
    }
    if (error == http::error::body_limit) {
        RefuseAndClose(413, fmt::format("the request's body is over the limit of {} bytes",
                                        limits.body_bytes));
        return true;
    }
    // The rest of Beast's own errors mean bytes that are not HTTP; errors of the socket have no
    // reader.
    const bool is_syntax =
        error.category() == make_error_code(http::error::bad_method).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message;
    if (is_syntax)
        RefuseAndClose(400, fmt::format("the request is not valid HTTP: {}", error.message()));
    return is_syntax;
}

void Connection::Handle() {
    phase_ = Phase::kHandling;
    http::request<http::string_body> message = parser_->release();
    keep_alive_ = message.keep_alive();
    HttpRequest request;
    request.method = access_.method;
    request.target = access_.target;
    request.peer = peer_;
    for (const auto& field : message)
        request.headers.push_back({std::string(field.name_string()), std::string(field.value())});
    request.body = std::move(message.body());
    stream_.expires_never();
    auto exchange = std::make_shared<Exchange>(shared_from_this(), std::move(request));
    exchange_ = exchange;
    WatchForDisconnect();
    try {
        all_.Handler().Handle(exchange);
    } catch (const std::exception&) {
        exchange->Respond(all_.Handler().Refuse(500, "the request failed inside the server"));
    }
}

void Connection::WatchForDisconnect() {
    if (buffer_.size() > 0) return;  // the next request is here already
    stream_.socket().async_wait(
        asio::ip::tcp::socket::wait_read, [self = shared_from_this()](ErrorCode error) {
            if (error || self->phase_ != Phase::kHandling) return;
            ErrorCode unreadable;
            if (self->stream_.socket().available(unreadable) > 0 && !unreadable) return;
            if (const auto exchange = self->exchange_.lock()) exchange->ClientGone();
        });
}

void Connection::RefuseAndClose(int status, std::string_view detail) {
    linger_ = true;
    Write(all_.Handler().Refuse(status, detail), false);
}

void Connection::Write(HttpResponse response, bool keep_alive) {
    access_.status = response.status;
    if (phase_ == Phase::kClosed) return LogAccess(0);
    if (phase_ == Phase::kHandling) stream_.socket().cancel();  // ends the watch
    phase_ = Phase::kWriting;
    keep_alive = keep_alive && !all_.IsDraining();
    http::response_header<> header;
    header.version(11);
    header.result(static_cast<unsigned>(response.status));
    header.set(http::field::date, FormatHttpDate(all_.GetClock().Now()));
    for (const HttpHeader& field : response.headers) {
        Check((field.name + field.value).find_first_of("\r\n") == std::string::npos,
              "a header field has a line break");
        header.insert(field.name, field.value);
    }
    const bool bodiless_status = response.status == 204 || response.status == 304;
    if (access_.method == "HEAD" || bodiless_status) {
        auto message = std::make_shared<http::response<http::empty_body>>(std::move(header));
        if (!bodiless_status) message->content_length(response.body.size());
        message->keep_alive(keep_alive);
        return Send(std::move(message), keep_alive);
    }
    auto message = std::make_shared<http::response<http::string_body>>(std::move(header),
                                                                       std::move(response.body));
    message->content_length(message->body().size());
    message->keep_alive(keep_alive);
    Send(std::move(message), keep_alive);
}

template <typename Message>
void Connection::Send(std::shared_ptr<Message> message, bool keep_alive) {
    stream_.expires_after(all_.Limits().write_timeout);
    http::async_write(
        stream_, *message,
        [self = shared_from_this(), message, keep_alive](ErrorCode error, size_t bytes) {
            self->OnWritten(error, bytes, keep_alive);
        });
}

void Connection::LogAccess(size_t response_bytes) {
    access_.peer = peer_;
    access_.response_bytes = response_bytes;
    access_.duration = all_.GetClock().Monotonic() - started_;
    all_.Log(access_);
}

void Connection::OnWritten(ErrorCode error, size_t bytes, bool keep_alive) {
    LogAccess(bytes);
    if (phase_ == Phase::kClosed) return;
    if (error) return Close();
    if (keep_alive) return AwaitRequest();
    ErrorCode ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    if (!linger_) return Close();
    phase_ = Phase::kLingering;
    stream_.expires_after(kLingerTimeout);
    Linger(0);
}

void Connection::Linger(size_t read_so_far) {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(kReadBytes), [self = shared_from_this(), read_so_far](
                                                             ErrorCode error, size_t bytes) {
        const size_t read = read_so_far + bytes;
        if (error || read > kLingerBytes) return self->Close();
        self->Linger(read);
    });
}

void Connection::Close() {
    if (phase_ == Phase::kClosed) return;
    phase_ = Phase::kClosed;
    stream_.close();
}

}  // namespace

std::shared_ptr<HttpConnection> MakeHttpConnection(asio::ip::tcp::socket socket,
                                                   HttpConnections& connections) {
    const uint64_t id = connections.NextId();
    // Removed when its last member is gone: whoever waits for that may destroy the I/O context at
    // once.
    std::shared_ptr<Connection> connection(new Connection(std::move(socket), connections),
                                           [&connections, id](Connection* gone) {
                                               delete gone;
                                               connections.Remove(id);
                                           });
    connections.Add(id, connection);
    return connection;
}

}  // namespace tarn::net
