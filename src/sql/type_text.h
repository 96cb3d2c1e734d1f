// Types written in a text of their own, as from_json takes them. Pure.
#pragma once

#include <optional>
#include <string>

namespace tarn::sql {

// A type of Spark's, or the fields of a record without STRUCT<>, as the engine's type: "a INT, b
// ARRAY<STRING>". Nothing for what is none.
std::optional<std::string> EngineTypeInText(const std::string& ddl);

}  // namespace tarn::sql
