#include "pipeline/contract_guard.h"

#include "base/error.h"
#include "base/text.h"
#include "pipeline/contract_review.h"

namespace tarn::pipeline {
namespace {

bool IsAbout(const quality::ContractTable& promised, const engine::TableName& table) {
    return EqualsIgnoreCase(promised.table, table.ToString()) ||
           EqualsIgnoreCase(promised.table, table.name);
}

std::vector<std::string> BrokenPromises(engine::Session& session,
                                        std::vector<quality::ContractPromise> promises,
                                        const std::string& rows, HeldRows held) {
    std::erase_if(promises, [&](const quality::ContractPromise& one) {
        const bool is_asked =
            one.scope == quality::PromiseScope::kEachRow ||
            (one.scope == quality::PromiseScope::kTable && held == HeldRows::kAll);
        return one.only_warns || !is_asked;
    });
    std::vector<std::string> broken;
    for (const PromiseResult& one : AskPromises(session, promises, rows)) {
        if (one.kept) continue;
        broken.push_back(fmt::format("{} is {}, promised is {}", one.promise,
                                     one.value.value_or("NULL"), one.must_be));
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
                         const std::string& select, HeldRows held) const {
    const std::string rows = "(\n" + select + "\n)";
    for (const quality::Contract& contract : contracts_) {
        for (const quality::ContractTable& promised : contract.tables) {
            if (!IsAbout(promised, table)) continue;
            const auto columns = session.Execute("SELECT * FROM " + rows + " LIMIT 0")->Columns();
            Refuse(contract, table, quality::ColumnBreaches(promised, columns));
            if (held == HeldRows::kNone) continue;
            auto promises =
                quality::PromisesOf(contract, promised, columns, rows, "NULL::TIMESTAMPTZ");
            Refuse(contract, table, BrokenPromises(session, std::move(promises), rows, held));
        }
    }
}

}  // namespace tarn::pipeline
