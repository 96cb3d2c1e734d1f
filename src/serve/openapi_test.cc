#include "serve/openapi.h"

#include <functional>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "serve/endpoint_config.h"
#include "serve/endpoint_samples.h"

namespace tarn::serve {
namespace {

using Json = nlohmann::json;

Json Document() {
    return Json::parse(BuildOpenApi(
        {"nyc_flights", "0.1.0"},
        {ParseEndpoint(samples::kOnTime, "a.yml"), ParseEndpoint(samples::kSql, "b.yml")}));
}

Json ParameterOf(const Json& document, const std::string& path, const std::string& name) {
    for (const Json& parameter : document["paths"][path]["get"]["parameters"]) {
        if (parameter["name"] == name) return parameter;
    }
    return nullptr;
}

TEST(OpenApiTest, HasTheShapeOfOpenApi31) {
    const Json document = Document();
    EXPECT_EQ(document["openapi"], "3.1.0");
    EXPECT_EQ(document["info"]["title"], "nyc_flights");
    ASSERT_EQ(document["paths"].size(), 2U);
    for (const auto& [path, item] : document["paths"].items()) {
        EXPECT_EQ(path.front(), '/');
        const Json& get = item["get"];
        EXPECT_TRUE(get["operationId"].is_string());
        for (const Json& parameter : get["parameters"]) {
            EXPECT_EQ(parameter["in"], "query");
            EXPECT_TRUE(parameter["schema"].is_object());
            EXPECT_TRUE(parameter["required"].is_boolean());
        }
        EXPECT_TRUE(get["responses"].contains("default"));
        for (const auto& [status, response] : get["responses"].items()) {
            EXPECT_TRUE(response["description"].is_string()) << status;
        }
    }
}

TEST(OpenApiTest, EveryReferenceLeadsSomewhere) {
    const Json document = Document();
    size_t references = 0;
    const std::function<void(const Json&)> visit = [&](const Json& node) {
        if (node.is_object() && node.contains("$ref")) {
            const std::string reference = node["$ref"];
            ASSERT_EQ(reference.substr(0, 2), "#/");
            EXPECT_TRUE(document.contains(Json::json_pointer(reference.substr(1)))) << reference;
            ++references;
        }
        for (const Json& child : node) {
            if (child.is_structured()) visit(child);
        }
    };
    visit(document);
    EXPECT_GT(references, 0U);
}

TEST(OpenApiTest, DescribesParametersAsTheDoorReadsThem) {
    const Json document = Document();
    const Json carrier = ParameterOf(document, "/v1/on-time", "carrier");
    EXPECT_EQ(carrier["schema"]["enum"], Json::array({"UA", "AA", "DL"}));
    const std::string month = ParameterOf(document, "/v1/on-time", "month")["description"];
    EXPECT_TRUE(month.starts_with("1 to 12. ")) << month;
    const Json flights = ParameterOf(document, "/v1/on-time", "min_flights");
    EXPECT_EQ(flights["schema"]["type"], "integer");
    EXPECT_EQ(flights["schema"]["default"], 0);
    const Json carriers = ParameterOf(document, "/v1/on-time", "carriers");
    EXPECT_EQ(carriers["schema"]["type"], "array");
    EXPECT_EQ(carriers["explode"], false);
    const Json limit = ParameterOf(document, "/v1/on-time", "limit");
    EXPECT_EQ(limit["schema"]["maximum"], 5);
    EXPECT_EQ(limit["schema"]["default"], 2);
    EXPECT_EQ(ParameterOf(document, "/v2/delays", "since")["required"], true);
}

TEST(OpenApiTest, DescribesRowsWithTheirTypes) {
    const Json row = Document()["paths"]["/v1/on-time"]["get"]["responses"]["200"]["content"]
                               ["application/json"]["schema"]["properties"]["data"]["items"];
    EXPECT_EQ(row["properties"]["flights"]["type"], Json::array({"integer", "null"}));
    EXPECT_EQ(row["properties"]["carrier"]["description"], "IATA code");
    EXPECT_EQ(row["required"].size(), 4U);
}

}  // namespace
}  // namespace tarn::serve
