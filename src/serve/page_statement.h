// The SQL of one page: the caller's values are bound, never pasted; names are quoted; every table
// is read at the version that the walk began with. Pure.
//
// A page asks for one row more than it gives, so that "is there a next page" needs no second query.
// Rows after the cursor are found by comparison with the last row's order columns (keyset), in the
// order's own directions and places of NULL, so that neither ties nor NULLs lose or double a row.
#pragma once

#include <string>
#include <vector>

#include "engine/table_directory.h"
#include "serve/endpoint.h"
#include "serve/request.h"
#include "table/value.h"

namespace tarn::serve {

// What the tables said about an endpoint at start.
struct EndpointTypes {
    std::vector<engine::TableName> tables;  // beside source.tables, resolved
    std::vector<std::string> column_types;  // SQL types beside endpoint.columns
};

struct PageStatement {
    std::string sql;
    std::vector<table::Value> parameters;
};

// `versions` stands beside source.tables; `after` is the last row's order columns, empty for the
// first page.
PageStatement BuildPageStatement(const Endpoint& endpoint, const EndpointTypes& types,
                                 const EndpointRequest& request,
                                 const std::vector<int64_t>& versions,
                                 const std::vector<std::optional<std::string>>& after);

// SELECT * over the source without any row, at the tables' present versions: tells columns and
// types.
PageStatement BuildProbeStatement(const Endpoint& endpoint,
                                  const std::vector<engine::TableName>& tables);

}  // namespace tarn::serve
