// The REST door: GET over the endpoints of apis/*.yml, their OpenAPI document, health and metrics.
// It only translates; what a request may read, the engine's policy decides.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/url.h"
#include "serve/cursor.h"
#include "serve/endpoint_query.h"
#include "serve/query_pool.h"
#include "serve/visit.h"

namespace tarn::serve {

struct RestOptions {
    std::string lake;
    std::string tarn_version;
    std::string caller;  // until identity exists, all callers are one
    std::string cursor_key;
};

// Thread-safe.
class RestDoor final : public net::HttpHandler {
public:
    // The pool and what `parts` names outlive the door.
    RestDoor(RestOptions options, std::vector<CheckedEndpoint> endpoints, QueryPool& pool,
             const VisitParts& parts);

    void Handle(std::shared_ptr<net::HttpExchange> exchange) override;
    net::HttpResponse Refuse(int status, std::string_view detail) override;

private:
    void Route(std::unique_ptr<Visit> visit);
    void Dispatch(std::unique_ptr<Visit> visit, const net::Target& target);
    bool AnswerFixed(Visit& visit, const net::Target& target) const;
    void Query(std::unique_ptr<Visit> visit, const CheckedEndpoint& endpoint,
               const net::Target& target);
    Problem UnknownRoute(const std::string& path) const;
    std::string Index() const;

    const RestOptions options_;
    const std::vector<CheckedEndpoint> endpoints_;
    std::map<std::string, const CheckedEndpoint*> by_path_;
    QueryPool& pool_;
    const VisitParts parts_;
    const CursorCodec codec_;
    std::string openapi_;
};

}  // namespace tarn::serve
