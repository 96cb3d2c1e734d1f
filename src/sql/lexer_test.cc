#include "sql/lexer.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/error.h"

namespace tarn::sql {
namespace {

std::vector<std::string> Tokens(const std::string& text) {
    std::vector<std::string> tokens;
    for (const Token& token : Lex(text)) {
        constexpr std::string_view kLetters = "iqsnp.?$";
        tokens.push_back(kLetters[static_cast<size_t>(token.kind)] + std::string(token.text));
    }
    return tokens;
}

using Texts = std::vector<std::string>;

TEST(Lexer, KnowsEveryKind) {
    EXPECT_EQ(Tokens("Sel \"a\"\"b\" `c``d` 'e''f' E'g\\'h' $x$i$x$ ? $1 $name"),
              (Texts{"iSel", "q\"a\"\"b\"", "q`c``d`", "s'e''f'", "sE'g\\'h'", "s$x$i$x$", "p?",
                     "p$1", "p$name", "$"}));
    EXPECT_EQ(Tokens("1 1.5e-3 .5 1_000 0xFF 10L t.1 1.e"),
              (Texts{"n1", "n1.5e-3", "n.5", "n1_000", "n0xFF", "n10L", "it", "..", "n1", "n1",
                     "..", "ie", "$"}));
    EXPECT_EQ(Tokens("a<=>b::c>=d MAP<x,ARRAY<y>>"),
              (Texts{"ia", ".<=>", "ib", ".::", "ic", ".>=", "id", "iMAP", ".<", "ix", ".,",
                     "iARRAY", ".<", "iy", ".>", ".>", "$"}));
    EXPECT_EQ(Tokens("a\x01 'open"), (Texts{"ia", "?\x01", "?'open", "$"}));
}

TEST(Lexer, CommentsAndWideSpacesSeparate) {
    EXPECT_EQ(Tokens("a--x\nb/*c/*d*/e*/f\xC2\xA0g\xE3\x80\x80h"),
              (Texts{"ia", "ib", "if", "ig", "ih", "$"}));
    EXPECT_EQ(Tokens("1//*c*/2"), (Texts{"n1", "./", "n2", "$"}));
}

TEST(Lexer, PlacesCountCodePoints) {
    const auto tokens = Lex("'\xC3\xA4' a\n b", {100, 3, 5});
    EXPECT_EQ(tokens[1].position, (TextPosition{105, 3, 9}));
    EXPECT_EQ(tokens[2].position, (TextPosition{108, 4, 2}));
    EXPECT_EQ(tokens[1].begin, 5u);
}

TEST(Lexer, NestingHasALimit) {
    EXPECT_EQ(Lex(std::string(kMaxNesting, '(')).size(), size_t{kMaxNesting} + 1);
    try {
        Lex(std::string(kMaxNesting + 1, '('));
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kLimitExceeded);
        EXPECT_EQ(error.spot().column, kMaxNesting + 1);
    }
}

// The splitter cuts at exactly those ';' that the lexer sees as symbols.
RC_GTEST_PROP(Lexer, AgreesWithTheSplitterAboutQuotes, ()) {
    const auto parts = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
        "a", "1", "1.", ".5", "e", "E'", "'", "\"", "`", ";", "$", "$$", "$t$", "$1", "-", "--",
        "\n", "/", "/*", "*/", "*", "\\", " ", "?", "\xC2\xA0", "\xC3\xA4", "+"));
    std::string text;
    for (const std::string& part : parts) text += part;
    std::vector<size_t> begins;
    bool is_closed = true;
    bool in_statement = false;
    for (const Token& token : Lex(text)) {
        is_closed = is_closed && token.kind != TokenKind::kUnknown;
        const bool ends = IsSymbol(token, ";") || token.kind == TokenKind::kEnd;
        if (!ends && !in_statement) begins.push_back(token.begin);
        in_statement = !ends;
    }
    std::vector<size_t> cut;
    try {
        for (const Statement& statement : Split(text)) cut.push_back(statement.offset);
    } catch (const Error&) {
        RC_SUCCEED("an open quote or comment has no statements to compare");
    }
    if (is_closed) RC_ASSERT(cut == begins);
}

}  // namespace
}  // namespace tarn::sql
