// One page of an endpoint: pins the tables' versions, answers 304 where the caller has the page
// already, else runs the query and writes the page.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "serve/cursor.h"
#include "serve/page_statement.h"
#include "serve/query_pool.h"
#include "serve/visit.h"

namespace tarn::serve {

// An endpoint whose file was held against its tables.
struct CheckedEndpoint {
    Endpoint endpoint;
    EndpointTypes types;
};

class EndpointQuery final : public Query {
public:
    // `cursor` is the decoded one of the request. Endpoint and codec outlive the query.
    EndpointQuery(std::unique_ptr<Visit> visit, const CheckedEndpoint& endpoint,
                  EndpointRequest request, std::optional<Cursor> cursor, const CursorCodec& codec,
                  Clock& clock);

    void Run(engine::Session& session, std::chrono::milliseconds remaining,
             DurationUs queued) override;
    void Fail(const Error& error) override;

    // Cancels the query when its caller goes away. The pool outlives the I/O threads.
    static void WatchCaller(const std::shared_ptr<EndpointQuery>& query, QueryPool& pool);
    // Gives the visit back when the query was never submitted.
    std::unique_ptr<Visit> TakeVisit() { return std::move(visit_); }

private:
    std::vector<TablePin> PinTables(engine::Session& session) const;
    bool IsStale(const std::vector<TablePin>& pins) const;
    std::string ETagOf(const std::vector<TablePin>& pins, bool stale) const;
    bool CallerHas(const std::string& etag) const;
    std::string ReadPage(engine::Result& result, const std::vector<TablePin>& pins, PageMeta& meta);
    std::vector<std::optional<std::string>> KeyOf(const engine::TextRow& row) const;
    std::string NextLink(const std::string& cursor) const;

    std::unique_ptr<Visit> visit_;
    const Endpoint& endpoint_;
    const EndpointTypes& types_;
    const EndpointRequest request_;
    const std::optional<Cursor> cursor_;
    const CursorCodec& codec_;
    Clock& clock_;
    std::atomic<bool> gone_{false};
};

}  // namespace tarn::serve
