// One line of JSON for each request, for the operator: the only place that shows a failure's own
// words. Thread-safe when the sink is.
#pragma once

#include <functional>
#include <string_view>

#include "serve/request_record.h"

namespace tarn::serve {

enum class RequestLogLevel {
    kFailures,  // requests that failed inside, and those with status 500 and above
    kAll,
};

// {"at", "id", "endpoint", "method", "target", "peer", "status", "ms", "rows", "bytes_scanned",
// "failure"}
std::string FormatRequestLine(const RequestRecord& record);

class RequestLog final : public RequestObserver {
public:
    using Sink = std::function<void(std::string_view line)>;  // the line ends with "\n"

    RequestLog(RequestLogLevel level, Sink sink) : level_(level), sink_(std::move(sink)) {}
    void Started(const RequestRecord& record) override { (void)record; }
    void Finished(const RequestRecord& record) override;

private:
    const RequestLogLevel level_;
    const Sink sink_;
};

}  // namespace tarn::serve
