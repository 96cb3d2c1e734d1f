// VACUUM: deletes the files below a table's root that no version needs any more. Deletes with
// proof only: after the candidates are known the table is read once more, and what it names by then
// stays. Between BEGIN and END of the run the table's history says so, unless the table asks for
// silence.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "storage/object_store.h"
#include "table/table_format.h"
#include "upkeep/vacuum_plan.h"

namespace tarn::upkeep {

struct VacuumTask {
    table::TableFormat& format;
    storage::ObjectStore& store;
    Clock& clock;
    table::SnapshotPtr latest;
    std::optional<int64_t> retention_ms = std::nullopt;  // nothing: the table's own
    bool is_dry_run = false;
    // A retention below the table's own is refused.
    bool checks_retention = true;
    // Which files are looked at: those below the root, by a listing; or those that the log tells
    // were removed (LITE); or those that the user names, by their locations (an inventory).
    bool is_lite = false;
    std::optional<std::vector<std::string>> inventory = std::nullopt;
    // Tables that name files of this one: what their versions need stays, too.
    std::vector<table::SnapshotPtr> clones = {};
    // What of this table is being read at the moment: their files stay, however old.
    std::vector<table::SnapshotPtr> readers = {};
    // Told the share that is done; may throw to end the statement.
    std::function<void(double)> step = [](double) {};
};

struct VacuumReport {
    VacuumPlan plan;               // what was deleted, in a dry run what would be
    uint64_t deleted = 0;          // files
    uint64_t kept_for_others = 0;  // files that only clones and readers need
};

// InvalidInput for a retention below the table's own. Unsupported for a table that asks of its
// writers what is not known here.
VacuumReport Vacuum(const VacuumTask& task);

}  // namespace tarn::upkeep
