// A dimension with its history, made of ordinary batches of rows: what differs from the current
// version of its key ends that version and begins one, in one commit and at one time; what does not
// is seen again. Beside the model's columns: is_current, valid_from, valid_to (NULL: it holds),
// row_hash (of all values, NULLs among them), last_seen_at. Not thread-safe.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "engine/session.h"
#include "pipeline/table_writer.h"

namespace tarn::pipeline {

class HistoryDimension {
public:
    // All of them outlive it.
    HistoryDimension(engine::Session& session, engine::TableDirectory& directory, Clock& clock)
        : session_(session), writer_(session, directory), clock_(clock) {}

    // Brings the rows of write.select to the table, by write.unique_key; write.replace: the table
    // begins with them. InvalidInput: a key is NULL, stands twice in the batch or is no column.
    WriteOutcome Apply(TableWrite write);

private:
    // The time of the batch: now, or just behind the latest version, should the clock have gone
    // back.
    std::string TimeOf(const TableWrite& write);

    engine::Session& session_;
    TableWriter writer_;
    Clock& clock_;
};

}  // namespace tarn::pipeline
