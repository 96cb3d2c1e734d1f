// FSCK REPAIR TABLE: takes out of a table the files whose bytes are gone, so that the rest can be
// read; the rows in them are lost already.
#pragma once

#include <functional>
#include <vector>

#include "storage/object_store.h"
#include "table/table_format.h"

namespace tarn::upkeep {

struct FsckTask {
    table::TableFormat& format;
    storage::ObjectStore& store;
    table::SnapshotPtr latest;
    bool is_dry_run = false;
    // Told the share that is done; may throw to end the statement.
    std::function<void(double)> step = [](double) {};
};

struct BrokenFile {
    table::DataFile file;
    bool is_missing = false;  // else it is there, and the file of its vector is not
    bool is_vector_missing = false;
};

struct FsckReport {
    std::vector<BrokenFile> broken;
    std::optional<table::Version> version;  // of the commit that removed them
};

// Conflict when others changed the files meanwhile.
FsckReport Fsck(const FsckTask& task);

}  // namespace tarn::upkeep
