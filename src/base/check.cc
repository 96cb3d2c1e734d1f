#include "base/check.h"

#include <string>

#include "base/error.h"

namespace tarn {

void CheckFailed(std::string_view what, std::source_location where) {
    std::string_view file = where.file_name();
    if (auto at = file.rfind("/src/"); at != std::string_view::npos) file.remove_prefix(at + 5);
    throw Error(ErrorKind::kInternal, "broken invariant: {} ({}:{})", what, file, where.line());
}

}  // namespace tarn
