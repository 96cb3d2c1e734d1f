#include "format/parquet_delta.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "format/byte_reader.h"

namespace tarn::format {
namespace {

constexpr std::string_view kWhat = "a Parquet page in a delta encoding";
// Writers take 128 to some thousands.
constexpr uint64_t kMaxBlockValues = uint64_t{1} << 20;
// The decoder unpacks so many values at once.
constexpr uint64_t kGroupValues = 32;
constexpr unsigned kMaxWidth = 64;

struct Header {
    uint64_t miniblocks = 0;        // of a block
    uint64_t miniblock_values = 0;  // a multiple of kGroupValues, not 0
    uint64_t values = 0;            // of the whole run
    uint64_t first = 0;             // zigzag
};

uint64_t TakeVarint(ByteReader& bytes) {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const auto byte = bytes.LittleEndian<uint8_t>();
        value |= static_cast<uint64_t>(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) return value;
    }
    throw Error(ErrorKind::kCorrupt, "{} has a number of more than 64 bits", kWhat);
}

uint64_t FromZigzag(uint64_t value) { return (value >> 1) ^ (~(value & 1) + 1); }

Header TakeHeader(ByteReader& bytes) {
    Header header;
    const uint64_t block_values = TakeVarint(bytes);
    header.miniblocks = TakeVarint(bytes);
    header.values = TakeVarint(bytes);
    header.first = TakeVarint(bytes);
    const bool is_divided = header.miniblocks > 0 && block_values % header.miniblocks == 0;
    header.miniblock_values = is_divided ? block_values / header.miniblocks : 0;
    if (header.miniblock_values == 0 || header.miniblock_values % kGroupValues != 0 ||
        block_values > kMaxBlockValues) {
        throw Error(ErrorKind::kCorrupt, "{} has blocks of {} values in {} miniblocks", kWhat,
                    block_values, header.miniblocks);
    }
    return header;
}

Header TakeHeaderOfLengths(ByteReader& bytes, uint64_t max_values) {
    const Header header = TakeHeader(bytes);
    if (header.values > max_values) {
        throw Error(ErrorKind::kCorrupt, "{} has {} lengths for {} values", kWhat, header.values,
                    max_values);
    }
    return header;
}

// `width` bits from bit `at` on, lowest first.
uint64_t BitsAt(std::string_view packed, uint64_t at, unsigned width) {
    uint64_t value = 0;
    for (unsigned have = 0; have < width;) {
        const uint64_t bit = at + have;
        const auto offset = static_cast<unsigned>(bit % 8);
        const unsigned taken = std::min(8 - offset, width - have);
        const unsigned byte = static_cast<uint8_t>(packed[bit / 8]);
        value |= static_cast<uint64_t>((byte >> offset) & ((1U << taken) - 1)) << have;
        have += taken;
    }
    return value;
}

// Lengths are 32 bits to the decoder, and wrap around.
std::vector<uint32_t> TakeLengths(ByteReader& bytes, uint64_t max_values) {
    const Header header = TakeHeaderOfLengths(bytes, max_values);
    std::vector<uint32_t> lengths;
    if (header.values == 0) return lengths;
    uint64_t value = FromZigzag(header.first);
    lengths.push_back(static_cast<uint32_t>(value));
    while (lengths.size() < header.values) {
        const uint64_t min_delta = FromZigzag(TakeVarint(bytes));
        for (const char stored_width : bytes.Take(header.miniblocks)) {
            if (lengths.size() == header.values) break;
            const unsigned width = static_cast<uint8_t>(stored_width);
            if (width > kMaxWidth)
                throw Error(ErrorKind::kCorrupt, "{} has numbers of {} bits", kWhat, width);
            const std::string_view packed = bytes.Take(header.miniblock_values / 8 * width);
            const uint64_t count =
                std::min(header.miniblock_values, header.values - lengths.size());
            for (uint64_t i = 0; i < count; ++i) {
                value += min_delta + BitsAt(packed, i * width, width);
                lengths.push_back(static_cast<uint32_t>(value));
            }
        }
    }
    return lengths;
}

}  // namespace

void CheckDeltaBinaryPacked(std::string_view page) {
    ByteReader bytes(page, kWhat);
    TakeHeader(bytes);
}

void CheckDeltaLengthByteArray(std::string_view page, uint64_t max_values) {
    ByteReader bytes(page, kWhat);
    TakeHeaderOfLengths(bytes, max_values);
}

void CheckDeltaByteArray(std::string_view page, uint64_t max_values) {
    ByteReader bytes(page, kWhat);
    const std::vector<uint32_t> prefixes = TakeLengths(bytes, max_values);
    const std::vector<uint32_t> suffixes = TakeLengths(bytes, max_values);
    if (prefixes.size() != suffixes.size()) {
        throw Error(ErrorKind::kCorrupt, "{} has {} prefixes and {} suffixes", kWhat,
                    prefixes.size(), suffixes.size());
    }
    uint64_t length_before = 0;
    uint64_t total = 0;
    for (size_t i = 0; i < prefixes.size(); ++i) {
        if (prefixes[i] > length_before) {
            throw Error(ErrorKind::kCorrupt, "{} has a prefix of {} bytes after a value of {}",
                        kWhat, prefixes[i], length_before);
        }
        length_before = prefixes[i] + bytes.Take(suffixes[i]).size();
        total += length_before;
        if (total > kMaxDeltaPageBytes) {
            throw Error(ErrorKind::kUnsupported, "{} has more than {} bytes in its values", kWhat,
                        kMaxDeltaPageBytes);
        }
    }
}

}  // namespace tarn::format
