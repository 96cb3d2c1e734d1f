#include "pipeline/syntax_check.h"

#include <numeric>

#include <gtest/gtest.h>

#include "engine/test_lake.h"
#include "pipeline/project.h"

namespace tarn::pipeline {
namespace {

class SyntaxCheckTest : public testing::Test {
protected:
    // file:line:column of the refusal; empty when nothing is refused.
    std::string Refusal(const std::string& sql, const std::string& yaml = "") {
        const Project project = ParseProject(
            "lake",
            {{"models/b.sql", sql}, {"models/a.sql", "select 1 as x"}, {"models/m.yml", yaml}}, {});
        ModelContext context(project, {}, {});
        const Graph graph(project, context);
        NodeCompiler compiler(graph, context);
        try {
            std::vector<size_t> all(graph.Nodes().size());
            std::iota(all.begin(), all.end(), size_t{0});
            CheckSyntax(*session_, graph, compiler, all);
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput);
            return fmt::format("{}:{}:{}", error.spot().file, error.spot().line,
                               error.spot().column);
        }
        return "";
    }

    engine::TestLake lake_;
    std::unique_ptr<engine::Session> session_ = lake_.Connect();
};

TEST_F(SyntaxCheckTest, NamesAreNotLookedUp) {
    EXPECT_EQ(Refusal("with t as (select nope from {{ ref('a') }}) select * exclude (y) from t "
                      "order by all;"),
              "");
    EXPECT_EQ(Refusal("select * from a VERSION AS OF 3 b"), "");
}

TEST_F(SyntaxCheckTest, AMistakeIsFoundAtItsPlace) {
    EXPECT_EQ(Refusal("select 1,\nfrom from {{ ref('a') }}"), "models/b.sql:2:6");
    EXPECT_EQ(Refusal("select x from {{ ref('a') }} wher x = 1 and"), "models/b.sql:1:35");
    EXPECT_EQ(Refusal("insert into a select 1"), "models/b.sql:1:1");
    EXPECT_EQ(Refusal("select 1; select 2"), "models/b.sql:1:1");
}

TEST_F(SyntaxCheckTest, WhatIsIncrementalIsLookedAtToo) {
    EXPECT_EQ(Refusal("{{ config(materialized='incremental') }}\nselect 1 as x\n"
                      "{% if is_incremental() %}\nwhere and\n{% endif %}"),
              "models/b.sql:4:7");
}

TEST_F(SyntaxCheckTest, ExpectationsAreLookedAt) {
    const auto with = [&](const std::string& condition) {
        return Refusal(
            "select 1 as x",
            "models:\n  - name: b\n    expectations:\n      - name: r\n        condition: " +
                condition + "\n        action: warn\n");
    };
    EXPECT_EQ(with("x > 0 -- words"), "");
    EXPECT_EQ(with("x >"), "models/m.yml:5:20");
}

}  // namespace
}  // namespace tarn::pipeline
