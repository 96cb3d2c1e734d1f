#include "format/variant_writer.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace tarn::format {
namespace {

using namespace std::string_literals;
using Kind = Variant::Kind;

Variant Integer(int64_t number, uint8_t size_bytes = 1) {
    Variant value;
    value.kind = Kind::kInteger;
    value.size_bytes = size_bytes;
    value.number = number;
    return value;
}

Variant TextOf(std::string_view text) {
    Variant value;
    value.kind = Kind::kText;
    value.bytes = text;
    return value;
}

Variant ArrayOf(std::vector<Variant> items) {
    Variant array;
    array.kind = Kind::kArray;
    array.items = std::move(items);
    return array;
}

Variant ObjectOf(std::vector<std::string_view> keys, std::vector<Variant> items) {
    Variant object = ArrayOf(std::move(items));
    object.kind = Kind::kObject;
    object.keys = std::move(keys);
    return object;
}

std::string Written(const Variant& variant) { return WriteVariant(variant, KeysOf(variant)); }

template <typename Function>
ErrorKind KindOf(const Function& function) {
    try {
        function();
    } catch (const Error& error) {
        return error.kind();
    }
    ADD_FAILURE() << "nothing was thrown";
    return ErrorKind::kInternal;
}

TEST(VariantWriterTest, WritesTheBytesThatTheSpecificationNames) {
    EXPECT_EQ(Written({}), "\x00"s);
    EXPECT_EQ(Written(Integer(-1)), "\x0C\xFF"s);
    EXPECT_EQ(Written(Integer(INT32_MIN, 4)), "\x14\x00\x00\x00\x80"s);
    EXPECT_EQ(Written(TextOf("hi")), "\x09hi"s);
    EXPECT_EQ(WriteVariantKeys({}), "\x11\x00\x00"s);
    EXPECT_EQ(WriteVariantKeys({"a", "bb"}),
              "\x11\x02\x00\x01\x03"
              "abb"s);
    // Fields stand in the order of their keys, whatever order they came in.
    const Variant object = ObjectOf({"bb", "a"}, {Integer(1), {}});
    EXPECT_EQ(Written(object), "\x02\x02\x00\x01\x00\x01\x03\x00\x0C\x01"s);
    EXPECT_EQ(Written(ArrayOf({})), "\x03\x00\x00"s);
    EXPECT_EQ(Written(ObjectOf({}, {})), "\x02\x00\x00"s);
}

TEST(VariantWriterTest, TextIsShortUpTo63Bytes) {
    for (const size_t size : {0, 1, 63, 64, 65, 300}) {
        const std::string text(size, 'x');
        const std::string bytes = Written(TextOf(text));
        EXPECT_EQ(bytes.size(), size + (size < 64 ? 1 : 5));
        EXPECT_EQ(ParseVariant(bytes, {}).bytes, text);
    }
}

TEST(VariantWriterTest, OffsetsAndIdsAreAsWideAsTheyMustBe) {
    for (const size_t size : {10, 255, 256, 65536, 17 << 20}) {
        const std::string text(size, 'x');
        const std::string bytes = Written(ArrayOf({TextOf(text), Integer(7)}));
        const Variant read = ParseVariant(bytes, {});
        ASSERT_EQ(read.items.size(), 2U);
        EXPECT_EQ(read.items[0].bytes.size(), size);
        EXPECT_EQ(read.items[1].number, 7);
    }
    std::vector<std::string> names;
    for (int i = 0; i < 70'000; ++i) names.push_back("key" + std::to_string(i));
    Variant object = ObjectOf({names.begin(), names.end()}, {});
    for (int i = 0; i < 70'000; ++i) object.items.push_back(Integer(i, 4));
    const auto keys = KeysOf(object);
    const std::string metadata = WriteVariantKeys(keys);
    ASSERT_EQ(ParseVariantKeys(metadata), keys);
    const std::string bytes = WriteVariant(object, keys);
    const Variant read = ParseVariant(bytes, keys);
    ASSERT_EQ(read.keys, keys);
    for (size_t i = 0; i < read.keys.size(); ++i)
        ASSERT_EQ("key" + std::to_string(static_cast<int>(read.items[i].number)), read.keys[i]);
}

TEST(VariantWriterTest, KeysAreSortedByTheirBytesAndStandOnce) {
    const Variant inner = ObjectOf({"b", "\xC3\xA4", "B"}, {{}, {}, {}});
    const Variant outer = ObjectOf({"b", "a"}, {inner, ArrayOf({inner})});
    EXPECT_EQ(KeysOf(outer), (std::vector<std::string_view>{"B", "a", "b", "\xC3\xA4"}));
}

TEST(VariantWriterTest, RefusesWhatNoReaderTakes) {
    EXPECT_EQ(KindOf([] { KeysOf(ObjectOf({"a", "a"}, {{}, {}})); }), ErrorKind::kInvalidInput);
    Variant deep;
    for (int i = 0; i <= kMaxVariantDepth; ++i) {
        std::vector<Variant> items;
        items.push_back(std::move(deep));
        deep = ArrayOf(std::move(items));
    }
    EXPECT_EQ(KindOf([&] { KeysOf(deep); }), ErrorKind::kLimitExceeded);
    const std::string large(kMaxVariantBytes + 1, 'x');
    EXPECT_EQ(KindOf([&] { Written(TextOf(large)); }), ErrorKind::kLimitExceeded);
}

TEST(VariantWriterTest, EveryKindComesBackAsItWas) {
    for (const std::string& bytes : {"\x00"s,
                                     "\x04"s,
                                     "\x08"s,
                                     "\x0C\x80"s,
                                     "\x10\x00\x80"s,
                                     "\x14\x01\x00\x00\x80"s,
                                     "\x18\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F"s,
                                     "\x1C\x00\x00\x00\x00\x00\x00\xF8\x3F"s,
                                     "\x20\x02\xFF\xFF\xFF\xFF"s,
                                     "\x24\x03\x01\x00\x00\x00\x00\x00\x00\x80"s,
                                     "\x28\x26"s + std::string(16, '\x01'),
                                     "\x2C\x01\x00\x00\x80"s,
                                     "\x30\x01\x00\x00\x00\x00\x00\x00\x80"s,
                                     "\x34\x01\x00\x00\x00\x00\x00\x00\x80"s,
                                     "\x38\x00\x00\xC0\x3F"s,
                                     "\x3C\x02\x00\x00\x00\x00\xFF"s,
                                     "\x44\x01\x00\x00\x00\x00\x00\x00\x00"s,
                                     "\x48\x01\x00\x00\x00\x00\x00\x00\x80"s,
                                     "\x4C\x01\x00\x00\x00\x00\x00\x00\x80"s,
                                     "\x50"s + std::string(16, '\x07')}) {
        EXPECT_EQ(Written(ParseVariant(bytes, {})), bytes);
    }
}

TEST(VariantWriterTest, ACountThatDoesNotFitAByteTakesFour) {
    const std::string array = Written(ArrayOf(std::vector<Variant>(256)));
    EXPECT_EQ(array.substr(1, 4), "\x00\x01\x00\x00"s);
    std::vector<std::string> names;
    for (int i = 0; i < 256; ++i) names.push_back("k" + std::to_string(i));
    const Variant object = ObjectOf({names.begin(), names.end()}, std::vector<Variant>(256));
    EXPECT_EQ(Written(object).substr(1, 4), "\x00\x01\x00\x00"s);
}

TEST(VariantWriterTest, AsDeepAsIsAllowed) {
    Variant deep = Integer(1);
    for (int i = 0; i < kMaxVariantDepth; ++i) deep = ArrayOf({deep});
    EXPECT_NO_THROW((void)KeysOf(deep));
    deep = ArrayOf({deep});
    EXPECT_EQ(KindOf([&] { (void)KeysOf(deep); }), ErrorKind::kLimitExceeded);
}

TEST(VariantWriterTest, PartsTogetherHaveALimit) {
    const std::string half(kMaxVariantBytes / 2, 'x');
    EXPECT_EQ(KindOf([&] { (void)Written(ArrayOf({TextOf(half), TextOf(half)})); }),
              ErrorKind::kLimitExceeded);
    EXPECT_EQ(KindOf([&] { (void)Written(ObjectOf({"a", "b"}, {TextOf(half), TextOf(half)})); }),
              ErrorKind::kLimitExceeded);
}

TEST(VariantWriterTest, AKeyTwiceIsFoundWithin) {
    const Variant twice = ObjectOf({"a", "a"}, {Integer(1), Integer(2)});
    EXPECT_EQ(KindOf([&] { (void)KeysOf(ArrayOf({twice})); }), ErrorKind::kInvalidInput);
}

}  // namespace
}  // namespace tarn::format
