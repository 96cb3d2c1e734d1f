// A request to an endpoint, checked: every parameter known, given once, and of its type. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/url.h"
#include "serve/cursor.h"
#include "serve/endpoint.h"
#include "table/value.h"

namespace tarn::serve {

constexpr size_t kMaxListValues = 100;  // of an `in` parameter

// One parameter of the endpoint with its values: several only for `in`, none when it was not given.
struct BoundParameter {
    const EndpointParameter* parameter = nullptr;
    std::vector<table::Value> values;
    std::vector<std::string> texts;  // beside `values`, canonical for the binding
};

struct EndpointRequest {
    std::vector<BoundParameter> parameters;  // one for each of the endpoint's, in its order
    int64_t limit = 0;
    std::optional<std::string> cursor;  // as given
    // Hash of endpoint, parameters and caller: what a cursor and an ETag hold on to. Without the
    // page.
    std::string binding;
};

// Context key of an Error that names the offending parameter.
constexpr const char* kParameterContext = "parameter";

// Throws InvalidInput with kParameterContext: unknown (the nearest is named), repeated, missing, of
// the wrong type, not allowed, a limit outside 1 to the endpoint's largest.
EndpointRequest ParseEndpointRequest(const Endpoint& endpoint,
                                     const std::vector<net::QueryParameter>& query,
                                     const std::string& caller);

}  // namespace tarn::serve
