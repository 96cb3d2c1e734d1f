// The nouns of a data API: what one file of apis/ declares. Immutable once read.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "serve/api_type.h"

namespace tarn::serve {

enum class FilterOperator { kEq, kNe, kLt, kLte, kGt, kGte, kIn };
std::string_view NameOf(FilterOperator filter);  // "gte"
std::string_view SqlOf(FilterOperator filter);   // ">="; kIn has none

struct EndpointColumn {
    std::string name;
    ApiType type = ApiType::kString;
    std::string description;
    TextSpot spot;
};

// One query parameter. With a column it filters, without one it is a $name of the source's SQL.
struct EndpointParameter {
    std::string name;
    ApiType type = ApiType::kString;
    std::string column;
    FilterOperator filter = FilterOperator::kEq;
    bool required = false;
    std::optional<std::string> fallback;  // the value when it is not given; it parses
    std::vector<std::string> allowed;     // empty: all values of the type
    std::string description;
    TextSpot spot;
};

struct SortColumn {
    std::string column;
    bool descending = false;
    bool nulls_first = false;
    TextSpot spot;
};

// Either a table, or a SELECT over tables that it names by an alias each; so every page of a walk
// can read the versions that the first one read.
struct EndpointSource {
    std::string sql;                                          // empty: the only table itself
    std::vector<std::pair<std::string, std::string>> tables;  // alias -> "gold.on_time"
    std::vector<TextSpot> table_spots;                        // beside `tables`
    TextSpot spot;
};

struct Endpoint {
    std::string name;
    std::string version;  // "v1"
    std::string path;     // "/v1/on-time"
    std::string description;
    std::string owner;
    std::vector<std::string> consumers;
    std::optional<int64_t> max_age_s;  // freshness promised
    EndpointSource source;
    std::vector<EndpointColumn> columns;
    std::vector<EndpointParameter> parameters;
    // A total order: what `order.by` says, then the rest of `order.unique`. All are among
    // `columns`.
    std::vector<SortColumn> order;
    int64_t page_default = 0;
    int64_t page_largest = 0;
    TextSpot spot;
    // Changes whenever the answer to the same request may change its shape: cursors and ETags hold
    // it.
    std::string fingerprint;

    std::string Label() const { return version + "/" + name; }  // for metrics and messages
    const EndpointColumn* FindColumn(std::string_view column) const;
    const EndpointParameter* FindParameter(std::string_view parameter) const;
    size_t ColumnIndex(std::string_view column) const;
};

}  // namespace tarn::serve
