// For tests: changes that hide rows of files, and which rows of a file are hidden.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "delta/testing/table_fixture.h"

namespace tarn::delta {

inline std::map<std::string, std::string> HidesRows() {
    return {{"delta.enableDeletionVectors", "true"}};
}

inline table::DataFile FileNamed(const table::Snapshot& snapshot, const std::string& path) {
    for (table::DataFile& file : snapshot.Plan(table::Predicate::True()).files) {
        if (file.path == path) return std::move(file);
    }
    ADD_FAILURE() << "there is no file " << path;
    return {};
}

inline table::Change Hide(const table::Snapshot& base,
                          std::map<std::string, std::vector<uint64_t>> rows) {
    table::Change change;
    change.operation = "DELETE";
    for (auto& [path, positions] : rows) {
        change.delete_rows.push_back({FileNamed(base, path), std::move(positions)});
    }
    return change;
}

inline std::vector<uint64_t> HiddenIn(const table::Snapshot& snapshot, const std::string& path,
                                      uint64_t rows = 10) {
    const auto deleted = snapshot.LoadDeletedRows(FileNamed(snapshot, path));
    std::vector<uint64_t> hidden;
    for (uint64_t row = 0; row < rows; ++row) {
        if (deleted->Contains(row)) hidden.push_back(row);
    }
    EXPECT_EQ(deleted->Count(), hidden.size());
    return hidden;
}

}  // namespace tarn::delta
