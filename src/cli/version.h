// The version of this program, from the project's CMakeLists.txt.
#pragma once

namespace tarn::cli {

inline constexpr const char* kVersion = TARN_VERSION;
inline constexpr const char* kProgramVersion = "tarn " TARN_VERSION;

}  // namespace tarn::cli
