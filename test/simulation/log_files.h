// The checker's own reading of a Delta log: which files of rows are live after each commit. Shares
// nothing with the tested code but the bytes of deletion vectors.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/clock.h"
#include "simulation/operation.h"
#include "storage/object_store.h"

namespace tarn::simulation {

// What a commit says, as far as the checker asks.
struct LandedCommit {
    std::vector<size_t> operations;          // their marks, in their order
    std::optional<int64_t> counter;          // set: new metadata, with this counter
    std::map<std::string, int64_t> batches;  // txn actions
};

class LogFiles {
public:
    LogFiles(storage::ObjectStore& store, std::string root)
        : store_(store), root_(std::move(root)) {}

    // Takes over the next commit, which landed at that time. Throws Corrupt when it removes what is
    // not live, adds what is, names what is not there whole, has a vector that the table's protocol
    // does not know, or does not follow on the last in its own time.
    LandedCommit Take(std::string_view commit, TimestampUs now);
    // What the table demands of those who read or write it, as of the last commit.
    const std::set<std::string>& Features() const { return features_; }
    // The history before this version is guarded: it may only go as a whole; 0: none is.
    int64_t GuardedBefore() const;
    bool RecordsChanges() const;
    // The oldest version that the log still has.
    int64_t FirstCommit() const;
    // All rows, ascending.
    Rows LiveRows() const;
    // Is the object one that the live files need.
    bool Needs(const std::string& location) const;
    // When the object ceased to be one; nothing when it never was.
    std::optional<TimestampUs> NeededUntil(const std::string& location) const;

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

    void TakeRemove(const nlohmann::json& remove, TimestampUs now);
    Vector ReadVector(const nlohmann::json& action, size_t rows) const;
    void TakeAdd(const nlohmann::json& add);
    void TakeProtocol(const nlohmann::json& protocol);
    void CheckTime(const nlohmann::json& info);
    void CheckVectorsAreKnown() const;
    bool HasProperty(const std::string& key, const std::string& value) const;
    const Rows& RowsOf(const std::string& path);

    storage::ObjectStore& store_;
    const std::string root_;
    std::map<std::string, Rows> written_;                       // by path
    std::map<std::pair<std::string, std::string>, File> live_;  // by path and vector
    std::map<std::string, TimestampUs> needed_until_;           // by location
    std::set<std::string> features_;
    std::map<std::string, std::string> properties_;
    std::optional<int64_t> last_time_ms_;  // the last commit's own time, where the table has them
};

// Marks an operation by its number: in commitInfo, or as application of a txn where several share a
// commit.
inline constexpr const char* kOperationMark = "simulation";
std::string MarkOf(size_t operation);

}  // namespace tarn::simulation
