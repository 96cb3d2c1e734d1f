// hash (Murmur3), xxhash64, sha2, crc32 and the codings of texts, with Spark's results to the bit.
#pragma once

#include "duckdb.hpp"
#include "duckdb/main/extension/extension_loader.hpp"

namespace tarn::engine::duck {

void RegisterSparkHashes(duckdb::ExtensionLoader& loader);

}  // namespace tarn::engine::duck
