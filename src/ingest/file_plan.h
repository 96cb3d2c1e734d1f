// Which of the found files are to land, by what the ledger knows and the table's reload policy.
// Pure but for hashing.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ingest/discovery.h"
#include "ingest/ledger.h"
#include "ingest/source_config.h"

namespace tarn::ingest {

struct FilePlan {
    std::vector<FoundFile> land;       // in order of path
    size_t known = 0;                  // landed before, unchanged
    std::vector<std::string> kept;     // changed, policy `never`
    std::vector<std::string> refused;  // changed, policy `error`
};

// SHA-256 of a file's stored bytes, or nothing when it cannot be read; such a file is left out.
using HashOf = std::function<std::optional<std::string>(const FoundFile&)>;

// A file is its path, size and content. Its content is hashed only when the path is known and the
// store's tag or the time does not already prove that it is unchanged.
FilePlan PlanFiles(const std::vector<FoundFile>& found, const LedgerState& ledger,
                   ReloadPolicy policy, const HashOf& hash_of);

// The first files of `files` that one commit takes, at least one; they are removed from it.
std::vector<FoundFile> TakeBatch(std::vector<FoundFile>& files, const BatchLimits& limits);

}  // namespace tarn::ingest
