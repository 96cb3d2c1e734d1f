#include "cli/statement_runner.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/run.h"

namespace tarn::cli {
namespace {

using testing::ElementsAre;

class OneRow final : public engine::Result {
public:
    const std::vector<engine::ColumnInfo>& Columns() const override { return columns_; }
    bool HasRows() const override { return true; }
    void GetArrowSchema(ArrowSchema*) override {}
    bool NextArrow(ArrowArray*) override { return false; }
    bool NextText(std::vector<engine::TextRow>& rows) override {
        rows.push_back({"1"});
        return false;
    }
    const engine::StatementStats& Stats() const override { return stats_; }
    const std::vector<std::string>& Notices() const override { return notices_; }

private:
    std::vector<engine::ColumnInfo> columns_{{"a", "INTEGER"}};
    engine::StatementStats stats_;
    std::vector<std::string> notices_;
};

// Answers every statement, but fails the ones that start with "bad" at their second word.
class FakeSession final : public engine::Session {
public:
    std::unique_ptr<engine::Result> Execute(const sql::Statement& statement,
                                            const engine::ExecuteOptions&) override {
        seen.push_back(statement.text);
        if (statement.text == "cancel") throw Error(ErrorKind::kCancelled, "cancelled");
        if (statement.text.starts_with("bad"))
            throw Error(ErrorKind::kNotFound, "no such thing").At({"", 1, 5});
        return std::make_unique<OneRow>();
    }
    table::SnapshotPtr Snapshot(const engine::TableName&) override { return nullptr; }
    engine::TableName ResolveName(std::string_view) override { return {}; }
    void Cancel() override {}
    double Progress() override { return -1; }

    std::vector<std::string> seen;
};

class StatementRunnerTest : public testing::Test {
protected:
    StatementRunner Runner(bool keep_going, OutputFormat format = OutputFormat::kCsv) {
        writer_ = MakeResultWriter(out_, {.format = format});
        return StatementRunner(session_, *writer_, interrupts_, clock_, errors_,
                               {.keep_going = keep_going,
                                .errors_in_answer = format == OutputFormat::kJsonl,
                                .file = "f.sql"});
    }

    Interrupts interrupts_;
    FakeSession session_;
    ManualClock clock_{TimestampUs()};
    std::ostringstream out_;
    std::ostringstream errors_;
    std::unique_ptr<ResultWriter> writer_;
};

TEST_F(StatementRunnerTest, RunsEachStatementAsItArrives) {
    auto runner = Runner(false);
    EXPECT_TRUE(runner.Feed("select 1; sel"));
    EXPECT_THAT(session_.seen, ElementsAre("select 1"));
    EXPECT_EQ(out_.str(), "a\n1\n");
    EXPECT_TRUE(runner.Feed("ect 2"));
    EXPECT_TRUE(runner.Finish());
    EXPECT_THAT(session_.seen, ElementsAre("select 1", "select 2"));
    EXPECT_EQ(runner.ExitCode(), kDone);
}

TEST_F(StatementRunnerTest, StopsAtTheFirstFailureWithItsPlace) {
    auto runner = Runner(false);
    EXPECT_FALSE(runner.Feed("select 1;\n  bad word; select 2;"));
    EXPECT_THAT(session_.seen, ElementsAre("select 1", "bad word"));
    EXPECT_EQ(runner.ExitCode(), kFailed);
    EXPECT_EQ(errors_.str(),
              "error: NotFound: no such thing (f.sql:2:7)\n  | bad word\n  |     ^\n");
}

TEST_F(StatementRunnerTest, GoesOnWhenAskedAndStillFails) {
    auto runner = Runner(true, OutputFormat::kJsonl);
    EXPECT_TRUE(runner.Feed("bad; select 2;"));
    EXPECT_THAT(session_.seen, ElementsAre("bad", "select 2"));
    EXPECT_EQ(runner.ExitCode(), kFailed);
    EXPECT_EQ(errors_.str(), "");
    const std::string answers = out_.str();
    EXPECT_EQ(std::count(answers.begin(), answers.end(), '\n'), 2);
}

TEST_F(StatementRunnerTest, CancellingEndsEvenWhenToldToKeepGoing) {
    auto runner = Runner(true);
    EXPECT_FALSE(runner.Feed("cancel; select 2;"));
    EXPECT_EQ(runner.ExitCode(), kCancelled);
}

TEST_F(StatementRunnerTest, AQuoteThatNeverClosesFails) {
    auto runner = Runner(false, OutputFormat::kJsonl);
    EXPECT_TRUE(runner.Feed("select 'abc"));
    EXPECT_FALSE(runner.Finish());
    EXPECT_EQ(runner.ExitCode(), kFailed);
    EXPECT_NE(out_.str().find("InvalidInput"), std::string::npos);
}

}  // namespace
}  // namespace tarn::cli
