// The JSON of one page: rows with typed values, the way to the next page, and what the answer rests
// on. Pure.
//
// {"data": [{"carrier": "UA", "flights": 4637}], "page": {"limit": 50, "next_cursor": null},
//  "meta": {"tables": [{"name": "gold.x", "version": 3, "refreshed_at": "..."}], "stale": false,
//           "bytes_scanned": 12345, "rows": 1}}
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "engine/session.h"
#include "serve/endpoint.h"

namespace tarn::serve {

constexpr size_t kMaxPageBytes = 4 * 1024 * 1024;

struct TableStamp {
    std::string name;
    int64_t version = 0;
    TimestampUs refreshed_at{};
};

struct PageMeta {
    int64_t limit = 0;
    std::optional<std::string> next_cursor;
    std::vector<TableStamp> tables;
    std::optional<bool>
        stale;  // older than the endpoint promises; nothing when it promises nothing
    uint64_t bytes_scanned = 0;
};

// Writes rows as they come, so that only the text is held. LimitExceeded beyond kMaxPageBytes.
class PageWriter {
public:
    explicit PageWriter(const Endpoint& endpoint);
    void AddRow(const engine::TextRow& row);
    std::string Finish(const PageMeta& meta);

private:
    const Endpoint& endpoint_;
    std::vector<std::string> keys_;  // "\"carrier\":"
    std::string body_;
    uint64_t rows_ = 0;
};

}  // namespace tarn::serve
