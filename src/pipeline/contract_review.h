// The data contracts of a lake (contracts/*.yml) against its tables, and their way from a file to
// the version in force.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "catalog/catalog.h"
#include "engine/session.h"
#include "quality/contract.h"
#include "quality/contract_publication.h"
#include "quality/table_review.h"
#include "storage/object_store.h"

namespace tarn::pipeline {

inline constexpr const char* kContractsFolder = "contracts";

struct ContractFile {
    quality::Contract contract;
    std::string text;
};

// All contracts/*.yml and *.yaml of the lake, by the names of the files; none is fine.
// InvalidInput: a mistake in any of them, or two contracts of one name.
std::vector<ContractFile> LoadContracts(storage::ObjectStore& store, const std::string& lake_root);

// Asks each table of the contract. A table that is missing is a breach, not thrown.
std::vector<quality::TableReview> ReviewContract(const quality::Contract& contract,
                                                 engine::Session& session,
                                                 catalog::Catalog& catalog, Clock& clock);

// Leaves what they say in ops.quality, as a run of the node; `build_id`: of the build that it is
// part of, else empty.
void RecordReviews(const std::vector<quality::TableReview>& reviews, const std::string& node,
                   const std::string& build_id, catalog::RunLog& log);

// The table of the lake that a contract means: by its schema and name, or by a name that only one
// schema has. InvalidInput: several have it.
std::optional<engine::TableName> FindPromised(const quality::ContractTable& promised,
                                              catalog::Catalog& catalog);

// What publishing the file now would change, and why it may not be; nothing in force yet: anything
// may be published.
quality::Publication ReviewPublication(const ContractFile& file, catalog::Catalog& catalog,
                                       Clock& clock);

}  // namespace tarn::pipeline
