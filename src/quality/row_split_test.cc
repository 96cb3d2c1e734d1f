#include "quality/row_split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "engine/test_lake.h"

namespace tarn::quality {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Texts = std::vector<std::string>;

Expectation Rule(const std::string& name, const std::string& condition, Action action) {
    Expectation rule;
    rule.name = name;
    rule.condition = condition;
    rule.action = action;
    return rule;
}

class RowSplitTest : public testing::Test {
protected:
    Texts Rows(const std::string& sql) {
        Texts rows;
        for (const engine::TextRow& row : session_->Query(sql)) {
            Texts cells;
            for (const auto& cell : row) cells.push_back(cell.value_or("-"));
            rows.push_back(Join(cells, "|"));
        }
        return rows;
    }
    void Fill(const std::string& values) {
        plan_.select = "SELECT * FROM (VALUES " + values + ") t(id, x) -- the model's last words";
        session_->Run(StageStatement(plan_, "stage"));
    }
    Texts Fates() { return Rows("SELECT id, x, _fate FROM stage ORDER BY ALL"); }

    engine::TestLake lake_;
    std::unique_ptr<engine::Session> session_ = lake_.Connect();
    SplitPlan plan_;
};

TEST_F(RowSplitTest, WithoutRulesAllIsWritten) {
    Fill("(1, 1), (2, NULL)");
    EXPECT_THAT(Fates(), ElementsAre("1|1|write", "2|-|write"));
    EXPECT_THAT(Rows(TargetSelect(plan_, "stage")), UnorderedElementsAre("1|1", "2|-"));
    EXPECT_THAT(Rows(RuleCounts("stage")), IsEmpty());
}

TEST_F(RowSplitTest, OnlyTrueMeetsARule) {
    plan_.expectations = {Rule("r", "x > 0 -- NULL is no pass", Action::kDrop)};
    Fill("(1, 1), (2, 0), (3, NULL)");
    EXPECT_THAT(Fates(), ElementsAre("1|1|write", "2|0|drop", "3|-|drop"));
    EXPECT_THAT(Rows(RuleCounts("stage")), ElementsAre("r|2"));
    EXPECT_THAT(Rows(FateCounts("stage")), UnorderedElementsAre("write|1", "drop|2"));
}

TEST_F(RowSplitTest, TheStrongestActionDecides) {
    plan_.expectations = {
        Rule("warns", "x <> 1", Action::kWarn), Rule("drops", "x <> 2", Action::kDrop),
        Rule("sets_aside", "x NOT IN (2, 3)", Action::kQuarantine),
        Rule("fails", "x <> 4", Action::kFail), Rule("never", "true", Action::kFail)};
    Fill("(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)");
    EXPECT_THAT(Fates(), ElementsAre("1|1|write", "2|2|quarantine", "3|3|quarantine", "4|4|fail",
                                     "5|5|write"));
    plan_.add_quality_columns = true;
    EXPECT_THAT(Rows(TargetSelect(plan_, "stage")),
                UnorderedElementsAre("1|1|false|warns", "5|5|true|-"));
    EXPECT_THAT(Rows(QuarantineSelect(plan_, "stage", "it's", "2026-01-02T03:04:05Z")),
                UnorderedElementsAre("2|2|drops,sets_aside|it's|2026-01-02 03:04:05+00",
                                     "3|3|sets_aside|it's|2026-01-02 03:04:05+00"));
}

TEST_F(RowSplitTest, ABadRowNeverHidesAGoodOne) {
    plan_.expectations = {Rule("r", "x > 0", Action::kQuarantine)};
    plan_.deduplicate = {{"id"}, {"x"}};
    Fill("(1, -1), (1, 2), (1, 3), (2, 4), (NULL, 5), (NULL, 6)");
    EXPECT_THAT(Fates(), ElementsAre("1|-1|quarantine", "1|2|write", "1|3|duplicate", "2|4|write",
                                     "-|5|write", "-|6|duplicate"));
}

TEST_F(RowSplitTest, AKeyThatIsThereMakesADuplicate) {
    session_->Run("CREATE TEMP TABLE there AS SELECT * FROM (VALUES (1, 0), (NULL, 0)) t(id, x)");
    plan_.deduplicate = {{"id"}, {"x DESC"}};
    plan_.existing = "there";
    Fill("(1, 1), (2, 1), (2, 2), (NULL, 3)");
    EXPECT_THAT(Fates(),
                ElementsAre("1|1|duplicate", "2|1|duplicate", "2|2|write", "-|3|duplicate"));
}

TEST_F(RowSplitTest, TheQuarantineKeepsMore) {
    plan_.expectations = {Rule("r", "x > 0", Action::kQuarantine)};
    plan_.quarantine_only = {"x"};
    Fill("(1, 1), (2, 0)");
    EXPECT_THAT(Rows(TargetSelect(plan_, "stage")), ElementsAre("1"));
    EXPECT_THAT(Rows("SELECT id, x FROM (" +
                     QuarantineSelect(plan_, "stage", "r", "2026-01-02T03:04:05Z") + ")"),
                ElementsAre("2|0"));
}

}  // namespace
}  // namespace tarn::quality
