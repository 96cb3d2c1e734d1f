// A folder's objects in one piece, where all of them are needed at once; who can use them page by
// page lists for himself.
#pragma once

#include <string>
#include <vector>

#include "storage/object_store.h"

namespace tarn::storage {

enum class Depth { kFolder, kBelow };  // directly in the folder, or at any depth below

// In the order of List. Fails as List does.
std::vector<ObjectInfo> ListAll(ObjectStore& store, const std::string& folder,
                                Depth depth = Depth::kFolder);

}  // namespace tarn::storage
