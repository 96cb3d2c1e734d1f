// HTTP requests and answers as plain values: what every door reads and gives. They own their bytes
// and know nothing of sockets. Field names compare without case (RFC 9110 section 5.1).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace tarn::net {

struct HttpHeader {
    std::string name;
    std::string value;
    bool operator==(const HttpHeader&) const = default;
};

struct HttpRequest {
    std::string method;  // as sent: methods are case-sensitive
    std::string target;  // as sent: not yet checked or decoded (net/url.h)
    std::vector<HttpHeader> headers;
    std::string body;
    std::string peer;  // "127.0.0.1:51234"

    // The first field of that name, or nothing.
    const std::string* Find(std::string_view name) const;
    // How often the field stands in the request: a second Host or Authorization is an attack.
    size_t Count(std::string_view name) const;
};

struct HttpResponse {
    int status = 200;
    // Content-Length, Connection and Date are the server's own.
    std::vector<HttpHeader> headers;
    std::string body;

    const std::string* Find(std::string_view name) const;
    void Set(std::string name, std::string value);
};

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
std::string FormatHttpDate(TimestampUs time);

}  // namespace tarn::net
