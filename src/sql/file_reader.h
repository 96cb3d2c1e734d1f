// Files that a statement reads by their format and path: csv.`/folder`, and views over files. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace tarn::sql {

struct FileReader {
    std::string_view format;  // in capitals
    std::string_view call;    // the engine's, $1 for the path
    std::string_view ending;  // of a folder's files
};

// Null for a format that is not read.
const FileReader* FindFileReader(std::string_view format);

// The path of a file, or of several; of a folder the files that lie in it and below.
std::string FilesBelow(std::string path, const FileReader& reader);

// The engine's query for the files at options["path"], read as Spark's options say: CSV without a
// word of a header or of types has texts, _c0, _c1 and so on. InvalidInput
// without a path; Unsupported, by its name, for an option that would be read otherwise.
std::string FileQuery(const FileReader& reader, const std::map<std::string, std::string>& options);

}  // namespace tarn::sql
