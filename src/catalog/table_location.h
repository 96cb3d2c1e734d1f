// Where tables lie: folders of managed tables, and the rule that no table lies inside another.
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tarn::catalog {

// <warehouse>/<schema>/<table>-<last 12 hex digits of the id>; bytes outside [a-z0-9_]
// percent-encoded, so that the folder means the same on every store. The id keeps apart what shares
// a name, also after DROP.
std::string ManagedTableLocation(std::string_view warehouse, std::string_view schema,
                                 std::string_view table, std::string_view id);

// One spelling for comparing: "file://" and the ends' "/" taken off, "//", "." and ".." of paths
// resolved.
std::string NormalLocation(std::string_view location);
// Of two normal locations: are they equal, or does one lie inside the other.
bool Overlaps(std::string_view a, std::string_view b);
// The folders above a normal location, nearest first.
std::vector<std::string> FoldersAbove(std::string_view location);

}  // namespace tarn::catalog
