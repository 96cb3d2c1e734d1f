#include "serve/problem.h"

#include <array>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "serve/request.h"

namespace tarn::serve {

namespace {

struct StatusText {
    int status;
    std::string_view slug;
    std::string_view title;
};
constexpr std::array<StatusText, 13> kStatuses{{
    {400, "bad-request", "the request is not valid HTTP"},
    {403, "forbidden-origin", "the request comes from a place that is not trusted"},
    {404, "no-such-route", "nothing is served at this path"},
    {405, "method-not-allowed", "the path does not take this method"},
    {410, "page-gone", "the pages of this walk are no longer kept"},
    {413, "body-too-large", "the request's body is over its limit"},
    {421, "wrong-host", "the request is for another host"},
    {431, "header-too-large", "the request's header is over its limit"},
    {500, "internal", "the request failed inside the server"},
    {501, "not-implemented", "the server does not do this"},
    {503, "busy", "the server cannot take the request now"},
    {505, "http-version", "the HTTP version is not spoken here"},
    {0, "http", "the request failed"},
}};

// "InvalidInput" -> "invalid-input"
std::string Slug(std::string_view name) {
    std::string slug;
    for (const char c : name) {
        const bool capital = c >= 'A' && c <= 'Z';
        if (capital && !slug.empty()) slug += '-';
        slug += capital ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return slug;
}

Problem OfKind(ErrorKind kind) {
    const ErrorKindTraits& traits = TraitsOf(kind);
    return {traits.http_status, "urn:tarn:problem:" + Slug(traits.name),
            std::string(traits.meaning), "", ""};
}

// What a caller can do about a failure behind the door.
std::string_view Remedy(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::kTimeout:
            return "the query passed its time limit: narrow it with filters, or ask for fewer rows";
        case ErrorKind::kLimitExceeded:
            return "the query passed a limit of the server: narrow it with filters";
        case ErrorKind::kCancelled:
            return "the query was cancelled";
        case ErrorKind::kUnavailable:
            return "a part that the answer needs does not answer: try again later";
        case ErrorKind::kConflict:
            return "the tables changed under the request: try again";
        default:
            return "the server could not answer; its operator finds the reason in the log under "
                   "this request's id";
    }
}

// RFC 6901 inside a URI fragment.
std::string Pointer(const std::string& parameter) {
    std::string escaped;
    for (const char c : parameter) escaped += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    return "#/query/" + net::PercentEncode(escaped);
}

}  // namespace

Problem ProblemOfRequest(const Error& error) {
    Problem problem = OfKind(error.kind());
    problem.detail = error.message();
    for (const auto& [key, value] : error.context()) {
        if (key == kParameterContext) problem.parameter = value;
    }
    return problem;
}

Problem ProblemOfFailure(const Error& error) {
    // A statement that we built is never the caller's mistake.
    const bool ours =
        error.kind() == ErrorKind::kInvalidInput || error.kind() == ErrorKind::kNotFound ||
        error.kind() == ErrorKind::kAlreadyExists || error.kind() == ErrorKind::kUnsupported;
    Problem problem = OfKind(ours ? ErrorKind::kInternal : error.kind());
    problem.detail = Remedy(error.kind());
    return problem;
}

Problem ProblemOfStatus(int status, std::string_view detail) {
    const StatusText* text = &kStatuses.back();
    for (const StatusText& known : kStatuses) {
        if (known.status == status) text = &known;
    }
    return {status, fmt::format("urn:tarn:problem:{}", text->slug), std::string(text->title),
            std::string(detail), ""};
}

net::HttpResponse ToResponse(const Problem& problem, std::string_view instance) {
    using Json = nlohmann::ordered_json;
    Json json{{"type", problem.type},
              {"title", problem.title},
              {"status", problem.status},
              {"detail", problem.detail}};
    if (!instance.empty()) json["instance"] = instance;
    if (!problem.parameter.empty()) {
        json["errors"] = Json::array({{{"parameter", problem.parameter},
                                       {"pointer", Pointer(problem.parameter)},
                                       {"detail", problem.detail}}});
    }
    net::HttpResponse response;
    response.status = problem.status;
    response.Set("Content-Type", std::string(kProblemMediaType));
    response.body = json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    return response;
}

}  // namespace tarn::serve
