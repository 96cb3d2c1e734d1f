#include "catalog/store.h"

#include "base/check.h"

namespace tarn::catalog {

int64_t IntOf(const Cell& cell) {
    const auto* number = std::get_if<int64_t>(&cell);
    Check(number != nullptr, "a catalog row holds something else than a number");
    return *number;
}

const std::string& TextOf(const Cell& cell) {
    const auto* text = std::get_if<std::string>(&cell);
    Check(text != nullptr, "a catalog row holds something else than a text");
    return *text;
}

}  // namespace tarn::catalog
