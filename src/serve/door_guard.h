// Who may knock while there is no identity: only programs that mean this machine. A web page whose
// name was rebound to the loopback shows itself by its Host or its Origin. Pure.
#pragma once

#include <optional>

#include "net/http_message.h"
#include "serve/problem.h"

namespace tarn::serve {

// A problem, or nothing when the request may come in: exactly one Host, naming the loopback (any
// port: it may be forwarded), and an Origin, where there is one, equal to it.
std::optional<Problem> CheckHostAndOrigin(const net::HttpRequest& request);

}  // namespace tarn::serve
