// Queries to an endpoint: only InvalidInput or LimitExceeded may leave the reader, and no text of
// the caller reaches the SQL. The first byte chooses whether a page follows.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/error.h"
#include "net/url.h"
#include "serve/endpoint_config.h"
#include "serve/page_statement.h"

namespace {

constexpr const char* kEndpoint = R"(name: every_type
version: v1
path: /v1/every-type
owner: fuzz
source: {table: gold.t}
columns:
  - {name: b, type: boolean}
  - {name: i, type: integer}
  - {name: n, type: number}
  - {name: d, type: decimal}
  - {name: s, type: string}
  - {name: day, type: date}
  - {name: at, type: timestamp}
  - {name: local, type: local_timestamp}
parameters:
  - {name: b, type: boolean, column: b}
  - {name: i, type: integer, column: i, operator: gte}
  - {name: n, type: number, column: n, operator: lt}
  - {name: d, type: decimal, column: d}
  - {name: s, type: string, column: s, operator: in}
  - {name: day, type: date, column: day, operator: ne}
  - {name: at, type: timestamp, column: at}
  - {name: local, type: local_timestamp, column: local}
order: {by: [s, {column: n, direction: desc}], unique: [i]}
)";

constexpr std::string_view kSqlLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_ \"$,.()<>=*";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    namespace serve = tarn::serve;
    static const serve::Endpoint endpoint = serve::ParseEndpoint(kEndpoint, "fuzz.yml");
    static const serve::EndpointTypes types{
        {{"gold", "t"}},
        {"BOOLEAN", "BIGINT", "DOUBLE", "DECIMAL(38,0)", "VARCHAR", "DATE",
         "TIMESTAMP WITH TIME ZONE", "TIMESTAMP"}};
    if (size == 0) return 0;
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    try {
        const auto request = serve::ParseEndpointRequest(endpoint, tarn::net::ParseQuery(text), "");
        std::vector<std::optional<std::string>> after;
        if (data[0] % 2 == 1) after = {text, std::nullopt, text};
        const auto page = serve::BuildPageStatement(endpoint, types, request, {1}, after);
        if (page.sql.find_first_not_of(kSqlLetters) != std::string::npos) std::abort();
    } catch (const tarn::Error& error) {
        if (error.kind() != tarn::ErrorKind::kInvalidInput &&
            error.kind() != tarn::ErrorKind::kLimitExceeded)
            std::abort();
    }
    return 0;
}
