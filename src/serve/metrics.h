// Counters of the doors, as Prometheus text at /metrics. Labels come from fixed sets only
// (endpoints of the files, known methods, statuses), never from the caller. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "serve/request_record.h"

namespace tarn::serve {

constexpr std::string_view kMetricsMediaType = "text/plain; version=0.0.4; charset=utf-8";

class Metrics {
public:
    explicit Metrics(const std::string& tarn_version);
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    void RequestStarted();
    void RequestFinished(const RequestRecord& record);
    void QueriesRunning(size_t running, size_t queued);
    std::string Text() const;

private:
    struct Families;
    const std::unique_ptr<Families> families_;
};

}  // namespace tarn::serve
