#include "base/error.h"

#include <array>

namespace tarn {

namespace {

// Indexed by ErrorKind.
constexpr std::array<ErrorKindTraits, 13> kTraits{{
    {"InvalidInput", 400, "42601", false, "the request is wrong: syntax, type, constraint, column"},
    {"NotFound", 404, "42P01", false, "a catalog, schema, table, version or file does not exist"},
    {"AlreadyExists", 409, "42P07", false, "the name or object exists already"},
    {"PermissionDenied", 403, "42501", false, "the caller is known and may not do this"},
    {"Unauthenticated", 401, "28000", false, "the caller is not known"},
    {"Unsupported", 501, "0A000", false, "Tarn knows the request and cannot do it here"},
    {"Corrupt", 500, "XX001", false, "stored bytes break their specification"},
    {"Conflict", 409, "40001", true, "another writer changed what this one relied on"},
    {"Unavailable", 503, "08006", true,
     "a part that is needed does not answer, or its answer was lost"},
    {"Cancelled", 499, "57014", false, "the caller cancelled"},
    {"Timeout", 504, "57014", true, "the deadline passed"},
    {"LimitExceeded", 429, "53400", false, "a named limit was reached"},
    {"Internal", 500, "XX000", false, "a defect of Tarn: please report it"},
}};

}  // namespace

const ErrorKindTraits& TraitsOf(ErrorKind kind) { return kTraits.at(static_cast<size_t>(kind)); }

const std::vector<ErrorKind>& AllErrorKinds() {
    static const std::vector<ErrorKind> kinds = [] {
        std::vector<ErrorKind> all;
        for (size_t i = 0; i < kTraits.size(); ++i) all.push_back(static_cast<ErrorKind>(i));
        return all;
    }();
    return kinds;
}

Error::Error(ErrorKind kind, std::string message) : kind_(kind), message_(std::move(message)) {
    Compose();
}

Error Error::With(std::string key, std::string value) && {
    context_.emplace_back(std::move(key), std::move(value));
    Compose();
    return std::move(*this);
}

Error Error::At(TextSpot spot) && {
    spot_ = std::move(spot);
    Compose();
    return std::move(*this);
}

void Error::Compose() {
    what_ = fmt::format("{}: {}", TraitsOf(kind_).name, message_);
    std::string tail;
    if (spot_.line > 0 || !spot_.file.empty()) {
        tail = spot_.file.empty() ? "line" : spot_.file;
        if (spot_.line > 0) tail += fmt::format(":{}:{}", spot_.line, spot_.column);
    }
    for (const auto& [key, value] : context_) {
        tail += fmt::format("{}{}={}", tail.empty() ? "" : "; ", key, value);
    }
    if (!tail.empty()) what_ += " (" + tail + ")";
}

}  // namespace tarn
