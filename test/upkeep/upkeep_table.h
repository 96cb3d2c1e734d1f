// For tests: a Delta table in memory whose data files have bytes, too.
#pragma once

#include <set>
#include <string>

#include "delta/testing/log_lines.h"
#include "delta/testing/row_changes.h"
#include "delta/testing/table_fixture.h"

namespace tarn::upkeep {

class UpkeepTable : public delta::TableFixture {
protected:
    void PutFile(const std::string& path) { store_.Put(std::string(kRoot) + "/" + path, "bytes"); }
    // The data files that are there, by their paths.
    std::set<std::string> Files() {
        storage::ListOptions options;
        options.recursive = true;
        options.limit = 1000;
        std::set<std::string> files;
        for (const auto& info : store_.List(kRoot, options)) {
            std::string path = info.location.substr(std::string(kRoot).size() + 1);
            if (!path.starts_with("_delta_log")) files.insert(std::move(path));
        }
        return files;
    }
    void Append(const std::string& name, int32_t day = 0) {
        PutFile(name);
        MustAppend(name, 0, 0, day);
    }
    // A file `a` of which many rows are hidden by a deletion vector that lies in a file, too. The
    // version that has both; of a table made with delta::HidesRows().
    table::SnapshotPtr AppendWithVector() {
        table::DataFile file = delta::NewFile(kRoot, "a");
        table::FileStatistics statistics;
        statistics.record_count = 200'000;
        file.statistics = std::make_shared<const table::FileStatistics>(statistics);
        PutFile("a");
        MustCommit(delta::Append({file}));
        std::vector<uint64_t> many;
        for (uint64_t row = 0; row < 4000; ++row) many.push_back(row * 37);
        return MustCommit(delta::Hide(*Latest(), {{"a", many}}));
    }
    // As DELETE does it.
    void Remove(const std::string& name) {
        table::Change change;
        change.operation = "DELETE";
        for (table::DataFile& file : Latest()->Plan({}).files) {
            if (file.path == name) change.remove.push_back(std::move(file));
        }
        ASSERT_EQ(change.remove.size(), 1U);
        MustCommit(change);
    }
    void WaitDays(int days) { clock_.Advance(std::chrono::hours(24 * days)); }
};

}  // namespace tarn::upkeep
