#include <array>
#include <set>
#include <span>

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/random.h"
#include "format/crc32.h"
#include "format/deletion_vector.h"
#include "format/percent.h"
#include "format/roaring_bitmap.h"
#include "format/z85.h"

namespace tarn::format {
namespace {

RoaringBitmap64 SetOf(const std::set<uint64_t>& values) {
    RoaringBitmap64 bitmap;
    for (const uint64_t value : values) bitmap.Add(value);
    return bitmap;
}

TEST(Crc32Test, MatchesTheStandardCheckValue) {
    EXPECT_EQ(Crc32("123456789"), 0xCBF43926U);
    EXPECT_EQ(Crc32(""), 0U);
}

TEST(Z85Test, MatchesTheSpecification) {
    EXPECT_EQ(DecodeZ85("HelloWorld"), "\x86\x4F\xD2\x6F\xB5\x59\xF7\x5B");
    EXPECT_EQ(EncodeZ85("\x86\x4F\xD2\x6F\xB5\x59\xF7\x5B"), "HelloWorld");
    for (const char* wrong : {"abcd", "ab\"cd", "#####"}) EXPECT_THROW(DecodeZ85(wrong), Error);
}

TEST(PercentTest, DecodesAndEncodesPaths) {
    EXPECT_EQ(PercentDecode("a%20b/c%3Dd+e"), "a b/c=d+e");
    EXPECT_EQ(PercentDecode("%41"), "A");
    EXPECT_EQ(PercentEncodePath("day=1/a b%:\xc3\xa9.parquet"), "day=1/a%20b%25%3A%C3%A9.parquet");
    for (const char* wrong : {"%", "a%2", "%zz"}) EXPECT_THROW(PercentDecode(wrong), Error);
}

TEST(DeletionVectorTest, ReadsAnInlineVectorOfSpark) {
    const RoaringBitmap64 rows =
        ParseDeletionVector(DecodeZ85("^Bg9^0rr910000000000iXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L"));
    EXPECT_EQ(rows.Cardinality(), 6U);
    for (const uint64_t row : {3, 4, 7, 11, 18, 29}) EXPECT_TRUE(rows.Contains(row)) << row;
    EXPECT_FALSE(rows.Contains(5));
    std::array<bool, 4> marks{};
    EXPECT_TRUE(rows.MarkIn(8, marks));
    EXPECT_EQ(marks, (std::array{false, false, false, true}));
    EXPECT_FALSE(rows.MarkIn(8, std::span(marks).first(3)));
    EXPECT_FALSE(rows.MarkIn(UINT64_MAX - 1, marks));
    EXPECT_FALSE(rows.MarkIn(3, {}));
}

TEST(DeletionVectorTest, AnotherMagicNumberIsUnsupported) {
    // The inline example of PROTOCOL.md: the older, native layout.
    try {
        ParseDeletionVector(DecodeZ85("wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L"));
        ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kUnsupported);
    }
}

TEST(DeletionVectorTest, ReadsTheNameExampleOfTheProtocol) {
    EXPECT_EQ(DecodeVectorUuid("^-aqEH.-t@S}K{vb[*k^"), "d2c639aa-8816-431a-aaf6-d3fe2512ff61");
    EXPECT_EQ(EncodeVectorUuid("d2c639aa-8816-431a-aaf6-d3fe2512ff61"), "^-aqEH.-t@S}K{vb[*k^");
    EXPECT_THROW(DecodeVectorUuid("^-aqEH.-t@S}K{vb[*k"), Error);
}

TEST(DeletionVectorTest, FilesRoundTripAndChecksumsHold) {
    const std::string vector = SerializeDeletionVector(SetOf({0, 5, 70'000, (7ULL << 32) + 9}));
    DeletionVectorFile file;
    EXPECT_EQ(file.Append(SerializeDeletionVector(SetOf({1}))), 1U);
    const uint64_t offset = file.Append(vector);
    const uint64_t size = vector.size();
    const std::string block = file.Bytes().substr(offset);
    ASSERT_EQ(block.size(), DeletionVectorBlockSize(size));
    EXPECT_EQ(file.Bytes().front(), 1);
    const RoaringBitmap64 read = ParseDeletionVectorBlock(block, size);
    EXPECT_EQ(read.Cardinality(), 4U);
    EXPECT_TRUE(read.Contains((7ULL << 32) + 9));
    EXPECT_THROW(ParseDeletionVectorBlock(block, size + 1), Error);
    for (size_t i = 0; i < block.size(); ++i) {
        std::string broken = block;
        broken[i] = static_cast<char>(broken[i] ^ 0x10);
        EXPECT_THROW(ParseDeletionVectorBlock(broken, size), Error) << "byte " << i;
    }
}

TEST(RoaringBitmapTest, EverySetRoundTrips) {
    for (uint64_t seed = 1; seed <= 60; ++seed) {
        SeededRandom random(seed);
        std::set<uint64_t> values;
        // Sparse, dense and run-shaped stretches, in several buckets.
        for (uint64_t stretch = random.Below(5); stretch > 0; --stretch) {
            uint64_t at = (random.Below(3) << 32) + random.Below(200'000);
            const uint64_t step = 1 + random.Below(3);
            for (uint64_t n = random.Below(9000); n > 0; --n, at += step) values.insert(at);
        }
        const RoaringBitmap64 read = RoaringBitmap64::Parse(SetOf(values).Serialize());
        ASSERT_EQ(read.Cardinality(), values.size()) << "seed " << seed;
        for (int i = 0; i < 200; ++i) {
            const uint64_t first = (random.Below(3) << 32) + random.Below(250'000);
            const uint64_t count = random.Below(50);
            const auto next = values.lower_bound(first);
            ASSERT_EQ(read.Contains(first), values.contains(first)) << "seed " << seed;
            std::array<bool, 50> marks{};
            ASSERT_EQ(read.MarkIn(first, std::span(marks).first(count)),
                      next != values.end() && *next < first + count)
                << "seed " << seed;
            for (uint64_t at = 0; at < marks.size(); ++at) {
                ASSERT_EQ(marks[at], at < count && values.contains(first + at)) << "seed " << seed;
            }
        }
    }
}

TEST(RoaringBitmapTest, SetsUniteAndMeet) {
    RoaringBitmap64 united = SetOf({1, 70'000});
    EXPECT_FALSE(united.Intersects(SetOf({2, 70'001, (1ULL << 32) + 1})));
    united.Unite(SetOf({1, 2, (1ULL << 32) + 1}));
    EXPECT_EQ(united.Cardinality(), 4U);
    EXPECT_TRUE(united.Intersects(SetOf({(1ULL << 32) + 1})));
}

TEST(RoaringBitmapTest, AStretchOfRowsTakesFewBytes) {
    RoaringBitmap64 rows;
    for (uint64_t row = 1000; row < 60'000; ++row) rows.Add(row);
    const RoaringBitmap64 before = RoaringBitmap64::Parse(rows.Serialize());
    rows.Shrink();
    EXPECT_LT(rows.Serialize().size(), 40U);
    const RoaringBitmap64 after = RoaringBitmap64::Parse(rows.Serialize());
    EXPECT_EQ(after.Cardinality(), before.Cardinality());
    EXPECT_TRUE(after.Contains(59'999));
    EXPECT_FALSE(after.Contains(60'000));
}

TEST(RoaringBitmapTest, RunsAreRead) {
    // One bucket, key 0, one run container: cookie 12347, run flag, key 0, 10 values, 1 run 5..14.
    const std::string bytes(
        "\1\0\0\0\0\0\0\0"
        "\0\0\0\0"
        "\x3b\x30\0\0"
        "\1"
        "\0\0\x09\0"
        "\1\0\5\0\x09\0",
        27);
    const RoaringBitmap64 read = RoaringBitmap64::Parse(bytes);
    EXPECT_EQ(read.Cardinality(), 10U);
    EXPECT_TRUE(read.Contains(14));
    EXPECT_FALSE(read.Contains(15));
}

TEST(RoaringBitmapTest, OnlyCorruptLeavesItOnBrokenBytes) {
    const std::string good = SetOf({1, 2, 3, 70'000, 1ULL << 40}).Serialize();
    for (uint64_t seed = 1; seed <= 3000; ++seed) {
        SeededRandom random(seed);
        std::string broken = good;
        broken[random.Below(broken.size())] = static_cast<char>(random.Next());
        if (random.Below(2) == 0) broken.resize(random.Below(broken.size()));
        try {
            (void)RoaringBitmap64::Parse(broken);
        } catch (const Error& error) {
            ASSERT_EQ(error.kind(), ErrorKind::kCorrupt) << "seed " << seed;
        }
    }
}

}  // namespace
}  // namespace tarn::format
