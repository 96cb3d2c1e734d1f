#include "format/variant.h"

#include <bit>
#include <unordered_set>

#include "base/error.h"
#include "base/text.h"
#include "format/byte_reader.h"

namespace tarn::format {
namespace {

using Kind = Variant::Kind;

constexpr uint8_t kVersion = 1;
constexpr int kMaxScale = 38;
constexpr std::string_view kWhat = "a variant";

[[noreturn]] void Malformed(std::string_view why) {
    throw Error(ErrorKind::kCorrupt, "a variant is malformed: {}", why);
}

uint32_t ReadUnsigned(ByteReader& reader, uint32_t size_bytes) {
    uint32_t value = 0;
    uint32_t shift = 0;
    for (const char c : reader.Take(size_bytes)) {
        value |= static_cast<uint32_t>(static_cast<uint8_t>(c)) << shift;
        shift += 8;
    }
    return value;
}

__int128 ReadSigned(ByteReader& reader, uint8_t size_bytes) {
    unsigned __int128 value = 0;
    const std::string_view raw = reader.Take(size_bytes);
    for (size_t i = raw.size(); i-- > 0;) value = value << 8 | static_cast<uint8_t>(raw[i]);
    const int unused = 128 - 8 * size_bytes;
    return static_cast<__int128>(value << unused) >> unused;
}

std::string_view Text(std::string_view bytes) {
    if (FirstInvalidUtf8(bytes)) Malformed("a text in it is no UTF-8");
    return bytes;
}

// The numbers of primitive types ("Encoding types") that are whole numbers.
struct WholeType {
    Kind kind;
    uint8_t size_bytes;  // 0: no such type
};
constexpr WholeType kWholeTypes[] = {
    {Kind::kNull, 0},           {Kind::kNull, 0},
    {Kind::kNull, 0},           {Kind::kInteger, 1},
    {Kind::kInteger, 2},        {Kind::kInteger, 4},
    {Kind::kInteger, 8},        {Kind::kNull, 0},
    {Kind::kDecimal, 4},        {Kind::kDecimal, 8},
    {Kind::kDecimal, 16},       {Kind::kDate, 4},
    {Kind::kTimestamp, 8},      {Kind::kTimestampNtz, 8},
    {Kind::kNull, 0},           {Kind::kNull, 0},
    {Kind::kNull, 0},           {Kind::kTime, 8},
    {Kind::kTimestampNanos, 8}, {Kind::kTimestampNtzNanos, 8},
};

class Parser {
public:
    Parser(std::string_view value, const std::vector<std::string_view>& keys)
        : keys_(keys), parts_left_(value.size()) {}

    // The value at the beginning of the bytes.
    Variant Parse(std::string_view bytes, int depth) {
        if (depth > kMaxVariantDepth) {
            throw Error(ErrorKind::kLimitExceeded, "a variant is nested more than {} deep",
                        kMaxVariantDepth);
        }
        // Every value has at least one byte of its own.
        if (parts_left_-- == 0) Malformed("its parts overlap");
        ByteReader reader(bytes, kWhat);
        const auto head = reader.LittleEndian<uint8_t>();
        const auto header = static_cast<uint8_t>(head >> 2);
        switch (head & 3) {
            case 0:
                return Primitive(header, reader);
            case 1: {
                Variant text;
                text.kind = Kind::kText;
                text.bytes = Text(reader.Take(header));
                return text;
            }
            case 2:
                return Object(header, reader, depth);
            default:
                return Array(header, reader, depth);
        }
    }

private:
    static Variant Primitive(uint8_t type, ByteReader& reader) {
        Variant value;
        if (type < std::size(kWholeTypes) && kWholeTypes[type].size_bytes > 0) {
            value.kind = kWholeTypes[type].kind;
            value.size_bytes = kWholeTypes[type].size_bytes;
            if (value.kind == Kind::kDecimal) value.scale = reader.LittleEndian<uint8_t>();
            if (value.scale > kMaxScale) Malformed("a decimal has too many digits");
            value.number = ReadSigned(reader, value.size_bytes);
            return value;
        }
        switch (type) {
            case 0:
                break;
            case 1:
            case 2:
                value.kind = Kind::kBoolean;
                value.number = type == 1 ? 1 : 0;
                break;
            case 7:
                value.kind = Kind::kDouble;
                value.real = std::bit_cast<double>(reader.LittleEndian<uint64_t>());
                break;
            case 14:
                value.kind = Kind::kFloat;
                value.real = std::bit_cast<float>(reader.LittleEndian<uint32_t>());
                break;
            case 15:
                value.kind = Kind::kBinary;
                value.bytes = reader.Take(reader.LittleEndian<uint32_t>());
                break;
            case 16:
                value.kind = Kind::kText;
                value.bytes = Text(reader.Take(reader.LittleEndian<uint32_t>()));
                break;
            case 20:
                value.kind = Kind::kUuid;
                value.bytes = reader.Take(16);
                break;
            default:
                throw Error(ErrorKind::kUnsupported,
                            "a variant has a value of type number {}, which Tarn does not know",
                            type);
        }
        return value;
    }

    // `count` items, each from its offset on.
    void Items(ByteReader& reader, uint32_t count, uint32_t offset_bytes, int depth,
               Variant& into) {
        if (count > parts_left_) Malformed("it has more parts than bytes");
        std::vector<uint32_t> offsets;
        for (uint32_t i = 0; i < count; ++i) offsets.push_back(ReadUnsigned(reader, offset_bytes));
        const uint32_t size = ReadUnsigned(reader, offset_bytes);
        const std::string_view bytes = reader.Take(size);
        into.items.reserve(count);
        for (const uint32_t offset : offsets) {
            if (offset >= size) Malformed("a part of it lies outside");
            into.items.push_back(Parse(bytes.substr(offset), depth + 1));
        }
    }

    Variant Array(uint8_t header, ByteReader& reader, int depth) {
        Variant array;
        array.kind = Kind::kArray;
        const bool is_large = (header >> 2 & 1) != 0;
        const uint32_t count = ReadUnsigned(reader, is_large ? 4 : 1);
        Items(reader, count, (header & 3U) + 1, depth, array);
        return array;
    }

    Variant Object(uint8_t header, ByteReader& reader, int depth) {
        Variant object;
        object.kind = Kind::kObject;
        const bool is_large = (header >> 4 & 1) != 0;
        const uint32_t count = ReadUnsigned(reader, is_large ? 4 : 1);
        if (count > parts_left_) Malformed("it has more parts than bytes");
        const uint32_t id_bytes = (header >> 2 & 3U) + 1;
        std::unordered_set<std::string_view> seen;
        for (uint32_t i = 0; i < count; ++i) {
            const uint32_t id = ReadUnsigned(reader, id_bytes);
            if (id >= keys_.size()) Malformed("a key of it is not in its dictionary");
            if (!seen.insert(keys_[id]).second) Malformed("an object has a key twice");
            object.keys.push_back(keys_[id]);
        }
        Items(reader, count, (header & 3U) + 1, depth, object);
        return object;
    }

    const std::vector<std::string_view>& keys_;
    uint64_t parts_left_;
};

}  // namespace

std::vector<std::string_view> ParseVariantKeys(std::string_view metadata) {
    ByteReader reader(metadata, kWhat);
    const auto header = reader.LittleEndian<uint8_t>();
    if ((header & 0xF) != kVersion) {
        throw Error(ErrorKind::kUnsupported, "a variant is encoded in version {}; Tarn knows {}",
                    header & 0xF, kVersion);
    }
    const uint32_t offset_bytes = (header >> 6 & 3U) + 1;
    const uint32_t count = ReadUnsigned(reader, offset_bytes);
    if (count > reader.Left()) Malformed("it has more keys than bytes");
    std::vector<uint32_t> ends;
    for (uint64_t i = 0; i <= count; ++i) ends.push_back(ReadUnsigned(reader, offset_bytes));
    const std::string_view bytes = reader.Take(ends.back());
    std::vector<std::string_view> keys;
    for (uint32_t i = 0; i < count; ++i) {
        if (ends[i] > ends[i + 1] || ends[i + 1] > bytes.size())
            Malformed("its keys are out of order");
        keys.push_back(Text(bytes.substr(ends[i], ends[i + 1] - ends[i])));
    }
    return keys;
}

Variant ParseVariant(std::string_view value, const std::vector<std::string_view>& keys) {
    return Parser(value, keys).Parse(value, 0);
}

}  // namespace tarn::format
