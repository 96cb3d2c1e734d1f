// Where the columns of a project's models come from, by the bound plans of their SELECTs: nothing
// runs, and nothing need be built. A model that reads what is not there, or that is refused, has
// none.
#pragma once

#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "catalog/catalog.h"
#include "engine/lineage.h"
#include "engine/session.h"
#include "pipeline/loaded_project.h"

namespace tarn::pipeline {

class ColumnLineage {
public:
    // All outlive the object.
    ColumnLineage(LoadedProject& loaded, engine::Session& session, catalog::Catalog& catalog)
        : loaded_(loaded), session_(session), catalog_(catalog) {}

    // `compiled`: the SELECTs that are known already, by unique id; others are compiled here. By
    // unique id of what has columns:
    //   {"columns": {"total": [{"id": "model.shop.orders", "column": "amount",
    //                           "effect": "AGGREGATION", "masking": false}]},
    //    "rows": [the same, for what decides on all of its rows],
    //    "missing": why there is no more, or absent}
    // Of a dataset that is no item of the project, "id" is its name ("ops.runs", a path).
    nlohmann::ordered_json Read(const std::map<std::string, std::string>& compiled);

private:
    using Json = nlohmann::ordered_json;

    // The SELECT by which the item's table is made; empty: it has none.
    std::string SelectOf(const Item& item, const std::map<std::string, std::string>& compiled);
    void Assume(const Item& item, const engine::StatementLineage& lineage);
    Json Shown(const engine::StatementLineage& lineage) const;

    LoadedProject& loaded_;
    engine::Session& session_;
    catalog::Catalog& catalog_;
    engine::AssumedTables assumed_;
    std::map<std::string, std::string> ids_;  // unique ids by "schema.name", folded
};

}  // namespace tarn::pipeline
