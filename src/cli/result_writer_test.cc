#include "cli/result_writer.h"

#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tarn::cli {
namespace {

using engine::TextRow;

const std::vector<engine::ColumnInfo> kColumns{{"a", "INTEGER"}, {"b", "VARCHAR"}};

void Answer(ResultWriter& writer, std::vector<TextRow> rows) {
    writer.Begin(kColumns, true);
    writer.Rows(rows);
    writer.End({});
}

TEST(ResultWriter, JsonlIsOneLineAStatement) {
    std::ostringstream out;
    const auto writer = MakeResultWriter(out, {.format = OutputFormat::kJsonl});
    Answer(*writer, {{"1", std::nullopt}, {"2", "x\ny"}});
    writer->Begin({}, false);
    StatementEnd end;
    end.stats.rows_affected = 5;
    end.stats.files_read = 2;
    end.notices = {"a word"};
    writer->End(end);
    writer->Fail(Error(ErrorKind::kNotFound, "no \"t\"").At({"", 1, 15}));
    writer->Begin(kColumns, true);
    std::vector<TextRow> rows{{"1", "y"}};
    writer->Rows(rows);
    writer->Fail(Error(ErrorKind::kTimeout, "slow"));
    writer->Finish();

    std::vector<nlohmann::json> lines;
    std::istringstream in(out.str());
    for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_EQ(lines[0]["statement"], 1);
    EXPECT_EQ(
        lines[0]["columns"],
        nlohmann::json::parse(R"([{"name":"a","type":"INTEGER"},{"name":"b","type":"VARCHAR"}])"));
    EXPECT_EQ(lines[0]["rows"], nlohmann::json::parse(R"([["1",null],["2","x\ny"]])"));
    EXPECT_EQ(lines[0]["rows_affected"], 0);
    EXPECT_TRUE(lines[0]["stats"].contains("ms"));
    EXPECT_EQ(lines[1]["rows_affected"], 5);
    EXPECT_EQ(lines[1]["stats"]["files_read"], 2);
    EXPECT_EQ(lines[1]["notices"][0], "a word");
    EXPECT_EQ(lines[2],
              nlohmann::json::parse(
                  R"({"statement":3,"error":{"kind":"NotFound","message":"no \"t\"","line":1,)"
                  R"("column":15}})"));
    EXPECT_EQ(lines[3]["statement"], 4);
    EXPECT_EQ(lines[3]["error"]["kind"], "Timeout");
    EXPECT_FALSE(lines[3].contains("rows"));
}

TEST(ResultWriter, JsonIsOneArray) {
    std::ostringstream out;
    const auto writer = MakeResultWriter(out, {.format = OutputFormat::kJson});
    Answer(*writer, {{"1", "x"}});
    Answer(*writer, {});
    writer->Finish();
    EXPECT_EQ(nlohmann::json::parse(out.str()).size(), 2U);
    std::ostringstream none;
    MakeResultWriter(none, {.format = OutputFormat::kJson})->Finish();
    EXPECT_EQ(none.str(), "[]\n");
}

TEST(ResultWriter, LongAnswersAreRefusedButByCsv) {
    for (const auto format : {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kJsonl}) {
        std::ostringstream out;
        const auto writer = MakeResultWriter(out, {.format = format, .max_rows = 2});
        writer->Begin(kColumns, true);
        std::vector<TextRow> rows{{"1", "x"}, {"2", "y"}};
        EXPECT_TRUE(writer->Rows(rows));
        rows = {{"3", "z"}};
        try {
            writer->Rows(rows);
            FAIL();
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::kLimitExceeded);
            EXPECT_NE(error.message().find("csv"), std::string::npos);
            EXPECT_NE(error.message().find("arrow"), std::string::npos);
        }
    }
    std::ostringstream out;
    const auto writer = MakeResultWriter(out, {.format = OutputFormat::kCsv, .max_rows = 1});
    Answer(*writer, {{"1", "x"}, {"2", "y"}});
    EXPECT_EQ(out.str(), "a,b\n1,x\n2,y\n");
}

TEST(ResultWriter, AShellCutsLongAnswers) {
    std::ostringstream out;
    const auto writer = MakeResultWriter(out, {.max_rows = 2, .cut_long_answers = true});
    writer->Begin(kColumns, true);
    std::vector<TextRow> rows{{"1", "x"}, {"2", "y"}, {"3", "z"}};
    EXPECT_FALSE(writer->Rows(rows));
    writer->End({});
    EXPECT_EQ(out.str().find('z'), std::string::npos);
}

TEST(ResultWriter, CsvTellsNullFromEmpty) {
    std::ostringstream out;
    const auto writer = MakeResultWriter(out, {.format = OutputFormat::kCsv});
    Answer(*writer, {{std::nullopt, ""}, {"say \"hi\"", "a,b\nc"}});
    writer->Begin({}, false);
    writer->End({});
    Answer(*writer, {});
    EXPECT_EQ(out.str(), "a,b\n,\"\"\n\"say \"\"hi\"\"\",\"a,b\nc\"\n\na,b\n");
}

TEST(ResultWriter, AnAnswerSaysWhatWasReadAndWhichVersions) {
    StatementEnd end;
    end.stats.files_read = 2;
    end.stats.files_skipped = 5;
    end.stats.row_groups_read = 3;
    end.stats.row_groups_skipped = 4;
    end.stats.bytes_read = 1500;
    end.stats.read = {{{"main", "t"}, {7}, 0}, {{"silver", "u"}, {1}, 0}};
    end.stats.written = {{{"main", "v"}, {3}, 0}};
    std::ostringstream shown;
    const auto table = MakeResultWriter(shown, {.show_time = true});
    table->Begin({}, false);
    table->End(end);
    for (const char* part : {"2 files read", "5 skipped", "3 row groups read", "4 skipped",
                             "main.t version 7", "silver.u version 1"})
        EXPECT_NE(shown.str().find(part), std::string::npos) << shown.str();
    std::ostringstream out;
    const auto writer = MakeResultWriter(out, {.format = OutputFormat::kJsonl});
    writer->Begin({}, false);
    writer->End(end);
    const auto stats = nlohmann::json::parse(out.str())["stats"];
    EXPECT_EQ(stats["row_groups_read"], 3);
    EXPECT_EQ(stats["row_groups_skipped"], 4);
    EXPECT_EQ(stats["read_versions"], nlohmann::json::parse(R"({"main.t": 7, "silver.u": 1})"));
    EXPECT_EQ(stats["written_versions"], nlohmann::json::parse(R"({"main.v": 3})"));
}

TEST(ResultWriter, ATableSaysHowManyRows) {
    std::ostringstream out;
    const auto writer = MakeResultWriter(out, {});
    Answer(*writer, {{"1", "x"}});
    writer->Begin({}, false);
    StatementEnd end;
    end.stats.rows_affected = 1200;
    writer->End(end);
    EXPECT_EQ(out.str(), "a | b\n--+--\n1 | x\n(1 row)\ndone (1,200 rows changed)\n");
}

}  // namespace
}  // namespace tarn::cli
