// What one request did, for whoever keeps such records (ops.requests, a log). A record is told
// twice, at its start and at its end, so that a request cut off by the process's death still shows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "serve/page_json.h"

namespace tarn::serve {

struct RequestRecord {
    std::string id;  // UUIDv7, also in X-Request-Id and in problem documents
    std::string
        endpoint;  // "v1/on_time", or "openapi", "health" and so on; "none" when no route fits
    std::string method;
    std::string target;
    std::string peer;
    std::string caller;
    TimestampUs started{};
    // The end:
    int status = 0;
    DurationUs duration{0};
    DurationUs queued{0};
    uint64_t rows = 0;
    uint64_t bytes_scanned = 0;
    std::vector<TableStamp> tables;
    std::string failure;  // of a request that failed inside: the error's own words, which the
                          // caller never sees
};

// The port that the keeper of records implements. Called on I/O and query threads: thread-safe,
// must neither block for long nor throw.
class RequestObserver {
public:
    virtual ~RequestObserver() = default;
    virtual void Started(const RequestRecord& record) = 0;
    virtual void Finished(const RequestRecord& record) = 0;
};

}  // namespace tarn::serve
