// The OpenAPI 3.1 document of all endpoints, from the same data that answers requests. Pure.
#pragma once

#include <string>
#include <vector>

#include "serve/endpoint.h"

namespace tarn::serve {

struct OpenApiInfo {
    std::string lake;
    std::string version;  // of Tarn
};

std::string BuildOpenApi(const OpenApiInfo& info, const std::vector<Endpoint>& endpoints);

}  // namespace tarn::serve
