#include "sql/splitter.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/error.h"

namespace tarn::sql {
namespace {

std::vector<std::string> Texts(const std::string& input) {
    std::vector<std::string> texts;
    for (const Statement& statement : Split(input)) texts.push_back(statement.text);
    return texts;
}

TEST(Splitter, CutsAtSemicolonsOutsideQuotesAndComments) {
    EXPECT_EQ(Texts("select 1; select 2"), (std::vector<std::string>{"select 1", "select 2"}));
    EXPECT_EQ(Texts(" ;; -- nothing;\n /* ; */ ;"), std::vector<std::string>{});
    for (const char* whole : {"select ';', 'it''s;'", "select \"a;b\"", "select `a;b`",
                              "select E'a\\';b'", "select $$a;b$$", "select $x$a;$$;b$x$",
                              "select 1 /* a /* ; */ ; */ + 2", "select 1 -- a;b\n + 2"}) {
        EXPECT_EQ(Texts(std::string(whole) + ";"), std::vector<std::string>{whole});
    }
}

TEST(Splitter, AScriptIsOneStatementAndATransactionIsNot) {
    for (const char* script :
         {"BEGIN DECLARE x INT; SET x = 1; END", "begin select case when a then 1 end; end",
          "BEGIN IF a THEN SELECT 1; END IF; FOR r AS SELECT 1 DO SELECT r; END FOR; END",
          "l: BEGIN m: LOOP LEAVE m; END LOOP m; END l", "BEGIN BEGIN SELECT 1; END; SELECT 2; END",
          "BEGIN CASE a WHEN 1 THEN SELECT 1; END CASE; SELECT 2; END",
          "BEGIN SELECT w.end, w.case; SELECT 2; END",
          "BEGIN NOT ATOMIC SELECT ';END;'; /* END; */ SELECT `end`; END", "BEGIN END"}) {
        EXPECT_EQ(Texts(std::string(script) + "; SELECT 3"),
                  (std::vector<std::string>{script, "SELECT 3"}));
    }
    for (const char* begin : {"BEGIN", "BEGIN TRANSACTION", "BEGIN WORK", "BEGIN READ ONLY",
                              "BEGIN NOT DEFERRABLE", "BEGIN transation", "a:b"}) {
        EXPECT_EQ(Texts(std::string(begin) + "; SELECT 1; END"),
                  (std::vector<std::string>{begin, "SELECT 1", "END"}));
    }
}

TEST(Splitter, AScriptThatArrivesInPiecesIsOneStatement) {
    StatementSplitter splitter;
    for (const char* piece : {"BEGIN SELECT 1;\n", "SELECT 'a;", "b'; /* ;", "*/ SELECT 2; EN"}) {
        splitter.Feed(piece);
        EXPECT_FALSE(splitter.Next());
    }
    splitter.Feed("D; SELECT 3;");
    EXPECT_TRUE(splitter.Next()->text.ends_with("SELECT 2; END"));
    EXPECT_EQ(splitter.Next()->text, "SELECT 3");
}

TEST(Splitter, AScriptWithoutAnEndIsRefusedBeforeItIsLong) {
    std::string text = "BEGIN SELECT 1;";
    while (text.size() < 300'000) text += "SELECT 1;";
    try {
        Split(text);
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kLimitExceeded);
    }
}

TEST(Splitter, PlacesCountLinesAndCodePointsOfTheWholeInput) {
    const auto statements = Split("select '\xC3\xA4';  select 2;\n-- c\n  select 3");
    ASSERT_EQ(statements.size(), 3u);
    EXPECT_EQ(statements[1].line, 1);
    EXPECT_EQ(statements[1].column, 14);
    EXPECT_EQ(statements[2].line, 3);
    EXPECT_EQ(statements[2].column, 3);
}

TEST(Splitter, AnUnclosedQuoteIsRefusedAtItsOpening) {
    try {
        Split("select 1;\nselect 'open");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput);
        EXPECT_EQ(error.spot().line, 2);
        EXPECT_EQ(error.spot().column, 8);
    }
}

TEST(Splitter, TellsAShellWhetherMoreIsNeeded) {
    StatementSplitter splitter;
    EXPECT_FALSE(splitter.IsInStatement());
    splitter.Feed("select\n");
    EXPECT_FALSE(splitter.Next());
    EXPECT_TRUE(splitter.IsInStatement());
    splitter.Feed("1;\n");
    EXPECT_TRUE(splitter.Next());
    EXPECT_FALSE(splitter.Next());
    EXPECT_FALSE(splitter.IsInStatement());
}

// Pieces that exercise every kind of region.
rc::Gen<std::string> SqlLikeText() {
    return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
                            "select ", "'", "\"", "`", ";", "$$", "$t$", "--", "\n", "/*", "*/",
                            "E'", "\\", "a", " ", "\xC3\xA4", "BEGIN ", "CASE ", "END", "IF", ":")),
                        [](const std::vector<std::string>& parts) {
                            std::string text;
                            for (const std::string& part : parts) text += part;
                            return text;
                        });
}

// Statements, or the kind of the failure.
template <typename Feed>
std::vector<std::string> Outcome(Feed feed) {
    StatementSplitter splitter;
    std::vector<std::string> outcome;
    try {
        feed(splitter, [&] {
            while (auto statement = splitter.Next()) outcome.push_back(statement->text);
        });
        while (auto statement = splitter.Finish()) outcome.push_back(statement->text);
    } catch (const Error& error) {
        outcome.push_back(fmt::format("{} at {}:{}", TraitsOf(error.kind()).name, error.spot().line,
                                      error.spot().column));
    }
    return outcome;
}

RC_GTEST_PROP(Splitter, PiecesNeverChangeTheResult, ()) {
    const std::string text = *SqlLikeText();
    const auto whole = Outcome([&](StatementSplitter& splitter, auto drain) {
        splitter.Feed(text);
        drain();
    });
    const auto bytes = Outcome([&](StatementSplitter& splitter, auto drain) {
        for (const char c : text) {
            splitter.Feed(std::string_view(&c, 1));
            drain();
        }
    });
    RC_ASSERT(whole == bytes);
}

}  // namespace
}  // namespace tarn::sql
