#include "serve/door_guard.h"

#include <algorithm>

#include "base/text.h"
#include "net/http_server.h"

namespace tarn::serve {

namespace {

// "localhost:8787", "[::1]:8787", "127.0.0.1" without the port; nothing for what is no host.
std::optional<std::string> NameOfHost(std::string_view host) {
    std::string_view name = host;
    std::string_view port;
    if (host.starts_with("[")) {
        const size_t end = host.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        name = host.substr(1, end - 1);
        port = host.substr(end + 1);
    } else if (const size_t colon = host.find(':'); colon != std::string_view::npos) {
        name = host.substr(0, colon);
        port = host.substr(colon);
    }
    if (!port.empty()) {
        const auto number = port.starts_with(":") ? ParseInt(port.substr(1)) : std::nullopt;
        if (!number || *number < 1 || *number > 65535) return std::nullopt;
    }
    return AsciiLower(name);
}

bool IsThisMachine(std::string_view host) {
    const auto name = NameOfHost(host);
    return name && (*name == "localhost" || net::IsLoopbackAddress(*name));
}

}  // namespace

std::optional<Problem> CheckHostAndOrigin(const net::HttpRequest& request) {
    const std::string* host = request.Find("Host");
    if (host == nullptr || request.Count("Host") != 1 || !IsThisMachine(*host)) {
        return ProblemOfStatus(
            421, "until identity is configured, only requests to localhost are answered");
    }
    const size_t origins = request.Count("Origin");
    if (origins == 0) return std::nullopt;
    const std::string origin = AsciiLower(*request.Find("Origin"));
    if (origins == 1 && origin == "http://" + AsciiLower(*host)) return std::nullopt;
    return ProblemOfStatus(403, "web pages of other origins may not call this server");
}

}  // namespace tarn::serve
