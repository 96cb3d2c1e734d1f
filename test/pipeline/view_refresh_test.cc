// When a materialized view is refreshed from changes, when it is made again, and that it says so.
#include "pipeline/view_refresh.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lake_fixture.h"

namespace tarn::pipeline {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

constexpr const char* kTotals =
    "select g, count(*) as n, sum(x) as total from {{ ref('a') }} group by g";

// Of one view `v` over the table raw.a, which nothing but SQL writes.
class ViewRefreshTest : public testing::Test {
protected:
    ViewRefreshTest() {
        lake_ = std::make_unique<OpenLake>(files_.path(), store_);
        lake_->Run("CREATE SCHEMA raw");
        lake_->Run("CREATE TABLE raw.a (g INTEGER, x INTEGER)");
        lake_->Run("INSERT INTO raw.a VALUES (1, 10), (2, 20), (2, 21), (NULL, 5)");
    }

    static std::string Source(std::string select) {
        const std::string ref = "{{ ref('a') }}";
        for (size_t at = select.find(ref); at != std::string::npos; at = select.find(ref))
            select.replace(at, ref.size(), "{{ source('raw', 'a') }}");
        return select;
    }
    void Write(const std::string& select, const std::string& further = "") {
        files_.Write("models/silver/v.sql", "{{ config(materialized='materialized_view'" + further +
                                                ") }}" + Source(select));
    }
    // "incremental", "full", "up_to_date" or "failed".
    std::string Built(const BuildRequest& request = {}) {
        const BuildReport report = lake_->Build(request);
        const NodeReport& node = NodeOf(report, "silver.v");
        message_ = node.message + Join(node.notices, "\n");
        if (node.state != NodeState::kDone) return std::string(NameOf(node.state));
        EXPECT_EQ(lake_->One("SELECT refresh FROM ops.runs WHERE node = 'silver.v' ORDER BY "
                             "run_number DESC LIMIT 1"),
                  node.notices.back());
        return node.notices.back().substr(0, node.notices.back().find(':'));
    }
    Texts Rows() { return lake_->Rows("SELECT * FROM silver.v ORDER BY ALL"); }

    LakeFiles files_;
    storage::LocalStore store_;
    std::unique_ptr<OpenLake> lake_;
    std::string message_;
};

TEST_F(ViewRefreshTest, ChangesAloneAreReadOnceItIsThere) {
    Write(kTotals);
    EXPECT_EQ(Built(), "full");
    EXPECT_EQ(Built(), NameOf(NodeState::kUpToDate));
    lake_->Run("INSERT INTO raw.a VALUES (2, 1), (3, 30)");
    EXPECT_EQ(Built(), "incremental") << message_;
    EXPECT_THAT(Rows(), ElementsAre("1|1|10", "2|3|42", "3|1|30", "-|1|5"));
    lake_->Run("DELETE FROM raw.a WHERE g = 3");
    lake_->Run("UPDATE raw.a SET g = 1 WHERE g IS NULL");
    EXPECT_EQ(Built(), "incremental") << message_;
    EXPECT_THAT(Rows(), ElementsAre("1|2|15", "2|3|42"));
    EXPECT_EQ(Built(), NameOf(NodeState::kUpToDate));
    BuildRequest whole;
    whole.full_refresh = true;
    EXPECT_EQ(Built(whole), "full");
    lake_->Run("DELETE FROM raw.a WHERE g = 2");
    EXPECT_EQ(Built(), "incremental") << message_;
    EXPECT_THAT(Rows(), ElementsAre("1|2|15"));
}

TEST_F(ViewRefreshTest, WhatIsKnownOfAGroupMeetsWhatIsNot) {
    Write(
        "select g, sum(x) as total, min(x) as least, max(x) as most from {{ ref('a') }} group by "
        "g");
    lake_->Run("INSERT INTO raw.a VALUES (3, NULL), (4, 4)");
    EXPECT_EQ(Built(), "full");
    lake_->Run("INSERT INTO raw.a VALUES (3, 5), (4, NULL), (5, NULL)");
    EXPECT_EQ(Built(), "incremental") << message_;
    EXPECT_THAT(Rows(), ElementsAre("1|10|10|10", "2|41|20|21", "3|5|5|5", "4|4|4|4", "5|-|-|-",
                                    "-|5|5|5"));
}

TEST_F(ViewRefreshTest, RowsThatOnlyMovedChangeNothing) {
    Write(kTotals);
    lake_->Run("INSERT INTO raw.a VALUES (7, 7)");
    EXPECT_EQ(Built(), "full");
    lake_->Run("OPTIMIZE raw.a");
    const std::string version = lake_->One("SELECT max(version) FROM (DESCRIBE HISTORY silver.v)");
    EXPECT_EQ(Built(), "incremental") << message_;
    EXPECT_EQ(lake_->One("SELECT max(version) FROM (DESCRIBE HISTORY silver.v)"), version);
    EXPECT_EQ(Built(), NameOf(NodeState::kUpToDate));
    lake_->Run("INSERT INTO raw.a VALUES (7, 1)");
    EXPECT_EQ(Built(), "incremental") << message_;
    lake_->Run("OPTIMIZE silver.v");
    lake_->Run("INSERT INTO raw.a VALUES (7, 1)");
    EXPECT_EQ(Built(), "incremental") << message_;
    EXPECT_EQ(lake_->One("SELECT total FROM silver.v WHERE g = 7"), "9");
}

TEST_F(ViewRefreshTest, EqualRowsAreTakenOutOneByOne) {
    Write("select x from {{ ref('a') }}");
    lake_->Run("INSERT INTO raw.a VALUES (5, 21), (6, 21)");
    EXPECT_EQ(Built(), "full");
    lake_->Run("DELETE FROM raw.a WHERE g = 5");
    EXPECT_EQ(Built(), "incremental") << message_;
    EXPECT_THAT(Rows(), ElementsAre("5", "10", "20", "21", "21"));
    lake_->Run("DELETE FROM raw.a WHERE x = 21");
    EXPECT_EQ(Built(), "incremental") << message_;
    EXPECT_THAT(Rows(), ElementsAre("5", "10", "20"));
}

TEST_F(ViewRefreshTest, WhatItIsMadeByChanges) {
    Write(kTotals);
    EXPECT_EQ(Built(), "full");
    Write("select g, count(*) + 0 as n, sum(x) as total from {{ ref('a') }} group by g");
    EXPECT_EQ(Built(), "full");
    lake_->Run("CREATE MACRO more(x) AS x + 1");
    Write("select g, sum(more(x)) as total from {{ ref('a') }} group by g");
    EXPECT_EQ(Built(), "full");
    lake_->Run("INSERT INTO raw.a VALUES (1, 1)");
    EXPECT_EQ(Built(), "incremental") << message_;
    lake_->Run("CREATE OR REPLACE MACRO more(x) AS x + 100");
    lake_->Run("INSERT INTO raw.a VALUES (1, 1)");
    EXPECT_EQ(Built(), "full");
    EXPECT_EQ(lake_->One("SELECT total FROM silver.v WHERE g = 1"), "312");
}

TEST_F(ViewRefreshTest, ItsSourceIsAnotherTable) {
    Write(kTotals);
    EXPECT_EQ(Built(), "full");
    lake_->Run("DROP TABLE raw.a");
    lake_->Run("CREATE TABLE raw.a (g INTEGER, x INTEGER)");
    lake_->Run("INSERT INTO raw.a VALUES (1, 1)");
    lake_->Run("INSERT INTO raw.a VALUES (1, 1)");
    EXPECT_EQ(Built(), "full");
    EXPECT_THAT(Rows(), ElementsAre("1|2|2"));
    lake_->Run("ALTER TABLE raw.a ADD COLUMN more INTEGER");
    lake_->Run("INSERT INTO raw.a VALUES (1, 1, 1)");
    EXPECT_EQ(Built(), "incremental") << message_;
    EXPECT_THAT(Rows(), ElementsAre("1|3|3"));
}

TEST_F(ViewRefreshTest, SomebodyElseChangedItsTable) {
    Write(kTotals);
    EXPECT_EQ(Built(), "full");
    lake_->Run("DELETE FROM silver.v WHERE g = 1");
    lake_->Run("INSERT INTO raw.a VALUES (2, 1)");
    EXPECT_EQ(Built(), "full");
    EXPECT_THAT(Rows(), ElementsAre("1|1|10", "2|3|42", "-|1|5"));
    lake_->Run("INSERT INTO raw.a VALUES (2, 1)");
    EXPECT_EQ(Built(), "incremental") << message_;
    lake_->Run("RESTORE TABLE silver.v TO VERSION AS OF 0");
    lake_->Run("INSERT INTO raw.a VALUES (2, 1)");
    EXPECT_EQ(Built(), "full");
    EXPECT_THAT(Rows(), ElementsAre("1|1|10", "2|5|44", "-|1|5"));
}

TEST_F(ViewRefreshTest, ItsSourcesForgotWhatChanged) {
    Write(kTotals);
    EXPECT_EQ(Built(), "full");
    lake_->Run("DELETE FROM raw.a WHERE x = 20");
    lake_->Run("SET spark.databricks.delta.retentionDurationCheck.enabled = false");
    lake_->Run("VACUUM raw.a RETAIN 0 HOURS");
    EXPECT_EQ(Built(), "full");
    EXPECT_THAT(Rows(), ElementsAre("1|1|10", "2|1|21", "-|1|5"));
}

TEST_F(ViewRefreshTest, SoMuchChangedThatAllIsCheaper) {
    Write(kTotals);
    EXPECT_EQ(Built(), "full");
    lake_->Run("INSERT INTO raw.a SELECT 1, 1 FROM range(20000)");
    EXPECT_EQ(Built(), "full");
    Write(kTotals, ", refresh='incremental'");
    lake_->Run("INSERT INTO raw.a SELECT 1, 1 FROM range(20000)");
    EXPECT_EQ(Built(), "incremental") << message_;
    EXPECT_EQ(lake_->One("SELECT n FROM silver.v WHERE g = 1"), "40001");
    Write(kTotals, ", refresh='full'");
    lake_->Run("INSERT INTO raw.a VALUES (1, 1)");
    EXPECT_EQ(Built(), "full");
}

TEST_F(ViewRefreshTest, RowsOfALargeTableAreNotLookedFor) {
    const std::string all = "select g, x from {{ ref('a') }}";
    lake_->Run("INSERT INTO raw.a SELECT 7, 7 FROM range(20000)");
    Write(all);
    EXPECT_EQ(Built(), "full");
    lake_->Run("DELETE FROM raw.a WHERE x = 10");
    EXPECT_EQ(Built(), "full");
    lake_->Run("INSERT INTO raw.a VALUES (1, 10)");
    EXPECT_EQ(Built(), "incremental") << message_;
    Write(all, ", refresh='incremental'");
    lake_->Run("DELETE FROM raw.a WHERE x = 10");
    EXPECT_EQ(Built(), "incremental") << message_;
    Write(all + " where g < 7");
    EXPECT_EQ(Built(), "full");
    lake_->Run("DELETE FROM raw.a WHERE x = 20");
    EXPECT_EQ(Built(), "incremental") << message_;
    EXPECT_THAT(Rows(), ElementsAre("2|21"));
}

TEST_F(ViewRefreshTest, WhatChangesDoNotTellIsMadeAgain) {
    lake_->Run("CREATE MACRO stamp() AS now()");
    lake_->Run("CREATE TABLE raw.b AS SELECT 1 AS y");
    lake_->Run("CREATE VIEW raw.seen AS SELECT * FROM raw.a");
    for (const char* select :
         {"select g, now() as t from {{ ref('a') }}", "select g, stamp() as t from {{ ref('a') }}",
          "select x, row_number() over (order by x) as n from {{ ref('a') }}",
          "select x from {{ ref('a') }} order by x limit 2",
          "select l.g, r.x from {{ ref('a') }} l left join raw.a r using (g)",
          "select l.g, r.x from {{ ref('a') }} l join {{ ref('a') }} r using (g)",
          "select g, x from {{ source('raw', 'seen') }}",
          "select l.g, r.y from {{ ref('a') }} l join raw.b r on l.g = r.y",
          "select g /* {{ ref('a') }} */, x from raw.a"}) {
        Write(select);
        EXPECT_EQ(Built(), "full") << select;
        lake_->Run("INSERT INTO raw.a VALUES (1, 11)");
        EXPECT_EQ(Built(), "full") << select;
    }
    Write(kTotals);
    files_.Write("models/silver/s.yml", R"(
models:
  - name: v
    config: {row_preserving: false}
    deduplicate: {keys: [n], order_by: [total]}
)");
    EXPECT_EQ(Built(), "full") << message_;
    lake_->Run("INSERT INTO raw.a VALUES (1, 11)");
    EXPECT_EQ(Built(), "full") << message_;
}

TEST_F(ViewRefreshTest, IncrementalMeansNothingElse) {
    Write("select x from {{ ref('a') }} limit 2", ", refresh='incremental'");
    EXPECT_EQ(Built(), NameOf(NodeState::kFailed));
    EXPECT_THAT(message_, StartsWith("InvalidInput"));
    Write(kTotals, ", refresh='incremental'");
    EXPECT_EQ(Built(), "full");
    lake_->Run("DELETE FROM raw.a WHERE x = 20");
    lake_->Run("SET spark.databricks.delta.retentionDurationCheck.enabled = false");
    lake_->Run("VACUUM raw.a RETAIN 0 HOURS");
    EXPECT_EQ(Built(), NameOf(NodeState::kFailed));
    EXPECT_THAT(message_, StartsWith("InvalidInput"));
}

TEST_F(ViewRefreshTest, RefreshIsOfMaterializedViews) {
    files_.Write("models/silver/v.sql", "{{ config(refresh='full') }}select 1 as one");
    EXPECT_THROW(lake_->Build(), Error);
    Write(kTotals, ", refresh='sometimes'");
    EXPECT_THROW(lake_->Build(), Error);
}

// A name of the source meant another column, and no row had changed.
TEST_F(ViewRefreshTest, ColumnsThatChangedPlacesAreReadAnew) {
    lake_->Run("DROP TABLE raw.a");
    lake_->Run(
        "CREATE TABLE raw.a (g INTEGER, x INTEGER, y INTEGER) TBLPROPERTIES "
        "('delta.columnMapping.mode' = 'name')");
    lake_->Run("INSERT INTO raw.a VALUES (1, 10, 100)");
    Write("select g, x, y from {{ ref('a') }}");
    EXPECT_EQ(Built(), "full");
    for (const char* change : {"x TO z", "y TO x", "z TO y"})
        lake_->Run(std::string("ALTER TABLE raw.a RENAME COLUMN ") + change);
    lake_->Run("INSERT INTO raw.a VALUES (2, 1, 2)");
    EXPECT_EQ(Built(), "full");
    EXPECT_THAT(Rows(), ElementsAre("1|100|10", "2|2|1"));
}

// What a lambda does stands in no child of its call.
TEST_F(ViewRefreshTest, WhatALambdaDoesIsNotLookedInto) {
    Write("select g, list_transform([x], lambda y: random() < 2) as r from {{ ref('a') }}");
    Built();
    lake_->Run("INSERT INTO raw.a VALUES (9, 9)");
    EXPECT_EQ(Built(), "full");
}

}  // namespace
}  // namespace tarn::pipeline
