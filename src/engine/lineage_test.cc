#include "engine/lineage.h"

#include <algorithm>
#include <ostream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/test_lake.h"

namespace tarn::engine {
namespace {

// Statements and the edges that their plans must show: "output <- input EFFECT", where an output of
// `*` means the rows. Tables are all of main.
struct Case {
    const char* name;
    const char* statement;
    std::vector<std::string> edges;
};

std::string NameOfCase(const testing::TestParamInfo<Case>& one) { return one.param.name; }

void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

std::string ColumnText(const std::string& table, const std::string& column) {
    return table + "." + column;
}

std::vector<std::string> TextOf(const StatementLineage& lineage) {
    std::vector<std::string> edges;
    for (const LineageEdge& edge : lineage.edges) {
        const LineageDataset& input = lineage.inputs.at(edge.input);
        const std::string table =
            input.kind == DatasetKind::kFiles ? input.format : input.name.name;
        edges.push_back((edge.output.empty() ? "*" : edge.output) + " <- " +
                        ColumnText(table, edge.column) + " " + std::string(NameOf(edge.effect)) +
                        (edge.masking ? " masked" : ""));
    }
    std::sort(edges.begin(), edges.end());
    return edges;
}

EngineOptions ReadingAll() {
    EngineOptions options;
    options.lineage = LineageReading::kAll;
    return options;
}

class LineageTest : public testing::Test {
protected:
    LineageTest() {
        for (const char* statement :
             {"CREATE TABLE a (id INTEGER, k INTEGER, x INTEGER, y INTEGER, s VARCHAR, "
              "l INTEGER[], r STRUCT(f INTEGER, g VARCHAR))",
              "CREATE TABLE b (k INTEGER, z INTEGER, t VARCHAR)",
              "CREATE TABLE c (id INTEGER, v INTEGER, w BIGINT)",
              "CREATE TABLE e (parent INTEGER, child INTEGER)",
              "CREATE VIEW va AS SELECT id, x + y AS total FROM a WHERE k > 0",
              "CREATE VIEW vv AS SELECT total AS t2 FROM va"})
            session_->Run(statement);
    }

    std::shared_ptr<const StatementLineage> LineageOf(const std::string& statement) {
        return session_->Run(statement).lineage;
    }

    TestLake lake_{ReadingAll()};
    std::unique_ptr<Session> session_ = lake_.Connect();
};

class LineageCases : public LineageTest, public testing::WithParamInterface<Case> {};

TEST_P(LineageCases, HasTheseEdges) {
    std::vector<std::string> expected = GetParam().edges;
    std::sort(expected.begin(), expected.end());
    const auto lineage = LineageOf(GetParam().statement);
    if (expected.empty() && lineage == nullptr) return;
    ASSERT_NE(lineage, nullptr);
    EXPECT_THAT(TextOf(*lineage), testing::ElementsAreArray(expected));
    EXPECT_FALSE(lineage->is_cut);
}

INSTANTIATE_TEST_SUITE_P(
    Projections, LineageCases,
    testing::ValuesIn(std::vector<Case>{
        {"Column", "SELECT x FROM a", {"x <- a.x IDENTITY"}},
        {"Renamed", "SELECT x AS n FROM a", {"n <- a.x IDENTITY"}},
        {"Constant", "SELECT 1 AS one FROM a", {}},
        {"Sum", "SELECT x + y AS n FROM a", {"n <- a.x TRANSFORMATION", "n <- a.y TRANSFORMATION"}},
        {"Twice", "SELECT x + x AS n FROM a", {"n <- a.x TRANSFORMATION"}},
        {"Cast", "SELECT CAST(x AS VARCHAR) AS n FROM a", {"n <- a.x TRANSFORMATION"}},
        {"Comparison",
         "SELECT x < y AS n FROM a",
         {"n <- a.x TRANSFORMATION", "n <- a.y TRANSFORMATION"}},
        {"Between",
         "SELECT x BETWEEN y AND k AS n FROM a",
         {"n <- a.x TRANSFORMATION", "n <- a.y TRANSFORMATION", "n <- a.k TRANSFORMATION"}},
        {"Case",
         "SELECT CASE WHEN k > 1 THEN x ELSE y END AS n FROM a",
         {"n <- a.k CONDITIONAL", "n <- a.x TRANSFORMATION", "n <- a.y TRANSFORMATION"}},
        {"Coalesce",
         "SELECT coalesce(x, y) AS n FROM a",
         {"n <- a.x TRANSFORMATION", "n <- a.y TRANSFORMATION"}},
        {"Masked", "SELECT md5(s) AS n FROM a", {"n <- a.s TRANSFORMATION masked"}},
        {"MaskedWithin",
         "SELECT upper(sha256(lower(s))) AS n FROM a",
         {"n <- a.s TRANSFORMATION masked"}},
        {"Field", "SELECT r.f AS n FROM a", {"n <- a.r IDENTITY"}},
        {"Packed",
         "SELECT {'p': x, 'q': y} AS n FROM a",
         {"n <- a.x TRANSFORMATION", "n <- a.y TRANSFORMATION"}},
        {"Lambda",
         "SELECT list_transform(l, e -> e + x) AS n FROM a",
         {"n <- a.l TRANSFORMATION", "n <- a.x TRANSFORMATION"}},
        {"Star",
         "SELECT * FROM b",
         {"k <- b.k IDENTITY", "z <- b.z IDENTITY", "t <- b.t IDENTITY"}},
        {"StarExcept", "SELECT * EXCLUDE (t) FROM b", {"k <- b.k IDENTITY", "z <- b.z IDENTITY"}},
        {"Derived", "SELECT n + 1 AS m FROM (SELECT x AS n FROM a)", {"m <- a.x TRANSFORMATION"}},
    }),
    NameOfCase);

INSTANTIATE_TEST_SUITE_P(
    Rows, LineageCases,
    testing::ValuesIn(std::vector<Case>{
        {"Filter", "SELECT x FROM a WHERE y > 1", {"x <- a.x IDENTITY", "* <- a.y FILTER"}},
        {"Having",
         "SELECT k, sum(x) AS n FROM a GROUP BY k HAVING sum(y) > 1",
         {"k <- a.k IDENTITY", "n <- a.x AGGREGATION", "* <- a.k GROUP_BY", "* <- a.y FILTER"}},
        {"Sort", "SELECT x FROM a ORDER BY y", {"x <- a.x IDENTITY", "* <- a.y SORT"}},
        {"SortAndLimit",
         "SELECT x FROM a ORDER BY k, y LIMIT 3",
         {"x <- a.x IDENTITY", "* <- a.k SORT", "* <- a.y SORT"}},
        {"Distinct", "SELECT DISTINCT x FROM a", {"x <- a.x IDENTITY", "* <- a.x GROUP_BY"}},
        {"DistinctOn",
         "SELECT DISTINCT ON (k) x FROM a ORDER BY k, y",
         {"x <- a.x IDENTITY", "* <- a.k GROUP_BY", "* <- a.k SORT", "* <- a.y SORT"}},
        {"Join",
         "SELECT a.x, b.z FROM a JOIN b ON a.k = b.k",
         {"x <- a.x IDENTITY", "z <- b.z IDENTITY", "* <- a.k JOIN", "* <- b.k JOIN"}},
        {"LeftJoinUsing",
         "SELECT k, z FROM a LEFT JOIN b USING (k)",
         {"k <- a.k IDENTITY", "z <- b.z IDENTITY", "* <- a.k JOIN", "* <- b.k JOIN"}},
        {"FullJoinUsing",
         "SELECT k FROM a FULL JOIN b USING (k)",
         {"k <- a.k TRANSFORMATION", "k <- b.k TRANSFORMATION", "* <- a.k JOIN", "* <- b.k JOIN"}},
        {"InequalityJoin",
         "SELECT x FROM a JOIN b ON a.x < b.z OR a.k = b.k",
         {"x <- a.x IDENTITY", "* <- a.x JOIN", "* <- b.z JOIN", "* <- a.k JOIN", "* <- b.k JOIN"}},
        {"AsofJoin",
         "SELECT a.x, b.z FROM a ASOF JOIN b ON a.k = b.k AND a.y >= b.z",
         {"x <- a.x IDENTITY", "z <- b.z IDENTITY", "* <- a.k JOIN", "* <- b.k JOIN",
          "* <- a.y JOIN", "* <- b.z JOIN"}},
        {"CrossJoin", "SELECT a.x, b.z FROM a, b", {"x <- a.x IDENTITY", "z <- b.z IDENTITY"}},
        {"SemiJoin",
         "SELECT x FROM a SEMI JOIN b ON a.k = b.k",
         {"x <- a.x IDENTITY", "* <- a.k JOIN", "* <- b.k JOIN"}},
        {"AntiJoin",
         "SELECT x FROM a ANTI JOIN b ON a.k = b.k",
         {"x <- a.x IDENTITY", "* <- a.k JOIN", "* <- b.k JOIN"}},
        {"SelfJoin",
         "SELECT p.x, q.y FROM a p JOIN a q ON p.id = q.k",
         {"x <- a.x IDENTITY", "y <- a.y IDENTITY", "* <- a.id JOIN", "* <- a.k JOIN"}},
        {"Union",
         "SELECT x AS n FROM a UNION ALL SELECT z FROM b",
         {"n <- a.x IDENTITY", "n <- b.z IDENTITY"}},
        {"UnionByName",
         "SELECT x, k FROM a UNION ALL BY NAME SELECT k, z FROM b",
         {"x <- a.x IDENTITY", "k <- a.k IDENTITY", "k <- b.k IDENTITY", "z <- b.z IDENTITY"}},
        {"Except",
         "SELECT x FROM a EXCEPT SELECT z FROM b",
         {"x <- a.x IDENTITY", "* <- a.x GROUP_BY", "* <- b.z FILTER"}},
        {"Intersect",
         "SELECT x FROM a INTERSECT SELECT z FROM b",
         {"x <- a.x IDENTITY", "* <- a.x GROUP_BY", "* <- b.z FILTER"}},
    }),
    NameOfCase);

INSTANTIATE_TEST_SUITE_P(
    Aggregates, LineageCases,
    testing::ValuesIn(std::vector<Case>{
        {"Group",
         "SELECT k, sum(x) AS n FROM a GROUP BY k",
         {"k <- a.k IDENTITY", "n <- a.x AGGREGATION", "* <- a.k GROUP_BY"}},
        {"CountOfRows", "SELECT count(*) AS n FROM a WHERE x > 1", {"* <- a.x FILTER"}},
        {"GroupOfExpression",
         "SELECT x % 2 AS p, max(y) AS n FROM a GROUP BY 1",
         {"p <- a.x TRANSFORMATION", "n <- a.y AGGREGATION", "* <- a.x GROUP_BY"}},
        {"FilteredAggregate",
         "SELECT sum(x) FILTER (WHERE y > 1) AS n FROM a",
         {"n <- a.x AGGREGATION", "n <- a.y FILTER"}},
        {"OrderedAggregate",
         "SELECT string_agg(s, ',' ORDER BY y) AS n FROM a",
         {"n <- a.s AGGREGATION", "n <- a.y SORT"}},
        {"ArgMax",
         "SELECT arg_max(x, y) AS n FROM a",
         {"n <- a.x AGGREGATION", "n <- a.y AGGREGATION"}},
        {"GroupingSets",
         "SELECT k, y, sum(x) AS n, grouping(k) AS g FROM a GROUP BY CUBE (k, y)",
         {"k <- a.k IDENTITY", "y <- a.y IDENTITY", "n <- a.x AGGREGATION", "g <- a.k GROUP_BY",
          "g <- a.y GROUP_BY", "* <- a.k GROUP_BY", "* <- a.y GROUP_BY"}},
        {"SumWindow",
         "SELECT sum(x) OVER (PARTITION BY k ORDER BY y) AS n FROM a",
         {"n <- a.x AGGREGATION", "n <- a.k WINDOW", "n <- a.y WINDOW"}},
        {"RowNumber",
         "SELECT row_number() OVER (PARTITION BY k ORDER BY y) AS n FROM a",
         {"n <- a.k WINDOW", "n <- a.y WINDOW"}},
        {"Lag",
         "SELECT lag(x, 1, y) OVER (ORDER BY id) AS n FROM a",
         {"n <- a.x TRANSFORMATION", "n <- a.y TRANSFORMATION", "n <- a.id WINDOW"}},
        {"Qualify",
         "SELECT x FROM a QUALIFY row_number() OVER (PARTITION BY k ORDER BY y) = 1",
         {"x <- a.x IDENTITY", "* <- a.k WINDOW", "* <- a.y WINDOW"}},
        {"Pivot",
         "SELECT * FROM (PIVOT b ON t IN ('p', 'q') USING sum(z) GROUP BY k)",
         {"k <- b.k IDENTITY", "p <- b.z AGGREGATION", "p <- b.t FILTER", "q <- b.z AGGREGATION",
          "q <- b.t FILTER", "* <- b.k GROUP_BY"}},
        {"Unpivot",
         "SELECT n, v FROM (UNPIVOT (SELECT x, y FROM a) ON x, y INTO NAME n VALUE v)",
         {"v <- a.x TRANSFORMATION", "v <- a.y TRANSFORMATION", "* <- a.x FILTER",
          "* <- a.y FILTER"}},
    }),
    NameOfCase);

INSTANTIATE_TEST_SUITE_P(
    Subqueries, LineageCases,
    testing::ValuesIn(std::vector<Case>{
        {"Scalar",
         "SELECT x, (SELECT max(z) FROM b WHERE t = 'p') AS n FROM a",
         {"x <- a.x IDENTITY", "n <- b.z AGGREGATION", "n <- b.t FILTER"}},
        {"Correlated",
         "SELECT x, (SELECT max(z) FROM b WHERE b.k = a.k) AS n FROM a",
         {"x <- a.x IDENTITY", "n <- b.z AGGREGATION", "n <- b.k FILTER", "n <- a.k FILTER"}},
        {"Exists",
         "SELECT x FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.k = a.k)",
         {"x <- a.x IDENTITY", "* <- a.k FILTER", "* <- b.k FILTER"}},
        {"In",
         "SELECT x FROM a WHERE k IN (SELECT k FROM b WHERE z > 1)",
         {"x <- a.x IDENTITY", "* <- a.k FILTER", "* <- b.k FILTER", "* <- b.z FILTER"}},
        {"InAsValue",
         "SELECT k IN (SELECT k FROM b) AS n FROM a",
         {"n <- a.k TRANSFORMATION", "n <- b.k TRANSFORMATION"}},
        {"Lateral",
         "SELECT a.x, m.z FROM a, LATERAL (SELECT z FROM b WHERE b.k = a.k) m",
         {"x <- a.x IDENTITY", "z <- b.z IDENTITY", "* <- a.k FILTER", "* <- b.k FILTER"}},
        {"Unnest", "SELECT unnest(l) AS n FROM a", {"n <- a.l TRANSFORMATION"}},
        {"UnnestInFrom",
         "SELECT a.x, u.n FROM a, unnest(a.l) AS u(n)",
         {"x <- a.x IDENTITY", "n <- a.l TRANSFORMATION"}},
        {"With",
         "WITH w AS (SELECT x AS n FROM a WHERE y > 1) SELECT n FROM w",
         {"n <- a.x IDENTITY", "* <- a.y FILTER"}},
        {"WithTwice",
         "WITH w AS (SELECT k, x FROM a) SELECT p.x + q.x AS n FROM w p, w q",
         {"n <- a.x TRANSFORMATION"}},
        {"WithMaterialized",
         "WITH w AS MATERIALIZED (SELECT sum(x) AS n FROM a) SELECT n FROM w",
         {"n <- a.x AGGREGATION"}},
        {"Recursive",
         "WITH RECURSIVE r(p, c) AS (SELECT parent, child FROM e UNION ALL SELECT r.p, e.child "
         "FROM r JOIN e ON r.c = e.parent) SELECT p, c FROM r",
         {"p <- e.parent IDENTITY", "c <- e.child IDENTITY", "* <- e.child JOIN",
          "* <- e.parent JOIN"}},
        {"RecursiveSwap",
         "WITH RECURSIVE r(p, c) AS (SELECT parent, child FROM e UNION ALL SELECT c, p FROM r "
         "WHERE p < 3) SELECT p, c FROM r",
         {"p <- e.parent IDENTITY", "p <- e.child IDENTITY", "c <- e.child IDENTITY",
          "c <- e.parent IDENTITY", "* <- e.parent FILTER", "* <- e.child FILTER"}},
        {"View",
         "SELECT total FROM va",
         {"total <- a.x TRANSFORMATION", "total <- a.y TRANSFORMATION", "* <- a.k FILTER"}},
        {"ViewOfView",
         "SELECT t2 + 1 AS n FROM vv",
         {"n <- a.x TRANSFORMATION", "n <- a.y TRANSFORMATION", "* <- a.k FILTER"}},
        {"Values", "SELECT col0 + x AS n FROM (VALUES (1), (2)), a", {"n <- a.x TRANSFORMATION"}},
        {"Series", "SELECT i + x AS n FROM a, range(3) AS g(i)", {"n <- a.x TRANSFORMATION"}},
        {"OldVersion", "SELECT k FROM b AT (VERSION => 0)", {"k <- b.k IDENTITY"}},
    }),
    NameOfCase);

INSTANTIATE_TEST_SUITE_P(
    Writes, LineageCases,
    testing::ValuesIn(std::vector<Case>{
        {"Insert",
         "INSERT INTO c SELECT id, x, y FROM a WHERE k = 1",
         {"id <- a.id IDENTITY", "v <- a.x IDENTITY", "w <- a.y IDENTITY", "* <- a.k FILTER"}},
        {"InsertSomeColumns",
         "INSERT INTO c (v, id) SELECT x + 1, id FROM a",
         {"v <- a.x TRANSFORMATION", "id <- a.id IDENTITY"}},
        {"InsertByName",
         "INSERT INTO c BY NAME SELECT y AS w, id FROM a",
         {"w <- a.y IDENTITY", "id <- a.id IDENTITY"}},
        {"InsertWith",
         "WITH w AS (SELECT id, x FROM a) INSERT INTO c (id, v) SELECT id, x FROM w",
         {"id <- a.id IDENTITY", "v <- a.x IDENTITY"}},
        {"InsertOverwrite",
         "INSERT OVERWRITE c SELECT id, x, y FROM a",
         {"id <- a.id IDENTITY", "v <- a.x IDENTITY", "w <- a.y IDENTITY"}},
        {"InsertValues", "INSERT INTO c VALUES (1, 2, 3)", {}},
        {"CreateAs",
         "CREATE TABLE n AS SELECT k, count(*) AS n, sum(x) AS m FROM a GROUP BY k",
         {"k <- a.k IDENTITY", "m <- a.x AGGREGATION", "* <- a.k GROUP_BY"}},
        {"ReplaceAs", "CREATE OR REPLACE TABLE c AS SELECT x AS id FROM a", {"id <- a.x IDENTITY"}},
        {"CreateView",
         "CREATE VIEW n (p) AS SELECT x FROM a WHERE y > 1",
         {"p <- a.x IDENTITY", "* <- a.y FILTER"}},
        {"Update",
         "UPDATE c SET v = v + 1 WHERE id = 3",
         {"v <- c.v TRANSFORMATION", "* <- c.id FILTER"}},
        {"UpdateFrom",
         "UPDATE c SET v = a.x FROM a WHERE a.id = c.id",
         {"v <- a.x IDENTITY", "* <- a.id FILTER", "* <- c.id FILTER"}},
        {"UpdateBySubquery", "UPDATE c SET v = (SELECT max(z) FROM b)", {"v <- b.z AGGREGATION"}},
        {"Delete",
         "DELETE FROM c WHERE id IN (SELECT id FROM a)",
         {"* <- a.id FILTER", "* <- c.id FILTER"}},
        {"Merge",
         "MERGE INTO c USING a ON a.id = c.id WHEN MATCHED AND a.k > 1 THEN UPDATE SET v = a.x "
         "WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (id, w) VALUES (a.id, a.y)",
         {"v <- a.x IDENTITY", "id <- a.id IDENTITY", "w <- a.y IDENTITY", "* <- a.id JOIN",
          "* <- c.id JOIN", "* <- a.k FILTER"}},
        {"MergeBySource",
         "MERGE INTO c USING a ON a.id = c.id WHEN NOT MATCHED BY SOURCE AND c.w > 1 THEN UPDATE "
         "SET v = c.v * 2 WHEN NOT MATCHED THEN INSERT (id, v) VALUES (a.id, a.x)",
         {"v <- c.v TRANSFORMATION", "v <- a.x IDENTITY", "id <- a.id IDENTITY", "* <- a.id JOIN",
          "* <- c.id JOIN", "* <- c.w FILTER"}},
    }),
    NameOfCase);

TEST_F(LineageTest, SaysWhatIsReadAndWritten) {
    session_->Run("INSERT INTO a (id, x) VALUES (1, 2)");
    const auto lineage = LineageOf("INSERT INTO c (id, v) SELECT id, x FROM a");
    ASSERT_NE(lineage, nullptr);
    ASSERT_TRUE(lineage->output.has_value());
    EXPECT_EQ(lineage->output->name.ToString(), "main.c");
    EXPECT_EQ(lineage->output->version, 1);
    EXPECT_EQ(lineage->output->id, lake_.directory.Find({"main", "c"})->id);
    ASSERT_EQ(lineage->inputs.size(), 1U);
    EXPECT_EQ(lineage->inputs[0].id, lake_.directory.Find({"main", "a"})->id);
    EXPECT_EQ(lineage->inputs[0].version, 1);
    ASSERT_EQ(lineage->columns.size(), 3U);
    EXPECT_EQ(lineage->columns[2].name, "w");
    EXPECT_EQ(lineage->columns[2].type, "BIGINT");
}

TEST_F(LineageTest, WhatIsMadeHasItsIdAndVersion) {
    const auto lineage = LineageOf("CREATE TABLE made AS SELECT x FROM a");
    ASSERT_NE(lineage, nullptr);
    EXPECT_EQ(lineage->output->id, lake_.directory.Find({"main", "made"})->id);
    EXPECT_EQ(lineage->output->version, 0);
    EXPECT_EQ(lineage->output->format, "delta");
}

TEST_F(LineageTest, ViewsAreInputsWithoutEdges) {
    const auto lineage = LineageOf("CREATE TABLE made AS SELECT t2 FROM vv");
    ASSERT_NE(lineage, nullptr);
    std::vector<std::string> inputs;
    for (const LineageDataset& input : lineage->inputs)
        inputs.push_back(std::string(NameOf(input.kind)) + " " + input.name.name);
    EXPECT_THAT(inputs, testing::UnorderedElementsAre("table a", "view va", "view vv"));
}

TEST_F(LineageTest, TemporaryTablesAreSeenThrough) {
    session_->Run("CREATE TEMP TABLE staged AS SELECT id, x + y AS n FROM a WHERE k > 1");
    session_->Run("INSERT INTO staged SELECT k, z FROM b");
    const auto lineage = LineageOf("INSERT INTO c (id, v) SELECT id, n FROM staged");
    ASSERT_NE(lineage, nullptr);
    EXPECT_THAT(TextOf(*lineage),
                testing::UnorderedElementsAre("id <- a.id IDENTITY", "id <- b.k IDENTITY",
                                              "v <- a.x TRANSFORMATION", "v <- a.y TRANSFORMATION",
                                              "v <- b.z IDENTITY", "* <- a.k FILTER"));
}

TEST_F(LineageTest, ReadsNothingWhereNobodyAsks) {
    TestLake quiet;
    const auto session = quiet.Connect();
    session->Run("CREATE TABLE a (x INTEGER)");
    EXPECT_EQ(session->Run("CREATE TABLE n AS SELECT x FROM a").lineage, nullptr);
    ExecuteOptions options;
    options.wants_lineage = true;
    EXPECT_NE(session->Run("SELECT x FROM a", options).lineage, nullptr);
}

TEST_F(LineageTest, TenThousandColumnsHaveABound) {
    std::string columns;
    std::string sums;
    for (int i = 0; i < 10'000; i++) {
        columns += (i > 0 ? ", " : "") + fmt::format("c{} INTEGER", i);
        sums += (i > 0 ? ", " : "") + fmt::format("all_of + c{} AS n{}", i, i);
    }
    session_->Run("CREATE TABLE wide (" + columns + ")");
    std::string all = "c0";
    for (int i = 1; i < 900; i++) all += fmt::format(" + c{}", i);
    const auto lineage = LineageOf("CREATE TABLE wider AS SELECT " + sums + " FROM (SELECT " + all +
                                   " AS all_of, * FROM wide)");
    ASSERT_NE(lineage, nullptr);
    EXPECT_TRUE(lineage->is_cut);
    EXPECT_EQ(lineage->edges.size(), StatementLineage::kMostEdges);
}

TEST_F(LineageTest, OfTablesThatAreNotThereYet) {
    AssumedTables assumed;
    assumed.Add({{"silver", "orders"}, {{"id", "INTEGER"}, {"amount", "DECIMAL(10,2)"}}, false});
    const auto lineage = session_->LineageOf(
        "SELECT id, sum(amount) AS total FROM silver.orders GROUP BY id", assumed);
    ASSERT_NE(lineage, nullptr);
    EXPECT_THAT(TextOf(*lineage),
                testing::UnorderedElementsAre("id <- orders.id IDENTITY",
                                              "total <- orders.amount AGGREGATION",
                                              "* <- orders.id GROUP_BY"));
    ASSERT_EQ(lineage->columns.size(), 2U);
    EXPECT_EQ(lineage->columns[1].type, "DECIMAL(38,2)");
    EXPECT_THROW(session_->LineageOf("SELECT nothing FROM silver.orders", assumed), Error);
    EXPECT_THROW(session_->Run("SELECT id FROM silver.orders"), Error);
}

TEST_F(LineageTest, FilesAreInputsByTheirPath) {
    TestFolder folder;
    session_->Run("COPY (SELECT 1 AS p, 2 AS q) TO '" + folder.path() + "/f.csv' (HEADER)");
    const auto lineage = LineageOf("CREATE TABLE made AS SELECT p FROM read_csv('" + folder.path() +
                                   "/f.csv') WHERE q > 1");
    ASSERT_NE(lineage, nullptr);
    EXPECT_THAT(TextOf(*lineage),
                testing::UnorderedElementsAre("p <- csv.p IDENTITY", "* <- csv.q FILTER"));
    EXPECT_EQ(lineage->inputs[0].location, folder.path() + "/f.csv");
    const auto copy =
        LineageOf("COPY (SELECT x FROM a) TO '" + folder.path() + "/g.parquet' (FORMAT parquet)");
    ASSERT_NE(copy, nullptr);
    EXPECT_EQ(copy->output->location, folder.path() + "/g.parquet");
    EXPECT_THAT(TextOf(*copy), testing::ElementsAre("x <- a.x IDENTITY"));
}

}  // namespace
}  // namespace tarn::engine
