#include "cli/build_text.h"

#include <gtest/gtest.h>

namespace tarn::cli {
namespace {

pipeline::BuildReport Report() {
    pipeline::BuildReport report;
    report.build_id = "b";
    report.seconds = 1.25;
    pipeline::NodeReport done;
    done.id = "silver.a";
    done.kind = "table";
    done.rows_in = 1010;
    done.rows_written = 1000;
    done.rows_quarantined = 10;
    done.files_written = 1;
    done.seconds = 0.5;
    done.target_version = 3;
    done.notices = {"rule r: 10 rows"};
    pipeline::NodeReport failed;
    failed.id = "gold.b";
    failed.kind = "table";
    failed.state = pipeline::NodeState::kFailed;
    failed.message = "InvalidInput: no column x";
    pipeline::NodeReport skipped;
    skipped.id = "gold.c";
    skipped.kind = "view";
    skipped.state = pipeline::NodeState::kSkipped;
    skipped.message = "gold.b failed";
    report.nodes = {done, failed, skipped};
    return report;
}

TEST(BuildText, ANodeIsALineWithWhatItSaysBelow) {
    const auto report = Report();
    EXPECT_EQ(NodeText(report.nodes[0], 0, 12, 10),
              "[ 1/12] done       silver.a          1,000 rows     1 file  0.50 s, 10 quarantined\n"
              "    rule r: 10 rows\n");
    EXPECT_EQ(NodeText(report.nodes[2], 11, 12, 6),
              "[12/12] skipped    gold.c  0.00 s\n    gold.b failed\n");
}

TEST(BuildText, TheSummaryCountsStates) {
    EXPECT_EQ(BuildSummaryText(Report()),
              "1 done, 0 up to date, 0 warned, 1 failed, 1 skipped; 1,000 rows written, 10 "
              "quarantined in 1.2 s\nDone. PASS=1 WARN=0 ERROR=1 SKIP=1 NO-OP=0 TOTAL=3\n");
    EXPECT_EQ(BuildSummaryText({}).find("Done."), std::string::npos);
}

TEST(BuildText, JsonHasEveryNode) {
    const auto json = BuildJson(Report());
    EXPECT_EQ(json["build_id"], "b");
    ASSERT_EQ(json["nodes"].size(), 3U);
    EXPECT_EQ(json["nodes"][0]["target_version"], 3);
    EXPECT_TRUE(json["nodes"][1]["target_version"].is_null());
    EXPECT_EQ(json["nodes"][1]["state"], "failed");
    EXPECT_EQ(json["nodes"][0]["rows_quarantined"], 10);
}

}  // namespace
}  // namespace tarn::cli
