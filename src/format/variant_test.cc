#include "format/variant.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace tarn::format {
namespace {

using namespace std::string_literals;
using Kind = Variant::Kind;

ErrorKind KindOf(const std::string& value, const std::vector<std::string_view>& keys = {}) {
    try {
        (void)ParseVariant(value, keys);
    } catch (const Error& error) {
        return error.kind();
    }
    ADD_FAILURE() << "nothing was thrown";
    return ErrorKind::kInternal;
}

TEST(VariantTest, ReadsWholeNumbersOfEveryWidth) {
    EXPECT_EQ(ParseVariant("\x0C\xFF"s, {}).number, -1);
    EXPECT_EQ(ParseVariant("\x10\x00\x80"s, {}).number, -32768);
    EXPECT_EQ(ParseVariant("\x14\x01\x00\x00\x80"s, {}).number, INT32_MIN + 1);
    EXPECT_EQ(ParseVariant("\x18\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F"s, {}).number, INT64_MAX);
    const Variant decimal = ParseVariant("\x20\x02\xFF\xFF\xFF\xFF"s, {});
    EXPECT_EQ(decimal.kind, Kind::kDecimal);
    EXPECT_EQ(decimal.number, -1);
    EXPECT_EQ(decimal.scale, 2);
    EXPECT_EQ(ParseVariant("\x28\x00"s + std::string(16, '\xFF'), {}).number, -1);
}

TEST(VariantTest, ReadsScalars) {
    EXPECT_EQ(ParseVariant("\x00"s, {}).kind, Kind::kNull);
    EXPECT_EQ(ParseVariant("\x04"s, {}).number, 1);
    EXPECT_EQ(ParseVariant("\x08"s, {}).number, 0);
    EXPECT_EQ(ParseVariant("\x1C\x00\x00\x00\x00\x00\x00\xF8\x3F"s, {}).real, 1.5);
    EXPECT_EQ(ParseVariant("\x38\x00\x00\xC0\x3F"s, {}).real, 1.5);
    for (const std::string& text : {"\x09hi"s, "\x40\x02\x00\x00\x00hi"s})
        EXPECT_EQ(ParseVariant(text, {}).bytes, "hi");
    const std::string binary = "\x3C\x01\x00\x00\x00\xFF"s;
    EXPECT_EQ(ParseVariant(binary, {}).bytes, "\xFF");
}

TEST(VariantTest, ReadsObjectsAndArrays) {
    const std::string metadata =
        "\x11\x02\x00\x01\x03"
        "abb"s;
    const auto keys = ParseVariantKeys(metadata);
    ASSERT_EQ(keys, (std::vector<std::string_view>{"a", "bb"}));
    // {"bb": [1, null], "a": true}: offsets need not rise
    const std::string list = "\x03\x02\x00\x02\x03\x0C\x01\x00"s;
    const std::string value = "\x02\x02\x00\x01\x08\x00\x09"s + list + "\x04"s;
    const Variant object = ParseVariant(value, keys);
    ASSERT_EQ(object.kind, Kind::kObject);
    EXPECT_EQ(object.keys, keys);
    EXPECT_EQ(object.items[0].number, 1);
    ASSERT_EQ(object.items[1].items.size(), 2U);
    EXPECT_EQ(object.items[1].items[1].kind, Kind::kNull);
}

TEST(VariantTest, RefusesWhatIsMalformed) {
    for (const std::string& value :
         {""s, "\x0C"s, "\x09h"s, "\x05\xFF"s, "\x20\x27\x00\x00\x00\x00"s, "\x40\xFF\xFF\xFF\xFF"s,
          "\x03\x01\x01\x01\x00"s, "\x02\x01\x00\x00\x01\x00"s, "\x13\xFF\xFF\xFF\xFF"s}) {
        EXPECT_EQ(KindOf(value), ErrorKind::kCorrupt);
    }
    EXPECT_EQ(KindOf("\x02\x02\x00\x00\x00\x01\x02\x04\x04"s, {"a"}), ErrorKind::kCorrupt);
    EXPECT_EQ(KindOf("\x54"s), ErrorKind::kUnsupported);
    EXPECT_THROW(ParseVariantKeys("\x12\x00\x00"s), Error);
    EXPECT_THROW(ParseVariantKeys("\x11\x02\x00\x02\x01"
                                  "ab"s),
                 Error);
}

TEST(VariantTest, PartsThatShareBytesAreNoBomb) {
    // Every level names the next one twice: 2^40 values in 240 bytes.
    std::string value = "\x00"s;
    for (int i = 0; i < 40; ++i) {
        const auto size = static_cast<char>(value.size());
        value = "\x03\x02\x00\x00"s + std::string(1, size) + value;
    }
    EXPECT_EQ(KindOf(value), ErrorKind::kCorrupt);
}

TEST(VariantTest, DepthIsBounded) {
    std::string value = "\x00"s;
    for (int i = 0; i < 2 * kMaxVariantDepth; ++i) {
        std::string size(3, '\0');
        for (size_t at = 0; at < 3; ++at) size[at] = static_cast<char>(value.size() >> (8 * at));
        value = "\x0B\x01\x00\x00\x00"s + size + value;
    }
    EXPECT_EQ(KindOf(value), ErrorKind::kLimitExceeded);
}

}  // namespace
}  // namespace tarn::format
