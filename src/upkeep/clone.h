// CLONE: makes a table what a version of another is. A shallow clone names the other's files; a
// deep one has copies of its own, and run again copies only what is new. Plans first (pure), then
// the change is the caller's to commit.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "storage/object_store.h"
#include "table/table_format.h"

namespace tarn::upkeep {

struct ObjectCopy {
    std::string from;
    std::string to;
};

struct ClonePlan {
    std::vector<table::DataFile> added;    // as the source has them, located for the clone
    std::vector<table::DataFile> removed;  // as the clone has them
    std::vector<ObjectCopy> copies;        // of files and deletion vectors, before the commit
    table::TableTotals source;
};

// `target`: the clone's latest version, or null when there is none yet; its files that are still
// the source's stay. `location`: the clone's folder.
ClonePlan PlanClone(const table::Snapshot& source, const table::Snapshot* target,
                    const std::string& location, bool is_shallow);

// Copies what the plan says; objects of the same size that are there already are left. Durable when
// this returns. `step` is told the share that is done and may throw to end it.
void CopyObjects(storage::ObjectStore& store, const std::vector<ObjectCopy>& copies,
                 const std::function<void(double)>& step);

// The change that makes the plan true, without metadata.
table::Change CloneChange(const ClonePlan& plan, table::SnapshotPtr source, bool is_shallow);

}  // namespace tarn::upkeep
