// Endpoint files for this room's tests.
#pragma once

namespace tarn::serve::samples {

inline constexpr const char* kOnTime = R"(name: on_time
version: v1
path: /v1/on-time
description: On-time performance of each carrier by month.
owner: analytics
consumers: [dashboard]
freshness: {max_age: 26h}
source: {table: gold.on_time}
columns:
  - {name: carrier, type: string, description: IATA code}
  - {name: month, type: integer}
  - {name: flights, type: integer}
  - {name: share, type: number}
parameters:
  - {name: carrier, type: string, column: carrier, allowed: [UA, AA, DL]}
  - {name: month, type: integer, column: month, description: 1 to 12}
  - {name: min_flights, type: integer, column: flights, operator: gte, default: 0}
  - {name: carriers, type: string, column: carrier, operator: in}
order:
  by: [{column: month, direction: desc, nulls: first}]
  unique: [carrier, month]
page: {default: 2, largest: 5}
)";

inline constexpr const char* kSql = R"(name: delays
version: v2
path: /v2/delays
owner: analytics
source:
  sql: SELECT carrier, count(*) AS n FROM f WHERE day > $since AND day < $since + 7 GROUP BY 1 -- x
  tables: {f: silver.flights, c: silver.carriers}
columns:
  - {name: carrier, type: string}
  - {name: n, type: integer}
parameters:
  - {name: since, type: date, required: true}
order: {unique: [carrier]}
)";

}  // namespace tarn::serve::samples
