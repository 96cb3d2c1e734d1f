#include "ingest/json_text.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tarn::ingest {
namespace {

TEST(FindJsonFault, AgreesWithAParser) {
    const std::vector<std::string> texts = {"{}",         "[]",
                                            "1",          "-0",
                                            "0.5e-7",     "01",
                                            "1.",         ".5",
                                            "+1",         "-",
                                            "1e",         "\"a\\u00e9\"",
                                            "\"\\x\"",    "\"\\u12g4\"",
                                            "true",       "tru",
                                            "truex",      "null",
                                            "{\"a\":1}",  "{\"a\":1,}",
                                            "{\"a\" 1}",  "{a:1}",
                                            "[1,,2]",     "[1 2]",
                                            "[1,2",       "{\"a\":[{\"b\":[]},2]}",
                                            "{\"a\":1}}", "",
                                            "  ",         " [ 1 , 2 ] ",
                                            "\"open",     "\"\t\"",
                                            "{\"a\":}",   "[,]",
                                            "nan",        "{\"a\":\"b\"]",
                                            "[\"a\":1]"};
    for (const std::string& text : texts) {
        EXPECT_EQ(!FindJsonFault(text).has_value(), nlohmann::json::accept(text)) << text;
    }
}

TEST(FindJsonFault, TellsThePlace) {
    EXPECT_EQ(FindJsonFault("{\"a\": 1, \"b\": oops}")->offset, 14U);
    EXPECT_EQ(FindJsonFault("{\"a\":1} x")->offset, 8U);
    EXPECT_EQ(FindJsonFault("{\"a\":\"b")->offset, 7U);
}

TEST(FindJsonFault, DepthIsBounded) {
    EXPECT_FALSE(FindJsonFault(std::string(500, '[') + std::string(500, ']')).has_value());
    EXPECT_TRUE(FindJsonFault(std::string(100'000, '[')).has_value());
}

}  // namespace
}  // namespace tarn::ingest
