#include "cli/error_text.h"

#include <gtest/gtest.h>

namespace tarn::cli {
namespace {

TEST(ErrorText, OneLineWithKindMessageAndPlace) {
    const Error error =
        Error(ErrorKind::kNotFound, "no table x").At({"a.sql", 3, 7}).With("lake", "l");
    EXPECT_EQ(ErrorText(error), "error: NotFound: no table x (a.sql:3:7; lake=l)\n");
    EXPECT_EQ(ErrorText(Error(ErrorKind::kTimeout, "too slow")), "error: Timeout: too slow\n");
}

TEST(ErrorText, TheCaretStandsUnderTheColumn) {
    const Error error = Error(ErrorKind::kInvalidInput, "m").At({"", 2, 10});
    EXPECT_EQ(ErrorText(error, {.source = "select\n  'é日', x\nfrom t"}),
              "error: InvalidInput: m (line 2:10)\n"
              "  |   'é日', x\n"
              "  |           ^\n");
    const Error tab = Error(ErrorKind::kInvalidInput, "m").At({"", 1, 2});
    EXPECT_EQ(ErrorText(tab, {.source = "\tx"}),
              "error: InvalidInput: m (line 1:2)\n  | \tx\n  | \t^\n");
}

TEST(ErrorText, ThePlaceShownMayCountInAnotherText) {
    const sql::Statement second{"select nope", 4, 3, 40};
    const Error error = Error(ErrorKind::kInvalidInput, "m").At({"", 1, 8});
    const TextSpot place = SpotInInput(error.spot(), second, "f.sql");
    EXPECT_EQ(place.line, 4);
    EXPECT_EQ(place.column, 10);
    EXPECT_EQ(ErrorText(error, {.source = second.text, .shown_place = place}),
              "error: InvalidInput: m (f.sql:4:10)\n  | select nope\n  |        ^\n");
    EXPECT_EQ(SpotInInput({"", 2, 5}, second, "").line, 5);
    EXPECT_EQ(SpotInInput({"", 2, 5}, second, "").column, 5);
    EXPECT_EQ(SpotInInput({"", 0, 0}, second, "f").line, 0);
}

TEST(ErrorText, APlaceBeyondTheTextShowsNoLine) {
    const Error error = Error(ErrorKind::kInvalidInput, "m").At({"", 9, 1});
    EXPECT_EQ(ErrorText(error, {.source = "one line"}), "error: InvalidInput: m (line 9:1)\n");
}

}  // namespace
}  // namespace tarn::cli
