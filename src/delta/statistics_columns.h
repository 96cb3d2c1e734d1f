// The property delta.dataSkippingStatsColumns ("a, s.x, `b.c`"): the columns that have statistics,
// by the names that users know, of which structs stand for all their fields. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "table/table_format.h"
#include "table/type.h"

namespace tarn::delta {

inline constexpr const char* kStatisticsColumns = "delta.dataSkippingStatsColumns";

// The physical names, from the top, of each column that the list names and the schema has.
std::vector<std::vector<std::string>> StatisticsPaths(const table::Schema& schema,
                                                      std::string_view list);

// For a list that a statement gives: InvalidInput, naming the column, for one that the table lacks
// or is partitioned by.
void CheckStatisticsColumns(const table::TableMetadata& wanted, std::string_view list);

// The list of a table under the names that its columns have after an ALTER; those that are gone are
// left out.
std::string StatisticsColumnsAfter(const table::TableMetadata& before,
                                   const table::TableMetadata& after, std::string_view list);

}  // namespace tarn::delta
