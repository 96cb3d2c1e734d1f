#include "base/json_text.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tarn {
namespace {

std::string Json(std::string_view text) {
    std::string out;
    AppendJsonString(out, text);
    return out;
}

TEST(JsonText, ComesBackAsItWas) {
    std::string all;
    for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
    for (const std::string& text :
         {std::string(), std::string("plain"), all, std::string("é日😀\"\\/")}) {
        EXPECT_EQ(nlohmann::json::parse(Json(text)).get<std::string>(), text);
        EXPECT_EQ(Json(text).find('\n'), std::string::npos);
    }
}

TEST(JsonText, WhatIsNoUtf8IsReplaced) {
    EXPECT_EQ(nlohmann::json::parse(Json("a\xFF"
                                         "b"))
                  .get<std::string>(),
              "a\uFFFDb");
    EXPECT_EQ(nlohmann::json::parse(Json("\xC3")).get<std::string>(), "\uFFFD");
}

}  // namespace
}  // namespace tarn
