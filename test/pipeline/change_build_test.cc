// Models whose rows are changes, or versions of ordinary rows, built as a lake builds them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lake_fixture.h"
#include "storage/local_store.h"

namespace tarn::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ChangeBuild : public testing::Test {
protected:
    void SetUp() override { lake_.Run("CREATE SCHEMA bronze"); }

    void Model(const std::string& name, const std::string& config, const std::string& select) {
        files_.Write("models/silver/" + name + ".sql", "{{ config(" + config + ") }}\n" + select);
    }
    NodeReport Build(const std::string& id, const BuildRequest& request = {}) {
        const BuildReport report = lake_.Build(request);
        EXPECT_FALSE(report.HasFailed()) << Messages(report);
        return NodeOf(report, id);
    }
    Texts Rows(const std::string& table) {
        return lake_.Rows("SELECT * FROM " + table + " ORDER BY ALL");
    }

    LakeFiles files_;
    storage::LocalStore store_;
    OpenLake lake_{files_.path(), store_};
};

constexpr std::string_view kUsers =
    "materialized='auto_cdc', keys=['id'], sequence_by='seq', apply_as_deletes=\"op = 'd'\", "
    "except_column_list=['op', 'seq']";
constexpr std::string_view kFromChanges = "SELECT * FROM {{ stream(source('bronze', 'changes')) }}";

class UsersBuild : public ChangeBuild {
protected:
    void SetUp() override {
        ChangeBuild::SetUp();
        lake_.Run("CREATE TABLE bronze.changes (id INTEGER, name VARCHAR, op VARCHAR, seq BIGINT)");
        lake_.Run(
            "INSERT INTO bronze.changes VALUES (1, 'one', 'c', 1), (2, 'two', 'c', 2), "
            "(2, NULL, 'd', 5)");
        Model("users", std::string(kUsers), std::string(kFromChanges));
    }
};

TEST_F(UsersBuild, AppliesWhatIsNewAndNothingTwice) {
    const NodeReport first = Build("silver.users");
    EXPECT_EQ(Counts(first), (std::vector<int64_t>{3, 3, 0, 0, 0}));
    EXPECT_THAT(Rows("silver.users"), ElementsAre("1|one"));
    lake_.Run("INSERT INTO bronze.changes VALUES (2, 'late', 'u', 4), (1, 'newer', 'u', 7)");
    Build("silver.users");
    EXPECT_THAT(Rows("silver.users"), ElementsAre("1|newer"));
    const std::string version = lake_.One("SELECT max(version) FROM table_history('silver.users')");
    EXPECT_EQ(Build("silver.users").state, NodeState::kUpToDate);
    EXPECT_EQ(lake_.One("SELECT max(version) FROM table_history('silver.users')"), version);
}

TEST_F(UsersBuild, FromScratchIsAsItWas) {
    Build("silver.users");
    lake_.Run("INSERT INTO bronze.changes VALUES (3, 'three', 'c', 3), (1, 'one more', 'u', 8)");
    Build("silver.users");
    const Texts before = Rows("silver.users");
    BuildRequest request;
    request.full_refresh = true;
    Build("silver.users", request);
    EXPECT_EQ(Rows("silver.users"), before);
    lake_.Run("INSERT INTO bronze.changes VALUES (2, 'late', 'u', 4)");
    Build("silver.users");
    EXPECT_EQ(Rows("silver.users"), before);
}

TEST_F(UsersBuild, OtherRulesNeedAFullRefresh) {
    Build("silver.users");
    Model("users", std::string(kUsers) + ", stored_as_scd_type=2", std::string(kFromChanges));
    const BuildReport refused = lake_.Build();
    EXPECT_TRUE(refused.HasFailed());
    BuildRequest request;
    request.full_refresh = true;
    Build("silver.users", request);
    EXPECT_THAT(Rows("silver.users"), ElementsAre("1|one|1|-", "2|two|2|5"));
}

TEST_F(UsersBuild, ANewColumnIsRefusedBeforeAnythingIsWritten) {
    Build("silver.users");
    lake_.Run("ALTER TABLE bronze.changes ADD COLUMN city VARCHAR");
    lake_.Run("INSERT INTO bronze.changes VALUES (1, 'newer', 'u', 8, 'x')");
    EXPECT_THAT(Messages(lake_.Build()), HasSubstr("`city`"));
    EXPECT_EQ(lake_.One("SELECT max(__upsert) FROM silver.__users_memory"), "2");
    Model("users", std::string(kUsers) + ", on_schema_change='ignore'", std::string(kFromChanges));
    Build("silver.users");
    EXPECT_THAT(Rows("silver.users"), ElementsAre("1|newer"));
}

TEST_F(UsersBuild, ADeleteWithoutItsKeyIsRefusedAndNothingIsWritten) {
    Build("silver.users");
    lake_.Run("INSERT INTO bronze.changes VALUES (NULL, NULL, 'd', 9), (1, 'newer', 'u', 8)");
    const BuildReport report = lake_.Build();
    EXPECT_TRUE(report.HasFailed());
    EXPECT_THAT(Messages(report), HasSubstr("`id`"));
    EXPECT_THAT(Rows("silver.users"), ElementsAre("1|one"));
}

TEST_F(UsersBuild, RowsThatBreakARuleAreNoChanges) {
    files_.Write("models/silver/s.yml", R"(
models:
  - name: users
    expectations: [{name: has_id, condition: id IS NOT NULL, action: quarantine}]
)");
    lake_.Run("INSERT INTO bronze.changes VALUES (NULL, NULL, 'd', 9)");
    const NodeReport report = Build("silver.users");
    EXPECT_EQ(Counts(report), (std::vector<int64_t>{4, 3, 0, 1, 0}));
    EXPECT_THAT(lake_.Rows("SELECT id, name FROM silver.users"), ElementsAre("1|one"));
}

TEST_F(UsersBuild, SettingsOfChangesAreForChanges) {
    for (const char* config :
         {"materialized='auto_cdc', sequence_by='seq'", "materialized='auto_cdc', keys=['id']",
          "materialized='table', keys=['id']",
          "materialized='auto_cdc', keys='id', sequence_by='seq', stored_as_scd_type=3",
          "materialized='auto_cdc', keys='id', change_format='debezium'",
          "materialized='auto_cdc', keys='id', sequence_by='seq', column_list=['id'], "
          "except_column_list=['name']",
          "materialized='history'"}) {
        Model("users", config, "SELECT * FROM {{ source('bronze', 'changes') }}");
        try {
            lake_.Build();
            ADD_FAILURE() << config;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput) << config;
        }
    }
    EXPECT_EQ(lake_.One("SELECT count(*) FROM ops.runs"), "0");
}

// Envelopes as Debezium's connectors write them.
class DebeziumBuild : public ChangeBuild {
protected:
    void SetUp() override {
        ChangeBuild::SetUp();
        lake_.Run("CREATE TABLE bronze.accounts (raw_payload VARCHAR)");
        Land({R"({"op":"r","before":null,"after":{"id":1,"name":"one","day":19723,"blob":"AQI="},)"
              R"("source":{"lsn":10,"ts_ms":5},"ts_ms":9})",
              R"({"schema":{"type":"struct"},"payload":{"op":"c","before":null,)"
              R"("after":{"id":2,"name":"two","day":null,"blob":null},"source":{"lsn":11}}})"});
    }
    void Land(const Texts& envelopes) {
        for (const std::string& envelope : envelopes)
            lake_.Run("INSERT INTO bronze.accounts VALUES ('" + envelope + "')");
    }
    void Accounts(const std::string& more = "") {
        Model("accounts",
              "materialized='auto_cdc', change_format='debezium', keys=['id'], "
              "change_columns={'id': 'BIGINT', 'name': 'VARCHAR', 'day': 'DATE', 'blob': 'BLOB'}" +
                  more,
              "SELECT * FROM {{ stream(source('bronze', 'accounts')) }}");
    }
};

TEST_F(DebeziumBuild, EnvelopesAreReadAsTheyAre) {
    Accounts();
    Build("silver.accounts");
    EXPECT_THAT(Rows("silver.accounts"), ElementsAre("1|one|2024-01-01|\\x01\\x02", "2|two|-|-"));
    // A delete whose `before` has defaults for all but the key, its tombstone, a message, and a
    // value that the log did not have.
    Land({R"({"op":"d","before":{"id":2,"name":null,"day":0,"blob":null},"after":null,)"
          R"("source":{"lsn":21,"ts_ms":1}})",
          "null", R"({"schema":null,"payload":null})",
          R"({"op":"m","source":{"lsn":22},"message":{"prefix":"p"}})",
          R"({"op":"u","before":null,"after":{"id":1,"name":"uno","day":19724,)"
          R"("blob":"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ=="},"source":{"lsn":20}})"});
    Build("silver.accounts");
    EXPECT_THAT(Rows("silver.accounts"), ElementsAre("1|uno|2024-01-02|\\x01\\x02"));
}

// Trap 1 of the seeds: keys of deletes were read from `after`, and clocks go back.
TEST_F(DebeziumBuild, DeletesHaveTheirKeyInBeforeAndTheLogGoesBeforeTheClock) {
    Accounts(", column_list=['id', 'name']");
    Land({R"({"op":"c","after":{"id":4,"name":"brief"},"source":{"lsn":30,"ts_ms":50}})",
          R"({"op":"d","before":{"id":4},"after":null,"source":{"lsn":31,"ts_ms":40}})",
          R"({"op":"d","before":{"id":2},"after":null,"source":{"lsn":32,"ts_ms":41}})",
          R"({"op":"u","before":{"id":1},"after":{"id":1,"name":"stale"},)"
          R"("source":{"lsn":33,"ts_ms":99}})",
          R"({"op":"u","before":{"id":1},"after":{"id":1,"name":"newest"},)"
          R"("source":{"lsn":34,"ts_ms":1}})"});
    Build("silver.accounts");
    EXPECT_THAT(Rows("silver.accounts"), ElementsAre("1|newest"));
}

TEST_F(DebeziumBuild, ATruncateEmptiesAndBinlogsAreOrderedByFileAndPosition) {
    Accounts(
        ", column_list=['id', 'name'], stored_as_scd_type=2, sequence_by=['_log', '_position']");
    Land({R"({"op":"t","before":null,"after":null,"source":{"lsn":40}})",
          R"({"op":"c","after":{"id":7,"name":"b"},"source":{"file":"bin.000002","pos":4}})",
          R"({"op":"u","after":{"id":7,"name":"a"},"source":{"file":"bin.000001","pos":900}})"});
    Build("silver.accounts");
    EXPECT_THAT(lake_.Rows("SELECT id, name, __START_AT._position, __END_AT._position FROM "
                           "silver.accounts ORDER BY ALL"),
                ElementsAre("1|one|10|40", "2|two|11|40", "7|a|900|4", "7|b|4|-"));
}

TEST_F(DebeziumBuild, WhatIsNoEnvelopeIsRefused) {
    Accounts();
    Land({R"({"id":1,"name":"flat"})"});
    EXPECT_TRUE(lake_.Build().HasFailed());
}

class PlanesBuild : public ChangeBuild {
protected:
    void SetUp() override {
        ChangeBuild::SetUp();
        lake_.Run("CREATE TABLE bronze.planes (plane VARCHAR, owner VARCHAR, seat VARCHAR)");
        lake_.Run("INSERT INTO bronze.planes VALUES ('a', 'x', NULL), ('b', 'y', 'z')");
        Model("planes", "materialized='history', unique_key='plane'",
              "SELECT * FROM {{ stream(source('bronze', 'planes')) }}");
    }
    Texts Versions() {
        return lake_.Rows(
            "SELECT plane, owner, seat, is_current, valid_to IS NULL FROM "
            "silver.planes ORDER BY plane, valid_from");
    }
};

// Trap 2 of the seeds: versions for every key that has an expired one, a value that moves to the
// next column, gaps between two clocks.
TEST_F(PlanesBuild, AVersionEndsWhereTheNextBegins) {
    Build("silver.planes");
    lake_.Run("INSERT INTO bronze.planes VALUES ('a', NULL, 'x'), ('b', 'y', 'z')");
    Build("silver.planes");
    const Texts expected = {"a|x|-|false|false", "a|-|x|true|true", "b|y|z|true|true"};
    EXPECT_EQ(Versions(), expected);
    lake_.Run("INSERT INTO bronze.planes VALUES ('a', NULL, 'x')");
    Build("silver.planes");
    EXPECT_EQ(Versions(), expected);
    EXPECT_EQ(lake_.One("SELECT count(*) FROM silver.planes o JOIN silver.planes n ON o.plane = "
                        "n.plane AND o.valid_to = n.valid_from AND o.row_hash <> n.row_hash AND "
                        "n.last_seen_at > n.valid_from AND o.last_seen_at = o.valid_from"),
              "1");
}

TEST_F(PlanesBuild, AKeyThatStandsTwiceInABatchIsRefused) {
    lake_.Run("INSERT INTO bronze.planes VALUES ('a', 'other', NULL)");
    EXPECT_TRUE(lake_.Build().HasFailed());
    EXPECT_EQ(lake_.One("SELECT count(*) FROM ops.runs WHERE state = 'succeeded'"), "0");
}

}  // namespace
}  // namespace tarn::pipeline
