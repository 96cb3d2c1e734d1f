#include "net/url.h"

#include <optional>

#include <fmt/core.h>

#include "base/error.h"
#include "base/text.h"

namespace tarn::net {

namespace {

// Texts of the caller are quoted in messages no longer than this.
constexpr size_t kQuotedBytes = 64;

std::string Quote(std::string_view text) {
    std::string shown;
    for (const char c : text.substr(0, kQuotedBytes)) {
        const auto byte = static_cast<unsigned char>(c);
        shown += byte >= 0x20 && byte < 0x7f ? std::string(1, c) : fmt::format("\\x{:02x}", byte);
    }
    return text.size() > kQuotedBytes ? shown + "..." : shown;
}

std::optional<unsigned> HexDigit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
    return std::nullopt;
}

bool IsControl(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

// Decodes one component; `what` names it in messages.
std::string Decode(std::string_view text, bool plus_is_space, std::string_view what) {
    std::string out;
    out.reserve(text.size());
    for (size_t at = 0; at < text.size(); ++at) {
        char c = text[at];
        if (IsControl(c) || c == ' ') {
            throw Error(ErrorKind::kInvalidInput,
                        "the {} holds a raw control character or space at byte {}", what, at);
        }
        if (c == '+' && plus_is_space) c = ' ';
        if (c == '%') {
            const auto high = at + 2 < text.size() ? HexDigit(text[at + 1]) : std::nullopt;
            const auto low = at + 2 < text.size() ? HexDigit(text[at + 2]) : std::nullopt;
            if (!high || !low) {
                throw Error(ErrorKind::kInvalidInput,
                            "the {} has a `%` without two hexadecimal digits at byte {}: write "
                            "`%25` for a percent sign",
                            what, at);
            }
            c = static_cast<char>(*high * 16 + *low);
            at += 2;
        }
        if (c == '\0') throw Error(ErrorKind::kInvalidInput, "the {} holds a zero byte", what);
        out += c;
    }
    if (const auto bad = FirstInvalidUtf8(out)) {
        throw Error(ErrorKind::kInvalidInput, "the {} is not UTF-8 at byte {} of its decoded text",
                    what, *bad);
    }
    return out;
}

void CheckPath(std::string_view raw, std::string_view decoded) {
    for (const char c : decoded) {
        if (IsControl(c))
            throw Error(ErrorKind::kInvalidInput, "the path holds a control character");
    }
    // An encoded separator would be a different segment for the next reader.
    for (size_t at = raw.find('%'); at != std::string_view::npos; at = raw.find('%', at + 1)) {
        const std::string code = AsciiLower(raw.substr(at + 1, 2));
        if (code == "2f" || code == "5c") {
            throw Error(ErrorKind::kInvalidInput, "the path holds an encoded separator at byte {}",
                        at);
        }
    }
    if (decoded.find('\\') != std::string_view::npos) {
        throw Error(ErrorKind::kInvalidInput, "the path holds a backslash");
    }
    const std::vector<std::string> segments = Split(decoded.substr(1), '/');
    for (size_t i = 0; i < segments.size(); ++i) {
        const bool empty = segments[i].empty() && i + 1 < segments.size();
        if (empty || segments[i] == "." || segments[i] == "..") {
            throw Error(ErrorKind::kInvalidInput, "the path `{}` has an empty, `.` or `..` segment",
                        Quote(decoded));
        }
    }
}

bool IsUnreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

}  // namespace

Target ParseTarget(std::string_view target) {
    if (target.size() > kMaxTargetBytes) {
        throw Error(ErrorKind::kInvalidInput,
                    "the request target has {} bytes, over the limit of {}", target.size(),
                    kMaxTargetBytes);
    }
    if (target.empty() || target.front() != '/') {
        throw Error(ErrorKind::kInvalidInput, "the request target `{}` must begin with `/`",
                    Quote(target));
    }
    if (target.find('#') != std::string_view::npos) {
        throw Error(ErrorKind::kInvalidInput,
                    "a request target has no fragment: write `%23` for `#`");
    }
    const size_t mark = target.find('?');
    const std::string_view raw_path = target.substr(0, mark);
    Target parsed{Decode(raw_path, false, "path"), {}};
    CheckPath(raw_path, parsed.path);
    if (mark != std::string_view::npos) parsed.query = ParseQuery(target.substr(mark + 1));
    return parsed;
}

std::vector<QueryParameter> ParseQuery(std::string_view query) {
    std::vector<QueryParameter> parameters;
    if (query.empty()) return parameters;
    size_t begin = 0;
    while (begin <= query.size()) {
        const size_t end = std::min(query.find('&', begin), query.size());
        const std::string_view piece = query.substr(begin, end - begin);
        const size_t equals = piece.find('=');
        if (equals == std::string_view::npos || equals == 0) {
            throw Error(ErrorKind::kInvalidInput,
                        "the query has `{}` where `name=value` was expected", Quote(piece));
        }
        if (parameters.size() == kMaxQueryParameters) {
            throw Error(ErrorKind::kLimitExceeded, "the query has more than {} parameters",
                        kMaxQueryParameters);
        }
        parameters.push_back(
            {Decode(piece.substr(0, equals), true, "name of a query parameter"),
             Decode(piece.substr(equals + 1), true, "value of a query parameter")});
        begin = end + 1;
    }
    return parameters;
}

std::string PercentEncode(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (IsUnreserved(c)) {
            out += c;
        } else {
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

std::string FormatQuery(const std::vector<QueryParameter>& query) {
    std::string out;
    for (const QueryParameter& parameter : query) {
        if (!out.empty()) out += '&';
        out += PercentEncode(parameter.name) + "=" + PercentEncode(parameter.value);
    }
    return out;
}

}  // namespace tarn::net
