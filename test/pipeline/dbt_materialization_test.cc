// Materializations that a project brings along, files in the place of tables, and macros that are
// called by themselves.
#include <filesystem>

#include "dbt_fixture.h"
#include "pipeline/loaded_project.h"

namespace tarn::pipeline {
namespace {

using testing::ElementsAre;

TEST_F(DbtProjectTest, AMaterializationOfTheProjectMakesItsTable) {
    files_.Write("macros/doubled.sql",
                 "{% materialization doubled, adapter='duckdb' %}\n"
                 "{%- set target = this.incorporate(type='table') -%}\n"
                 "{%- set temp = make_temp_relation(target) -%}\n"
                 "{{ run_hooks(pre_hooks) }}\n"
                 "{% call statement('main') -%}{{ create_table_as(true, temp, sql) }}"
                 "{%- endcall %}\n"
                 "{% call statement('twice') -%}\n"
                 "create or replace table {{ target }} as select *, "
                 "'{{ config.require('label') }}' as label from {{ temp }} union all select *, "
                 "'{{ model.name }}' from {{ temp }}\n"
                 "{%- endcall %}\n"
                 "{{ return({'relations': [target]}) }}\n"
                 "{% endmaterialization %}");
    files_.Write("models/base.sql", "{{ config(materialized='ephemeral') }} select 1 as n");
    files_.Write("models/twice.sql",
                 "{{ config(materialized='doubled', label='x', post_hook='create table hooked as "
                 "select count(*) as c from {{ this }}') }} select * from {{ ref('base') }}");
    files_.Write("models/after.sql", "select count(*) as c from {{ ref('twice') }}");
    const BuildReport report = BuildWell();
    EXPECT_EQ(NodeOf(report, "main.twice").kind, "doubled");
    EXPECT_THAT(lake_->Rows("SELECT * FROM twice ORDER BY label"), ElementsAre("1|twice", "1|x"));
    EXPECT_EQ(lake_->One("SELECT c FROM after"), "2");
    EXPECT_EQ(lake_->One("SELECT c FROM hooked"), "2");
    EXPECT_EQ(lake_->One("SELECT count(*) FROM information_schema.tables WHERE table_name LIKE "
                         "'%dbt_tmp'"),
              "0");
}

TEST_F(DbtProjectTest, TheProjectsOwnMaterializationWinsOverOurs) {
    files_.Write("macros/table.sql",
                 "{% materialization table, default %}{% call statement('main') %}"
                 "create or replace table {{ this }} as select 'own' as w{% endcall %}"
                 "{{ return({'relations': [this]}) }}{% endmaterialization %}");
    files_.Write("models/a.sql", "select 1 as n");
    BuildWell();
    EXPECT_EQ(lake_->One("SELECT w FROM a"), "own");
}

TEST_F(DbtProjectTest, AMaterializationThatNobodyHasIsRefused) {
    files_.Write("models/a.sql", "{{ config(materialized='tabel') }} select 1 as n");
    EXPECT_EQ(Refusal().kind(), ErrorKind::kInvalidInput);
    EXPECT_EQ(Refusal().spot().file, "models/a.sql");
    files_.Write("models/a.sql", "select 1 as n");
    files_.Write("dbt_project.yml", "name: shop\nmodels: {+materialized: vieuw}\n");
    EXPECT_EQ(Refusal().kind(), ErrorKind::kInvalidInput);
}

TEST_F(DbtProjectTest, MergesOfMaterializationsAreThere) {
    files_.Write("macros/merged.sql",
                 "{% materialization merged, default %}\n"
                 "{%- set old = load_cached_relation(this) -%}\n"
                 "{%- if old is none -%}{% call statement('main') %}"
                 "{{ get_create_table_as_sql(false, this, sql) }}{% endcall %}\n"
                 "{%- else -%}{%- set temp = make_temp_relation(this) -%}"
                 "{% do run_query(create_table_as(true, temp, sql)) %}"
                 "{%- set columns = adapter.get_columns_in_relation(old) -%}"
                 "{% call statement('main') %}"
                 "{{ adapter.dispatch(config.get('by'), 'dbt')(this, temp, 'id', columns) }}"
                 "{% endcall %}{%- endif -%}\n"
                 "{{ return({'relations': [this]}) }}{% endmaterialization %}");
    for (const char* by : {"get_merge_sql", "get_delete_insert_merge_sql"}) {
        lake_->Run("DROP TABLE IF EXISTS main.m");
        const std::string config =
            std::string("{{ config(materialized='merged', by='") + by + "') }} ";
        files_.Write("models/m.sql", config + "select 1 as id, 'a' as v union all select 2, 'b'");
        BuildWell();
        files_.Write("models/m.sql", config + "select 2 as id, 'c' as v union all select 3, 'd'");
        BuildWell();
        EXPECT_THAT(lake_->Rows("SELECT * FROM m ORDER BY id"), ElementsAre("1|a", "2|c", "3|d"))
            << by;
    }
}

TEST_F(DbtProjectTest, SourcesMayBeFiles) {
    files_.Write("data/teas.csv", "id,name\n1,oolong\n2,mate\n");
    files_.Write("models/s.yml",
                 "sources:\n  - name: raw\n    meta: {external_location: '" + files_.path() +
                     "/data/{name}.csv'}\n    tables:\n"
                     "      - {name: teas, columns: [{name: id, data_tests: [unique]}]}\n"
                     "      - {name: other, config: {external_location: \"read_csv('" +
                     files_.path() + "/data/teas.csv')\"}}\n");
    files_.Write("models/a.sql",
                 "select count(*) as c from {{ source('raw', 'teas') }} join "
                 "{{ source('raw', 'other') }} as other using (id)");
    EXPECT_EQ(BuildWell().nodes.size(), 2u);
    EXPECT_EQ(lake_->One("SELECT c FROM a"), "2");
    // What a file says may have changed.
    files_.Write("data/teas.csv", "id,name\n1,oolong\n");
    BuildWell();
    EXPECT_EQ(lake_->One("SELECT c FROM a"), "1");
}

TEST_F(DbtProjectTest, ModelsMayBeFiles) {
    for (const std::string format : {"csv", "parquet", "json"}) {
        const std::string file = files_.path() + "/out." + format;
        files_.Write("models/a.sql", "{{ config(materialized='external', location='" + file +
                                         "') }} select 1 as n, 'x' as t");
        files_.Write("models/b.sql", "select n + 1 as n, t from {{ ref('a') }}");
        BuildWell();
        EXPECT_TRUE(std::filesystem::exists(file));
        EXPECT_THAT(lake_->Rows("SELECT * FROM b"), ElementsAre("2|x"));
    }
}

}  // namespace
}  // namespace tarn::pipeline
