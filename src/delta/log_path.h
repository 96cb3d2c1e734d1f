// Names of the files in a table's `_delta_log` folder (PROTOCOL.md, "File Types" and "Checkpoint
// Naming Scheme"). Pure; a name of another shape is a stranger and is ignored by readers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "table/version.h"

namespace tarn::delta {

enum class LogFileKind {
    kCommit,               // 00000000000000000007.json
    kClassicCheckpoint,    // 00000000000000000010.checkpoint.parquet
    kMultiPartCheckpoint,  // 00000000000000000010.checkpoint.0000000001.0000000003.parquet
    kUuidCheckpoint,       // 00000000000000000010.checkpoint.<uuid>.{json,parquet}
    kCompaction,           // 00000000000000000004.00000000000000000006.compacted.json
    kChecksum,             // 00000000000000000007.crc
    kStranger,
};

struct LogPath {
    LogFileKind kind = LogFileKind::kStranger;
    table::Version version;        // of a compaction the last one that it holds
    table::Version first_version;  // of a compaction the first one, else `version`
    uint32_t part = 0;             // of a multi-part checkpoint, from 1
    uint32_t parts = 0;            // of a multi-part checkpoint
    bool is_json = false;
};

// Reads the last part of a location.
LogPath ParseLogPath(std::string_view name);

// The log folder of the table at `root` (no trailing "/").
std::string LogFolder(const std::string& root);
std::string CommitLocation(const std::string& root, table::Version version);
std::string ClassicCheckpointLocation(const std::string& root, table::Version version);
std::string UuidCheckpointLocation(const std::string& root, table::Version version,
                                   const std::string& uuid);
std::string LastCheckpointLocation(const std::string& root);
std::string ChecksumLocation(const std::string& root, table::Version version);
// Of the versions `first` to `last`.
std::string CompactionLocation(const std::string& root, table::Version first, table::Version last);
// Where the sidecars of checkpoints lie.
std::string SidecarFolder(const std::string& root);
// Sorts before every file of this version and after every file of an earlier one.
std::string BeforeVersionLocation(const std::string& root, table::Version version);

}  // namespace tarn::delta
