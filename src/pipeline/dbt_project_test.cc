#include "pipeline/dbt_project.h"

#include <gtest/gtest.h>

#include "pipeline/dbt_names.h"
#include "pipeline/graph.h"
#include "pipeline/project.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kProject = R"(
name: shop
profile: shop
model-paths: [models]
vars:
  day: 2024-01-01
  shop: {day: 2024-02-02}
  other: {day: 2024-03-03}
models:
  +tags: all
  shop:
    materialized: table
    marts:
      +schema: marts
      +tags: [mart]
      +enabled: "{{ var('off', 'no') == 'no' }}"
    off:
      +enabled: "{{ env_var('SHOP', 'no') == 'yes' }}"
seeds:
  shop: {+schema: raw}
)";
constexpr const char* kProfiles =
    "shop: {target: dev, outputs: {dev: {type: duckdb, schema: \"{{ env_var('S', 'dev') }}\"}, "
    "prod: {type: databricks, schema: live, threads: 8}}}\n";

std::vector<ProjectFile> Files() {
    return {{kDbtProjectFile, kProject},
            {kProfilesFile, kProfiles},
            {"models/a.sql", "select * from {{ ref('b') }}"},
            {"models/marts/b.sql", "{{ config(alias='bee') }} select 1 as x"},
            {"models/off/c.sql", "select 1"},
            {"seeds/s.csv", ""},
            {"models/docs.md", "x {% docs b_docs %}\nall of b\n{% enddocs %} y"}};
}

struct Made {
    explicit Made(const std::vector<ProjectFile>& files, const ProjectOptions& options = {})
        : project(ParseProject("lake", files, options)), context(project, options.settings, {}) {
        NameTables(project, context);
    }
    const Model& Of(const std::string& name) const { return *context.FindModel(name); }
    Project project;
    ModelContext context;
};

Error Refusal(std::vector<ProjectFile> files, const ProjectFile& further,
              const ProjectOptions& options = {}) {
    std::erase_if(files, [&](const ProjectFile& file) { return file.path == further.path; });
    files.push_back(further);
    try {
        const Made made(files, options);
    } catch (const Error& error) {
        return error;
    }
    return Error(ErrorKind::kInternal, "nothing was refused");
}

TEST(DbtProject, FoldersSetTheirModels) {
    const Made made(Files());
    EXPECT_EQ(made.project.name, "shop");
    EXPECT_EQ(made.Of("a").config.materialized, Materialized::kTable);
    EXPECT_EQ(made.Of("a").config.tags, std::vector<std::string>{"all"});
    EXPECT_EQ(made.Of("b").config.tags, (std::vector<std::string>{"all", "mart"}));
    EXPECT_EQ(made.context.FindModel("c"), nullptr);
    EXPECT_EQ(made.project.vars["day"], "2024-02-02");
}

TEST(DbtProject, TagsOfAFolderAndOfTheSqlAddUp) {
    auto files = Files();
    files.push_back({"models/t.sql", "{{ config(tags='sql') }} select 1 as x"});
    Made made(files);
    EXPECT_EQ(made.Of("t").config.tags, (std::vector<std::string>{"all", "sql"}));
    const Graph graph(made.project, made.context);
    const auto& node = graph.Nodes()[static_cast<size_t>(graph.Find(made.Of("t").Id()))];
    EXPECT_EQ(node.config.tags, (std::vector<std::string>{"all", "sql"}));
}

TEST(DbtProject, TheTargetsSchemaIsInFront) {
    const Made made(Files());
    EXPECT_EQ(made.Of("a").Id(), "dev.a");
    EXPECT_EQ(made.Of("b").Id(), "dev_marts.bee");
    EXPECT_EQ(made.Of("s").Id(), "dev_raw.s");
    EXPECT_EQ(made.Of("s").resource, Resource::kSeed);
    const Made live(Files(), {{}, "prod"});
    EXPECT_EQ(live.Of("b").Id(), "live_marts.bee");
    EXPECT_EQ(live.project.target.type, "databricks");
    EXPECT_EQ(live.project.target.threads, 8);
}

TEST(DbtProject, ItsOwnMacrosNameTables) {
    auto files = Files();
    files.push_back({"macros/names.sql",
                     "{% macro generate_schema_name(custom_schema_name, node) -%}\n"
                     "{%- if custom_schema_name is none -%}{{ target.schema }}\n"
                     "{%- else -%}{{ custom_schema_name | trim }}{%- endif -%}\n"
                     "{%- endmacro %}\n"
                     "{% macro generate_alias_name(custom_alias_name=none, node=none) -%}\n"
                     "t_{{ node.name }}{%- endmacro %}\n"});
    const Made made(files);
    EXPECT_EQ(made.Of("a").Id(), "dev.t_a");
    EXPECT_EQ(made.Of("b").Id(), "marts.t_b");
}

TEST(DbtProject, ModelsAreViewsUnlessTheySayOtherwise) {
    const Made made({{kDbtProjectFile, "name: p\n"}, {"models/a.sql", "select 1"}});
    EXPECT_EQ(made.Of("a").config.materialized, Materialized::kView);
    EXPECT_EQ(made.Of("a").Id(), "main.a");
}

TEST(DbtProject, YamlSpeaksOfModelsSeedsAndSources) {
    auto files = Files();
    files.push_back({"models/m.yml",
                     "version: 2\n"
                     "models:\n"
                     "  - name: b\n"
                     "    description: 'here: {{ doc(\"b_docs\") }}'\n"
                     "    config: {tags: [yaml], my_own: 1}\n"
                     "    columns: [{name: x, quote: true, tests: [unique]}]\n"
                     "sources:\n"
                     "  - {name: raw, schema: landed, loader: hand,\n"
                     "     tables: [{name: orders, identifier: o_2024}]}\n"});
    files.push_back({"seeds/s.yml", "seeds: [{name: s, config: {column_types: {x: varchar}}}]\n"});
    files.push_back({"models/d.sql", "select * from {{ source('raw', 'orders') }}"});
    const Made made(files);
    EXPECT_EQ(made.Of("b").description, "here: all of b");
    EXPECT_EQ(made.Of("b").config.tags, (std::vector<std::string>{"all", "mart", "yaml"}));
    EXPECT_EQ(made.Of("b").yaml_config["my_own"], 1);
    EXPECT_EQ(made.Of("s").config.column_types.at("x"), "varchar");
    EXPECT_EQ(made.project.sources.at(0).Id(), "landed.o_2024");
}

TEST(DbtProject, PackagesGiveTheirMacros) {
    auto files = Files();
    files.push_back({"dbt_packages/other/dbt_project.yml",
                     "name: utils\nmacro-paths: [lib]\non-run-start: [select 1]\n"});
    files.push_back({"dbt_packages/other/lib/a.sql",
                     "{% macro twice(x) %}{{ adapter.dispatch('twice', 'utils')(x) }}{% endmacro %}"
                     "{% macro default__twice(x) %}2 * {{ x }}{% endmacro %}"
                     "{% test odd(model) %}{% endtest %}"});
    files.push_back({"models/e.sql", "select {{ utils.twice(3) }} as x"});
    files.push_back({"models/m.yml", "models: [{name: e, data_tests: [utils.odd]}]\n"});
    Made made(files);
    EXPECT_TRUE(made.context.HasMacro("utils", "test_odd"));
    RenderTask task;
    task.file = "models/e.sql";
    task.source = made.Of("e").sql;
    RenderUse use;
    EXPECT_EQ(made.context.Render(task, use), "select 2 * 3 as x");
}

// dbt warns, and projects live with the warning.
TEST(DbtProject, WhatIsSaidOfNobodyIsNoticed) {
    auto files = Files();
    files.push_back({"models/m.yml", "seeds: [{name: a}]\n"});
    const Made made(files);
    ASSERT_EQ(made.project.notices.size(), 1U);
    EXPECT_NE(made.project.notices[0].find("models/m.yml"), std::string::npos);
}

TEST(DbtProject, MistakesAreRefusedAtTheirPlace) {
    const Error key = Refusal(Files(), {kDbtProjectFile, "name: shop\nmodle-paths: [models]\n"});
    EXPECT_EQ(key.kind(), ErrorKind::kInvalidInput);
    EXPECT_EQ(key.spot().line, 2);
    const Error setting =
        Refusal(Files(), {kDbtProjectFile, "name: shop\nmodels: {shop: {+materialized: tabel}}\n"});
    EXPECT_EQ(setting.kind(), ErrorKind::kInvalidInput);
    EXPECT_EQ(setting.spot().file, kDbtProjectFile);
    EXPECT_EQ(Refusal(Files(), {"models/deep/a.sql", "select 1"}).kind(), ErrorKind::kInvalidInput);
    EXPECT_EQ(Refusal(Files(), {"models/bee.sql", "{{ config(schema='marts') }} select 1"}).kind(),
              ErrorKind::kInvalidInput);
    EXPECT_EQ(Refusal(Files(), {"models/m.yml", "unit_tests: [{name: a}]\n"}).kind(),
              ErrorKind::kInvalidInput);
    EXPECT_EQ(Refusal(Files(),
                      {"models/m.yml", "models: [{name: a, description: '{{ doc(\"none\") }}'}]\n"})
                  .kind(),
              ErrorKind::kInvalidInput);
    EXPECT_EQ(Refusal(Files(), {"models/x.md", "{% docs open %} ..."}).spot().file, "models/x.md");
    EXPECT_EQ(Refusal(Files(), {"models/x.md", ""}, {{}, "porduction"}).spot().file, kProfilesFile);
}

TEST(FolderConfig, PlusSaysThatAMapIsASetting) {
    const Json tree = Json::parse(
        R"({"p": {"+meta": {"a": 1}, "docs": {"materialized": "view"}, "+docs": {"c": 1}}})");
    EXPECT_EQ(FolderConfig(tree, {"p", "docs", "m"}),
              Json::parse(R"({"meta": {"a": 1}, "docs": {"c": 1}, "materialized": "view"})"));
    EXPECT_EQ(FolderConfig(tree, {"q", "m"}), Json::object());
}

}  // namespace
}  // namespace tarn::pipeline
