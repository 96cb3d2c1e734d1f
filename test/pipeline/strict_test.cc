// Models that cast nothing unasked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lake_fixture.h"

namespace tarn::pipeline {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class StrictTest : public testing::Test {
protected:
    StrictTest() {
        lake_ = std::make_unique<OpenLake>(files_.path(), store_);
        lake_->Run("CREATE SCHEMA bronze");
        lake_->Run("CREATE TABLE bronze.events (id VARCHAR, amount INTEGER, day DATE)");
        lake_->Run("INSERT INTO bronze.events VALUES ('1', 10, DATE '2024-01-02')");
    }
    // Why the model was not made; empty: it was.
    std::string Build(const std::string& select, const std::string& yaml = "") {
        files_.Write("models/silver/a.sql", select);
        files_.Write("models/silver/s.yml", "models:\n  - name: a\n" + yaml);
        const BuildReport report = lake_->Build();
        return report.HasFailed() ? Messages(report) : "";
    }

    LakeFiles files_;
    storage::LocalStore store_;
    std::unique_ptr<OpenLake> lake_;
};

TEST_F(StrictTest, ColumnsHaveTheTypesOfTheTable) {
    const std::string strict =
        "{{ config(materialized='incremental', strict=true) }}select id, amount from {{ "
        "source('bronze', 'events') }}";
    const std::string cast =
        "{{ config(materialized='incremental', strict=true) }}select id, cast(amount as bigint) as "
        "amount from {{ source('bronze', 'events') }}";
    EXPECT_EQ(Build(strict), "");
    EXPECT_THAT(Build(cast), AllOf(HasSubstr("amount"), HasSubstr("BIGINT"), HasSubstr("INTEGER")));
    EXPECT_EQ(lake_->One("SELECT count(*) FROM silver.a"), "1");
    // Without a word of it the engine casts where no value is lost.
    EXPECT_EQ(Build(cast, "    config: {strict: false}\n").empty(), false);  // the SQL's own word
    EXPECT_EQ(Build("{{ config(materialized='incremental') }}select id, cast(amount as bigint) as "
                    "amount from {{ source('bronze', 'events') }}"),
              "");
    EXPECT_EQ(lake_->One("SELECT count(*) FROM silver.a"), "2");
}

TEST_F(StrictTest, ColumnsHaveTheTypesThatTheYamlDeclares) {
    const std::string yaml =
        "    config: {strict: true}\n"
        "    columns:\n      - {name: amount, data_type: 'decimal(10,2)'}\n";
    EXPECT_THAT(Build("select amount from {{ source('bronze', 'events') }}", yaml),
                AllOf(HasSubstr("INTEGER"), HasSubstr("CAST(amount AS DECIMAL(10,2))")));
    EXPECT_EQ(
        Build("select amount::decimal(10,2) as amount from {{ source('bronze', 'events') }}", yaml),
        "");
}

TEST_F(StrictTest, NothingIsTakenForAnotherTypeUnasked) {
    const std::string yaml = "    config: {strict: true}\n";
    for (const std::string condition : {"id = amount", "day = id", "length(id || amount) > 0"}) {
        const std::string from = " from {{ source('bronze', 'events') }} where " + condition;
        EXPECT_THAT(Build("select amount" + from, yaml), HasSubstr("CAST(")) << condition;
    }
    EXPECT_EQ(Build("select amount from {{ source('bronze', 'events') }} where id = amount"), "");
    EXPECT_EQ(Build("select amount, cast(id as integer) as id, id::bigint as n, try_cast(id as "
                    "date) as d from {{ source('bronze', 'events') }} where day > '2024-01-01' and "
                    "amount = 10 and cast(amount as varchar) = id || '0'",
                    yaml),
              "");
}

TEST_F(StrictTest, ALayerIsStrictAsTheLakeSays) {
    const std::string select =
        "select amount from {{ source('bronze', 'events') }} where id <> amount";
    EXPECT_EQ(Build(select), "");
    files_.Write("tarn.yml", "name: lake\nstrict_layers: [silver]\n");
    lake_.reset();
    lake_ = std::make_unique<OpenLake>(files_.path(), store_);
    EXPECT_THAT(Build(select + " and true"), HasSubstr("CAST"));
    EXPECT_EQ(Build(select + " and true", "    config: {strict: false}\n"), "");
}

}  // namespace
}  // namespace tarn::pipeline
