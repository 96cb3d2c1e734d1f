#include "serve/endpoint_config.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/error.h"
#include "serve/endpoint_samples.h"
#include "serve/endpoint_settings.h"

namespace tarn::serve {
namespace {

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

TextSpot SpotOfMistake(const std::string& text) {
    try {
        ParseEndpoint(text, "apis/a.yml");
        ADD_FAILURE() << "accepted:\n" << text;
        return {};
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput) << error.what();
        EXPECT_EQ(error.spot().file, "apis/a.yml") << error.what();
        EXPECT_GT(error.spot().column, 0) << error.what();
        return error.spot();
    }
}

TEST(EndpointConfigTest, ReadsATableEndpoint) {
    const Endpoint endpoint = ParseEndpoint(samples::kOnTime, "apis/on-time.yml");
    EXPECT_EQ(endpoint.Label(), "v1/on_time");
    EXPECT_EQ(endpoint.path, "/v1/on-time");
    EXPECT_EQ(endpoint.max_age_s, 26 * 3600);
    EXPECT_EQ(endpoint.consumers, std::vector<std::string>{"dashboard"});
    ASSERT_EQ(endpoint.source.tables.size(), 1U);
    EXPECT_EQ(endpoint.source.tables[0].second, "gold.on_time");
    ASSERT_EQ(endpoint.columns.size(), 4U);
    EXPECT_EQ(endpoint.columns[3].type, ApiType::kNumber);
    ASSERT_EQ(endpoint.parameters.size(), 4U);
    EXPECT_EQ(endpoint.parameters[2].filter, FilterOperator::kGte);
    EXPECT_EQ(endpoint.parameters[2].fallback, "0");
    EXPECT_EQ(endpoint.page_default, 2);
    EXPECT_EQ(endpoint.page_largest, 5);
    // month by the file, then what is left of the unique columns.
    ASSERT_EQ(endpoint.order.size(), 2U);
    EXPECT_EQ(endpoint.order[0].column, "month");
    EXPECT_TRUE(endpoint.order[0].descending);
    EXPECT_TRUE(endpoint.order[0].nulls_first);
    EXPECT_EQ(endpoint.order[1].column, "carrier");
    EXPECT_FALSE(endpoint.order[1].descending);
}

TEST(EndpointConfigTest, ReadsAnSqlEndpoint) {
    const Endpoint endpoint = ParseEndpoint(samples::kSql, "apis/delays.yml");
    const std::vector<std::pair<std::string, std::string>> tables{{"f", "silver.flights"},
                                                                  {"c", "silver.carriers"}};
    EXPECT_EQ(endpoint.source.tables, tables);
    EXPECT_TRUE(endpoint.parameters[0].column.empty());
    EXPECT_TRUE(endpoint.parameters[0].required);
    EXPECT_EQ(endpoint.page_default, kDefaultPageRows);
}

TEST(EndpointConfigTest, FingerprintFollowsTheFile) {
    const std::string text = samples::kOnTime;
    EXPECT_EQ(ParseEndpoint(text, "a").fingerprint,
              ParseEndpoint(text + "\n# a comment\n", "b").fingerprint);
    EXPECT_NE(ParseEndpoint(text, "a").fingerprint,
              ParseEndpoint(Replaced(text, "nulls: first", "nulls: last"), "a").fingerprint);
}

TEST(EndpointConfigTest, EveryMistakeHasItsPlace) {
    const std::string good = samples::kOnTime;
    const struct {
        const char* from;
        const char* to;
        int line;
    } mistakes[] = {
        {"owner: analytics", "ownr: analytics", 5},
        {"owner: analytics\n", "", 1},
        {"name: on_time", "name: On-Time", 1},
        {"version: v1", "version: v01", 2},
        {"version: v1", "version: 1", 2},
        {"path: /v1/on-time", "path: /v2/on-time", 3},
        {"path: /v1/on-time", "path: /v1/../x", 3},
        {"path: /v1/on-time", "path: /v1/", 3},
        {"max_age: 26h", "max_age: soon", 7},
        {"source: {table: gold.on_time}", "source: {}", 8},
        {"{table: gold.on_time}", "{table: gold.on_time, sql: SELECT 1}", 8},
        {"name: month, type: integer}", "name: month, type: int}", 11},
        {"{name: share, type: number}", "{name: Carrier, type: number}", 13},
        {"allowed: [UA, AA, DL]", "alowed: [UA, AA, DL]", 15},
        {"name: month, type: integer, column: month", "name: limit, type: integer, column: month",
         16},
        {"name: month, type: integer, column: month", "name: carrier, type: integer, column: month",
         16},
        {"name: month, type: integer, column: month", "name: month, type: integer", 16},
        {"operator: gte", "operator: gt_or_eq", 17},
        {"default: 0", "default: none", 17},
        {"default: 0", "default: 0, required: true", 17},
        {"direction: desc", "direction: down", 20},
        {"column: month, direction", "column: moth, direction", 20},
        {"unique: [carrier, month]", "unique: [carrier, flight]", 21},
        {"unique: [carrier, month]", "unique: []", 21},
        {"largest: 5", "largest: 20000", 22},
        {"default: 2", "default: 6", 22},
        {"default: 2", "default: 0", 22},
    };
    for (const auto& mistake : mistakes) {
        EXPECT_EQ(SpotOfMistake(Replaced(good, mistake.from, mistake.to)).line, mistake.line)
            << mistake.to;
    }
}

TEST(EndpointConfigTest, SqlAndParametersMustAgree) {
    EXPECT_EQ(SpotOfMistake(Replaced(samples::kSql, "$since + 7", "$until")).line, 6);
    EXPECT_EQ(SpotOfMistake(Replaced(samples::kSql, "$since + 7", "?")).line, 6);
    EXPECT_EQ(
        SpotOfMistake(Replaced(samples::kSql, "order:", "  - {name: other, type: date}\norder:"))
            .line,
        13);
    EXPECT_EQ(SpotOfMistake(Replaced(samples::kSql,
                                     "  tables: {f: silver.flights, c: silver.carriers}\n", ""))
                  .line,
              6);
    // Inside quotes a dollar is only a dollar.
    EXPECT_NO_THROW(ParseEndpoint(Replaced(samples::kSql, "count(*)", "count('$x')"), "a"));
}

TEST(EndpointConfigTest, TheTableOfKeysSaysTheDefaultsThatHold) {
    const auto fallback = [](std::string_view key) {
        for (const Setting& setting : EndpointSettings()) {
            if (setting.key == key) return std::string(setting.fallback);
        }
        return std::string("no such key");
    };
    EXPECT_EQ(fallback("page.default"), std::to_string(kDefaultPageRows));
    EXPECT_EQ(fallback("page.largest"), std::to_string(kDefaultLargestPageRows));
    const std::vector<std::string> order{"by", "unique"};
    EXPECT_EQ(KeysAt(EndpointSettings(), "order"), order);
    const std::vector<std::string> sort{"column", "direction", "nulls"};
    EXPECT_EQ(KeysAt(EndpointSettings(), "order.by[]"), sort);
}

TEST(EndpointConfigTest, LoadsAFolderAndRefusesTheSamePathTwice) {
    namespace fs = std::filesystem;
    const fs::path folder = fs::path(testing::TempDir()) / "endpoint_config_test";
    fs::remove_all(folder);
    EXPECT_TRUE(LoadEndpoints(folder.string()).empty());
    fs::create_directories(folder);
    std::ofstream(folder / "b.yml") << samples::kOnTime;
    std::ofstream(folder / "a.yml") << samples::kSql;
    std::ofstream(folder / "README.md") << "not an endpoint";
    const auto endpoints = LoadEndpoints(folder.string());
    ASSERT_EQ(endpoints.size(), 2U);
    EXPECT_EQ(endpoints[0].name, "delays");
    std::ofstream(folder / "c.yml") << Replaced(samples::kOnTime, "name: on_time", "name: other");
    try {
        LoadEndpoints(folder.string());
        ADD_FAILURE() << "two endpoints of one path";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput);
        EXPECT_EQ(error.spot().file, (folder / "c.yml").string());
    }
    fs::remove_all(folder);
}

}  // namespace
}  // namespace tarn::serve
