#include "serve/request.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

namespace tarn::serve {

namespace {

Error Refused(const std::string& parameter, std::string message) {
    return Error(ErrorKind::kInvalidInput, std::move(message)).With(kParameterContext, parameter);
}

std::map<std::string, std::string> OnceEach(const Endpoint& endpoint,
                                            const std::vector<net::QueryParameter>& query) {
    std::vector<std::string> known{"limit", "cursor"};
    for (const EndpointParameter& parameter : endpoint.parameters) known.push_back(parameter.name);
    std::map<std::string, std::string> given;
    for (const auto& [name, value] : query) {
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            const auto nearest = NearestWord(name, known);
            throw Refused(
                name, nearest ? fmt::format("unknown parameter: did you mean `{}`?", *nearest)
                              : fmt::format("unknown parameter: known are {}", Join(known, ", ")));
        }
        if (!given.emplace(name, value).second) throw Refused(name, "the parameter stands twice");
    }
    return given;
}

int64_t ParseLimit(const Endpoint& endpoint, const std::string& text) {
    const auto limit = ParseInt(text);
    if (!limit || *limit < 1 || *limit > endpoint.page_largest) {
        throw Refused("limit",
                      fmt::format("expected a whole number from 1 to {}", endpoint.page_largest));
    }
    return *limit;
}

BoundParameter Bind(const EndpointParameter& parameter, const std::string& text) {
    BoundParameter bound{&parameter, {}, {text}};
    if (parameter.filter == FilterOperator::kIn) bound.texts = Split(text, ',');
    if (bound.texts.size() > kMaxListValues) {
        throw Refused(parameter.name,
                      fmt::format("more than {} values in the list", kMaxListValues));
    }
    for (const std::string& one : bound.texts) {
        const auto& allowed = parameter.allowed;
        try {
            bound.values.push_back(ParseApiValue(parameter.type, one));
        } catch (const Error& error) {
            throw Refused(parameter.name, error.message());
        }
        if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), one) == allowed.end()) {
            throw Refused(parameter.name, fmt::format("expected one of {}", Join(allowed, ", ")));
        }
    }
    return bound;
}

// Lengths before texts, so that no two requests give the same bytes.
std::string BindingOf(const Endpoint& endpoint, const std::vector<BoundParameter>& parameters,
                      const std::string& caller) {
    std::string bytes;
    const auto add = [&](std::string_view text) {
        bytes += fmt::format("{}:{}", text.size(), text);
    };
    add(endpoint.fingerprint);
    add(caller);
    for (const BoundParameter& bound : parameters) {
        add(bound.parameter->name);
        bytes += fmt::format("{};", bound.texts.size());
        for (const std::string& text : bound.texts) add(text);
    }
    return Sha256Hex(bytes);
}

}  // namespace

EndpointRequest ParseEndpointRequest(const Endpoint& endpoint,
                                     const std::vector<net::QueryParameter>& query,
                                     const std::string& caller) {
    const std::map<std::string, std::string> given = OnceEach(endpoint, query);
    EndpointRequest request;
    request.limit = endpoint.page_default;
    if (const auto limit = given.find("limit"); limit != given.end()) {
        request.limit = ParseLimit(endpoint, limit->second);
    }
    if (const auto cursor = given.find("cursor"); cursor != given.end())
        request.cursor = cursor->second;
    for (const EndpointParameter& parameter : endpoint.parameters) {
        const auto value = given.find(parameter.name);
        if (value != given.end()) {
            request.parameters.push_back(Bind(parameter, value->second));
        } else if (parameter.fallback) {
            request.parameters.push_back(Bind(parameter, *parameter.fallback));
        } else if (parameter.required) {
            throw Refused(parameter.name, "the parameter is required");
        } else {
            request.parameters.push_back({&parameter, {}, {}});
        }
    }
    request.binding = BindingOf(endpoint, request.parameters, caller);
    return request;
}

}  // namespace tarn::serve
