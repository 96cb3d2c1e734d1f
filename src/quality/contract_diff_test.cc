#include "quality/contract_diff.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quality/contract_publication.h"
#include "quality/contract_type.h"

namespace tarn::quality {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Contract Made(std::vector<ContractField> fields, const std::string& version = "1.0") {
    Contract contract;
    contract.name = "events";
    contract.version = version;
    contract.tables.push_back({"events", "events", std::move(fields), {}});
    return contract;
}

ContractField Column(const std::string& name, const std::string& type, bool nullable = true) {
    ContractField field;
    field.name = name;
    field.type = type;
    field.nullable = nullable;
    return field;
}

// "rule place for whom", as "column-removed events.a consumers".
std::vector<std::string> Told(const ContractDiff& diff) {
    std::vector<std::string> told;
    for (const ContractChange& change : diff.changes) {
        std::string one = change.rule + " " + change.place;
        if (change.breaks.consumers) one += " consumers";
        if (change.breaks.producers) one += " producers";
        if (!change.likely_rename.empty()) one += " -> " + change.likely_rename;
        told.push_back(one);
    }
    return told;
}

TEST(ContractDiffTest, SaysWhoBreaksByWhichRule) {
    const Contract was = Made({Column("id", "int"), Column("kind", "string", false)});
    EXPECT_THAT(Told(Diff(was, was)), IsEmpty());
    EXPECT_THAT(
        Told(Diff(was, Made({Column("id", "bigint"), Column("kind", "string")}))),
        ElementsAre("type-widened events.id consumers", "null-allowed events.kind consumers"));
    EXPECT_THAT(
        Told(Diff(was, Made({Column("id", "smallint", false), Column("kind", "string", false),
                             Column("new", "date"), Column("must", "date", false)}))),
        ElementsAre("type-narrowed events.id producers", "null-forbidden events.id producers",
                    "column-added events.new", "required-column-added events.must producers"));
    EXPECT_THAT(Told(Diff(was, Made({Column("id", "boolean"), Column("kind", "string", false)}))),
                ElementsAre("type-changed events.id consumers producers"));
}

TEST(ContractDiffTest, NamesALikelyRename) {
    const Contract was = Made({Column("user_id", "string"), Column("at", "date")});
    EXPECT_THAT(Told(Diff(was, Made({Column("userId", "string"), Column("at", "date")}))),
                ElementsAre("column-added events.userId",
                            "column-removed events.user_id consumers -> userId"));
    // Of another type, or with another name, it is another column.
    EXPECT_THAT(
        Told(Diff(was, Made({Column("userId", "boolean"), Column("at", "date")}))),
        ElementsAre("column-added events.userId", "column-removed events.user_id consumers"));
    EXPECT_THAT(
        Told(Diff(was, Made({Column("price", "string"), Column("at", "date")}))),
        ElementsAre("column-added events.price", "column-removed events.user_id consumers"));
}

TEST(ContractDiffTest, ValuesAndPromisesHaveADirection) {
    Contract was = Made({Column("kind", "string")});
    was.tables[0].fields[0].allowed_values = {"a", "b"};
    was.service.max_delay_seconds = 300;
    was.service.min_daily_volume = 10;
    Contract is = was;
    is.tables[0].fields[0].allowed_values = {"b", "c"};
    is.service.max_delay_seconds = 600;
    is.service.min_daily_volume = 20;
    EXPECT_THAT(
        Told(Diff(was, is)),
        ElementsAre("value-added events.kind consumers", "value-removed events.kind producers",
                    "promise-loosened sla.max_delay_seconds consumers",
                    "promise-tightened sla.min_daily_volume producers"));
}

TEST(ContractDiffTest, ABreakingChangeRaisesTheFirstNumber) {
    const Contract was = Made({Column("id", "int")}, "1.4");
    EXPECT_FALSE(Diff(was, Made({Column("id", "string")}, "1.5")).version_fits);
    EXPECT_TRUE(Diff(was, Made({Column("id", "string")}, "2.0")).version_fits);
    const std::vector<ContractField> more = {Column("id", "int"), Column("a", "int")};
    EXPECT_FALSE(Diff(was, Made(more, "1.4")).version_fits);
    EXPECT_TRUE(Diff(was, Made(more, "1.5")).version_fits);
}

TEST(ContractPublicationTest, NoticeAndApprovalOfTheVersionInForce) {
    Contract was = Made({Column("id", "int"), Column("a", "int")}, "1.0");
    was.policy.notice_days = 14;
    was.policy.approval_required_from = {"data-platform-team"};
    Contract is = Made({Column("id", "int")}, "2.0");
    const TimestampUs told{std::chrono::days(20'000)};
    const auto after = [&](int days) { return told + std::chrono::days(days); };
    EXPECT_EQ(JudgePublication(was, is, std::nullopt, told).refusals.size(), 2U);
    EXPECT_EQ(JudgePublication(was, is, told, after(13)).refusals.size(), 2U);
    EXPECT_EQ(JudgePublication(was, is, told, after(14)).refusals.size(), 1U);
    is.approved_by = {"Data-Platform-Team"};
    EXPECT_EQ(JudgePublication(was, is, told, after(13)).refusals.size(), 1U);
    EXPECT_THAT(JudgePublication(was, is, told, after(14)).refusals, IsEmpty());
    // What breaks nobody waits for nobody.
    Contract more = Made({Column("id", "int"), Column("a", "int"), Column("b", "int")}, "1.1");
    more.policy = was.policy;
    EXPECT_THAT(JudgePublication(was, more, std::nullopt, told).refusals, IsEmpty());
}

TEST(ContractTypeTest, ComparesAcrossSystems) {
    EXPECT_EQ(Compare("string", "VARCHAR"), TypeRelation::kSame);
    EXPECT_EQ(Compare("varchar(18)", "varchar(20)"), TypeRelation::kWider);
    EXPECT_EQ(Compare("bigint", "int"), TypeRelation::kNarrower);
    EXPECT_EQ(Compare("decimal(10,2)", "decimal(12,2)"), TypeRelation::kWider);
    EXPECT_EQ(Compare("decimal(10,2)", "decimal(10,4)"), TypeRelation::kOther);
    EXPECT_EQ(Compare("int", "double"), TypeRelation::kWider);
    EXPECT_EQ(Compare("bigint", "double"), TypeRelation::kOther);
    EXPECT_EQ(Compare("date", "string"), TypeRelation::kOther);
    EXPECT_EQ(Compare("geometry", "geometry"), TypeRelation::kSame);
    EXPECT_EQ(Compare("geometry", "geography"), TypeRelation::kOther);
    EXPECT_TRUE(Holds("timestamp", "TIMESTAMP WITH TIME ZONE"));
    EXPECT_TRUE(Holds("timestamp", "TIMESTAMP"));
    EXPECT_TRUE(Holds("integer", "BIGINT"));
    EXPECT_TRUE(Holds("varchar(18)", "VARCHAR"));
    EXPECT_TRUE(Holds("array", "INTEGER[]"));
    EXPECT_TRUE(Holds("number", "DECIMAL(10,2)"));
    EXPECT_FALSE(Holds("int", "BIGINT"));
    EXPECT_FALSE(Holds("date", "VARCHAR"));
}

}  // namespace
}  // namespace tarn::quality
