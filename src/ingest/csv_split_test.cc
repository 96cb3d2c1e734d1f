#include "ingest/csv_split.h"

#include <gtest/gtest.h>

namespace tarn::ingest {
namespace {

TEST(SplitCsv, CutTextNeedsMoreOrGivesTheSameRecord) {
    const std::vector<std::string> texts = {"a,\"b \"\"c\"\" \n d\",\"\"\r\nnext,1\n",
                                            "\"x\"\r\nnext\n", "\"x\"y,z\r\nnext\n", ",,\nnext\n"};
    for (const std::string& text : texts) {
        CsvRecord whole;
        const CsvOutcome outcome = SplitCsv(text, true, {}, whole);
        ASSERT_NE(outcome, CsvOutcome::kNeedsMore);
        const size_t total = whole.size + whole.break_size;
        EXPECT_EQ(text.substr(total, 4), "next");
        for (size_t cut = 0; cut < text.size(); ++cut) {
            CsvRecord record;
            const CsvOutcome of_cut =
                SplitCsv(std::string_view(text).substr(0, cut), false, {}, record);
            if (cut < total) {
                EXPECT_EQ(of_cut, CsvOutcome::kNeedsMore) << text << " cut at " << cut;
            } else {
                EXPECT_EQ(of_cut, outcome) << text << " cut at " << cut;
                EXPECT_EQ(record.size, whole.size);
                EXPECT_EQ(record.fields.size(), whole.fields.size());
            }
        }
    }
}

TEST(SplitCsv, CountsTheLineBreaksOfTheRecord) {
    CsvRecord record;
    EXPECT_EQ(SplitCsv("\"a\nb\n\",c\nnext", false, {}, record), CsvOutcome::kRecord);
    EXPECT_EQ(record.line_breaks, 3);
    EXPECT_EQ(SplitCsv("a,b", true, {}, record), CsvOutcome::kRecord);
    EXPECT_EQ(record.line_breaks, 0);
    EXPECT_EQ(record.break_size, 0U);
}

TEST(SplitCsv, TellsWhereTheOpenQuoteStands) {
    CsvRecord record;
    EXPECT_EQ(SplitCsv("a,\"b\n", true, {}, record), CsvOutcome::kUnterminatedQuote);
    EXPECT_EQ(record.fault, 2U);
}

}  // namespace
}  // namespace tarn::ingest
