#include "sql/source_map.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sql/lexer.h"
#include "sql/quote.h"

namespace tarn::sql {
namespace {

TEST(SourceMap, CopiedBytesLeadToTheirOwnPlace) {
    const std::string text = "select a\nfrom `t`";
    Rewriter rewriter(text);
    rewriter.Replace(14, 17, "\"t\"");
    rewriter.Insert(6, " distinct", 0);
    const Rewritten made = rewriter.Build();
    EXPECT_EQ(made.text, "select distinct a\nfrom \"t\"");
    const TextPosition a = made.source_map.Locate(made.text.find(" a") + 1);
    EXPECT_EQ(a.line, 1);
    EXPECT_EQ(a.column, 8);
    const TextPosition t = made.source_map.Locate(made.text.find("\"t\"") + 1);
    EXPECT_EQ(t.line, 2);
    EXPECT_EQ(t.column, 6);
    EXPECT_EQ(made.source_map.Locate(8).column, 1);  // inserted: blamed on the first byte
}

TEST(SourceMap, MapsCompose) {
    Rewriter first("abc def");
    first.Remove(0, 4);
    const Rewritten once = first.Build();
    Rewriter second(once.text);
    second.Insert(0, "xyz ", 0);
    const Rewritten twice = second.Build();
    EXPECT_EQ(twice.text, "xyz def");
    const SourceMap both = twice.source_map.After(once.source_map);
    EXPECT_EQ(both.Locate(4).column, 5);
}

RC_GTEST_PROP(SourceMap, WithoutEditsEveryByteIsItsOwnPlace, (const std::string& text)) {
    const Rewritten made = Rewriter(text).Build();
    RC_ASSERT(made.text == text);
    for (size_t i = 0; i < text.size(); ++i) RC_ASSERT(made.source_map.Locate(i).offset == i);
}

RC_GTEST_PROP(Lexer, NeverFailsAndCoversItsTextInOrder, (const std::string& text)) {
    size_t last = 0;
    for (const Token& token : Lex(text)) {
        RC_ASSERT(token.begin >= last);
        RC_ASSERT(token.kind == TokenKind::kEnd ||
                  text.substr(token.begin, token.text.size()) == token.text);
        last = token.end();
    }
}

RC_GTEST_PROP(Quote, WhatIsQuotedReadsBackTheSame, ()) {
    const std::string text = *rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
    RC_ASSERT(UnquoteIdentifier(QuoteIdentifier(text)) == text);
    RC_ASSERT(UnquoteLiteral(QuoteLiteral(text)) == text);
    if (!text.empty()) RC_ASSERT(Lex(QuoteIdentifier(text)).size() == 2u);
    RC_ASSERT(Lex(QuoteLiteral(text)).size() == 2u);
}

}  // namespace
}  // namespace tarn::sql
