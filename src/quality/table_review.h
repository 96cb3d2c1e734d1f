// How a table, or rows that come to it, keep what a contract promises: asks the session, and says
// it as values and as rows of ops.quality.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "catalog/run_log.h"
#include "engine/session.h"
#include "quality/contract_check.h"

namespace tarn::quality {

// How one promise is kept.
struct PromiseResult {
    ContractPromise promise;
    std::optional<std::string> value;  // nothing: NULL, as of an empty table's newest row
    bool kept = false;
    int64_t rows_failed = 0;  // that break it; 1 where no rows can be told
};

struct TableReview {
    std::string contract;
    std::string version;
    std::string table;                  // "bronze.events", or as the contract says where it is not
    std::vector<std::string> breaches;  // of columns; where the table is missing, that
    std::vector<PromiseResult> results;
    std::optional<int64_t> rows = {};              // that were asked
    std::map<std::string, int64_t> versions = {};  // of the tables that were read

    bool IsKept() const;
    // "state.allowed_values is 2, promised is = 0", and the breaches.
    std::vector<std::string> Broken() const;
};

bool AreKept(const std::vector<TableReview>& reviews);

// Asks the promises of the rows, a table as SQL or a query in parentheses, and adds what they come
// to.
void AskPromises(engine::Session& session, const std::vector<ContractPromise>& promises,
                 const std::string& rows, TableReview& review);

// One row for the columns of the table, and one for each promise; without a run.
std::vector<catalog::QualityRecord> RecordsOf(const TableReview& review);

}  // namespace tarn::quality
