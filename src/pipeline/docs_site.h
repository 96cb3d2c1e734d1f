// The documentation of a project as one HTML file that needs no network: every item with its words,
// columns, SQL and neighbours, a search, and the graph. Pure.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace tarn::pipeline {

// `lineage`: of the columns, as ColumnLineage gives it.
std::string DocsSite(const nlohmann::ordered_json& manifest, const nlohmann::ordered_json& catalog,
                     const nlohmann::ordered_json& lineage);

// The page around the data: `@DATA@` and `@TITLE@` stand where they belong.
std::string_view DocsPage();

}  // namespace tarn::pipeline
