#include "pipeline/selection.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "pipeline/dbt_names.h"
#include "pipeline/project.h"

namespace tarn::pipeline {
namespace {

constexpr const char* kProject =
    "name: shop\nseeds: {+tags: raw}\nmodels:\n  shop:\n    staging: {+materialized: view, "
    "+tags: [nightly]}\n    marts: {+materialized: table, +meta: {team: sales}}\n";
constexpr const char* kStagingYaml = R"(
sources:
  - name: web
    tables: [{name: visits, tags: [raw]}, {name: carts}]
models:
  - name: stg_orders
    columns: [{name: id, tests: [unique, {not_null: {tags: [cheap], severity: warn}}]}]
exposures:
  - {name: board, type: dashboard, owner: {email: x@example.com}, tags: [weekly],
     depends_on: [ref('orders')]}
)";
constexpr const char* kMartsYaml = R"(
models:
  - name: orders
    columns: [{name: id, tests: [relationships: {to: ref('stg_orders'), field: id}]}]
)";

// raw -> stg_orders -> orders -> report, and web.visits -> stg_visits -> report.
struct Shop {
    Shop()
        : project(ParseProject(
              "shop",
              {{"dbt_project.yml", kProject},
               {"seeds/raw.csv", ""},
               {"models/staging/stg_orders.sql", "select * from {{ ref('raw') }}"},
               {"models/staging/stg_visits.sql", "select * from {{ source('web', 'visits') }}"},
               {"models/staging/staging.yml", kStagingYaml},
               {"models/marts/orders.sql", "select * from {{ ref('stg_orders') }}"},
               {"models/marts/deep/report.sql",
                "select * from {{ ref('orders') }}, {{ ref('stg_visits') }}"},
               {"models/marts/marts.yml", kMartsYaml},
               {"tests/fits.sql", "select * from {{ ref('orders') }}"}},
              {})),
          context(project, {}, {}),
          graph(project, context, NameTables(project, context)),
          inventory(project, graph, context) {}

    std::string Names(const SelectionRequest& request, const std::string& selectors = "") const {
        const NamedSelections named =
            selectors.empty()
                ? NamedSelections()
                : NamedSelections::Parse(selectors, "selectors.yml", request.indirect);
        std::vector<std::string> names;
        for (const size_t item : Select(inventory, request, named)) {
            const Item& found = inventory.Items()[item];
            if (found.type != "test") names.push_back(found.name);
        }
        std::sort(names.begin(), names.end());
        return Join(names, " ");
    }
    std::string Select1(const std::string& text) const { return Names({.select = {text}}); }
    std::string Tests(const SelectionRequest& request) const {
        std::vector<std::string> names;
        for (const size_t item : Select(inventory, request, {})) {
            const Item& found = inventory.Items()[item];
            if (found.type == "test") names.push_back(found.name);
        }
        std::sort(names.begin(), names.end());
        return Join(names, " ");
    }

    Project project;
    ModelContext context;
    Graph graph;
    Inventory inventory;
};

TEST(Selection, AllIsMeantUnlessOneIsSaid) {
    EXPECT_EQ(Shop().Names({}), "board carts orders raw report stg_orders stg_visits visits");
}

TEST(Selection, GraphOperatorsReachAsFarAsTheySay) {
    const Shop shop;
    EXPECT_EQ(shop.Select1("orders"), "orders");
    EXPECT_EQ(shop.Select1("+orders"), "orders raw stg_orders");
    EXPECT_EQ(shop.Select1("1+orders"), "orders stg_orders");
    EXPECT_EQ(shop.Select1("raw+1"), "raw stg_orders");
    EXPECT_EQ(shop.Select1("raw+2"), "orders raw stg_orders");
    EXPECT_EQ(shop.Select1("raw+"), "board orders raw report stg_orders");
    EXPECT_EQ(shop.Select1("1+orders+1"), "board orders report stg_orders");
    EXPECT_EQ(shop.Select1("@orders"), "board orders raw report stg_orders stg_visits visits");
}

TEST(Selection, MethodsAskForWhatTheyName) {
    const Shop shop;
    EXPECT_EQ(shop.Select1("tag:nightly"), "stg_orders stg_visits");
    EXPECT_EQ(shop.Select1("tag:r*"), "raw visits");
    EXPECT_EQ(shop.Select1("path:models/staging"), "board carts stg_orders stg_visits visits");
    EXPECT_EQ(shop.Select1("models/marts/*.sql"), "orders");
    EXPECT_EQ(shop.Select1("path:models/**/report.sql"), "report");
    EXPECT_EQ(shop.Select1("file:orders.sql"), "orders");
    EXPECT_EQ(shop.Select1("orders.sql"), "orders");
    EXPECT_EQ(shop.Select1("fqn:shop.marts.deep"), "report");
    EXPECT_EQ(shop.Select1("marts.*"), "orders report");
    EXPECT_EQ(shop.Select1("*.stg_*"), "stg_orders stg_visits");
    EXPECT_EQ(shop.Select1("source:web"), "carts visits");
    EXPECT_EQ(shop.Select1("source:web.visits+"), "report stg_visits visits");
    EXPECT_EQ(shop.Select1("source:shop.web.carts"), "carts");
    EXPECT_EQ(shop.Select1("+exposure:board"), "board orders raw stg_orders");
    EXPECT_EQ(shop.Select1("config.materialized:view"), "stg_orders stg_visits");
    EXPECT_EQ(shop.Select1("config.meta.team:sales"), "orders report");
    EXPECT_EQ(shop.Select1("config.tags:raw"), "raw visits");
    EXPECT_EQ(shop.Select1("resource_type:seed"), "raw");
    EXPECT_EQ(shop.Select1("package:shop,resource_type:source"), "carts visits");
    EXPECT_EQ(shop.Select1("main.orders"), "orders");
    EXPECT_EQ(shop.Tests({.select = {"test_type:singular"}}), "fits");
    EXPECT_EQ(shop.Tests({.select = {"test_name:uni*"}}), "unique_stg_orders_id");
    EXPECT_EQ(shop.Tests({.select = {"config.severity:warn"}}), "not_null_stg_orders_id");
    EXPECT_EQ(shop.Tests({.select = {"tag:cheap"}}), "not_null_stg_orders_id");
}

TEST(Selection, SetsAreUnitedMetAndLessened) {
    const Shop shop;
    EXPECT_EQ(shop.Select1("raw orders"), "orders raw");
    EXPECT_EQ(shop.Names({.select = {"raw", "orders"}}), "orders raw");
    EXPECT_EQ(shop.Select1("raw+,tag:nightly"), "stg_orders");
    EXPECT_EQ(shop.Names({.select = {"raw+"}, .exclude = {"orders+", "raw"}}), "stg_orders");
    EXPECT_EQ(shop.Names({.exclude = {"path:models"}}), "raw");
    EXPECT_EQ(shop.Names({.select = {"raw+"}, .types = {"model"}}), "orders report stg_orders");
}

TEST(Selection, TestsComeAlongAsTheSelectionSays) {
    const Shop shop;
    const std::string own = "not_null_stg_orders_id unique_stg_orders_id";
    const std::string related = "relationships_orders_id__id__ref_stg_orders_";
    EXPECT_EQ(shop.Tests({.select = {"stg_orders"}}),
              "not_null_stg_orders_id " + related + " unique_stg_orders_id");
    EXPECT_EQ(shop.Tests({.select = {"stg_orders"}, .indirect = IndirectSelection::kCautious}),
              own);
    EXPECT_EQ(shop.Tests({.select = {"orders"}, .indirect = IndirectSelection::kCautious}), "fits");
    EXPECT_EQ(shop.Tests({.select = {"orders"}, .indirect = IndirectSelection::kBuildable}),
              "fits " + related);
    EXPECT_EQ(
        shop.Tests({.select = {"orders stg_orders"}, .indirect = IndirectSelection::kCautious}),
        "fits not_null_stg_orders_id " + related + " unique_stg_orders_id");
    EXPECT_EQ(shop.Tests({.select = {"orders"}, .indirect = IndirectSelection::kEmpty}), "");
    EXPECT_EQ(shop.Tests({.select = {"orders"}, .exclude = {"stg_orders"}}), "fits");
}

constexpr const char* kSelectors = R"(
selectors:
  - name: nightly
    default: true
    definition: {tag: nightly}
  - name: most
    definition:
      union:
        - method: fqn
          value: raw
          children: true
          children_depth: 2
        - "source:web.visits"
        - intersection: [{path: models/marts}, "report"]
        - exclude: [stg_orders]
  - name: less
    definition: {method: selector, value: most, exclude: [{method: tag, value: raw}]}
)";

TEST(Selection, SelectorsHaveNames) {
    const Shop shop;
    EXPECT_EQ(shop.Names({.selector = "most"}, kSelectors), "orders raw report visits");
    EXPECT_EQ(shop.Names({.selector = "less"}, kSelectors), "orders report");
    EXPECT_EQ(shop.Names({}, kSelectors), "stg_orders stg_visits");
    EXPECT_EQ(shop.Names({.select = {"raw"}}, kSelectors), "raw");
    EXPECT_THROW(shop.Names({.selector = "mots"}, kSelectors), Error);
}

Error Refusal(const SelectionRequest& request, const std::string& selectors = "") {
    try {
        Shop().Names(request, selectors);
    } catch (const Error& error) {
        return error;
    }
    return Error(ErrorKind::kInternal, "nothing was refused");
}

TEST(Selection, MistakesAreRefused) {
    const Error name = Refusal({.select = {"ordres"}});
    EXPECT_EQ(name.kind(), ErrorKind::kInvalidInput);
    EXPECT_NE(name.message().find("`orders`"), std::string::npos);
    EXPECT_EQ(Refusal({.select = {"tga:x"}}).kind(), ErrorKind::kInvalidInput);
    EXPECT_EQ(Refusal({.select = {"resource_type:modle"}}).kind(), ErrorKind::kInvalidInput);
    EXPECT_EQ(Refusal({.select = {"@orders+"}}).kind(), ErrorKind::kInvalidInput);
    EXPECT_EQ(Refusal({}, "selectors:\n  - name: a\n    definition: {unoin: []}\n").kind(),
              ErrorKind::kInvalidInput);
    const Error key =
        Refusal({}, "selectors:\n  - name: a\n    definition: {method: tag, valeu: x}\n");
    EXPECT_EQ(key.spot().line, 3);
    // What nothing meets is no mistake.
    EXPECT_EQ(Shop().Select1("tag:nothing"), "");
}

}  // namespace
}  // namespace tarn::pipeline
