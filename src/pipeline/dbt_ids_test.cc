#include "pipeline/dbt_ids.h"

#include <gtest/gtest.h>

#include "pipeline/data_test_sql.h"

namespace tarn::pipeline {
namespace {

SingularTest Declared(const std::string& yaml, const std::string& model,
                      const std::string& column) {
    return TestOf(quality::ParseDataTest(YamlNode::Parse(yaml, "m.yml"), model, column),
                  "ref('" + model + "')", "");
}

// As dbt's own artifacts of its first example have them.
TEST(DbtIds, DeclaredTestsHaveDbtsIds) {
    EXPECT_EQ(TestUniqueId("jaffle_shop", Declared("unique", "customers", "customer_id")),
              "test.jaffle_shop.unique_customers_customer_id.c5af1ff4b1");
    EXPECT_EQ(TestUniqueId("jaffle_shop", Declared("not_null", "customers", "customer_id")),
              "test.jaffle_shop.not_null_customers_customer_id.5c9bf9911d");
    EXPECT_EQ(TestUniqueId("jaffle_shop",
                           Declared("relationships: {to: ref('customers'), field: customer_id}",
                                    "orders", "customer_id")),
              "test.jaffle_shop.relationships_orders_customer_id__customer_id__ref_customers_."
              "c6ec7f58f2");
    const auto accepted = Declared(
        "accepted_values: {values: [placed, shipped, completed, return_pending, returned]}",
        "orders", "status");
    EXPECT_TRUE(TestUniqueId("jaffle_shop", accepted).ends_with("_returned.be6b5b5ec3"));
}

TEST(DbtIds, ATestIsNamedByWhatItIsGiven) {
    EXPECT_EQ(Declared("accepted_values: {values: [a, b c], quote: false}", "m", "x").name,
              "accepted_values_m_x__False__a__b_c");
    EXPECT_EQ(Declared("dbt_utils.same: {than: ref('o')}", "m", "").name,
              "dbt_utils_same_m_ref_o_");
    EXPECT_EQ(Declared("unique: {name: mine}", "m", "x").name, "mine");
}

}  // namespace
}  // namespace tarn::pipeline
