#include "serve/request_log.h"

#include <nlohmann/json.hpp>

namespace tarn::serve {

std::string FormatRequestLine(const RequestRecord& record) {
    using Json = nlohmann::ordered_json;
    Json line{{"at", FormatTimestamp(record.started)},
              {"id", record.id},
              {"endpoint", record.endpoint},
              {"method", record.method},
              {"target", record.target},
              {"peer", record.peer},
              {"status", record.status},
              {"ms", std::chrono::duration<double, std::milli>(record.duration).count()}};
    if (!record.tables.empty()) {
        line["rows"] = record.rows;
        line["bytes_scanned"] = record.bytes_scanned;
    }
    if (!record.failure.empty()) line["failure"] = record.failure;
    return line.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n";
}

void RequestLog::Finished(const RequestRecord& record) {
    // A caller who left is no failure of the server.
    const bool failed = record.status >= 500 || (!record.failure.empty() && record.status != 499);
    if (failed || level_ == RequestLogLevel::kAll) sink_(FormatRequestLine(record));
}

}  // namespace tarn::serve
