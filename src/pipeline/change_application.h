// Applies a batch of changes to a table: any order and any batching of the same changes gives the
// same table. Writes two tables through the session, the memory, then the target; what was read is
// told in the target's commit, so that a batch whose memory alone is there is applied again, and to
// the same end. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/session.h"
#include "engine/table_directory.h"
#include "pipeline/table_writer.h"
#include "sql/change_rules.h"

namespace tarn::pipeline {

struct ChangeTask {
    const sql::ChangeRules& rules;
    std::string changes;  // a SELECT
    // The target, its marks, what it is made with. Its rows and how they meet those that are there
    // are the application's.
    TableWrite write;
    bool anew = false;         // of these changes alone
    bool keeps_table = false;  // even so, the table is not made again
};

struct ChangeOutcome {
    int64_t changes = 0;
    WriteOutcome written;
};

class ChangeApplication {
public:
    // Both outlive it.
    ChangeApplication(engine::Session& session, engine::TableDirectory& directory)
        : session_(session), writer_(session, directory) {}

    // Is there a target whose memory has all that was applied to it. InvalidInput: it was made by
    // rules that remember other things.
    bool IsInStep(const engine::TableName& target, const sql::ChangeRules& rules);

    // InvalidInput: a key or what orders the changes is NULL, a column is missing; nothing is
    // written then.
    ChangeOutcome Apply(ChangeTask task);

    // The table that remembers what the target does not show.
    static engine::TableName MemoryOf(const engine::TableName& target);

private:
    void WriteMemory(const ChangeTask& task, int64_t generation, const std::string& select);

    engine::Session& session_;
    TableWriter writer_;
};

}  // namespace tarn::pipeline
