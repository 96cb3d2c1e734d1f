// The one failure type of Tarn. What ends an operation is thrown as tarn::Error; what the caller
// branches on is returned. Callers decide by kind, never by the words of a message.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

namespace tarn {

enum class ErrorKind {
    kInvalidInput,
    kNotFound,
    kAlreadyExists,
    kPermissionDenied,
    kUnauthenticated,
    kUnsupported,
    kCorrupt,
    kConflict,
    kUnavailable,
    kCancelled,
    kTimeout,
    kLimitExceeded,
    kInternal,
};

// What follows from a kind: one row a kind, read by every door (HTTP status, SQLSTATE, retry).
struct ErrorKindTraits {
    std::string_view name;       // "NotFound"
    int http_status;             // 404
    std::string_view sql_state;  // "42P01"
    bool retryable;              // may the same call succeed later, unchanged
    std::string_view meaning;    // one line, for the reference page
};

const ErrorKindTraits& TraitsOf(ErrorKind kind);
// All kinds in declaration order, for generated reference pages and tests.
const std::vector<ErrorKind>& AllErrorKinds();

// A place in a text the user wrote; line and column are 1-based, 0 when unknown.
struct TextSpot {
    std::string file;
    int line = 0;
    int column = 0;
};

class Error : public std::exception {
public:
    Error(ErrorKind kind, std::string message);

    template <typename... Args>
    Error(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args)
        : Error(kind, fmt::format(format, std::forward<Args>(args)...)) {}

    // Adds a fact ("table" -> "silver.flights"); facts are shown after the message and kept apart
    // from it.
    Error With(std::string key, std::string value) &&;
    Error At(TextSpot spot) &&;

    ErrorKind kind() const { return kind_; }
    const std::string& message() const { return message_; }
    const std::vector<std::pair<std::string, std::string>>& context() const { return context_; }
    const TextSpot& spot() const { return spot_; }

    // "NotFound: no table silver.x (models/a.sql:3:7; table=silver.x)"
    const char* what() const noexcept override { return what_.c_str(); }

private:
    void Compose();

    ErrorKind kind_;
    std::string message_;
    std::vector<std::pair<std::string, std::string>> context_;
    TextSpot spot_;
    std::string what_;
};

}  // namespace tarn
