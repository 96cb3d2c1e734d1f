#include "quality/contract.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quality/contract_diff.h"

namespace tarn::quality {
namespace {

using testing::ElementsAre;

constexpr const char* kEvents = R"(contract:
  name: user_interaction_events
  version: "2.0"
  owner: platform_team
  effective_date: "2026-01-01"
  schema:
    - name: event_id
      type: string
      nullable: false
      description: "UUID v4. Globally unique per event."
    - name: event_type
      type: string
      nullable: false
      allowed_values: [page_view, click, error]
    - name: occurred_at
      type: timestamp
  sla:
    max_delay_seconds: 300
    min_daily_volume: 500000
    max_null_rate_pct: 0.1
  breaking_change_policy:
    notice_days: 14
    approval_required_from: [data-platform-team]
    migration_support: true
)";

TEST(ContractTest, ReadsTheShortForm) {
    const Contract contract = ParseContract(kEvents, "contracts/events.yml");
    EXPECT_EQ(contract.name, "user_interaction_events");
    EXPECT_EQ(contract.version, "2.0");
    ASSERT_EQ(contract.tables.size(), 1U);
    const ContractTable& table = contract.tables[0];
    EXPECT_EQ(table.table, "user_interaction_events");
    ASSERT_EQ(table.fields.size(), 3U);
    EXPECT_FALSE(table.fields[0].nullable);
    EXPECT_THAT(table.fields[1].allowed_values, ElementsAre("page_view", "click", "error"));
    EXPECT_TRUE(table.fields[2].nullable);
    EXPECT_EQ(contract.service.max_delay_seconds, 300);
    EXPECT_EQ(contract.service.min_daily_volume, 500'000);
    EXPECT_EQ(contract.service.max_null_rate_pct, 0.1);
    EXPECT_EQ(contract.policy.notice_days, 14);
    EXPECT_THAT(contract.policy.approval_required_from, ElementsAre("data-platform-team"));
    EXPECT_TRUE(contract.policy.migration_support);
}

void ExpectMistake(const std::string& from, const std::string& to, int line) {
    std::string text = kEvents;
    const size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, from.size(), to);
    try {
        ParseContract(text, "contracts/events.yml");
        FAIL() << to << " was read";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput);
        EXPECT_EQ(error.spot().file, "contracts/events.yml");
        EXPECT_EQ(error.spot().line, line) << error.what();
    }
}

TEST(ContractTest, AMistakeHasItsPlace) {
    ExpectMistake("nullable: false", "nulable: false", 9);
    ExpectMistake("nullable: false", "nullable: perhaps", 9);
    ExpectMistake("name: event_type", "name: EVENT_ID", 11);
    ExpectMistake("notice_days: 14", "notice_days: soon", 22);
    ExpectMistake("notice_days: 14", "notice_days: -1", 22);
    ExpectMistake("max_null_rate_pct: 0.1", "max_null_rate_pct: 101", 20);
    ExpectMistake("  sla:", "  slo:", 17);
}

constexpr const char* kStandard = R"(kind: DataContract
apiVersion: v3.1.0
id: 53581432
version: 1.1.0
status: active
name: payments
schema:
  - name: tbl
    physicalName: bronze.tbl_1
    properties:
      - name: reference_date
        physicalName: txn_ref_dt
        logicalType: date
        required: true
      - name: receiver
        primaryKey: true
        primaryKeyPosition: 1
        logicalType: string
        physicalType: varchar(18)
        logicalTypeOptions: {maxLength: 18, pattern: "R[0-9]+"}
        quality:
          - metric: nullValues
            mustBe: 0
      - name: age
        logicalType: integer
        logicalTypeOptions: {minimum: 18, exclusiveMaximum: 100}
    quality:
      - type: library
        metric: rowCount
        mustBeBetween: [1, 5]
        severity: warning
      - type: text
        description: should look right
      - type: sql
        query: SELECT count(*) FROM {table}
        mustBeGreaterThan: 0
slaProperties:
  - {property: latency, value: 4, unit: h, element: tbl.txn_ref_dt}
  - {property: retention, value: 3, unit: y}
customProperties:
  - {property: noticeDays, value: 7}
)";

TEST(ContractTest, ReadsTheStandard) {
    const Contract contract = ParseContract(kStandard, "contracts/payments.odcs.yaml");
    EXPECT_EQ(contract.name, "payments");
    ASSERT_EQ(contract.tables.size(), 1U);
    const ContractTable& table = contract.tables[0];
    EXPECT_EQ(table.table, "bronze.tbl_1");
    ASSERT_EQ(table.fields.size(), 3U);
    EXPECT_EQ(table.fields[0].name, "txn_ref_dt");
    EXPECT_FALSE(table.fields[0].nullable);
    EXPECT_EQ(table.fields[1].type, "varchar(18)");
    EXPECT_EQ(table.fields[1].primary_key, 1);
    EXPECT_EQ(table.fields[1].max_length, 18);
    EXPECT_EQ(table.fields[2].minimum, "18");
    EXPECT_FALSE(table.fields[2].excludes_minimum);
    EXPECT_TRUE(table.fields[2].excludes_maximum);
    ASSERT_EQ(table.rules.size(), 3U);
    EXPECT_EQ(table.rules[0].must_be, "BETWEEN 1 AND 5");
    EXPECT_TRUE(table.rules[0].only_warns);
    EXPECT_EQ(table.rules[1].must_be, "> 0");
    EXPECT_EQ(table.rules[2].column, "receiver");
    EXPECT_EQ(contract.service.max_delay_seconds, 4 * 3600);
    EXPECT_EQ(contract.service.delay_column, "txn_ref_dt");
    EXPECT_EQ(contract.policy.notice_days, 7);
}

TEST(ContractTest, RefusesRulesThatSayNothing) {
    const auto refused = [](const std::string& from, const std::string& to) {
        std::string text = kStandard;
        text.replace(text.find(from), from.size(), to);
        EXPECT_THROW(ParseContract(text, "c.yaml"), Error) << to;
    };
    refused("mustBe: 0", "mustBeNice: 0");
    refused("mustBe: 0", "mustBe: none");
    refused("[1, 5]", "[1]");
    refused("metric: rowCount", "metric: rowCnt");
    refused("v3.1.0", "v2.2.2");
    refused("unit: h", "unit: fortnight");
}

TEST(ContractTest, ReadsAllExamplesOfTheStandard) {
    namespace fs = std::filesystem;
    fs::path folder;
    for (fs::path at = fs::current_path(); folder.empty() && at != at.root_path();
         at = at.parent_path()) {
        const fs::path examples = at / "shared" / "specs" / "odcs" / "examples";
        if (fs::is_directory(examples)) folder = examples;
    }
    if (folder.empty()) GTEST_SKIP() << "shared/specs is not beside the project";
    size_t read = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        std::ifstream in(entry.path());
        std::stringstream text;
        text << in.rdbuf();
        const Contract contract = ParseContract(text.str(), entry.path().filename().string());
        EXPECT_TRUE(Diff(contract, contract).changes.empty()) << entry.path();
        ++read;
    }
    EXPECT_GT(read, 10U);
}

}  // namespace
}  // namespace tarn::quality
