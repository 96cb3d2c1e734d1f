#include "net/http_server.h"

#include <thread>
#include <vector>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "base/check.h"
#include "base/error.h"
#include "net/http_connection.h"

namespace tarn::net {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// How long accepting pauses when the process has no more file descriptors.
constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr size_t kRefusedAtOnce = 64;  // connections that may wait for their 503

Error BindError(const error_code& error, const HttpServerOptions& options) {
    if (error == asio::error::address_in_use) {
        return Error(
            ErrorKind::kUnavailable,
            "port {} of {} is taken by another process: stop it, or choose another with --port",
            options.port, options.address);
    }
    if (error == asio::error::access_denied) {
        return Error(ErrorKind::kPermissionDenied,
                     "this user may not listen on port {}: choose one above 1023", options.port);
    }
    return Error(ErrorKind::kInvalidInput, "cannot listen on {} port {}: {}", options.address,
                 options.port, error.message());
}

}  // namespace

HttpResponse HttpHandler::Refuse(int status, std::string_view detail) {
    return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::string(detail) + "\n"};
}

bool IsLoopbackAddress(std::string_view address) {
    error_code error;
    const auto parsed = asio::ip::make_address(address, error);
    return !error && parsed.is_loopback();
}

class HttpServer::Core {
public:
    Core(HttpServerOptions options, HttpHandler& handler, Clock& clock)
        : options_(std::move(options)), connections_(options_, handler, clock) {}
    ~Core() { Stop(); }

    void Start() {
        Check(!started_, "HttpServer::Start is called once");
        error_code error;
        const auto address = asio::ip::make_address(options_.address, error);
        if (error) {
            throw Error(ErrorKind::kInvalidInput, "`{}` is no IPv4 or IPv6 address",
                        options_.address);
        }
        const tcp::endpoint endpoint(address, options_.port);
        acceptor_.open(endpoint.protocol());
        acceptor_.set_option(tcp::acceptor::reuse_address(true));
        acceptor_.bind(endpoint, error);
        if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
        if (error) {
            acceptor_.close();
            throw BindError(error, options_);
        }
        port_ = acceptor_.local_endpoint().port();
        started_ = true;
        Accept();
        for (int i = 0; i < std::max(1, options_.threads); ++i)
            threads_.emplace_back([this] { RunIo(); });
    }

    void Stop() {
        if (!started_ || stopped_) return;
        stopped_ = true;
        asio::post(strand_, [this] {
            error_code ignored;
            acceptor_.close(ignored);
            retry_.cancel();
        });
        connections_.DrainAll();
        if (!connections_.WaitEmpty(options_.limits.drain_timeout)) {
            connections_.DisconnectAll();
            connections_.WaitEmpty();
        }
        work_.reset();
        for (std::thread& thread : threads_) thread.join();
    }

    uint16_t Port() const { return port_; }
    size_t Connections() const { return connections_.Size(); }

private:
    // A failure inside one connection (no memory, a broken invariant) drops that connection, not
    // the server.
    void RunIo() {
        for (;;) {
            try {
                context_.run();
                return;
            } catch (const std::exception&) {
                continue;
            }
        }
    }

    void Accept() {
        acceptor_.async_accept(
            asio::make_strand(context_),
            asio::bind_executor(strand_, [this](error_code error, tcp::socket socket) {
                OnAccept(error, std::move(socket));
            }));
    }

    void OnAccept(error_code error, tcp::socket socket) {
        if (!acceptor_.is_open()) return;
        if (error) {
            // Out of descriptors: the client waits in the kernel's queue until some are free.
            retry_.expires_after(kAcceptPause);
            retry_.async_wait([this](error_code cancelled) {
                if (!cancelled && acceptor_.is_open()) Accept();
            });
            return;
        }
        const size_t open = connections_.Size();
        const size_t limit = options_.limits.connections;
        if (open < limit) {
            socket.set_option(tcp::no_delay(true), error);
            MakeHttpConnection(std::move(socket), connections_)->Start();
        } else if (open < limit + kRefusedAtOnce) {
            MakeHttpConnection(std::move(socket), connections_)->StartRefused();
        }
        Accept();
    }

    const HttpServerOptions options_;
    HttpConnections connections_;
    asio::io_context context_;
    asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
    asio::strand<asio::io_context::executor_type> strand_{context_.get_executor()};
    tcp::acceptor acceptor_{strand_};
    asio::steady_timer retry_{strand_};
    std::vector<std::thread> threads_;
    std::atomic<uint16_t> port_{0};
    bool started_ = false;
    bool stopped_ = false;
};

HttpServer::HttpServer(HttpServerOptions options, HttpHandler& handler, Clock& clock)
    : core_(std::make_unique<Core>(std::move(options), handler, clock)) {}
HttpServer::~HttpServer() = default;
void HttpServer::Start() { core_->Start(); }
void HttpServer::Stop() { core_->Stop(); }
uint16_t HttpServer::Port() const { return core_->Port(); }
size_t HttpServer::Connections() const { return core_->Connections(); }

}  // namespace tarn::net
