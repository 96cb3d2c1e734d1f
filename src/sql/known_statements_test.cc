#include "sql/known_statements.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "sql/parser.h"

namespace tarn::sql {
namespace {

// A statement that the pattern matches, with its optional groups or without.
std::string Sample(std::string_view pattern, bool with_groups) {
    std::string sample;
    bool is_optional = false;
    for (std::string part : tarn::Split(pattern, ' ')) {
        if (part.front() == '[') is_optional = true;
        const bool ends_group = part.back() == ']';
        std::erase_if(part, [](char c) { return c == '[' || c == ']'; });
        if (part == "<name>") part = "s.`a b`";
        if (part == "<group>") part = "(a INT, b DECIMAL(1, 2))";
        if (part == "<any>") part = "x";
        if (with_groups || !is_optional) sample += (sample.empty() ? "" : " ") + part;
        if (ends_group) is_optional = false;
    }
    return sample;
}

TEST(KnownStatements, EveryRowIsFoundByItsOwnWords) {
    for (const KnownHead& head : KnownHeads()) {
        for (const bool with_groups : {false, true}) {
            Statement statement;
            statement.text = AsciiLower(Sample(head.pattern, with_groups)) + " more";
            const ParsedStatement parsed = Parse(statement);
            const auto* known = std::get_if<KnownButUnsupported>(&parsed);
            ASSERT_NE(known, nullptr) << statement.text;
            EXPECT_EQ(known->statement, head.statement) << statement.text;
        }
    }
}

TEST(KnownStatements, AnOptionalGroupIsThereAsAWholeOrNot) {
    Statement statement;
    statement.text = "CREATE OR MATERIALIZED VIEW v";
    EXPECT_TRUE(std::holds_alternative<EngineStatement>(Parse(statement)));
}

}  // namespace
}  // namespace tarn::sql
