// pii_hash and pii_token: SQL functions that put a pseudonym in the place of a person's data, by a
// key that stands in no SQL text, plan, log or error. A statement names the key; whoever opens the
// engine gives its bytes.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "engine/session.h"

namespace tarn::engine {

// The bytes of the key of that name; nothing: there is none.
using PiiKeys = std::function<std::optional<std::string>(const std::string& name)>;

// A key that is shorter could be found by trying all of them.
inline constexpr size_t kLeastPiiKeyBytes = 16;

// The environment variable that holds a key: "customers" is TARN_PII_KEY_CUSTOMERS.
std::string PiiKeyVariable(const std::string& name);

// Once, before the first session. `keys` is asked while a statement is bound, from any thread.
// Statements then fail before their first row, as InvalidInput, where a key is missing or too
// short, and never on a row.
void AddPiiFunctions(Engine& engine, PiiKeys keys);

}  // namespace tarn::engine
