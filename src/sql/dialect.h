// In which of two spellings a user writes: Tarn's, which is DuckDB's with the statements and shapes
// of Spark beside it, or Spark's, in every expression. Pure.
#pragma once

#include <string_view>

namespace tarn::sql {

enum class Dialect { kTarn, kSpark };

std::string_view NameOf(Dialect dialect);
// InvalidInput for a name that is neither; case does not matter.
Dialect DialectNamed(std::string_view name);

}  // namespace tarn::sql
