// Holds what a build writes to the contracts in force (`tarn contract publish`): a node that would
// break a promise of its table fails before its table is touched.
#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "engine/session.h"
#include "quality/contract.h"

namespace tarn::pipeline {

// What a SELECT gives of a table: nothing but its columns, rows that come to it, or all of it.
enum class HeldRows { kNone, kNew, kAll };

class ContractGuard {
public:
    // Reads the versions in force once.
    explicit ContractGuard(catalog::Catalog& catalog);

    // Is anything promised of the table.
    bool Covers(const engine::TableName& table) const;

    // `select`: the rows of which it is held; their columns always are. InvalidInput naming the
    // contract and each broken promise. Promises about freshness and volume are not asked here, as
    // they tell of a table over time.
    void Hold(engine::Session& session, const engine::TableName& table, const std::string& select,
              HeldRows held) const;

private:
    std::vector<quality::Contract> contracts_;
};

}  // namespace tarn::pipeline
