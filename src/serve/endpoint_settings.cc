#include "serve/endpoint_settings.h"

namespace tarn::serve {

const std::vector<Setting>& EndpointSettings() {
    static const std::vector<Setting> settings{
        {"name", "word", "required", "with the version the endpoint's name in metrics and records"},
        {"version", "v1, v2, ...", "required", "versions stand side by side, a file each"},
        {"path", "path", "required", "begins with the version: /v1/on-time"},
        {"description", "text", "", "shown in the OpenAPI document"},
        {"owner", "text", "required", "who answers for the endpoint"},
        {"consumers", "list of texts", "", "who relies on it"},
        {"freshness.max_age", "90s, 30m, 26h, 7d", "none",
         "beyond it answers say `\"stale\": true`"},
        {"source.table", "schema.table", "this or sql", "the table served"},
        {"source.sql", "SELECT", "this or table",
         "reads the aliases of source.tables only; $name is a parameter without column"},
        {"source.tables", "alias: schema.table", "needed by sql",
         "each is read at one version by all pages of a walk"},
        {"columns[].name", "column", "required", "as in the source; the answer has this spelling"},
        {"columns[].type", "type", "required", "one of the types below"},
        {"columns[].description", "text", "", "shown in the OpenAPI document"},
        {"parameters[].name", "word", "required", "in the query string"},
        {"parameters[].type", "type", "required", "a value that is not of it is refused"},
        {"parameters[].column", "column", "none", "the one it filters; none: $name of source.sql"},
        {"parameters[].operator", "eq, ne, lt, lte, gt, gte, in", "eq",
         "how column and value compare; `in` takes values separated by commas"},
        {"parameters[].required", "true, false", "false", "is a request without it refused"},
        {"parameters[].default", "value", "none", "when the request does not give it"},
        {"parameters[].allowed", "list of values", "all", "every other one is refused"},
        {"parameters[].description", "text", "", "shown in the OpenAPI document"},
        {"order.by", "list of columns", "",
         "a column, or {column, direction: asc or desc, nulls: first or last}"},
        {"order.by[].column", "column", "required", "one of columns"},
        {"order.by[].direction", "asc, desc", "asc", ""},
        {"order.by[].nulls", "first, last", "last", ""},
        {"order.unique", "list of columns", "required",
         "together they tell rows apart; what order.by lacks of them comes last"},
        {"page.default", "rows", "50", "of a request without `limit`"},
        {"page.largest", "rows", "1000", "the largest `limit`; at most 10000"},
    };
    return settings;
}

}  // namespace tarn::serve
