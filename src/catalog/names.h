// When two names are the same, and which names a lake's objects may have (DESIGN section 7,
// "Names").
#pragma once

#include <string>
#include <string_view>

namespace tarn::catalog {

constexpr size_t kMaxNameBytes = 255;

// The key of look-ups: ASCII letters folded, everything else as it is.
std::string FoldForLookup(std::string_view name);
// The key of creation: Unicode's simple case folding for Latin, Greek, Cyrillic, Armenian,
// Georgian, Coptic, Glagolitic, Deseret and full-width letters (CaseFolding.txt, status C and S).
// Names equal under it would be told apart by us and not by other tools, so creating the second is
// refused.
std::string FoldForCreation(std::string_view name);

// InvalidInput: empty, too long, not UTF-8, or with control characters. `what` is "schema", "table"
// or "view".
void CheckName(std::string_view what, std::string_view name);
// InvalidInput: names that the engine finds ambiguous or that belong to it: system, temp,
// pg_catalog, information_schema.
bool IsReservedSchema(std::string_view name);
// "default" is another spelling of the first schema, "main".
std::string_view CanonicalSchema(std::string_view name);

}  // namespace tarn::catalog
