// Where a file lies that was copied from one table's folder to another's. Pure.
#pragma once

#include <string>

#include "storage/object_store.h"

namespace tarn::table {

// At the same place below the root; a file that lies elsewhere comes directly below it.
inline std::string CopiedLocation(const std::string& from_root, const std::string& to_root,
                                  const std::string& location) {
    const bool is_below =
        location.starts_with(from_root) && location.substr(from_root.size()).starts_with('/');
    if (is_below) return to_root + location.substr(from_root.size());
    return to_root + "/" + std::string(storage::LastName(location));
}

}  // namespace tarn::table
