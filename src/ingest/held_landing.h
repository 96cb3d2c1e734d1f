// A batch of a table that a contract in force is about: its rows are staged and asked before any of
// them is written, and go where the source's policy says. Used by TableLanding. Not thread-safe.
//
// Rows that are set aside lie in `quarantine.<schema>_<table>`, with the rules they break, the run
// and the time, and with the source and the number of their batch. They are committed before the
// batch: one that is cut in between leaves rows whose batch is never committed, which
// CleanQuarantine takes away once their number is another's.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "engine/session.h"
#include "ingest/ingest.h"
#include "quality/contract_guard.h"

namespace tarn::ingest {

// What a statement reads a batch's rows by.
inline constexpr const char* kInput = "tarn_landing_batch";

struct HeldBatch {
    std::string batch_id;
    int64_t number = 0;
    TimestampUs started{};
};

class HeldLanding {
public:
    // All of them outlive it; `report` is filled as batches come.
    HeldLanding(IngestParts& parts, ContractPolicy policy, engine::TableName table,
                std::string source, TableReport& report);

    // Reads all rows of the batch. Gives what a FROM may name: those that may land. InvalidInput:
    // the contract, its broken promises, and where the first row that breaks each comes from;
    // nothing is written then.
    std::string Admit(LandingRows& rows, const HeldBatch& batch);
    // The batch of the last Admit is committed: what was found of it is a part of the report.
    void Confirm();
    // Takes rows away whose batch is none of the committed ones, and whose number is below `next`.
    void CleanQuarantine(const std::set<std::string>& committed, int64_t next);

private:
    struct BrokenRule {
        std::string name;
        std::string condition;
        int64_t rows = 0;
    };

    [[noreturn]] void Refuse(const std::vector<quality::TableReview>& reviews);
    // Those of broken promises. False: there are some that no row is told by.
    static bool FindRules(const std::vector<quality::TableReview>& reviews,
                          std::vector<BrokenRule>& rules);
    void SetAside(const std::vector<BrokenRule>& rules, const HeldBatch& batch);
    bool HasQuarantine();
    std::string Quarantine() const;

    IngestParts& parts_;
    const ContractPolicy policy_;
    const engine::TableName table_;
    const std::string source_;
    TableReport& report_;
    // Of the batch at hand.
    std::vector<catalog::QualityRecord> checks_;
    std::vector<std::string> broken_;
    int64_t set_aside_ = 0;
};

}  // namespace tarn::ingest
