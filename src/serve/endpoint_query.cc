#include "serve/endpoint_query.h"

#include <algorithm>

#include "base/check.h"
#include "base/hash.h"
#include "base/text.h"

namespace tarn::serve {

namespace {

constexpr size_t kETagDigits = 32;
constexpr double kMicrosPerMs = 1000;

Error WalkEnded() {
    return Error(ErrorKind::kNotFound,
                 "the version of the tables that this walk reads is no longer kept");
}

// The tag without its weakness (RFC 9110 section 13.1.2 compares weakly).
std::string_view Opaque(std::string_view tag) {
    return tag.starts_with("W/") ? tag.substr(2) : tag;
}

}  // namespace

EndpointQuery::EndpointQuery(std::unique_ptr<Visit> visit, const CheckedEndpoint& endpoint,
                             EndpointRequest request, std::optional<Cursor> cursor,
                             const CursorCodec& codec, Clock& clock)
    : visit_(std::move(visit)),
      endpoint_(endpoint.endpoint),
      types_(endpoint.types),
      request_(std::move(request)),
      cursor_(std::move(cursor)),
      codec_(codec),
      clock_(clock) {}

void EndpointQuery::WatchCaller(const std::shared_ptr<EndpointQuery>& query, QueryPool& pool) {
    query->visit_->OnDisconnect([weak = std::weak_ptr(query), &pool] {
        const auto watched = weak.lock();
        if (!watched) return;
        watched->gone_ = true;
        pool.Cancel(watched);
    });
}

void EndpointQuery::Run(engine::Session& session, std::chrono::milliseconds remaining,
                        DurationUs queued) {
    if (gone_) throw Error(ErrorKind::kCancelled, "the caller has gone");
    RequestRecord& record = visit_->Record();
    record.queued = queued;
    const std::vector<TablePin> pins = PinTables(session);
    PageMeta meta;
    meta.limit = request_.limit;
    std::vector<int64_t> versions;
    for (size_t i = 0; i < pins.size(); ++i) {
        versions.push_back(pins[i].version);
        meta.tables.push_back({types_.tables[i].ToString(), pins[i].version,
                               TimestampUs(std::chrono::milliseconds(pins[i].committed_ms))});
    }
    const bool stale = IsStale(pins);
    if (endpoint_.max_age_s) meta.stale = stale;
    net::HttpResponse response;
    const std::string etag = ETagOf(pins, stale);
    response.Set("ETag", etag);
    // Private: the answer is for this caller. No-cache: ask again, the tag makes that cheap.
    response.Set("Cache-Control", "private, no-cache");
    record.tables = meta.tables;
    if (CallerHas(etag)) {
        response.status = 304;
        return visit_->Finish(std::move(response));
    }
    const PageStatement page =
        BuildPageStatement(endpoint_, types_, request_, versions,
                           cursor_ ? cursor_->key : std::vector<std::optional<std::string>>{});
    sql::Statement statement;
    statement.text = page.sql;
    engine::ExecuteOptions options;
    options.parameters = page.parameters;
    options.timeout_ms = remaining.count();
    options.node = "api:" + endpoint_.path;
    options.queue_ms = static_cast<double>(record.queued.count()) / kMicrosPerMs;
    const auto result = session.Execute(statement, options);
    response.body = ReadPage(*result, pins, meta);
    response.Set("Content-Type", "application/json");
    if (meta.next_cursor) response.Set("Link", NextLink(*meta.next_cursor));
    visit_->Finish(std::move(response));
}

void EndpointQuery::Fail(const Error& error) {
    if (visit_->IsFinished()) return;
    visit_->Record().failure = error.what();
    if (cursor_ && error.kind() == ErrorKind::kNotFound) {
        return visit_->Finish(ProblemOfStatus(410,
                                              "the tables' version that this walk reads is no "
                                              "longer kept: begin again without the cursor"));
    }
    visit_->Finish(ProblemOfFailure(error));
}

std::vector<TablePin> EndpointQuery::PinTables(engine::Session& session) const {
    std::vector<TablePin> pins;
    for (size_t i = 0; i < types_.tables.size(); ++i) {
        const table::SnapshotPtr now = session.Snapshot(types_.tables[i]);
        pins.push_back({now->Metadata().id, now->AtVersion().number, now->CommittedMs()});
    }
    if (!cursor_) return pins;
    for (size_t i = 0; i < pins.size(); ++i) {
        // A version that is not there yet, or a table made anew under the name, is not what the
        // walk read.
        const TablePin& then = cursor_->tables[i];
        if (then.id != pins[i].id || then.version > pins[i].version) throw WalkEnded();
    }
    return cursor_->tables;
}

bool EndpointQuery::IsStale(const std::vector<TablePin>& pins) const {
    if (!endpoint_.max_age_s) return false;
    const int64_t now_ms = ToUnixMs(clock_.Now());
    return std::any_of(pins.begin(), pins.end(), [&](const TablePin& pin) {
        return now_ms - pin.committed_ms > *endpoint_.max_age_s * 1000;
    });
}

std::string EndpointQuery::ETagOf(const std::vector<TablePin>& pins, bool stale) const {
    std::string bytes = fmt::format("{}\n{}\n{}\n{}\n", request_.binding, request_.limit, stale,
                                    request_.cursor.value_or(""));
    for (const TablePin& pin : pins) bytes += fmt::format("{} {}\n", pin.id, pin.version);
    // Weak: bytes_scanned may differ where the rows do not.
    return "W/\"" + Sha256Hex(bytes).substr(0, kETagDigits) + "\"";
}

bool EndpointQuery::CallerHas(const std::string& etag) const {
    const std::string* known = visit_->Request().Find("If-None-Match");
    if (known == nullptr) return false;
    for (const std::string& tag : Split(*known, ',')) {
        const std::string_view one = Trim(tag);
        if (one == "*" || Opaque(one) == Opaque(etag)) return true;
    }
    return false;
}

std::string EndpointQuery::ReadPage(engine::Result& result, const std::vector<TablePin>& pins,
                                    PageMeta& meta) {
    PageWriter writer(endpoint_);
    std::vector<engine::TextRow> rows;
    std::optional<engine::TextRow> last;
    int64_t given = 0;
    for (bool more = true; more;) {
        rows.clear();
        more = result.NextText(rows);
        for (engine::TextRow& row : rows) {
            if (given < request_.limit) {
                writer.AddRow(row);
                ++given;
                last = std::move(row);
                continue;
            }
            const auto key = KeyOf(*last);
            if (key == KeyOf(row)) {
                throw Error(ErrorKind::kCorrupt,
                            "the columns under `order.unique` of {} do not tell its rows apart: "
                            "pages would lose rows",
                            endpoint_.Label());
            }
            meta.next_cursor = codec_.Encode({request_.binding, pins, key});
        }
    }
    meta.bytes_scanned = result.Stats().bytes_read;
    visit_->Record().rows = static_cast<uint64_t>(given);
    visit_->Record().bytes_scanned = meta.bytes_scanned;
    return writer.Finish(meta);
}

std::vector<std::optional<std::string>> EndpointQuery::KeyOf(const engine::TextRow& row) const {
    std::vector<std::optional<std::string>> key;
    for (const SortColumn& sort : endpoint_.order)
        key.push_back(row.at(endpoint_.ColumnIndex(sort.column)));
    return key;
}

std::string EndpointQuery::NextLink(const std::string& cursor) const {
    std::vector<net::QueryParameter> query;
    for (const BoundParameter& bound : request_.parameters) {
        if (!bound.values.empty()) query.push_back({bound.parameter->name, Join(bound.texts, ",")});
    }
    query.push_back({"limit", std::to_string(request_.limit)});
    query.push_back({"cursor", cursor});
    return "<" + endpoint_.path + "?" + net::FormatQuery(query) + ">; rel=\"next\"";
}

}  // namespace tarn::serve
