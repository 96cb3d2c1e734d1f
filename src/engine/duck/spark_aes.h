// aes_encrypt and aes_decrypt: AES with a key of 16, 24 or 32 bytes, in the modes GCM, CBC and ECB,
// where the initial vector stands before what is encrypted, and GCM's tag behind it.
#pragma once

#include "duckdb.hpp"
#include "duckdb/main/extension/extension_loader.hpp"

namespace tarn::engine::duck {

void RegisterSparkAes(duckdb::ExtensionLoader& loader);

}  // namespace tarn::engine::duck
