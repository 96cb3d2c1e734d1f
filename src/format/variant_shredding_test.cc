#include "format/variant_shredding.h"

#include <gtest/gtest.h>

namespace tarn::format {
namespace {

using Kind = Variant::Kind;

Variant Scalar(Kind kind, uint8_t size_bytes = 0, uint8_t scale = 0) {
    Variant value;
    value.kind = kind;
    value.size_bytes = size_bytes;
    value.scale = scale;
    return value;
}

Variant Object(std::vector<std::string_view> keys, std::vector<Variant> items) {
    Variant object = Scalar(Kind::kObject);
    object.keys = std::move(keys);
    object.items = std::move(items);
    return object;
}

Variant Array(std::vector<Variant> items) {
    Variant array = Scalar(Kind::kArray);
    array.items = std::move(items);
    return array;
}

ShreddedType DecidedBy(const std::vector<Variant>& values) {
    ShreddingSample sample;
    for (const Variant& value : values) sample.Add(value);
    return sample.Decide();
}

TEST(VariantShreddingTest, ValuesOfOneKindGetAColumn) {
    EXPECT_EQ(DecidedBy({}).kind, Kind::kNull);
    const ShreddedType whole =
        DecidedBy({Scalar(Kind::kInteger, 1), {}, Scalar(Kind::kInteger, 4)});
    EXPECT_EQ(whole.kind, Kind::kInteger);
    EXPECT_EQ(whole.size_bytes, 8);
    EXPECT_EQ(DecidedBy({Scalar(Kind::kInteger, 1), Scalar(Kind::kText)}).kind, Kind::kNull);
    EXPECT_EQ(DecidedBy({Scalar(Kind::kUuid)}).kind, Kind::kNull);
}

TEST(VariantShreddingTest, AFewValuesOfAnotherKindDoNotMatter) {
    std::vector<Variant> values(9, Scalar(Kind::kText));
    values.push_back(Scalar(Kind::kInteger, 1));
    EXPECT_EQ(DecidedBy(values).kind, Kind::kText);
    values.push_back(Scalar(Kind::kBoolean));
    EXPECT_EQ(DecidedBy(values).kind, Kind::kNull);
}

TEST(VariantShreddingTest, DecimalsOfOneScaleOnly) {
    const ShreddedType type =
        DecidedBy({Scalar(Kind::kDecimal, 4, 2), Scalar(Kind::kDecimal, 8, 2)});
    EXPECT_EQ(type.kind, Kind::kDecimal);
    EXPECT_EQ(type.size_bytes, 8);
    EXPECT_EQ(type.scale, 2);
    EXPECT_TRUE(Fits(type, Scalar(Kind::kDecimal, 4, 2)));
    EXPECT_FALSE(Fits(type, Scalar(Kind::kDecimal, 4, 3)));
    EXPECT_FALSE(Fits(type, Scalar(Kind::kDecimal, 16, 2)));
    EXPECT_FALSE(Fits(type, Scalar(Kind::kInteger, 4)));
    EXPECT_EQ(DecidedBy({Scalar(Kind::kDecimal, 4, 2), Scalar(Kind::kDecimal, 4, 1)}).kind,
              Kind::kNull);
}

TEST(VariantShreddingTest, ObjectsGetTheFieldsThatAgree) {
    const Variant text = Scalar(Kind::kText);
    const ShreddedType type =
        DecidedBy({Object({"mixed", "b", "a"}, {text, text, Array({text})}),
                   Object({"mixed", "b", "a"}, {Scalar(Kind::kDouble), {}, Array({})})});
    ASSERT_EQ(type.kind, Kind::kObject);
    EXPECT_EQ(type.names, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(type.parts[0].kind, Kind::kArray);
    EXPECT_EQ(type.parts[0].parts[0].kind, Kind::kText);
    EXPECT_EQ(type.parts[1].kind, Kind::kText);
    EXPECT_EQ(DecidedBy({Object({}, {})}).kind, Kind::kNull);
    EXPECT_EQ(DecidedBy({Array({})}).kind, Kind::kNull);
}

TEST(VariantShreddingTest, KeysThatDifferInCaseGetNone) {
    const Variant text = Scalar(Kind::kText);
    EXPECT_EQ(DecidedBy({Object({"a", "A", "", "b"}, {text, text, text, text})}).names,
              std::vector<std::string>{"b"});
}

TEST(VariantShreddingTest, RareKeysGetNone) {
    ShreddingSample sample;
    for (int i = 0; i < 100; ++i) {
        sample.Add(i < 9 ? Object({"rare", "often"}, {Scalar(Kind::kText), Scalar(Kind::kText)})
                         : Object({"often"}, {Scalar(Kind::kText)}));
    }
    EXPECT_EQ(sample.Decide().names, std::vector<std::string>{"often"});
}

TEST(VariantShreddingTest, WidthAndDepthAreBounded) {
    std::vector<std::string> names;
    for (int i = 0; i < 5000; ++i) names.push_back("key" + std::to_string(i));
    Variant wide = Object({names.begin(), names.end()}, {});
    wide.items.resize(names.size(), Scalar(Kind::kText));
    EXPECT_EQ(DecidedBy({wide}).names.size(), ShreddingSample::kMaxLeaves);

    Variant deep = Scalar(Kind::kText);
    for (int i = 0; i < ShreddingSample::kMaxDepth; ++i) deep = Array({deep});
    EXPECT_EQ(DecidedBy({deep}).kind, Kind::kArray);
    EXPECT_EQ(DecidedBy({Array({deep})}).kind, Kind::kNull);
}

TEST(VariantShreddingTest, KeysBeyondTheLimitAreNotLookedAt) {
    std::vector<std::string> names;
    for (size_t i = 0; i < ShreddingSample::kMaxNodes; ++i) names.push_back(std::to_string(i));
    ShreddingSample sample;
    sample.Add(Object({names.begin(), names.end()},
                      std::vector<Variant>(names.size(), Scalar(Kind::kText))));
    for (int i = 0; i < 100; ++i) sample.Add(Object({"late"}, {Scalar(Kind::kText)}));
    EXPECT_EQ(sample.Decide().kind, Kind::kNull);
}

TEST(VariantShreddingTest, ADecimalColumnTakesTheWidest) {
    EXPECT_EQ(DecidedBy({Scalar(Kind::kDecimal, 16, 2), Scalar(Kind::kDecimal, 4, 2)}).size_bytes,
              16);
}

TEST(VariantShreddingTest, TheMostFrequentKeysGetTheColumns) {
    std::vector<std::string> names;
    for (size_t i = 0; i < ShreddingSample::kMaxLeaves; ++i)
        names.push_back("a" + std::to_string(i));
    ShreddingSample sample;
    sample.Add(Object({names.begin(), names.end()},
                      std::vector<Variant>(names.size(), Scalar(Kind::kText))));
    for (int i = 0; i < 5; ++i) sample.Add(Object({"z"}, {Scalar(Kind::kText)}));
    const ShreddedType type = sample.Decide();
    EXPECT_EQ(type.names.size(), ShreddingSample::kMaxLeaves);
    EXPECT_EQ(type.names.back(), "z");
}

}  // namespace
}  // namespace tarn::format
