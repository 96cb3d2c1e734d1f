// The version checksum file (PROTOCOL.md, "Version Checksum File"): what its writer says a version
// holds. It validates a state and is never a source of one. One that is malformed or too large says
// nothing; one that disagrees makes the version Corrupt (docs/decisions/checksum-files-refuse.md).
// Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "delta/log_state.h"
#include "storage/object_store.h"

namespace tarn::delta {

// Does every version get one ("delta.writeChecksumFile.enabled"); those with a checkpoint always
// do.
bool WantsChecksums(const Metadata& metadata);

// The text of the file for a state; `commit_id` is that of its commit, empty when it has none.
std::string RenderChecksum(const LogState& state, const std::string& commit_id);

// Corrupt, naming what differs. `name` is the file's, for messages.
void CheckAgainst(std::string_view checksum, std::string_view name, const LogState& state);

// The same of a file that was listed.
void CheckAgainst(storage::ObjectStore& store, const storage::ObjectInfo& file,
                  const LogState& state);

}  // namespace tarn::delta
