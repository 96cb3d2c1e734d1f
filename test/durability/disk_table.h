// A table in a folder of a real disk, opened by an engine of its own over a store of the test's
// choice. For tests only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "delta/format.h"
#include "engine/map_directory.h"
#include "engine/session.h"
#include "storage/object_store.h"

namespace tarn::durability {

// What a statement is tried on, and what it leaves.
struct Statement {
    std::string name;
    std::string sql;
    int versions = 1;  // that it makes; several only where no row changes; 0: nothing is to be seen
    std::vector<std::string> setup = {};  // what comes before, undisturbed
};

// What may be found when the statement was broken off, of what was found before it and would be
// behind it: the first, and what all of its versions but the last leave.
std::vector<std::string> StatesOnTheWay(const Statement& statement, const std::string& before,
                                        const std::string& after);

class DiskTable {
public:
    // `folder` is where the table lies, or will.
    DiskTable(storage::ObjectStore& store, const std::string& folder);
    // Where others write at the same time, pauses must last.
    // `executor` as in delta::FormatOptions: to be ended while this is there.
    DiskTable(storage::ObjectStore& store, const std::string& folder, Clock& clock,
              Executor* executor = nullptr);
    ~DiskTable();

    std::unique_ptr<engine::Session> Connect() { return engine_->Connect({"tester", true}); }

    void Run(const std::string& sql) { session_->Run(sql); }
    void SetUp(const Statement& statement) {
        for (const std::string& sql : statement.setup) Run(sql);
    }
    void Cancel() { session_->Cancel(); }
    // "version 7: 1|10, 2|20": all that a reader sees; with what the version changed, where the
    // table records that.
    std::string State();
    int64_t Version();

    // Makes the table in its folder: some files, some hidden rows, a checkpoint, files that no
    // version needs, a log that the next checkpoint cleans up.
    static void Make(storage::ObjectStore& store, const std::string& folder, bool hides_rows);

private:
    std::string Rows(const std::string& sql);

    // Pauses pass at once; what Make has left is beyond every retention.
    ManualClock own_clock_{TimestampUs(std::chrono::hours(24 * 365 * 130))};
    RealRandom random_;
    engine::LocalOwnerPolicy policy_;
    engine::MapDirectory directory_;
    std::unique_ptr<delta::Format> delta_;
    std::unique_ptr<engine::Engine> engine_;
    std::unique_ptr<engine::Session> session_;
};

// Statements that change the table that Make makes, one of each kind.
const std::vector<Statement>& Statements();
inline constexpr const char* kNextStatement = "INSERT INTO t (k, v) VALUES (1000, 1000)";

}  // namespace tarn::durability
