// Request targets (RFC 9112 section 3.2.1, origin form only) and their percent encoding (RFC 3986),
// read strictly: what two readers could understand differently is refused, never repaired.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tarn::net {

struct QueryParameter {
    std::string name;
    std::string value;
    bool operator==(const QueryParameter&) const = default;
};

struct Target {
    std::string path;                   // decoded, begins with "/"
    std::vector<QueryParameter> query;  // decoded, in the order sent; names may repeat
};

constexpr size_t kMaxTargetBytes = 8 * 1024;
constexpr size_t kMaxQueryParameters = 64;

// All throw InvalidInput with the byte's position: a target over kMaxTargetBytes or not of origin
// form, a malformed or truncated %XX, a control character, ill-formed UTF-8, a path with an empty,
// "." or ".." segment or an encoded "/" or "\", a query piece without a name or without "=".
Target ParseTarget(std::string_view target);
// The part after "?": application/x-www-form-urlencoded, so "+" is a space. Empty text: no
// parameters. LimitExceeded beyond kMaxQueryParameters.
std::vector<QueryParameter> ParseQuery(std::string_view query);

// Everything but the unreserved characters becomes %XX.
std::string PercentEncode(std::string_view text);
// "a=1&b=x%20y"
std::string FormatQuery(const std::vector<QueryParameter>& query);

}  // namespace tarn::net
