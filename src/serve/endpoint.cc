#include "serve/endpoint.h"

#include <array>

#include "base/check.h"

namespace tarn::serve {

namespace {

struct FilterNames {
    std::string_view name;
    std::string_view sql;
};
// Indexed by FilterOperator.
constexpr std::array<FilterNames, 7> kFilters{{
    {"eq", "="},
    {"ne", "<>"},
    {"lt", "<"},
    {"lte", "<="},
    {"gt", ">"},
    {"gte", ">="},
    {"in", ""},
}};

template <typename Named>
const Named* FindNamed(const std::vector<Named>& all, std::string_view name) {
    for (const Named& one : all) {
        if (one.name == name) return &one;
    }
    return nullptr;
}

}  // namespace

std::string_view NameOf(FilterOperator filter) {
    return kFilters.at(static_cast<size_t>(filter)).name;
}
std::string_view SqlOf(FilterOperator filter) {
    return kFilters.at(static_cast<size_t>(filter)).sql;
}

const EndpointColumn* Endpoint::FindColumn(std::string_view column) const {
    return FindNamed(columns, column);
}

const EndpointParameter* Endpoint::FindParameter(std::string_view parameter) const {
    return FindNamed(parameters, parameter);
}

size_t Endpoint::ColumnIndex(std::string_view column) const {
    const EndpointColumn* found = FindColumn(column);
    Check(found != nullptr, "a column of the endpoint");
    return static_cast<size_t>(found - columns.data());
}

}  // namespace tarn::serve
