#include "engine/duck/json_tree.h"

#include <gtest/gtest.h>

namespace tarn::engine::duck {
namespace {

std::string Again(std::string_view text) {
    const auto tree = ReadJson(text);
    if (!tree) return "none";
    std::string out;
    AppendJson(out, *tree);
    return out;
}

std::string Found(std::string_view text, std::string_view path) {
    const auto parsed = JsonPath::Parse(path);
    if (!parsed) return "no path";
    return parsed->Find(*ReadJson(text)).value_or("NULL");
}

TEST(JsonTree, WhatIsReadIsWrittenAgain) {
    EXPECT_EQ(Again(" {\"a\" : [1, -2.50, true, null, \"x\\n\\u00e9\\ud834\\udd1e\"]} "),
              "{\"a\":[1,-2.5,true,null,\"x\\né𝄞\"]}");
    EXPECT_EQ(Again("{'a': 'it is'}"), "{\"a\":\"it is\"}");
    EXPECT_EQ(Again("[] rest"), "[]");
}

TEST(JsonTree, WhatIsNoJsonIsNotRead) {
    for (const char* text : {"", " ", "{", "{a:1}", "[1,]", "01", "1.", "1e", "-", "\"open", "nul",
                             "{\"a\" 1}", "\"\\x\"", "\"\\u12\"", "\"\\ud834\\u0041\""})
        EXPECT_EQ(Again(text), "none") << text;
}

TEST(JsonTree, DepthHasItsLimit) {
    const auto nested = [](int levels) {
        return std::string(static_cast<size_t>(levels), '[') +
               std::string(static_cast<size_t>(levels), ']');
    };
    EXPECT_TRUE(ReadJson(nested(kMaxJsonDepth)));
    EXPECT_FALSE(ReadJson(nested(kMaxJsonDepth + 2)));
    EXPECT_FALSE(ReadJson(nested(1'000'000)));
}

TEST(JsonPath, StepsLeadThroughObjectsAndArrays) {
    const std::string_view text = R"({"a": [{"b c": 1}, {"b c": "x"}], "n": null})";
    EXPECT_EQ(Found(text, "$.a[1]['b c']"), "x");
    EXPECT_EQ(Found(text, "$.a[*]['b c']"), "[1,\"x\"]");
    EXPECT_EQ(Found(text, "$.a[7]"), "NULL");
    EXPECT_EQ(Found(text, "$.n"), "NULL");
    for (const char* path : {"a", "$a", "$.", "$..a", "$.a[", "$.a[x]", "$.a[-1]"})
        EXPECT_EQ(Found(text, path), "no path") << path;
}

TEST(JsonSchema, TypesOfManyValuesAreMerged) {
    EXPECT_EQ(JsonSchema(*ReadJson(R"([{"b": 1, "a": null}, {"a": [1, 2.5], "b": "x"}])")),
              "ARRAY<STRUCT<a: ARRAY<DOUBLE>, b: STRING>>");
}

}  // namespace
}  // namespace tarn::engine::duck
