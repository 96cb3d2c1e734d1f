#include "pipeline/jinja_environment.h"

#include <gtest/gtest.h>

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

class EchoHost final : public TemplateHost {
public:
    Json Call(const std::string& object, const std::string& member, const Json& positional,
              const Json& named) override {
        if (object == "ref" && positional.at(0) == "gone")
            throw Error(ErrorKind::kNotFound, "no model gone");
        if (object == "ref")
            return RelationValue({{"schema", "silver"}, {"identifier", positional.at(0)}});
        return Json{{"member", member}, {"positional", positional}, {"named", named}};
    }
};

class JinjaTest : public testing::Test {
protected:
    std::string Render(const std::string& text) {
        return jinja_.Render("models/m.sql", text, {{"answer", 42}});
    }
    Error Refusal(const std::string& text) {
        try {
            Render(text);
        } catch (const Error& error) {
            return error;
        }
        return Error(ErrorKind::kInternal, "nothing was refused");
    }

    EchoHost host_;
    JinjaEnvironment jinja_{host_, {"ref", "echo"}};
};

TEST_F(JinjaTest, TablesRenderAndHaveAttributes) {
    EXPECT_EQ(Render("{{ ref('x') }} {{ ref('x').schema }} {{ answer }}"),
              "\"silver\".\"x\" silver 42");
    EXPECT_EQ(Render("{{ echo.say(1, b='ä').named.b }}{{ echo.say(1).member }}"), "äsay");
    EXPECT_EQ(Render("{{ echo(ref('x')).positional[0].identifier }}"), "x");
}

TEST_F(JinjaTest, WhatTheHostThrowsComesBackWithThePlace) {
    const Error error = Refusal("select *\nfrom {{ ref('gone') }}");
    EXPECT_EQ(error.kind(), ErrorKind::kNotFound);
    EXPECT_EQ(error.spot().file, "models/m.sql");
    EXPECT_EQ(error.spot().line, 2);
    EXPECT_EQ(error.spot().column, 9);
}

TEST_F(JinjaTest, AMistakeInAMacroNamesTheChainOfCalls) {
    jinja_.AddMacros("lake", "macros/m.sql",
                     "{% macro outer() %}\n{{ ref('gone') }}{% endmacro %}");
    EXPECT_TRUE(jinja_.HasMacro("lake", "outer"));
    const Error error = Refusal("select {{ outer() }}");
    EXPECT_EQ(error.spot().file, "macros/m.sql");
    EXPECT_EQ(error.spot().line, 2);
    ASSERT_EQ(error.context().size(), 1u);
    EXPECT_NE(error.context()[0].second.find("models/m.sql:1"), std::string::npos);
}

TEST_F(JinjaTest, WrongTemplatesAreInvalidInput) {
    for (const char* text :
         {"{{ nope() }}", "{% if %}", "{{ 1 + }}", "{% for x in 1 %}{% endfor %}", "{{ a.b.c }}"}) {
        EXPECT_EQ(Refusal(text).kind(), ErrorKind::kInvalidInput) << text;
        EXPECT_EQ(Refusal(text).spot().line, 1) << text;
    }
    EXPECT_THROW(jinja_.AddMacros("lake", "macros/m.sql", "{% macro a( %}"), Error);
}

TEST_F(JinjaTest, ARenderLeavesNothingToTheNext) {
    EXPECT_EQ(jinja_.Render("a.sql", "{{ only_here }}", {{"only_here", 1}}), "1");
    EXPECT_EQ(jinja_.Render("b.sql", "[{{ only_here }}]", Json::object()), "[]");
}

}  // namespace
}  // namespace tarn::pipeline
