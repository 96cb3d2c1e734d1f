// Holds an endpoint file against the tables that it names, before the first request: a missing
// table or column, or a type that does not fit, is an error at the file's line and column.
#pragma once

#include "engine/session.h"
#include "serve/page_statement.h"

namespace tarn::serve {

// NotFound (a table), InvalidInput (columns, types, SQL); both at file, line and column.
EndpointTypes CheckEndpoint(const Endpoint& endpoint, engine::Session& session);

}  // namespace tarn::serve
