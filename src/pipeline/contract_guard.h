// Holds what a build writes to the contracts in force (`tarn contract publish`): a node that would
// break a promise of its table fails before its table is touched.
#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "engine/session.h"
#include "quality/contract.h"

namespace tarn::pipeline {

class ContractGuard {
public:
    // Reads the versions in force once.
    explicit ContractGuard(catalog::Catalog& catalog);

    // Is anything promised of the table.
    bool Covers(const engine::TableName& table) const;

    // `select`: the rows that the table is to have, or those to come to it when not `whole`.
    // InvalidInput naming the contract and each broken promise. Promises about freshness and volume
    // are not asked here, as they tell of a table over time.
    void Hold(engine::Session& session, const engine::TableName& table, const std::string& select,
              bool whole) const;
    // The same of columns alone, as for a view.
    void HoldColumns(engine::Session& session, const engine::TableName& table,
                     const std::string& select) const;

private:
    std::vector<quality::Contract> contracts_;
};

}  // namespace tarn::pipeline
