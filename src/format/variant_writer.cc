#include "format/variant_writer.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "base/check.h"
#include "base/error.h"

namespace tarn::format {
namespace {

using Kind = Variant::Kind;
using Keys = std::vector<std::string_view>;

constexpr uint8_t kSortedKeysOfVersion1 = 0x11;
constexpr size_t kMaxShortText = 63;
constexpr size_t kMaxSmallCount = 255;

// The numbers of primitive types ("Encoding types").
enum Type : uint8_t {
    kNull = 0,
    kTrue = 1,
    kFalse = 2,
    kInt8 = 3,
    kInt16 = 4,
    kInt32 = 5,
    kInt64 = 6,
    kDouble = 7,
    kDecimal4 = 8,
    kDecimal8 = 9,
    kDecimal16 = 10,
    kDate = 11,
    kTimestamp = 12,
    kTimestampNtz = 13,
    kFloat = 14,
    kBinary = 15,
    kText = 16,
    kTime = 17,
    kTimestampNanos = 18,
    kTimestampNtzNanos = 19,
    kUuid = 20,
};

// The last two bits of a value's first byte.
enum Basic : uint8_t { kPrimitive = 0, kShortText = 1, kObject = 2, kArray = 3 };

[[noreturn]] void TooLarge(std::string_view what) {
    throw Error(ErrorKind::kLimitExceeded, "{} is longer than {} bytes; Spark reads no longer ones",
                what, kMaxVariantBytes);
}

void CollectKeys(const Variant& variant, int depth, Keys& keys) {
    if (depth > kMaxVariantDepth) {
        throw Error(ErrorKind::kLimitExceeded, "a variant is nested more than {} deep",
                    kMaxVariantDepth);
    }
    keys.insert(keys.end(), variant.keys.begin(), variant.keys.end());
    for (const Variant& item : variant.items) CollectKeys(item, depth + 1, keys);
}

size_t BytesFor(size_t number) {
    return std::max<size_t>((static_cast<size_t>(std::bit_width(number)) + 7) / 8, 1);
}

void Append(std::string& to, unsigned __int128 number, size_t size_bytes) {
    for (size_t i = 0; i < size_bytes; ++i) {
        to.push_back(static_cast<char>(number & 0xFF));
        number >>= 8;
    }
}

uint8_t IntegerType(uint8_t size_bytes) {
    switch (size_bytes) {
        case 1:
            return kInt8;
        case 2:
            return kInt16;
        case 4:
            return kInt32;
        default:
            return kInt64;
    }
}

class Writer {
public:
    explicit Writer(const Keys& keys) : keys_(keys) {}

    void Write(const Variant& variant, std::string& to) const {
        const auto number = static_cast<unsigned __int128>(variant.number);
        switch (variant.kind) {
            case Kind::kNull:
                return Head(kNull, to);
            case Kind::kBoolean:
                return Head(variant.number != 0 ? kTrue : kFalse, to);
            case Kind::kInteger:
                return Number(IntegerType(variant.size_bytes), number, variant.size_bytes, to);
            case Kind::kDecimal:
                Head(DecimalType(variant.size_bytes), to);
                to.push_back(static_cast<char>(variant.scale));
                return Append(to, number, variant.size_bytes);
            case Kind::kFloat:
                return Number(kFloat, std::bit_cast<uint32_t>(static_cast<float>(variant.real)), 4,
                              to);
            case Kind::kDouble:
                return Number(kDouble, std::bit_cast<uint64_t>(variant.real), 8, to);
            case Kind::kDate:
                return Number(kDate, number, 4, to);
            case Kind::kTime:
                return Number(kTime, number, 8, to);
            case Kind::kTimestamp:
                return Number(kTimestamp, number, 8, to);
            case Kind::kTimestampNtz:
                return Number(kTimestampNtz, number, 8, to);
            case Kind::kTimestampNanos:
                return Number(kTimestampNanos, number, 8, to);
            case Kind::kTimestampNtzNanos:
                return Number(kTimestampNtzNanos, number, 8, to);
            case Kind::kBinary:
                return LongBytes(kBinary, variant.bytes, to);
            case Kind::kText:
                return Text(variant.bytes, to);
            case Kind::kUuid:
                Head(kUuid, to);
                to += variant.bytes;
                return;
            case Kind::kArray:
                return Array(variant, to);
            case Kind::kObject:
                return Object(variant, to);
        }
    }

private:
    static uint8_t DecimalType(uint8_t size_bytes) {
        if (size_bytes == 4) return kDecimal4;
        return size_bytes == 8 ? kDecimal8 : kDecimal16;
    }

    static void Head(uint8_t type, std::string& to) {
        to.push_back(static_cast<char>(type << 2 | kPrimitive));
    }

    static void Number(uint8_t type, unsigned __int128 number, size_t size_bytes, std::string& to) {
        Head(type, to);
        Append(to, number, size_bytes);
    }

    static void LongBytes(uint8_t type, std::string_view bytes, std::string& to) {
        if (bytes.size() > kMaxVariantBytes) TooLarge("a variant");
        Number(type, bytes.size(), 4, to);
        to += bytes;
    }

    static void Text(std::string_view text, std::string& to) {
        if (text.size() > kMaxShortText) return LongBytes(kText, text, to);
        to.push_back(static_cast<char>(text.size() << 2 | kShortText));
        to += text;
    }

    // Where each part begins, where the last one ends, and the parts.
    static void Parts(const std::vector<size_t>& ends, size_t offset_bytes, std::string_view parts,
                      std::string& to) {
        Append(to, 0, offset_bytes);
        for (const size_t end : ends) Append(to, end, offset_bytes);
        to += parts;
    }

    void Array(const Variant& array, std::string& to) const {
        std::string parts;
        std::vector<size_t> ends;
        for (const Variant& item : array.items) {
            Write(item, parts);
            ends.push_back(parts.size());
        }
        if (parts.size() > kMaxVariantBytes) TooLarge("a variant");
        const size_t offset_bytes = BytesFor(parts.size());
        const bool is_large = ends.size() > kMaxSmallCount;
        const size_t header = (is_large ? 1U << 2 : 0U) | (offset_bytes - 1);
        to.push_back(static_cast<char>(header << 2 | kArray));
        Append(to, ends.size(), is_large ? 4 : 1);
        Parts(ends, offset_bytes, parts, to);
    }

    void Object(const Variant& object, std::string& to) const {
        std::vector<size_t> order(object.items.size());
        std::iota(order.begin(), order.end(), size_t{0});
        std::sort(order.begin(), order.end(),
                  [&](size_t a, size_t b) { return object.keys[a] < object.keys[b]; });
        std::string parts;
        std::vector<size_t> ends;
        std::vector<size_t> ids;
        for (const size_t at : order) {
            const auto key = std::lower_bound(keys_.begin(), keys_.end(), object.keys[at]);
            Check(key != keys_.end() && *key == object.keys[at], "a key is in the dictionary");
            ids.push_back(static_cast<size_t>(key - keys_.begin()));
            Write(object.items[at], parts);
            ends.push_back(parts.size());
        }
        if (parts.size() > kMaxVariantBytes) TooLarge("a variant");
        const size_t offset_bytes = BytesFor(parts.size());
        const size_t id_bytes = BytesFor(ids.empty() ? 0 : ids.back());
        const bool is_large = ends.size() > kMaxSmallCount;
        const size_t header = (is_large ? 1U << 4 : 0U) | (id_bytes - 1) << 2 | (offset_bytes - 1);
        to.push_back(static_cast<char>(header << 2 | kObject));
        Append(to, ends.size(), is_large ? 4 : 1);
        for (const size_t id : ids) Append(to, id, id_bytes);
        Parts(ends, offset_bytes, parts, to);
    }

    const Keys& keys_;
};

// Sorted keys of each object: one that stands twice stands beside itself.
void CheckKeysDiffer(const Variant& variant) {
    Keys keys = variant.keys;
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice != keys.end()) {
        throw Error(ErrorKind::kInvalidInput, "an object of a variant has the key '{}' twice",
                    *twice);
    }
    for (const Variant& item : variant.items) CheckKeysDiffer(item);
}

}  // namespace

Keys KeysOf(const Variant& variant) {
    Keys keys;
    CollectKeys(variant, 0, keys);
    CheckKeysDiffer(variant);
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    return keys;
}

std::string WriteVariantKeys(const Keys& keys) {
    size_t size = 0;
    for (const std::string_view key : keys) size += key.size();
    if (size > kMaxVariantBytes) TooLarge("the keys of a variant");
    const size_t offset_bytes = BytesFor(std::max(size, keys.size()));
    std::string bytes;
    bytes.push_back(static_cast<char>(kSortedKeysOfVersion1 | (offset_bytes - 1) << 6));
    Append(bytes, keys.size(), offset_bytes);
    size_t end = 0;
    Append(bytes, end, offset_bytes);
    for (const std::string_view key : keys) Append(bytes, end += key.size(), offset_bytes);
    for (const std::string_view key : keys) bytes += key;
    return bytes;
}

std::string WriteVariant(const Variant& variant, const Keys& keys) {
    std::string bytes;
    Writer(keys).Write(variant, bytes);
    return bytes;
}

}  // namespace tarn::format
