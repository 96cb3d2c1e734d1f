#include "pipeline/contract_review.h"

#include "base/error.h"
#include "base/text.h"
#include "engine/column_lookup.h"
#include "ingest/yaml_folder.h"
#include "pipeline/table_writer.h"
#include "quality/contract_guard.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

constexpr uint64_t kMaxContractBytes = 1 << 20;

quality::TableReview ReviewTable(const quality::Contract& contract,
                                 const quality::ContractTable& promised, engine::Session& session,
                                 catalog::Catalog& catalog, Clock& clock) {
    quality::TableReview review;
    review.contract = contract.name;
    review.version = contract.version;
    review.table = promised.table;
    const auto name = FindPromised(promised, catalog);
    if (!name) {
        review.breaches.push_back(fmt::format("there is no table `{}`", promised.table));
        return review;
    }
    review.table = name->ToString();
    const std::string table = QuotedTable(*name);
    const auto columns = engine::ColumnsOf(session, table);
    review.breaches = quality::ColumnBreaches(promised, columns);
    const std::string now =
        fmt::format("TIMESTAMPTZ {}", sql::QuoteLiteral(FormatTimestamp(clock.Now())));
    quality::AskPromises(session, quality::PromisesOf(contract, promised, columns, table, now),
                         table, review);
    return review;
}

}  // namespace

std::vector<ContractFile> LoadContracts(storage::ObjectStore& store, const std::string& lake_root) {
    std::vector<ContractFile> files;
    for (ingest::YamlFile& file :
         ingest::ReadYamlFolder(store, lake_root, kContractsFolder, kMaxContractBytes)) {
        quality::Contract contract = quality::ParseContract(file.text, file.name);
        files.push_back({std::move(contract), std::move(file.text)});
    }
    for (size_t i = 0; i < files.size(); ++i) {
        for (size_t j = 0; j < i; ++j) {
            const quality::Contract& one = files[j].contract;
            if (one.name != files[i].contract.name) continue;
            throw Error(ErrorKind::kInvalidInput,
                        "two contracts are called `{}`: {} and {}; a new version stands in the "
                        "file of the old one",
                        one.name, one.file, files[i].contract.file)
                .At({files[i].contract.file, 1, 1});
        }
    }
    return files;
}

std::optional<engine::TableName> FindPromised(const quality::ContractTable& promised,
                                              catalog::Catalog& catalog) {
    const size_t dot = promised.table.rfind('.');
    if (dot != std::string::npos) {
        const engine::TableName name{promised.table.substr(0, dot), promised.table.substr(dot + 1)};
        const auto entry = catalog.Find(name);
        return entry ? std::optional(entry->name) : std::nullopt;
    }
    std::optional<engine::TableName> found;
    for (const engine::SchemaEntry& schema : catalog.Schemas()) {
        const auto entry = catalog.Find({schema.name, promised.table});
        if (!entry) continue;
        if (found) {
            throw Error(ErrorKind::kInvalidInput,
                        "the contract's table `{}` may be {} or {}: say `table: schema.name`",
                        promised.table, found->ToString(), entry->name.ToString());
        }
        found = entry->name;
    }
    return found;
}

std::vector<quality::TableReview> ReviewContract(const quality::Contract& contract,
                                                 engine::Session& session,
                                                 catalog::Catalog& catalog, Clock& clock) {
    std::vector<quality::TableReview> reviews;
    for (const quality::ContractTable& promised : contract.tables)
        reviews.push_back(ReviewTable(contract, promised, session, catalog, clock));
    return reviews;
}

void RecordReviews(const std::vector<quality::TableReview>& reviews, const std::string& node,
                   const std::string& build_id, catalog::RunLog& log) {
    catalog::RunRecord run;
    run.build_id = build_id;
    run.node = node;
    run.kind = catalog::RunKind::kTest;
    run = log.Start(run);
    run.state =
        quality::AreKept(reviews) ? catalog::RunState::kSucceeded : catalog::RunState::kFailed;
    for (const quality::TableReview& review : reviews)
        run.source_versions.insert(review.versions.begin(), review.versions.end());
    log.AppendQuality(quality::RecordsOf(reviews, run.number, run.node));
    log.Finish(run);
}

quality::Publication ReviewPublication(const ContractFile& file, catalog::Catalog& catalog,
                                       Clock& clock) {
    const std::string& name = file.contract.name;
    const auto in_force = catalog.Contracts().Published(name);
    if (!in_force) return {};
    const auto announced = catalog.Contracts().Announced(name, file.text);
    return quality::JudgePublication(
        quality::ParseContract(in_force->text, name + " " + in_force->version), file.contract,
        announced ? std::optional(announced->at) : std::nullopt, clock.Now());
}

}  // namespace tarn::pipeline
