#include "serve/endpoint_check.h"

#include <gtest/gtest.h>

#include "serve/endpoint_config.h"
#include "serve/endpoint_samples.h"
#include "serve/fake_session.h"

namespace tarn::serve {
namespace {

class EndpointCheckTest : public ::testing::Test {
protected:
    EndpointCheckTest() {
        lake_.columns = {{"Carrier", "VARCHAR"},
                         {"month", "INTEGER"},
                         {"flights", "BIGINT"},
                         {"share", "DOUBLE"}};
    }
    EndpointTypes CheckFile(std::string text, std::string_view from = "",
                            std::string_view to = "") {
        if (!from.empty()) text.replace(text.find(from), from.size(), to);
        FakeSession session(lake_);
        return CheckEndpoint(ParseEndpoint(text, "apis/a.yml"), session);
    }
    void ExpectMistake(ErrorKind kind, int line, std::string_view from = "",
                       std::string_view to = "") {
        try {
            CheckFile(samples::kOnTime, from, to);
            ADD_FAILURE() << "accepted " << to;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), kind) << error.what();
            EXPECT_EQ(error.spot().file, "apis/a.yml") << error.what();
            EXPECT_EQ(error.spot().line, line) << error.what();
        }
    }
    FakeLake lake_;
};

TEST_F(EndpointCheckTest, LearnsTablesAndTypes) {
    const EndpointTypes types = CheckFile(samples::kOnTime);
    ASSERT_EQ(types.tables.size(), 1U);
    EXPECT_EQ(types.tables[0].ToString(), "gold.on_time");
    const std::vector<std::string> expected{"VARCHAR", "INTEGER", "BIGINT", "DOUBLE"};
    EXPECT_EQ(types.column_types, expected);
}

TEST_F(EndpointCheckTest, MistakesAreFoundAtTheirLine) {
    ExpectMistake(ErrorKind::kNotFound, 8, "gold.on_time", "gold.missing");
    ExpectMistake(ErrorKind::kInvalidInput, 13, "name: share", "name: shares");
    ExpectMistake(ErrorKind::kInvalidInput, 13, "name: share, type: number",
                  "name: share, type: integer");
    ExpectMistake(ErrorKind::kInvalidInput, 16, "type: integer, column: month",
                  "type: integer, column: mnth");
    ExpectMistake(ErrorKind::kInvalidInput, 16, "type: integer, column: month",
                  "type: date, column: month");
    lake_.columns[3].type = "STRUCT(a INTEGER)";
    ExpectMistake(ErrorKind::kInvalidInput, 13);
}

TEST_F(EndpointCheckTest, SqlThatCannotRunIsAMistakeOfTheFile) {
    lake_.columns = {{"carrier", "VARCHAR"}, {"n", "BIGINT"}};
    EXPECT_EQ(CheckFile(samples::kSql).tables.size(), 2U);
    lake_.on_execute = [](engine::Session&) { throw Error(ErrorKind::kInvalidInput, "syntax"); };
    try {
        CheckFile(samples::kSql);
        ADD_FAILURE() << "accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput);
        EXPECT_EQ(error.spot().line, 6);
    }
}

}  // namespace
}  // namespace tarn::serve
