#include "quality/contract_guard.h"

#include "base/error.h"
#include "base/text.h"
#include "engine/column_lookup.h"

namespace tarn::quality {
namespace {

bool IsAbout(const ContractTable& promised, const engine::TableName& table) {
    return EqualsIgnoreCase(promised.table, table.ToString()) ||
           EqualsIgnoreCase(promised.table, table.name);
}

bool CanTell(HeldRows held, PromiseScope scope) {
    switch (scope) {
        case PromiseScope::kEachRow:
            return held != HeldRows::kNone;
        case PromiseScope::kManyRows:
            return held == HeldRows::kBatch || held == HeldRows::kAll;
        case PromiseScope::kTable:
            return held == HeldRows::kAll;
        case PromiseScope::kOverTime:
            break;
    }
    return false;
}

}  // namespace

ContractGuard::ContractGuard(catalog::Catalog& catalog) {
    for (const catalog::ContractAct& act : catalog.Contracts().AllPublished())
        contracts_.push_back(ParseContract(act.text, act.name + " " + act.version));
}

bool ContractGuard::Covers(const engine::TableName& table) const {
    for (const Contract& contract : contracts_) {
        for (const ContractTable& promised : contract.tables) {
            if (IsAbout(promised, table)) return true;
        }
    }
    return false;
}

std::vector<TableReview> ContractGuard::Review(engine::Session& session,
                                               const engine::TableName& table,
                                               const std::string& select, HeldRows held) const {
    std::vector<TableReview> reviews;
    const std::string rows = "(\n" + select + "\n)";
    std::vector<engine::ColumnInfo> columns;  // asked for once, where a contract is about the table
    for (const Contract& contract : contracts_) {
        for (const ContractTable& promised : contract.tables) {
            if (!IsAbout(promised, table)) continue;
            TableReview review;
            review.contract = contract.name;
            review.version = contract.version;
            review.table = table.ToString();
            if (columns.empty()) columns = engine::ColumnsOf(session, rows);
            review.breaches = ColumnBreaches(promised, columns);
            auto promises = PromisesOf(contract, promised, columns, rows, "NULL::TIMESTAMPTZ");
            std::erase_if(promises,
                          [&](const ContractPromise& one) { return !CanTell(held, one.scope); });
            // What the columns break the rows need not be asked.
            if (review.breaches.empty() && held != HeldRows::kNone)
                AskPromises(session, promises, rows, review);
            reviews.push_back(std::move(review));
        }
    }
    return reviews;
}

void ThrowIfBroken(const std::vector<TableReview>& reviews) {
    for (const TableReview& review : reviews) {
        const std::vector<std::string> broken = review.Broken();
        if (broken.empty()) continue;
        throw Error(ErrorKind::kInvalidInput,
                    "{} would break its contract {} {}: {}; nothing is written. Mend the rows, or "
                    "publish a version of the contract that says otherwise",
                    review.table, review.contract, review.version, Join(broken, "; "));
    }
}

std::vector<catalog::QualityRecord> RecordsOf(const std::vector<TableReview>& reviews,
                                              int64_t run_number, const std::string& node) {
    std::vector<catalog::QualityRecord> records;
    for (const TableReview& review : reviews) {
        for (catalog::QualityRecord& record : RecordsOf(review)) {
            record.run_number = run_number;
            record.node = node;
            records.push_back(std::move(record));
        }
    }
    return records;
}

}  // namespace tarn::quality
