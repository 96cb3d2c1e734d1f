// FSCK REPAIR TABLE: takes out of a table the files whose bytes are gone, so that the rest can be
// read; the rows in them are lost already. A file that is there while its deletion vector is gone
// leaves the table, too: which of its rows were deleted nobody knows any more, and none may come
// back. Its bytes stay, and the report says how many of its rows were not deleted.
#pragma once

#include <functional>
#include <optional>
#include <string>
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
    std::optional<std::string> vector = std::nullopt;  // where its deletion vector lies
};

struct FsckReport {
    std::vector<BrokenFile> broken;
    std::optional<table::Version> version;  // of the commit that removed them

    // Those that are there while their deletion vectors are gone.
    std::vector<table::DataFile> WithoutVector() const;
};

// Conflict when others changed the files meanwhile.
FsckReport Fsck(const FsckTask& task);

}  // namespace tarn::upkeep
