#include "base/yaml.h"

#include <cstdlib>

#include <gtest/gtest.h>

namespace tarn {
namespace {

// Runs and gives the mistake's spot; fails the test when nothing is thrown.
template <typename Action>
TextSpot SpotOf(Action action) {
    try {
        action();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput) << error.what();
        return error.spot();
    }
    ADD_FAILURE() << "nothing was thrown";
    return {};
}

TEST(Yaml, ReadsValuesByType) {
    const YamlNode root = YamlNode::Parse(
        "name: lake\nport: 8787\non: true\nlist: [a, b]\nratio: 0.5\nnone: ~\n", "t.yml");
    EXPECT_EQ(root.At("name").AsString(), "lake");
    EXPECT_EQ(root.At("port").AsInt(), 8787);
    EXPECT_TRUE(root.At("on").AsBool());
    EXPECT_EQ(root.At("list").AsStrings(), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(root.At("name").AsStrings(), std::vector<std::string>{"lake"});
    EXPECT_DOUBLE_EQ(root.At("ratio").AsDouble(), 0.5);
    EXPECT_FALSE(root.Find("none"));
    EXPECT_FALSE(root.Find("absent"));
    EXPECT_EQ(root.IntOr("absent", 3), 3);
    EXPECT_EQ(root.ToJson(),
              R"({"name":"lake","port":8787,"on":true,"list":["a","b"],"ratio":0.5,"none":null})");
}

TEST(Yaml, AMistakeIsShownAtItsPlace) {
    const YamlNode root = YamlNode::Parse("name: lake\nport: many\ncolour: red\n", "t.yml");
    const TextSpot number = SpotOf([&] { (void)root.At("port").AsInt(); });
    EXPECT_EQ(number.file, "t.yml");
    EXPECT_EQ(number.line, 2);
    EXPECT_EQ(number.column, 7);
    EXPECT_EQ(SpotOf([&] { root.OnlyKeys({"name", "port", "color"}); }).line, 3);
    EXPECT_EQ(SpotOf([&] { (void)root.At("name").AsOneOf({"sea", "pond"}); }).line, 1);
    EXPECT_EQ(SpotOf([] { YamlNode::Parse("a: 1\nb: [1,\n", "t.yml"); }).file, "t.yml");
    EXPECT_EQ(SpotOf([] { YamlNode::Parse("a: 1\na: 2\n", "t.yml"); }).line, 2);
    EXPECT_EQ(SpotOf([] { YamlNode::Parse("a: 1\n---\nb: 2\n", "t.yml"); }).line, 2);
}

TEST(Yaml, RefusesWhatIsNotUtf8AtItsPlace) {
    const TextSpot spot = SpotOf([] { YamlNode::Parse("a: 1\nb: x\x95\n", "t.yml"); });
    EXPECT_EQ(spot.line, 2);
    EXPECT_EQ(spot.column, 5);
    ::setenv("TARN_YAML_TEST", "\xFF", 1);
    EXPECT_EQ(SpotOf([] { YamlNode::Parse("a: ${TARN_YAML_TEST}\n", "t.yml"); }).line, 1);
}

TEST(Yaml, RefusesAliasesThatStandForMillions) {
    std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 9; ++i) {
        text += fmt::format("a{0}: &a{0} [*a{1}", i, i - 1);
        for (int copy = 1; copy < 9; ++copy) text += fmt::format(", *a{}", i - 1);
        text += "]\n";
    }
    SpotOf([&] { YamlNode::Parse(text, "t.yml"); });
    SpotOf([&] { YamlNode::Parse("a: &a [*a, *a]\n", "t.yml"); });
}

TEST(Yaml, ACommaInFrontOfADocumentDoesNotHang) {
    SpotOf([] { YamlNode::Parse(", a: [b]\n", "t.yml"); });
}

TEST(Yaml, TakesEnvironmentVariables) {
    ::setenv("TARN_YAML_TEST", "secret", 1);
    const YamlNode root = YamlNode::Parse("a: x-${TARN_YAML_TEST}\nb: $${keep}\n", "t.yml");
    EXPECT_EQ(root.At("a").AsString(), "x-secret");
    EXPECT_EQ(root.At("b").AsString(), "${keep}");
    EXPECT_EQ(SpotOf([] { YamlNode::Parse("a: 1\nb: ${TARN_NOT_SET_ANYWHERE}\n", "t.yml"); }).line,
              2);
}

TEST(Yaml, AnEmptyFileHasNoEntries) {
    const YamlNode root = YamlNode::Parse("", "t.yml");
    EXPECT_TRUE(root.IsNull());
    EXPECT_TRUE(root.Entries().empty());
    EXPECT_NO_THROW(root.OnlyKeys({"a"}));
}

}  // namespace
}  // namespace tarn
