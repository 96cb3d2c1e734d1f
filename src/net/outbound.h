// Messages that go out: a JSON body to an HTTP address, a mail to a mail server. Bounded in time
// and size; proxies and certificates as the machine has them. Thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cancel.h"

namespace tarn::net {

struct OutboundLimits {
    static constexpr long kConnectMs = 5'000;
    static constexpr long kWholeMs = 10'000;
    static constexpr size_t kMostBodyBytes = 256 << 10;
    static constexpr size_t kMostAnswerBytes = 16 << 10;  // more of an answer is not read
};

struct HttpPost {
    std::string url{};  // http or https
    std::string content_type = "application/json";
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string body{};
    size_t most_bytes = OutboundLimits::kMostBodyBytes;  // of the body
};

// What may be told of an address: "http://host:5000". InvalidInput: it is none of http or https, or
// holds a user or a password.
std::string OriginOf(const std::string& url);

// Sends it; an answer of 200 to 299 is a success. Redirects are not followed. Unavailable: no
// connection, or a status of 429, 500 and above; InvalidInput: the address, or another status;
// Timeout; LimitExceeded: the body; Cancelled. No message holds the address's path or query, or a
// header: they may be secrets.
void Post(const HttpPost& post, const CancelToken& cancel = {});

struct Mail {
    std::string server{};  // "smtp://host:25", "smtps://host:465"
    bool needs_tls = false;
    std::string user{};  // empty: no login
    std::string password{};
    std::string from{};
    std::vector<std::string> to{};
    std::string subject{};
    std::string text{};
    std::string date{};  // RFC 5322: "Mon, 02 Mar 2026 06:00:00 +0000"
    std::string id{};    // what stands before the @ of its Message-ID
};

// The mail as RFC 5322 has it, with lines that end in CR LF. InvalidInput: an address or the
// subject holds a line's end or is empty.
std::string MailText(const Mail& mail);
// Unavailable, Timeout, PermissionDenied (the login), InvalidInput (addresses, the server's
// refusal), LimitExceeded.
void Send(const Mail& mail);

}  // namespace tarn::net
