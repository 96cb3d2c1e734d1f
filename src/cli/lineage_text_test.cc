#include "cli/lineage_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tarn::cli {
namespace {

using catalog::LineageStep;
using testing::HasSubstr;

LineageStep Step(const char* table, const char* column, const char* effect) {
    LineageStep step;
    step.point = {table, column, false};
    step.kind = "table";
    step.effects = {effect};
    return step;
}

LineageWalks Walks() {
    LineageWalks walks;
    walks.from = {"main.a", "x", false};
    LineageStep down;
    down.point = walks.from;
    LineageStep total = Step("main.b", "total", "AGGREGATION");
    total.masking = true;
    total.steps = {Step("main.c", "", "FILTER")};
    LineageStep again = Step("main.d", "y", "IDENTITY");
    again.is_repeated = true;
    again.nodes = {"main.other"};
    down.steps = {total, again};
    walks.downstream = down;
    return walks;
}

TEST(LineageTextTest, DrawsTreesAndSaysWhatBreaks) {
    const std::string text = LineageText(Walks());
    EXPECT_THAT(text, HasSubstr("├─ main.b.total  (AGGREGATION, masked)\n"
                                "│  └─ main.c (its rows)  (FILTER)\n"
                                "└─ main.d.y  (IDENTITY; by main.other)  as above\n"));
    EXPECT_THAT(text, HasSubstr("main.b: total\n"));
    EXPECT_THAT(text, HasSubstr("main.c\n"));
}

TEST(LineageTextTest, SaysThatNothingReadsIt) {
    LineageWalks walks;
    walks.from = {"main.a", "", false};
    walks.downstream = LineageStep{};
    walks.downstream->point = walks.from;
    EXPECT_THAT(LineageText(walks), HasSubstr("can be dropped"));
}

TEST(LineageTextTest, IsJsonToo) {
    const auto json = LineageJson(Walks());
    EXPECT_EQ(json["table"], "main.a");
    EXPECT_FALSE(json.contains("upstream"));
    EXPECT_EQ(json["downstream"][0]["effects"][0], "AGGREGATION");
    EXPECT_EQ(json["downstream"][0]["next"][0]["column"], nullptr);
    EXPECT_EQ(json["breaks"]["main.b"][0], "total");
}

}  // namespace
}  // namespace tarn::cli
