#include "serve/page_json.h"

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/error.h"
#include "base/json_text.h"

namespace tarn::serve {

PageWriter::PageWriter(const Endpoint& endpoint) : endpoint_(endpoint), body_(R"({"data":[)") {
    for (const EndpointColumn& column : endpoint.columns) {
        keys_.emplace_back();
        AppendJsonString(keys_.back(), column.name);
        keys_.back() += ':';
    }
}

void PageWriter::AddRow(const engine::TextRow& row) {
    Check(row.size() == keys_.size(), "a row has the endpoint's columns");
    body_ += rows_++ > 0 ? ",{" : "{";
    for (size_t i = 0; i < row.size(); ++i) {
        if (i > 0) body_ += ',';
        body_ += keys_[i];
        if (row[i]) {
            AppendJson(endpoint_.columns[i].type, *row[i], body_);
        } else {
            body_ += "null";
        }
    }
    body_ += '}';
    if (body_.size() > kMaxPageBytes) {
        throw Error(ErrorKind::kLimitExceeded,
                    "the page has over {} bytes: ask for fewer rows with `limit`", kMaxPageBytes);
    }
}

std::string PageWriter::Finish(const PageMeta& meta) {
    using Json = nlohmann::ordered_json;
    Json page{{"limit", meta.limit}, {"next_cursor", nullptr}};
    if (meta.next_cursor) page["next_cursor"] = *meta.next_cursor;
    Json tables = Json::array();
    for (const TableStamp& table : meta.tables) {
        tables.push_back({{"name", table.name},
                          {"version", table.version},
                          {"refreshed_at", FormatTimestamp(table.refreshed_at)}});
    }
    Json about{{"tables", std::move(tables)}};
    if (meta.stale) about["stale"] = *meta.stale;
    about["bytes_scanned"] = meta.bytes_scanned;
    about["rows"] = rows_;
    body_ += "],\"page\":" + page.dump() + ",\"meta\":" + about.dump() + "}\n";
    return std::move(body_);
}

}  // namespace tarn::serve
