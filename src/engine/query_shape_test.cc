#include "engine/query_shape.h"

#include <ostream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/test_lake.h"

namespace tarn::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Role = ColumnRole;

struct Case {
    const char* name;
    const char* select;
    ShapeKind kind;
    std::vector<Role> roles = {};
};

std::string NameOfCase(const testing::TestParamInfo<Case>& one) { return one.param.name; }

void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

class QueryShapeTest : public testing::TestWithParam<Case> {
protected:
    QueryShapeTest() {
        for (const char* statement : {"CREATE TABLE a (k INTEGER, x INTEGER, f DOUBLE, s VARCHAR)",
                                      "CREATE TABLE b (k INTEGER, z DECIMAL(10,2))",
                                      "CREATE VIEW v AS SELECT k, x FROM a WHERE x > 0"})
            session_->Run(statement);
    }
    QueryShape Shape(const std::string& select) { return ShapeOf(*session_, select); }

    TestLake lake_;
    std::unique_ptr<Session> session_ = lake_.Connect();
};

TEST_P(QueryShapeTest, IsWhatThePlanShows) {
    const QueryShape shape = Shape(GetParam().select);
    EXPECT_EQ(shape.kind, GetParam().kind) << shape.obstacle << "\n" << shape.plan;
    EXPECT_EQ(shape.obstacle.empty(), shape.kind != ShapeKind::kOther);
    EXPECT_EQ(shape.roles, GetParam().roles);
}

constexpr ShapeKind kRows = ShapeKind::kRows;
constexpr ShapeKind kGroups = ShapeKind::kGroups;
constexpr ShapeKind kOther = ShapeKind::kOther;

INSTANTIATE_TEST_SUITE_P(
    Of, QueryShapeTest,
    testing::Values(
        Case{"projection", "SELECT k, x + 1 AS y FROM a", kRows},
        Case{"filter", "SELECT * FROM a WHERE x > 1 OR s IS NULL", kRows},
        Case{"join", "SELECT a.k, z FROM a JOIN b ON a.k = b.k AND x < z", kRows},
        Case{"join_using", "SELECT k, z FROM a JOIN b USING (k)", kRows},
        Case{"join_by_any_condition", "SELECT a.k, z FROM a JOIN b ON a.k = b.k OR x < z", kRows},
        Case{"cross_join", "SELECT a.k, z FROM a, b WHERE a.k = b.k", kRows},
        Case{"with", "WITH w AS (SELECT * FROM a), u AS (SELECT k FROM w) SELECT * FROM u", kRows},
        Case{"view", "SELECT * FROM v", kRows}, Case{"sorted", "SELECT k FROM a ORDER BY x", kRows},
        Case{"version", "SELECT k FROM a VERSION AS OF 0", kRows},
        Case{"values", "SELECT a.k, w FROM a JOIN (VALUES (1, 2)) t(q, w) ON a.k = t.q", kRows},
        Case{"groups",
             "SELECT k, count(*), count(x), sum(x), min(s), max(f), sum(f), avg(x) FROM a GROUP BY "
             "k",
             kGroups,
             {Role::kKey, Role::kCount, Role::kCount, Role::kSum, Role::kLeast, Role::kGreatest,
              Role::kOther, Role::kOther}},
        Case{"groups_by_expression",
             "SELECT x % 2 AS odd, sum(x)::BIGINT AS t FROM a GROUP BY 1",
             kGroups,
             {Role::kKey, Role::kSum}},
        Case{"distinct_values",
             "SELECT k, count(DISTINCT x), sum(DISTINCT x) FROM a GROUP BY k",
             kGroups,
             {Role::kKey, Role::kOther, Role::kOther}},
        Case{"made_of_a_sum",
             "SELECT sum(x) + 1, k FROM a GROUP BY k",
             kGroups,
             {Role::kOther, Role::kKey}},
        Case{"sum_of_decimals",
             "SELECT a.k, sum(z) FROM a JOIN b USING (k) GROUP BY a.k",
             kGroups,
             {Role::kKey, Role::kSum}},
        Case{"sum_cut_by_a_cast",
             "SELECT k, try_cast(sum(x) AS TINYINT) FROM a GROUP BY k",
             kGroups,
             {Role::kKey, Role::kOther}},
        Case{"distinct", "SELECT DISTINCT k, s FROM a", kGroups, {Role::kKey, Role::kKey}},
        Case{"groups_in_a_with",
             "WITH w AS (SELECT k, count(*) AS n FROM a GROUP BY k) SELECT n, k "
             "FROM w ORDER BY n",
             kGroups,
             {Role::kCount, Role::kKey}},
        Case{"key_not_shown", "SELECT count(*) FROM a GROUP BY k", kOther},
        Case{"one_row", "SELECT count(*) FROM a", kOther},
        Case{"having", "SELECT k, count(*) FROM a GROUP BY k HAVING count(*) > 1", kOther},
        Case{"groups_of_groups",
             "SELECT n, count(*) FROM (SELECT k, count(*) AS n FROM a GROUP BY k) GROUP BY n",
             kOther},
        Case{"join_of_groups",
             "SELECT * FROM b JOIN (SELECT k, count(*) AS n FROM a GROUP BY k) USING (k)", kOther},
        Case{"rollup", "SELECT k, x, count(*) FROM a GROUP BY ROLLUP (k, x)", kOther},
        Case{"outer_join", "SELECT a.k, z FROM a LEFT JOIN b ON a.k = b.k", kOther},
        Case{"semi_join", "SELECT k FROM a WHERE k IN (SELECT k FROM b)", kOther},
        Case{"subquery", "SELECT k, (SELECT max(z) FROM b) FROM a", kOther},
        Case{"correlated", "SELECT k, (SELECT max(z) FROM b WHERE b.k = a.k) FROM a", kOther},
        Case{"window", "SELECT k, row_number() OVER (ORDER BY x) FROM a", kOther},
        Case{"limit", "SELECT k FROM a LIMIT 3", kOther},
        Case{"union_all", "SELECT k FROM a UNION ALL SELECT k FROM b", kOther},
        Case{"distinct_on", "SELECT DISTINCT ON (k) k, x FROM a", kOther},
        Case{"first_of_a_group", "SELECT k, first(x) FROM a GROUP BY k", kOther},
        Case{"list_of_a_group", "SELECT k, list(x) FROM a GROUP BY k", kOther},
        Case{"time", "SELECT k, now() FROM a", kOther},
        Case{"chance", "SELECT k FROM a WHERE random() < 0.5", kOther},
        Case{"chance_in_a_group",
             "SELECT k, sum(CASE WHEN random() < 0.5 THEN x END) FROM a "
             "GROUP BY k",
             kOther},
        Case{"sample", "SELECT k FROM a USING SAMPLE 10 ROWS", kOther},
        Case{"recursion",
             "WITH RECURSIVE r AS (SELECT k FROM a UNION ALL SELECT k + 1 FROM r WHERE k < 3) "
             "SELECT * FROM r",
             kOther},
        Case{"place_of_a_row", "SELECT k, _metadata.file_path FROM a", kOther},
        Case{"function", "SELECT * FROM range(3)", kOther},
        Case{"changes", "SELECT k FROM table_changes('a', 0)", kOther}),
    NameOfCase);

TEST_F(QueryShapeTest, TellsWhatIsRead) {
    session_->Run("CREATE TEMP TABLE here AS SELECT * FROM a");
    const QueryShape shape = Shape(
        "WITH w AS (SELECT k FROM a) SELECT o.k FROM w o JOIN w p USING (k) JOIN here USING "
        "(k)");
    std::vector<std::string> tables;
    for (const TableName& table : shape.tables) tables.push_back(table.ToString());
    EXPECT_THAT(tables, ElementsAre("main.a", "main.a"));
    EXPECT_THAT(shape.temporaries, ElementsAre("here"));
    EXPECT_THAT(Shape("SELECT 1 AS one").tables, IsEmpty());
}

TEST_F(QueryShapeTest, OnePlanIsTheSameAtEveryVersionAndNoOther) {
    session_->Run("INSERT INTO a VALUES (1, 2, 3, 'x')");
    EXPECT_EQ(Shape("SELECT k FROM a VERSION AS OF 0").plan, Shape("SELECT k FROM a").plan);
    session_->Run("CREATE MACRO f(x) AS x + 1");
    const std::string before = Shape("SELECT f(k) AS y FROM a").plan;
    session_->Run("CREATE OR REPLACE MACRO f(x) AS x + 2");
    EXPECT_NE(Shape("SELECT f(k) AS y FROM a").plan, before);
    const std::string narrow = Shape("SELECT k FROM b").plan;
    session_->Run("CREATE OR REPLACE TABLE b (k BIGINT, z DECIMAL(10,2))");
    EXPECT_NE(Shape("SELECT k FROM b").plan, narrow);
}

}  // namespace
}  // namespace tarn::engine
