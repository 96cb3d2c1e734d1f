// Holds what is written to the contracts in force (`tarn contract publish`): rows that would break
// a promise of their table are found before the table is touched.
#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "engine/session.h"
#include "quality/contract.h"
#include "quality/table_review.h"

namespace tarn::quality {

// What a SELECT gives of a table: nothing but its columns, rows that come to it, a batch of them
// that is large enough for rates, or all of it.
enum class HeldRows { kNone, kNew, kBatch, kAll };

class ContractGuard {
public:
    // Reads the versions in force once.
    explicit ContractGuard(catalog::Catalog& catalog);

    // Is anything promised of the table.
    bool Covers(const engine::TableName& table) const;

    // How the rows of `select` keep each contract of the table, as far as such rows can tell; their
    // columns always are asked. Freshness and volume are not, as they tell of a table over time.
    std::vector<TableReview> Review(engine::Session& session, const engine::TableName& table,
                                    const std::string& select, HeldRows held) const;

private:
    std::vector<Contract> contracts_;
};

// InvalidInput naming the contract and each broken promise, where there is one.
void ThrowIfBroken(const std::vector<TableReview>& reviews);
// The rows of ops.quality that the reviews come to.
std::vector<catalog::QualityRecord> RecordsOf(const std::vector<TableReview>& reviews,
                                              int64_t run_number, const std::string& node);

}  // namespace tarn::quality
