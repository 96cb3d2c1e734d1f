// Ingest under a contract in force: what it would break does not land, or lies in the quarantine.
#include <filesystem>

#include <gmock/gmock.h>

#include "base/text.h"
#include "ingest/landing_lake.h"

namespace tarn::ingest_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class HeldLandingTest : public LandingTest {
protected:
    static constexpr const char* kColumns =
        "    - {name: id, type: string, nullable: false}\n"
        "    - {name: state, type: string, allowed_values: [open, shut]}\n";

    void Policy(const std::string& policy) { Configure(", on_broken_contract: " + policy); }
    void Prepare(OpenLake& lake) override { PutInForce(lake, columns_); }
    static void PutInForce(OpenLake& lake, const std::string& columns) {
        lake.Catalog().Contracts().Publish(
            {"events", "1",
             "contract:\n  name: events\n  version: 1\n  table: bronze.t\n  schema:\n" + columns,
             TimestampUs{}, "me"});
    }
    void Land(const std::string& file, const std::string& states) {
        std::string text;
        int line = 0;
        for (const std::string& state : Split(states, ' '))
            text += fmt::format("{{\"id\":\"{}{}\",\"state\":\"{}\"}}\n", file, ++line, state);
        folder_.Write("in/" + file, text);
    }
    static std::string Rows(OpenLake& lake, const std::string& table) {
        return lake.One("SELECT coalesce(string_agg(id, ' ' ORDER BY id), '') FROM " + table);
    }

    std::string columns_ = kColumns;
};

TEST_F(HeldLandingTest, ABrokenPromiseRefusesTheBatchWhole) {
    OpenLake lake(folder_.path());
    Prepare(lake);
    Land("a", "open shut");
    ASSERT_TRUE(lake.Ingest().Succeeded());
    Land("b", "open torn torn");
    for (int again = 0; again < 2; ++again) {
        const ingest::TableReport report = lake.Ingest();
        ASSERT_TRUE(report.error.has_value());
        EXPECT_EQ(report.error->kind(), ErrorKind::kInvalidInput);
        EXPECT_THAT(report.error->message(), HasSubstr("state.allowed_values is 2"));
        EXPECT_THAT(report.error->message(), HasSubstr("b:2"));
        EXPECT_EQ(report.files_landed, 0U);
        EXPECT_EQ(Rows(lake, "bronze.t"), "a1 a2");
    }
    EXPECT_EQ(lake.One("SELECT verdict || rows_checked || rows_failed || threshold || column_name "
                       "FROM ops.quality WHERE rule = 'events.state.allowed_values' ORDER BY "
                       "run_number DESC LIMIT 1"),
              "fail32= 0state");
    // Nothing is left of the refused one: the mended file is the next batch.
    Land("b", "open shut");
    ASSERT_TRUE(lake.Ingest().Succeeded());
    EXPECT_EQ(Rows(lake, "bronze.t"), "a1 a2 b1 b2");
}

TEST_F(HeldLandingTest, AWarningLandsAllAndSaysSo) {
    Policy("warn");
    OpenLake lake(folder_.path());
    Prepare(lake);
    Land("a", "open torn");
    const ingest::TableReport report = lake.Ingest();
    ASSERT_TRUE(report.Succeeded());
    EXPECT_THAT(report.broken_promises, ElementsAre(HasSubstr("state.allowed_values is 1")));
    EXPECT_EQ(Rows(lake, "bronze.t"), "a1 a2");
    EXPECT_EQ(lake.One("SELECT count(*) FROM ops.quality WHERE verdict = 'fail'"), "1");
}

TEST_F(HeldLandingTest, TheQuarantineTakesTheRowsThatBreakARule) {
    Policy("quarantine");
    OpenLake lake(folder_.path());
    Prepare(lake);
    Land("a", "open torn shut");
    folder_.Write("in/b", "{\"state\":\"gone\"}\n{broken\n");
    const ingest::TableReport report = lake.Ingest();
    ASSERT_TRUE(report.Succeeded()) << (report.error ? report.error->what() : "");
    EXPECT_EQ(report.rows_landed, 5);
    EXPECT_EQ(report.rows_quarantined, 3);
    EXPECT_EQ(Rows(lake, "bronze.t"), "a1 a3");
    const auto rows = lake.Query(
        "SELECT source_path, source_line, _rules, raw_payload IS NOT NULL, _run_id = (SELECT "
        "run_id "
        "FROM ops.runs) FROM quarantine.bronze_t ORDER BY ALL");
    ASSERT_EQ(rows.size(), 3U);
    using Row = engine::TextRow;
    EXPECT_EQ(rows[0], (Row{"a", "2", "events.state.allowed_values", "true", "true"}));
    EXPECT_EQ(rows[1],
              (Row{"b", "1", "events.id.not_null,events.state.allowed_values", "true", "true"}));
    EXPECT_EQ(rows[2], (Row{"b", "2", "events.id.not_null", "true", "true"}));
    EXPECT_EQ(lake.One("SELECT rows_in || ' ' || rows_written || ' ' || rows_quarantined FROM "
                       "ops.runs"),
              "5 2 3");
    // What was set aside has landed: it does not come again.
    EXPECT_EQ(lake.Ingest().files_known, 2U);
    EXPECT_EQ(lake.One("SELECT count(*) FROM quarantine.bronze_t"), "3");
}

TEST_F(HeldLandingTest, ABatchOfWhichNothingIsLeftIsLandedToo) {
    Policy("quarantine");
    OpenLake lake(folder_.path());
    Prepare(lake);
    Land("a", "torn torn");
    ASSERT_TRUE(lake.Ingest().Succeeded());
    EXPECT_EQ(lake.Ingest().files_known, 1U);
    EXPECT_EQ(lake.One("SELECT count(*) FROM quarantine.bronze_t"), "2");
    EXPECT_EQ(lake.One("SELECT count(*) FROM bronze.t"), "0");
}

TEST_F(HeldLandingTest, ARateIsHeldByTheBatch) {
    Policy("quarantine");
    OpenLake lake(folder_.path());
    PutInForce(lake, "    - {name: id, type: string, max_null_rate_pct: 50}\n");
    folder_.Write("in/a", "{\"id\":\"a1\"}\n{\"state\":\"x\"}\n");
    ASSERT_TRUE(lake.Ingest().Succeeded());
    EXPECT_EQ(lake.One("SELECT count(*) FROM bronze.t"), "2");
    folder_.Write("in/b", "{\"id\":\"b1\"}\n{}\n{}\n");
    ASSERT_TRUE(lake.Ingest().Succeeded());
    EXPECT_EQ(Rows(lake, "bronze.t"), "a1 b1");
    EXPECT_EQ(lake.One("SELECT count(*) FROM bronze.t"), "3");
    EXPECT_EQ(lake.One("SELECT count(*) FROM quarantine.bronze_t"), "2");
}

TEST_F(HeldLandingTest, WhatNoRowIsToldByRefusesWhateverThePolicy) {
    Policy("quarantine");
    OpenLake lake(folder_.path());
    PutInForce(lake,
               "    - {name: id, type: string, unique: true}\n"
               "    - {name: amount, type: decimal}\n");
    Land("a", "open");
    EXPECT_THAT(lake.Ingest().error->message(), HasSubstr("`amount`"));
    EXPECT_EQ(lake.One("SELECT count(*) FROM bronze.t"), "0");
    PutInForce(lake, "    - {name: id, type: string, unique: true}\n");
    folder_.Write("in/a", "{\"id\":\"1\"}\n{\"id\":\"1\"}\n");
    EXPECT_THAT(lake.Ingest().error->message(), HasSubstr("id.unique is 1"));
}

TEST_F(HeldLandingTest, KilledAtEveryChangeOfTheDiskNothingIsLostOrDoubled) {
    Policy("quarantine");
    for (const Stop stop : {Stop::kKilledBefore, Stop::kKilledAfter}) {
        for (uint64_t change = 1;; ++change) {
            std::filesystem::remove_all(folder_.path() + "/.tarn");
            std::filesystem::remove_all(folder_.path() + "/in");
            Land("a", "open torn shut");
            const int status = Await(Start(stop, change));
            Land("c", "torn open");
            OpenLake lake(folder_.path());
            Prepare(lake);
            const ingest::TableReport report = lake.Ingest();
            ASSERT_TRUE(report.Succeeded())
                << "change " << change << ": " << (report.error ? report.error->what() : "");
            EXPECT_EQ(Rows(lake, "bronze.t"), "a1 a3 c2") << "change " << change;
            EXPECT_EQ(Rows(lake, "quarantine.bronze_t"), "a2 c1") << "change " << change;
            EXPECT_EQ(lake.Ingest().files_known, 2U);
            if (WIFEXITED(status)) {
                EXPECT_GT(change, 4U);
                break;
            }
            ASSERT_LT(change, 400U);
        }
    }
}

}  // namespace
}  // namespace tarn::ingest_test
