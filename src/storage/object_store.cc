#include "storage/object_store.h"

#include "base/check.h"

namespace tarn::storage {

std::string JoinLocation(std::string_view folder, std::string_view name) {
    Check(!folder.empty() && !name.empty(), "JoinLocation takes two non-empty parts");
    while (folder.size() > 1 && folder.back() == '/') folder.remove_suffix(1);
    while (!name.empty() && name.front() == '/') name.remove_prefix(1);
    std::string joined(folder);
    if (joined.back() != '/') joined += '/';
    return joined.append(name);
}

std::string_view LastName(std::string_view location) {
    const size_t at = location.rfind('/');
    return at == std::string_view::npos ? location : location.substr(at + 1);
}

}  // namespace tarn::storage
