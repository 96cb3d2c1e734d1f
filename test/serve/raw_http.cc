#include "serve/raw_http.h"

#include <cstdlib>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tarn::serve {

std::string RawAnswer::Header(const std::string& name) const {
    const size_t at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "";
    const size_t begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
}

RawConnection::RawConnection(uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // A refused connection shows as an answer with status 0.
    (void)::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    const timeval patience{60, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

RawConnection::~RawConnection() { ::close(socket_); }

void RawConnection::Send(const std::string& target, const std::vector<std::string>& headers) {
    std::string bytes = "GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    for (const std::string& header : headers) bytes += header + "\r\n";
    bytes += "\r\n";
    (void)::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

RawAnswer RawConnection::Receive() {
    std::string all;
    char piece[16 * 1024];
    for (ssize_t n = 0; (n = ::recv(socket_, piece, sizeof piece, 0)) > 0;) {
        all.append(piece, static_cast<size_t>(n));
    }
    RawAnswer answer;
    const size_t end = all.find("\r\n\r\n");
    if (end == std::string::npos || all.size() < 12) return answer;
    answer.status = std::atoi(all.c_str() + 9);
    answer.head = all.substr(0, end + 2);
    answer.body = all.substr(end + 4);
    return answer;
}

RawAnswer Get(uint16_t port, const std::string& target, const std::vector<std::string>& headers) {
    RawConnection connection(port);
    connection.Send(target, headers);
    return connection.Receive();
}

}  // namespace tarn::serve
