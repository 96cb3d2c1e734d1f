#include "pipeline/contract_guard.h"

#include "base/error.h"
#include "base/text.h"
#include "quality/contract_check.h"

namespace tarn::pipeline {
namespace {

using Columns = std::vector<engine::ColumnInfo>;

bool IsAbout(const quality::ContractTable& promised, const engine::TableName& table) {
    return EqualsIgnoreCase(promised.table, table.ToString()) ||
           EqualsIgnoreCase(promised.table, table.name);
}

std::vector<std::string> BrokenPromises(engine::Session& session, const quality::Contract& contract,
                                        const quality::ContractTable& promised,
                                        const Columns& columns, const std::string& rows,
                                        bool whole) {
    std::vector<quality::ContractPromise> asked;
    for (quality::ContractPromise& promise :
         quality::PromisesOf(contract, promised, columns, rows, "NULL::TIMESTAMPTZ")) {
        const bool is_over_time = promise.name.starts_with("sla.");
        if (!promise.only_warns && !is_over_time && (whole || promise.of_each_row))
            asked.push_back(std::move(promise));
    }
    std::vector<std::string> broken;
    if (asked.empty()) return broken;
    const auto answer = session.Query(quality::PromiseQuery(asked, rows)).at(0);
    for (size_t at = 0; at < asked.size(); ++at) {
        if (answer.at(2 * at + 1) == "true") continue;
        broken.push_back(fmt::format("{} is {}, promised is {}", asked[at].name,
                                     answer.at(2 * at).value_or("NULL"), asked[at].must_be));
    }
    return broken;
}

void Refuse(const quality::Contract& contract, const engine::TableName& table,
            const std::vector<std::string>& broken) {
    if (broken.empty()) return;
    throw Error(ErrorKind::kInvalidInput,
                "{} would break its contract {} {}: {}; nothing is written. Mend the rows, or "
                "publish a version of the contract that says otherwise",
                table.ToString(), contract.name, contract.version, Join(broken, "; "));
}

}  // namespace

ContractGuard::ContractGuard(catalog::Catalog& catalog) {
    for (const catalog::ContractAct& act : catalog.Contracts().AllPublished())
        contracts_.push_back(quality::ParseContract(act.text, act.name + " " + act.version));
}

bool ContractGuard::Covers(const engine::TableName& table) const {
    for (const quality::Contract& contract : contracts_) {
        for (const quality::ContractTable& promised : contract.tables) {
            if (IsAbout(promised, table)) return true;
        }
    }
    return false;
}

void ContractGuard::Hold(engine::Session& session, const engine::TableName& table,
                         const std::string& select, bool whole) const {
    HoldColumns(session, table, select);
    const std::string rows = "(\n" + select + "\n)";
    for (const quality::Contract& contract : contracts_) {
        for (const quality::ContractTable& promised : contract.tables) {
            if (!IsAbout(promised, table)) continue;
            const auto columns = session.Execute("SELECT * FROM " + rows + " LIMIT 0")->Columns();
            Refuse(contract, table,
                   BrokenPromises(session, contract, promised, columns, rows, whole));
        }
    }
}

void ContractGuard::HoldColumns(engine::Session& session, const engine::TableName& table,
                                const std::string& select) const {
    for (const quality::Contract& contract : contracts_) {
        for (const quality::ContractTable& promised : contract.tables) {
            if (!IsAbout(promised, table)) continue;
            const auto columns =
                session.Execute("SELECT * FROM (\n" + select + "\n) LIMIT 0")->Columns();
            Refuse(contract, table, quality::ColumnBreaches(promised, columns));
        }
    }
}

}  // namespace tarn::pipeline
