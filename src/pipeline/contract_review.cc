#include "pipeline/contract_review.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "ingest/yaml_folder.h"
#include "pipeline/table_writer.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

constexpr uint64_t kMaxContractBytes = 1 << 20;

TableReview ReviewTable(const quality::Contract& contract, const quality::ContractTable& promised,
                        engine::Session& session, catalog::Catalog& catalog, Clock& clock) {
    TableReview review;
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
    const auto columns = session.Execute("FROM " + table + " LIMIT 0")->Columns();
    review.breaches = quality::ColumnBreaches(promised, columns);
    const std::string now =
        fmt::format("TIMESTAMPTZ {}", sql::QuoteLiteral(FormatTimestamp(clock.Now())));
    review.results =
        AskPromises(session, quality::PromisesOf(contract, promised, columns, table, now), table);
    return review;
}

}  // namespace

std::vector<PromiseResult> AskPromises(engine::Session& session,
                                       const std::vector<quality::ContractPromise>& promises,
                                       const std::string& rows) {
    std::vector<PromiseResult> results;
    if (promises.empty()) return results;
    const auto answer = session.Query(quality::PromiseQuery(promises, rows)).at(0);
    for (size_t at = 0; at < promises.size(); ++at) {
        const quality::ContractPromise& promise = promises[at];
        results.push_back({promise.name, answer.at(2 * at), promise.must_be,
                           answer.at(2 * at + 1) == "true", promise.only_warns});
    }
    return results;
}

bool TableReview::IsKept() const {
    return breaches.empty() &&
           std::all_of(results.begin(), results.end(),
                       [](const PromiseResult& one) { return one.kept || one.only_warns; });
}

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

std::vector<TableReview> ReviewContract(const quality::Contract& contract, engine::Session& session,
                                        catalog::Catalog& catalog, Clock& clock) {
    std::vector<TableReview> reviews;
    for (const quality::ContractTable& promised : contract.tables)
        reviews.push_back(ReviewTable(contract, promised, session, catalog, clock));
    return reviews;
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
