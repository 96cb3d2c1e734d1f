// Snapshots of a dbt project: every state of rows that change is kept.
#include "dbt_fixture.h"

namespace tarn::pipeline {
namespace {

using testing::ElementsAre;

class SnapshotTest : public DbtProjectTest {
protected:
    // Takes the snapshot over these rows of a table.
    void After(const std::string& rows, const std::string& columns = "id,v,seen") {
        lake_->Run("CREATE SCHEMA IF NOT EXISTS src");
        lake_->Run("CREATE OR REPLACE TABLE src.t AS SELECT * FROM (VALUES " + rows + ") AS t(" +
                   columns + ")");
        BuildWell();
    }
    void Snapshot(const std::string& config) {
        files_.Write("models/sources.yml", "sources: [{name: src, tables: [{name: t}]}]\n");
        files_.Write("snapshots/s.sql",
                     "{% snapshot kept %}\n{{ config(unique_key='id', " + config +
                         ") }}\nselect * from {{ source('src', 't') }}\n{% endsnapshot %}\n");
    }
    Texts States(const std::string& columns = "id, v, dbt_valid_to IS NULL") {
        return lake_->Rows("SELECT " + columns + " FROM main.kept ORDER BY ALL");
    }
    std::string Versions() {
        return lake_->One("SELECT count(*) FROM (DESCRIBE HISTORY main.kept)");
    }
};

constexpr const char* kByTime = "strategy='timestamp', updated_at='seen'";

TEST_F(SnapshotTest, AStateEndsWhenALaterOneBegins) {
    Snapshot(kByTime);
    After("(1, 'a', DATE '2024-01-01'), (2, 'b', DATE '2024-01-01')");
    EXPECT_THAT(States("id, v, dbt_valid_from, dbt_valid_to, dbt_updated_at, length(dbt_scd_id)"),
                ElementsAre("1|a|2024-01-01|-|2024-01-01|32", "2|b|2024-01-01|-|2024-01-01|32"));
    // The same rows, a row that changed without a later time, and one that is new.
    After(
        "(1, 'a2', DATE '2024-01-05'), (2, 'unseen', DATE '2024-01-01'), (3, 'c', DATE "
        "'2024-01-04')");
    EXPECT_THAT(States("id, v, dbt_valid_from, dbt_valid_to"),
                ElementsAre("1|a|2024-01-01|2024-01-05", "1|a2|2024-01-05|-", "2|b|2024-01-01|-",
                            "3|c|2024-01-04|-"));
}

TEST_F(SnapshotTest, TheSameRowsAgainAddNothingAndEachRunIsOneCommit) {
    Snapshot(kByTime);
    After("(1, 'a', DATE '2024-01-01')");
    EXPECT_EQ(Versions(), "1");
    EXPECT_EQ(NodeOf(BuildWell(), "main.kept").state, NodeState::kUpToDate);
    After("(1, 'a', DATE '2024-01-01')");
    EXPECT_THAT(States(), ElementsAre("1|a|true"));
    After("(1, 'b', DATE '2024-01-02')");
    EXPECT_EQ(Versions(), "3");
    EXPECT_THAT(States(), ElementsAre("1|a|false", "1|b|true"));
}

TEST_F(SnapshotTest, ColumnsMayBeCompared) {
    Snapshot("strategy='check', check_cols=['v']");
    After("(1, 'a', 1), (2, NULL, 1)");
    After("(1, 'a', 2), (2, 'b', 1)");
    EXPECT_THAT(States("id, v, seen, dbt_valid_to IS NULL"),
                ElementsAre("1|a|1|true", "2|b|1|true", "2|-|1|false"));
    Snapshot("strategy='check', check_cols='all'");
    After("(1, 'a', 2), (2, 'b', 1)");
    EXPECT_THAT(States("id, v, seen, dbt_valid_to IS NULL"),
                ElementsAre("1|a|1|false", "1|a|2|true", "2|b|1|true", "2|-|1|false"));
}

TEST_F(SnapshotTest, RowsThatAreGoneEndWhereTheSnapshotSaysSo) {
    Snapshot(kByTime);
    After("(1, 'a', DATE '2024-01-01'), (2, 'b', DATE '2024-01-01')");
    After("(1, 'a', DATE '2024-01-01')");
    EXPECT_THAT(States(), ElementsAre("1|a|true", "2|b|true"));
    Snapshot(std::string(kByTime) + ", hard_deletes='invalidate'");
    After("(1, 'a', DATE '2024-01-01')");
    EXPECT_THAT(States(), ElementsAre("1|a|true", "2|b|false"));
    lake_->Run("DROP TABLE main.kept");
    Snapshot(std::string(kByTime) + ", invalidate_hard_deletes=true");
    After("(1, 'a', DATE '2024-01-01'), (2, 'b', DATE '2024-01-01')");
    After("(1, 'a', DATE '2024-01-01')");
    EXPECT_THAT(States(), ElementsAre("1|a|true", "2|b|false"));
}

TEST_F(SnapshotTest, ADeletionMayBeAStateOfItsOwn) {
    Snapshot("strategy='check', check_cols=['v'], hard_deletes='new_record'");
    After("(1, 'a', 1), (2, 'b', 1)");
    After("(1, 'a', 1)");
    const std::string columns = "id, v, dbt_is_deleted, dbt_valid_to IS NULL";
    EXPECT_THAT(States(columns), ElementsAre("1|a|False|true", "2|b|False|false", "2|b|True|true"));
    After("(1, 'a', 1)");
    EXPECT_THAT(States(columns), ElementsAre("1|a|False|true", "2|b|False|false", "2|b|True|true"));
    After("(1, 'a', 1), (2, 'b', 1)");
    EXPECT_THAT(States(columns), ElementsAre("1|a|False|true", "2|b|False|false", "2|b|False|true",
                                             "2|b|True|false"));
}

TEST_F(SnapshotTest, ColumnsAndTheEndOfTimeHaveTheNamesThatAreSaid) {
    Snapshot(std::string(kByTime) +
             ", dbt_valid_to_current=\"date '9999-12-31'\", target_schema='history', "
             "snapshot_meta_column_names={'dbt_valid_to': 'until', 'dbt_scd_id': 'state'}");
    After("(1, 'a', DATE '2024-01-01')");
    After("(1, 'b', DATE '2024-01-02')");
    EXPECT_THAT(lake_->Rows("SELECT id, v, until, length(state) FROM history.kept ORDER BY v"),
                ElementsAre("1|a|2024-01-02|32", "1|b|9999-12-31|32"));
}

TEST_F(SnapshotTest, AKeyMayBeSeveralColumnsAndNewColumnsComeAlong) {
    Snapshot(kByTime);
    files_.Write("snapshots/s.sql", "");
    files_.Write("snapshots/s.yml",
                 "snapshots:\n  - name: kept\n    relation: source('src', 't')\n"
                 "    config: {strategy: timestamp, updated_at: seen, unique_key: [id, v]}\n"
                 "    columns: [{name: id, tests: [not_null]}]\n");
    After("(1, 'a', DATE '2024-01-01'), (1, 'b', DATE '2024-01-01')");
    After("(1, 'a', DATE '2024-01-02', 'new'), (1, 'b', DATE '2024-01-01', NULL)", "id,v,seen,w");
    EXPECT_THAT(States("id, v, w, dbt_valid_to IS NULL"),
                ElementsAre("1|a|new|true", "1|a|-|false", "1|b|-|true"));
}

TEST_F(SnapshotTest, AModelReadsASnapshot) {
    Snapshot(kByTime);
    files_.Write("models/latest.sql", "select v from {{ ref('kept') }} where dbt_valid_to is null");
    After("(1, 'a', DATE '2024-01-01')");
    After("(1, 'b', DATE '2024-01-02')");
    EXPECT_THAT(lake_->Rows("SELECT * FROM latest"), ElementsAre("b"));
}

TEST_F(SnapshotTest, ASnapshotThatSaysTooLittleIsRefused) {
    for (const char* config :
         {"strategy='timestamp'", "strategy='chekc', check_cols='all'", "strategy='check'",
          "strategy='timestamp', updated_at='seen', hard_deletes='maybe'",
          "strategy='timestamp', updated_at='seen', snapshot_meta_column_names={'dbt_valid': "
          "'x'}"}) {
        Snapshot(config);
        const Error error = Refusal();
        EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput) << config;
        EXPECT_EQ(error.spot().file, "snapshots/s.sql") << config;
    }
}

}  // namespace
}  // namespace tarn::pipeline
