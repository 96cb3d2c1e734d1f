// Inside net only: HTTP/1.1 over one socket.
#pragma once

#include <memory>

#include <boost/asio/ip/tcp.hpp>

#include "net/http_connections.h"

namespace tarn::net {

// The connection removes itself from `connections` when its last exchange is gone.
std::shared_ptr<HttpConnection> MakeHttpConnection(boost::asio::ip::tcp::socket socket,
                                                   HttpConnections& connections);

}  // namespace tarn::net
