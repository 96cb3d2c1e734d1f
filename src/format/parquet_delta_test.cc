#include "format/parquet_delta.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/error.h"

namespace tarn::format {
namespace {

std::string Varint(uint64_t value) {
    std::string bytes;
    for (; value >= 0x80; value >>= 7) bytes += static_cast<char>((value & 0x7f) | 0x80);
    return bytes + static_cast<char>(value);
}

std::string Zigzag(int64_t value) {
    return Varint(value < 0 ? static_cast<uint64_t>(-value) * 2 - 1
                            : static_cast<uint64_t>(value) * 2);
}

std::string Header(uint64_t block, uint64_t miniblocks, uint64_t values, int64_t first) {
    return Varint(block) + Varint(miniblocks) + Varint(values) + Zigzag(first);
}

// Blocks of 128 deltas of 32 bits in 4 miniblocks, of which the last ones may be missing.
std::string Packed(const std::vector<uint32_t>& values) {
    std::string bytes = Header(128, 4, values.size(), values.empty() ? 0 : values[0]);
    for (size_t i = 1; i < values.size(); i += 128) {
        bytes += Zigzag(0) + std::string(4, 32);
        const size_t stored = std::min<size_t>(128, (values.size() - i + 31) / 32 * 32);
        for (size_t k = i; k < i + stored; ++k) {
            const uint32_t delta = k < values.size() ? values[k] - values[k - 1] : 0;
            for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(delta >> shift);
        }
    }
    return bytes;
}

ErrorKind KindOf(const std::string& page, uint64_t max_values) {
    try {
        CheckDeltaByteArray(page, max_values);
    } catch (const Error& error) {
        return error.kind();
    }
    return ErrorKind::kInternal;
}

void ExpectBadHeader(const std::string& header) {
    EXPECT_THROW(CheckDeltaBinaryPacked(header), Error);
    EXPECT_THROW(CheckDeltaLengthByteArray(header, 1), Error);
    EXPECT_EQ(KindOf(header + header, 1), ErrorKind::kCorrupt);
}

TEST(ParquetDeltaTest, BlocksOfNoOrTooManyValuesAreCorrupt) {
    EXPECT_NO_THROW(CheckDeltaBinaryPacked(Header(128, 4, 1, 7)));
    ExpectBadHeader(Header(0, 4, 1, 7));
    ExpectBadHeader(Header(128, 0, 1, 7));
    ExpectBadHeader(Header(128, 3, 1, 7));
    ExpectBadHeader(Header(128, 8, 1, 7));
    ExpectBadHeader(Header(1 << 21, 4, 1, 7));
    ExpectBadHeader(std::string(12, '\xff'));
}

TEST(ParquetDeltaTest, MoreLengthsThanValuesAreCorrupt) {
    EXPECT_NO_THROW(CheckDeltaLengthByteArray(Packed({1, 1, 1}), 3));
    EXPECT_THROW(CheckDeltaLengthByteArray(Packed({1, 1, 1}), 2), Error);
    const std::string page = Packed({0, 0, 0}) + Packed({1, 1, 1}) + "abc";
    EXPECT_NO_THROW(CheckDeltaByteArray(page, 3));
    EXPECT_EQ(KindOf(page, 2), ErrorKind::kCorrupt);
}

TEST(ParquetDeltaTest, PrefixesLieWithinTheValueBefore) {
    EXPECT_NO_THROW(CheckDeltaByteArray(Packed({0, 1, 2}) + Packed({1, 1, 1}) + "abc", 3));
    EXPECT_EQ(KindOf(Packed({0, 2, 2}) + Packed({1, 1, 1}) + "abc", 3), ErrorKind::kCorrupt);
    EXPECT_EQ(KindOf(Packed({1, 1, 1}) + Packed({1, 1, 1}) + "abc", 3), ErrorKind::kCorrupt);
    EXPECT_EQ(KindOf(Packed({0, 0}) + Packed({1, 1, 1}) + "abc", 3), ErrorKind::kCorrupt);
}

TEST(ParquetDeltaTest, SuffixesLieWithinThePage) {
    EXPECT_EQ(KindOf(Packed({0, 1}) + Packed({1, 3}) + "abc", 2), ErrorKind::kCorrupt);
    // To the decoder, 1 and this are a value of no bytes.
    EXPECT_EQ(KindOf(Packed({0, 1}) + Packed({1, UINT32_MAX}) + "abc", 2), ErrorKind::kCorrupt);
}

TEST(ParquetDeltaTest, NumbersOfAnyBitsAreRead) {
    // Suffixes 1, 2, 4: deltas 1 and 2 over a least of 1, in 9 bits: 0, then 1 from bit 9 on.
    const auto page = [&](char width) {
        return Packed({0, 0, 0}) + Header(128, 4, 3, 1) + Zigzag(1) + width + std::string(3, '\0') +
               std::string{'\0', '\2'} + std::string(34, '\0');
    };
    EXPECT_NO_THROW(CheckDeltaByteArray(page(9) + "1224444", 3));
    EXPECT_EQ(KindOf(page(9) + "122444", 3), ErrorKind::kCorrupt);
    EXPECT_EQ(KindOf(page(65) + std::string(999, 'x'), 3), ErrorKind::kCorrupt);
}

TEST(ParquetDeltaTest, RepeatedPrefixesAreBounded) {
    const uint32_t size = 1 << 20;
    const auto page = [&](size_t values) {
        std::vector<uint32_t> prefixes(values, size);
        std::vector<uint32_t> suffixes(values, 0);
        std::swap(prefixes[0], suffixes[0]);
        return Packed(prefixes) + Packed(suffixes) + std::string(size, 'x');
    };
    EXPECT_NO_THROW(CheckDeltaByteArray(page(1024), 1024));
    EXPECT_EQ(KindOf(page(1025), 1025), ErrorKind::kUnsupported);
}

}  // namespace
}  // namespace tarn::format
