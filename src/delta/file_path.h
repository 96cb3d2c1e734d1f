// Paths of files as the log names them (URIs, percent-encoded, relative to the table or absolute)
// and the locations of their bytes. Pure.
#pragma once

#include <string>
#include <string_view>

namespace tarn::delta {

// The table's root without a trailing "/".
std::string NormalRoot(std::string_view location);

// Where the bytes lie. Corrupt when the path is no proper URI.
std::string ResolveLocation(const std::string& root, std::string_view log_path);

// What the log shall call the file: relative to the root when it lies below it, else absolute.
std::string LogPathOf(const std::string& root, const std::string& location);

// The same for every spelling of one path: decoded.
std::string PathKey(std::string_view log_path);

}  // namespace tarn::delta
