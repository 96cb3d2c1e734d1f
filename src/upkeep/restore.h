// RESTORE: makes a table what one of its versions was, by one commit on top of the latest: files of
// that version that are gone by now come back, later ones go. Nothing is copied, and what is
// restored can be undone the same way.
#pragma once

#include <cstdint>
#include <vector>

#include "storage/object_store.h"
#include "table/table_format.h"

namespace tarn::upkeep {

struct RestorePlan {
    std::vector<table::DataFile> restored;  // as the wanted version has them
    std::vector<table::DataFile> removed;   // as the latest version has them
    table::TableTotals after;
};

// Pure. A file with another deletion vector is another file.
RestorePlan PlanRestore(const table::Snapshot& latest, const table::Snapshot& wanted);

struct RestoreTask {
    table::TableFormat& format;
    storage::ObjectStore& store;
    table::SnapshotPtr latest;
    table::SnapshotPtr wanted;
    // For the history: what the user named, as JSON text; the other one is null.
    std::string version = "null";
    std::string timestamp = "null";
};

struct RestoreReport {
    RestorePlan plan;
    table::CommitOutcome outcome;
};

// NotFound, naming a file, when VACUUM has deleted what the version needs.
RestoreReport Restore(const RestoreTask& task);

}  // namespace tarn::upkeep
