// Problem documents (RFC 9457): what a failed request answers. Status and title follow from the
// kind of the error by the one table of base/error.h.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "net/http_message.h"

namespace tarn::serve {

constexpr std::string_view kProblemMediaType = "application/problem+json";

struct Problem {
    int status = 500;
    std::string type;  // "urn:tarn:problem:invalid-input"
    std::string title;
    std::string detail;     // for the caller: what was wrong and what to do
    std::string parameter;  // the query parameter that is to blame, or empty
};

// Of a mistake in the request, whose words the caller may read; takes the parameter from the
// error's context.
Problem ProblemOfRequest(const Error& error);
// Of a failure behind the door: only the kind shows, for its words may name paths and tables.
Problem ProblemOfFailure(const Error& error);
// Of HTTP itself: 404, 405, 410, 413 and so on.
Problem ProblemOfStatus(int status, std::string_view detail);

// `instance` is the request's id ("urn:uuid:..."), empty when it has none.
net::HttpResponse ToResponse(const Problem& problem, std::string_view instance);

}  // namespace tarn::serve
