// The tables of the catalog's store and how they came to be. Number n of state.schema_number means
// that the first n migrations have run. A migration that has been released never changes; new ones
// are added at the end.
#pragma once

#include <string_view>
#include <vector>

namespace tarn::catalog {

// Each migration is a list of statements, run in one transaction.
using Migration = std::vector<std::string_view>;
const std::vector<Migration>& Migrations();

}  // namespace tarn::catalog
