// Which files are in a bronze table. Each batch writes the list of its files beside the table, then
// commits its rows with the batch's number as the transaction's version: a list counts once its
// number is committed. So a killed run leaves a list that does not count, and nothing else.
//
//   <table>/_tarn/ingest/<source>.<schema>.<table>/<number, 20 digits>-<batch id>.jsonl
//
// Readers of the table format ignore names that begin with "_". Several lists may claim one number
// (a run was killed, or lost the race to commit); the one whose batch id stands in the table's rows
// is the true one, and the others are removed: their number is taken, so they can never be
// committed. Not thread-safe; correct with several processes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "ingest/landing_batch.h"
#include "storage/object_store.h"

namespace tarn::ingest {

struct BatchList {
    int64_t number = 0;
    std::string batch_id;
    std::vector<LandedFile> files;
};

struct LedgerState {
    int64_t next_number = 1;
    std::unordered_map<std::string, std::vector<LandedFile>> files;  // by path, oldest first
    std::set<std::string> batch_ids;                                 // committed ones
};

class Ledger {
public:
    static constexpr uint64_t kMaxListBytes = 256 << 20;

    Ledger(storage::ObjectStore& store, const std::string& table_location,
           const std::string& app_id);

    // Which of these batch ids have rows in the table.
    using HasRows = std::function<std::set<std::string>(const std::set<std::string>&)>;
    // Everything committed up to number `committed` (0: nothing). Corrupt: a list is missing or
    // cannot be read.
    LedgerState Load(int64_t committed, const HasRows& has_rows);
    // Durable when this returns.
    void Write(const BatchList& list);

private:
    struct Claim {
        int64_t number = 0;
        std::string batch_id;
        std::string location;
    };
    std::vector<Claim> Claims() const;
    std::vector<Claim> Resolve(const std::vector<Claim>& claims, int64_t committed,
                               const HasRows& has_rows);
    void Read(const Claim& claim, LedgerState& state) const;

    storage::ObjectStore& store_;
    std::string folder_;
    std::string app_id_;
};

}  // namespace tarn::ingest
