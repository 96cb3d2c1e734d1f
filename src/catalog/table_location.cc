#include "catalog/table_location.h"

#include <filesystem>

#include <fmt/core.h>

#include "base/check.h"
#include "base/text.h"

namespace tarn::catalog {

namespace {

// A folder's name may have 255 bytes; what is cut off the table's name, the id makes up for.
constexpr size_t kMaxEncodedBytes = 200;

std::string EncodeFolderName(std::string_view name) {
    std::string encoded;
    for (const char c : name) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        const std::string piece =
            plain ? std::string(1, c) : fmt::format("%{:02x}", static_cast<unsigned char>(c));
        if (encoded.size() + piece.size() > kMaxEncodedBytes) break;
        encoded += piece;
    }
    return encoded;
}

// The part of "s3://bucket/key" that names the store: "s3://bucket".
size_t StorePart(std::string_view location) {
    const size_t scheme = location.find("://");
    if (scheme == std::string_view::npos) return 0;
    const size_t slash = location.find('/', scheme + 3);
    return slash == std::string_view::npos ? location.size() : slash;
}

}  // namespace

std::string ManagedTableLocation(std::string_view warehouse, std::string_view schema,
                                 std::string_view table, std::string_view id) {
    std::string digits;
    for (const char c : id) {
        if (c != '-') digits += c;
    }
    Check(digits.size() >= 12, "a table's id has fewer than 12 hex digits");
    return fmt::format("{}/{}/{}-{}", warehouse, EncodeFolderName(schema), EncodeFolderName(table),
                       digits.substr(digits.size() - 12));
}

std::string NormalLocation(std::string_view location) {
    if (location.starts_with("file://")) location.remove_prefix(7);
    const size_t store = StorePart(location);
    std::string path = std::filesystem::path(location.substr(store)).lexically_normal().string();
    while (!path.empty() && path.back() == '/') path.pop_back();
    return std::string(location.substr(0, store)) + path;
}

bool Overlaps(std::string_view a, std::string_view b) {
    const std::string_view shorter = a.size() <= b.size() ? a : b;
    const std::string_view longer = a.size() <= b.size() ? b : a;
    return longer.starts_with(shorter) &&
           (longer.size() == shorter.size() || longer[shorter.size()] == '/');
}

std::vector<std::string> FoldersAbove(std::string_view location) {
    const size_t store = StorePart(location);
    std::vector<std::string> above;
    for (size_t slash = location.rfind('/');
         slash != std::string_view::npos && slash >= store && slash > 0;
         slash = location.rfind('/', slash - 1)) {
        above.emplace_back(location.substr(0, slash));
    }
    return above;
}

}  // namespace tarn::catalog
