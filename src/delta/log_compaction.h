// Log compaction files (PROTOCOL.md, "Log Compaction Files"): the commits of some versions as one,
// reconciled. Readers may take it in their place; the commits stay.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "delta/actions.h"
#include "delta/log_segment.h"
#include "storage/object_store.h"

namespace tarn::delta {

// The first of the versions to compact once this one is committed ("delta.logCompactionInterval":
// every so many; none by default).
std::optional<table::Version> CompactionDue(table::Version version, const Metadata& metadata);

// Writes the file of these versions. Nothing where one of their commits is gone.
void WriteCompaction(storage::ObjectStore& store, const std::string& root, table::Version first,
                     table::Version last);

// The text of the file for these commits, which follow on one another. Throws as reading them does.
std::string CompactCommits(storage::ObjectStore& store, const std::vector<CommitFile>& commits);

}  // namespace tarn::delta
