// Listing of folders for LocalStore: bytewise order of the whole location, also across depths, with
// as few looks at files as the limit allows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <sys/stat.h>

#include "storage/object_store.h"

namespace tarn::storage {

// Names that begin so are unfinished writes; they are never listed.
inline constexpr std::string_view kTemporaryPrefix = ".tarn-tmp-";

ObjectInfo LocalObjectInfo(const std::string& location, const struct stat& status);

// `folder` as the caller spells it (locations in the answer begin so), `path` its place on disk.
std::vector<ObjectInfo> ListLocalFolder(const std::string& folder, const std::string& path,
                                        const ListOptions& options);

}  // namespace tarn::storage
