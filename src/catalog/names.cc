#include "catalog/names.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/error.h"
#include "base/text.h"

namespace tarn::catalog {

namespace {

// Every `step`-th code point of [first, last] folds to itself plus `delta`.
struct FoldRange {
    char32_t first;
    char32_t last;
    int step;
    int delta;
};

// Sorted by `first`.
constexpr std::array kFoldRanges{
    FoldRange{0x0041, 0x005A, 1, 32},    FoldRange{0x00B5, 0x00B5, 1, 775},
    FoldRange{0x00C0, 0x00D6, 1, 32},    FoldRange{0x00D8, 0x00DE, 1, 32},
    FoldRange{0x0100, 0x012E, 2, 1},     FoldRange{0x0132, 0x0136, 2, 1},
    FoldRange{0x0139, 0x0147, 2, 1},     FoldRange{0x014A, 0x0176, 2, 1},
    FoldRange{0x0178, 0x0178, 1, -121},  FoldRange{0x0179, 0x017D, 2, 1},
    FoldRange{0x017F, 0x017F, 1, -268},  FoldRange{0x01CD, 0x01DB, 2, 1},
    FoldRange{0x01DE, 0x01EE, 2, 1},     FoldRange{0x01F8, 0x021E, 2, 1},
    FoldRange{0x0222, 0x0232, 2, 1},     FoldRange{0x0246, 0x024E, 2, 1},
    FoldRange{0x0370, 0x0372, 2, 1},     FoldRange{0x0376, 0x0376, 1, 1},
    FoldRange{0x0386, 0x0386, 1, 38},    FoldRange{0x0388, 0x038A, 1, 37},
    FoldRange{0x038C, 0x038C, 1, 64},    FoldRange{0x038E, 0x038F, 1, 63},
    FoldRange{0x0391, 0x03A1, 1, 32},    FoldRange{0x03A3, 0x03AB, 1, 32},
    FoldRange{0x03C2, 0x03C2, 1, 1},     FoldRange{0x03D8, 0x03EE, 2, 1},
    FoldRange{0x0400, 0x040F, 1, 80},    FoldRange{0x0410, 0x042F, 1, 32},
    FoldRange{0x0460, 0x0480, 2, 1},     FoldRange{0x048A, 0x04BE, 2, 1},
    FoldRange{0x04C0, 0x04C0, 1, 15},    FoldRange{0x04C1, 0x04CD, 2, 1},
    FoldRange{0x04D0, 0x052E, 2, 1},     FoldRange{0x0531, 0x0556, 1, 48},
    FoldRange{0x10A0, 0x10C5, 1, 7264},  FoldRange{0x1E00, 0x1E94, 2, 1},
    FoldRange{0x1E9E, 0x1E9E, 1, -7615}, FoldRange{0x1EA0, 0x1EFE, 2, 1},
    FoldRange{0x2126, 0x2126, 1, -7517}, FoldRange{0x212A, 0x212A, 1, -8383},
    FoldRange{0x212B, 0x212B, 1, -8262}, FoldRange{0x2160, 0x216F, 1, 16},
    FoldRange{0x24B6, 0x24CF, 1, 26},    FoldRange{0x2C00, 0x2C2F, 1, 48},
    FoldRange{0x2C80, 0x2CE2, 2, 1},     FoldRange{0xFF21, 0xFF3A, 1, 32},
    FoldRange{0x10400, 0x10427, 1, 40},
};

char32_t Fold(char32_t point) {
    const auto after = std::upper_bound(
        kFoldRanges.begin(), kFoldRanges.end(), point,
        [](char32_t value, const FoldRange& range) { return value < range.first; });
    if (after == kFoldRanges.begin()) return point;
    const FoldRange& range = *(after - 1);
    if (point > range.last || (point - range.first) % static_cast<char32_t>(range.step) != 0)
        return point;
    return static_cast<char32_t>(static_cast<int64_t>(point) + range.delta);
}

// Of well-formed UTF-8; advances `at` past the code point.
char32_t Decode(std::string_view text, size_t& at) {
    const auto lead = static_cast<unsigned char>(text[at++]);
    if (lead < 0x80) return lead;
    const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    char32_t point = lead & (0x3FU >> more);
    for (int i = 0; i < more; ++i)
        point = (point << 6) | (static_cast<unsigned char>(text[at++]) & 0x3FU);
    return point;
}

void Append(std::string& out, char32_t point) {
    const auto tail = [&](int shift) {
        out += static_cast<char>(0x80 | ((point >> shift) & 0x3F));
    };
    if (point < 0x80) {
        out += static_cast<char>(point);
    } else if (point < 0x800) {
        out += static_cast<char>(0xC0 | (point >> 6));
        tail(0);
    } else if (point < 0x10000) {
        out += static_cast<char>(0xE0 | (point >> 12));
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xF0 | (point >> 18));
        tail(12);
        tail(6);
        tail(0);
    }
}

}  // namespace

std::string FoldForLookup(std::string_view name) { return AsciiLower(name); }

std::string FoldForCreation(std::string_view name) {
    if (FirstInvalidUtf8(name)) return AsciiLower(name);
    std::string folded;
    for (size_t at = 0; at < name.size();) Append(folded, Fold(Decode(name, at)));
    return folded;
}

void CheckName(std::string_view what, std::string_view name) {
    if (name.empty()) throw Error(ErrorKind::kInvalidInput, "a {} needs a name", what);
    if (name.size() > kMaxNameBytes) {
        throw Error(ErrorKind::kInvalidInput, "the name of the {} has {} bytes, the limit is {}",
                    what, name.size(), kMaxNameBytes);
    }
    if (const auto at = FirstInvalidUtf8(name)) {
        throw Error(ErrorKind::kInvalidInput, "the name of the {} is not UTF-8 at byte {}", what,
                    *at);
    }
    const auto is_control = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    };
    if (std::any_of(name.begin(), name.end(), is_control)) {
        throw Error(ErrorKind::kInvalidInput, "the name of the {} holds a control character", what);
    }
}

bool IsReservedSchema(std::string_view name) {
    static constexpr std::array<std::string_view, 4> reserved{"system", "temp", "pg_catalog",
                                                              "information_schema"};
    const std::string folded = FoldForCreation(name);
    return std::find(reserved.begin(), reserved.end(), folded) != reserved.end();
}

std::string_view CanonicalSchema(std::string_view name) {
    return EqualsIgnoreCase(name, "default") ? std::string_view("main") : name;
}

}  // namespace tarn::catalog
