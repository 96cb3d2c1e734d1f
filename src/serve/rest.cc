#include "serve/rest.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "serve/door_guard.h"
#include "serve/openapi.h"

namespace tarn::serve {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kAllowed = "GET, HEAD, OPTIONS";

const std::map<std::string, std::string>& FixedRoutes() {
    static const std::map<std::string, std::string> routes{{"/", "index"},
                                                           {"/healthz", "health"},
                                                           {"/metrics", "metrics"},
                                                           {"/openapi.json", "openapi"}};
    return routes;
}

net::HttpResponse Text(std::string_view media_type, std::string body) {
    net::HttpResponse response;
    response.Set("Content-Type", std::string(media_type));
    response.Set("Cache-Control", "no-store");
    response.body = std::move(body);
    return response;
}

// The request's mistakes, thrown while it is read, become its problem document.
std::optional<Cursor> DecodeCursor(const EndpointRequest& request, const Endpoint& endpoint,
                                   const CursorCodec& codec) {
    if (!request.cursor) return std::nullopt;
    std::string reason;
    try {
        Cursor cursor = codec.Decode(*request.cursor);
        const bool fits = cursor.binding == request.binding &&
                          cursor.tables.size() == endpoint.source.tables.size() &&
                          cursor.key.size() == endpoint.order.size();
        if (fits) return cursor;
        reason =
            "the cursor belongs to another request: give the same parameters as for the page "
            "before";
    } catch (const Error& error) {
        reason = error.message();
    }
    throw Error(ErrorKind::kInvalidInput, std::move(reason)).With(kParameterContext, "cursor");
}

}  // namespace

RestDoor::RestDoor(RestOptions options, std::vector<CheckedEndpoint> endpoints, QueryPool& pool,
                   const VisitParts& parts)
    : options_(std::move(options)),
      endpoints_(std::move(endpoints)),
      pool_(pool),
      parts_(parts),
      codec_(options_.cursor_key) {
    std::vector<Endpoint> described;
    for (const CheckedEndpoint& checked : endpoints_) {
        by_path_.emplace(checked.endpoint.path, &checked);
        described.push_back(checked.endpoint);
    }
    openapi_ = BuildOpenApi({options_.lake, options_.tarn_version}, described);
}

void RestDoor::Handle(std::shared_ptr<net::HttpExchange> exchange) {
    Route(std::make_unique<Visit>(std::move(exchange), options_.caller, parts_));
}

net::HttpResponse RestDoor::Refuse(int status, std::string_view detail) {
    return ToResponse(ProblemOfStatus(status, detail), "");
}

void RestDoor::Route(std::unique_ptr<Visit> visit) {
    if (const auto problem = CheckHostAndOrigin(visit->Request())) return visit->Finish(*problem);
    net::Target target;
    try {
        target = net::ParseTarget(visit->Request().target);
    } catch (const Error& error) {
        return visit->Finish(ProblemOfRequest(error));
    }
    Dispatch(std::move(visit), target);
}

void RestDoor::Dispatch(std::unique_ptr<Visit> visit, const net::Target& target) {
    const auto endpoint = by_path_.find(target.path);
    const auto fixed = FixedRoutes().find(target.path);
    if (endpoint == by_path_.end() && fixed == FixedRoutes().end())
        return visit->Finish(UnknownRoute(target.path));
    visit->Begin(fixed != FixedRoutes().end() ? fixed->second : endpoint->second->endpoint.Label());
    const std::string& method = visit->Request().method;
    if (method == "OPTIONS") {
        net::HttpResponse allowed;
        allowed.status = 204;
        allowed.Set("Allow", std::string(kAllowed));
        return visit->Finish(std::move(allowed));
    }
    if (method != "GET" && method != "HEAD") {
        net::HttpResponse refused =
            ToResponse(ProblemOfStatus(405, fmt::format("this path takes {}", kAllowed)),
                       "urn:uuid:" + visit->Record().id);
        refused.Set("Allow", std::string(kAllowed));
        return visit->Finish(std::move(refused));
    }
    if (!visit->Request().body.empty()) {
        return visit->Finish(
            ProblemOfRequest(Error(ErrorKind::kInvalidInput, "a GET request has no body here")));
    }
    if (!AnswerFixed(*visit, target)) Query(std::move(visit), *endpoint->second, target);
}

bool RestDoor::AnswerFixed(Visit& visit, const net::Target& target) const {
    if (!FixedRoutes().contains(target.path)) return false;
    if (!target.query.empty()) {
        visit.Finish(
            ProblemOfRequest(Error(ErrorKind::kInvalidInput, "this path takes no parameters")
                                 .With(kParameterContext, target.query.front().name)));
    } else if (target.path == "/") {
        visit.Finish(Text("application/json", Index()));
    } else if (target.path == "/metrics") {
        visit.Finish(Text(kMetricsMediaType, parts_.metrics.Text()));
    } else if (target.path == "/openapi.json") {
        visit.Finish(Text("application/json", openapi_));
    } else {
        visit.Finish(Text("application/json", Json{{"status", "ok"}}.dump() + "\n"));
    }
    return true;
}

void RestDoor::Query(std::unique_ptr<Visit> visit, const CheckedEndpoint& endpoint,
                     const net::Target& target) {
    std::shared_ptr<EndpointQuery> query;
    try {
        EndpointRequest request =
            ParseEndpointRequest(endpoint.endpoint, target.query, options_.caller);
        std::optional<Cursor> cursor = DecodeCursor(request, endpoint.endpoint, codec_);
        query = std::make_shared<EndpointQuery>(std::move(visit), endpoint, std::move(request),
                                                std::move(cursor), codec_, parts_.clock);
    } catch (const Error& error) {
        return visit->Finish(ProblemOfRequest(error));
    }
    EndpointQuery::WatchCaller(query, pool_);
    if (pool_.Submit(query)) return;
    query->TakeVisit()->Finish(ProblemOfStatus(
        503, "as many queries as the server takes are running and waiting: try again later"));
}

Problem RestDoor::UnknownRoute(const std::string& path) const {
    std::vector<std::string> paths;
    for (const auto& [known, endpoint] : by_path_) paths.push_back(known);
    for (const auto& [known, name] : FixedRoutes()) paths.push_back(known);
    const auto nearest = NearestWord(path, paths);
    return ProblemOfStatus(404, nearest ? fmt::format("did you mean `{}`?", *nearest)
                                        : "`/openapi.json` describes what is served");
}

std::string RestDoor::Index() const {
    Json endpoints = Json::array();
    for (const CheckedEndpoint& checked : endpoints_) {
        endpoints.push_back(
            {{"path", checked.endpoint.path}, {"description", checked.endpoint.description}});
    }
    const Json index{{"lake", options_.lake},
                     {"tarn", options_.tarn_version},
                     {"endpoints", std::move(endpoints)},
                     {"openapi", "/openapi.json"},
                     {"health", "/healthz"},
                     {"metrics", "/metrics"}};
    return index.dump(2) + "\n";
}

}  // namespace tarn::serve
