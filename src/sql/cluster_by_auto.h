// CLUSTER BY AUTO: the table's property that leaves the choice of its clustering columns to whoever
// tends it, by the name that Databricks gives it.
#pragma once

namespace tarn::sql {

inline constexpr const char* kClusterByAuto = "clusterByAuto";

}  // namespace tarn::sql
