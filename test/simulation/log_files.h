// The checker's own reading of a Delta log: which files of rows are live after each commit. Shares
// nothing with the tested code but the bytes of deletion vectors.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "simulation/operation.h"
#include "storage/object_store.h"

namespace tarn::simulation {

// What a commit says, as far as the checker asks.
struct LandedCommit {
    std::optional<size_t> operation;         // its mark in commitInfo
    std::optional<int64_t> counter;          // set: new metadata, with this counter
    std::map<std::string, int64_t> batches;  // txn actions
};

class LogFiles {
public:
    LogFiles(storage::ObjectStore& store, std::string root)
        : store_(store), root_(std::move(root)) {}

    // Takes over the next commit. Throws Corrupt when it removes what is not live, adds what is, or
    // names what is not there whole.
    LandedCommit Take(std::string_view commit);
    // All rows, ascending.
    Rows LiveRows() const;
    // Is the object one that the live files need.
    bool Needs(const std::string& location) const;

private:
    struct File {
        Rows rows;
        std::string vector_location;  // empty: none, or in the log
    };
    struct Vector {
        std::string key;  // what tells vectors of one path apart; empty: none
        std::string location;
        std::vector<bool> hidden;
    };

    Vector ReadVector(const nlohmann::json& action, size_t rows) const;
    void TakeAdd(const nlohmann::json& add);
    const Rows& RowsOf(const std::string& path);

    storage::ObjectStore& store_;
    const std::string root_;
    std::map<std::string, Rows> written_;                       // by path
    std::map<std::pair<std::string, std::string>, File> live_;  // by path and vector
};

inline constexpr const char* kOperationMark = "simulation";

}  // namespace tarn::simulation
