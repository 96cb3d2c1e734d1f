#include "pipeline/semantic_layer.h"

#include <gtest/gtest.h>

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;
using Texts = std::vector<std::string>;

YamlNode Yaml(const std::string& text) { return YamlNode::Parse(text, "models/sales.yml"); }

TEST(SemanticLayer, AMetricIsMadeFromMeasuresOrFromOthers) {
    const SemanticEntry simple = ReadMetric(
        Yaml("{name: revenue, type: simple, label: Money, filter: \"{{ Dimension('o__new') }}\",\n"
             " type_params: {measure: {name: amount, filter: [a, b]}}}"),
        "models/sales.yml");
    EXPECT_EQ(simple.measures, Texts{"amount"});
    EXPECT_EQ(simple.body["filter"]["where_filters"][0]["where_sql_template"],
              "{{ Dimension('o__new') }}");
    EXPECT_EQ(simple.body["type_params"]["measure"]["filter"]["where_filters"].size(), 2U);
    const SemanticEntry ratio =
        ReadMetric(Yaml("{name: r, type: ratio, type_params: {numerator: a, denominator: {name: b, "
                        "offset_window: 7 days}}}"),
                   "models/sales.yml");
    EXPECT_EQ(ratio.metrics, (Texts{"a", "b"}));
    EXPECT_EQ(ratio.body["label"], "r");
    EXPECT_EQ(ratio.body["type_params"]["denominator"]["offset_window"],
              Json({{"count", 7}, {"granularity", "day"}}));
}

TEST(SemanticLayer, AMeasureMayBeAMetricByItself) {
    const auto all = ReadSemanticModel(
        Yaml("{name: orders, model: ref('orders'), defaults: {agg_time_dimension: day},\n"
             " entities: [{name: order, type: primary, expr: order_id}],\n"
             " dimensions: [{name: day, type: time, type_params: {time_granularity: day}}],\n"
             " measures: [{name: orders, agg: SUM, expr: 1, create_metric: true}, {name: x, agg: "
             "max}]}"),
        "models/sales.yml");
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].model, "ref('orders')");
    EXPECT_EQ(all[0].own_measures, (Texts{"orders", "x"}));
    EXPECT_EQ(all[0].body["measures"][0]["expr"], "1");
    EXPECT_EQ(all[0].body["measures"][0]["agg"], "sum");
    EXPECT_EQ(all[1].type + " " + all[1].name, "metric orders");
}

TEST(SemanticLayer, ASavedQuerySaysWhatItAsksFor) {
    const SemanticEntry query = ReadSavedQuery(
        Yaml("{name: q, config: {enabled: false}, query_params: {metrics: [revenue], where: x > 1},"
             " exports: [{name: e, config: {export_as: view, schema: s}}]}"),
        "models/sales.yml");
    EXPECT_FALSE(query.enabled);
    EXPECT_EQ(query.metrics, Texts{"revenue"});
    EXPECT_EQ(query.body["exports"][0]["config"],
              Json({{"export_as", "view"}, {"schema_name", "s"}}));
}

TEST(SemanticLayer, WhatMustBeThereIsAskedFor) {
    for (const char* text : {"{name: m, type: sum}", "{type: simple}"}) {
        try {
            ReadMetric(Yaml(text), "models/sales.yml");
            ADD_FAILURE() << text;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput);
            EXPECT_EQ(error.spot().file, "models/sales.yml");
        }
    }
    EXPECT_THROW(ReadSemanticModel(Yaml("{name: m}"), "models/sales.yml"), Error);
    EXPECT_THROW(ReadSavedQuery(Yaml("{name: q}"), "models/sales.yml"), Error);
}

}  // namespace
}  // namespace tarn::pipeline
