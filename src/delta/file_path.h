// Paths of files as the log names them (URIs, percent-encoded, relative to the table or absolute)
// and the locations of their bytes. Pure.
#pragma once

#include <string>
#include <string_view>

namespace tarn::delta {

// The table's root without a trailing "/".
std::string NormalRoot(std::string_view location);

// Where the bytes lie: decoded once, after what is relative and what is absolute was told apart;
// "." and ".." segments are resolved, "file:/x", "file:///x" and "s3a://" get the store's spelling.
// Corrupt when the path is no proper URI or climbs out of its store, Unsupported for a file of
// another machine.
std::string ResolveLocation(const std::string& root, std::string_view log_path);

// What the log shall call the file: relative to the root when it lies below it, else absolute.
std::string LogPathOf(const std::string& root, const std::string& location);

// The same, absolute wherever it lies.
std::string AbsoluteLogPath(const std::string& location);

// The same for every spelling of one path: decoded, without scheme of local files, without ".".
std::string PathKey(std::string_view log_path);

}  // namespace tarn::delta
