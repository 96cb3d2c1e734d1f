// The place of a walk through pages: which request it belongs to, which versions of the tables it
// reads and the last row given. Signed, so that a client can only give back what it was given; not
// encrypted: it holds nothing that the page did not show. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::serve {

struct TablePin {
    std::string id;  // of the table itself: a table dropped and made again is another one
    int64_t version = 0;
    int64_t committed_ms = 0;  // of the version, Unix milliseconds
    bool operator==(const TablePin&) const = default;
};

struct Cursor {
    // Hash of what the walk is about: endpoint, parameters, caller (RequestBinding).
    std::string binding;
    std::vector<TablePin> tables;  // in the order of the endpoint's source
    std::vector<std::optional<std::string>>
        key;  // the order's columns of the last row, as the engine's text
    bool operator==(const Cursor&) const = default;
};

constexpr size_t kMaxCursorBytes = 4 * 1024;  // as text in a URL
constexpr size_t kCursorKeyBytes = 32;

class CursorCodec {
public:
    explicit CursorCodec(std::string key);

    // Text for a URL. LimitExceeded when the key's values are too long for one.
    std::string Encode(const Cursor& cursor) const;
    // InvalidInput for whatever this key did not sign; one text for all of it, so that nothing can
    // be probed.
    Cursor Decode(std::string_view text) const;

private:
    std::string Sign(std::string_view payload) const;

    const std::string key_;
};

// The payload inside the signature. Nothing for bytes that FormatCursorPayload does not make.
std::string FormatCursorPayload(const Cursor& cursor);
std::optional<Cursor> ParseCursorPayload(std::string_view payload);

}  // namespace tarn::serve
