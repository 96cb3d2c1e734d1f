#include "sql/dialect_translation.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "sql/parser.h"

namespace tarn::sql {
namespace {

std::string In(Dialect dialect, const std::string& text) {
    const Statement statement{text};
    const auto translated = Translate(statement, Lex(statement, dialect), dialect);
    return translated ? translated->text : text;
}
std::string Tarn(const std::string& text) { return In(Dialect::kTarn, text); }
std::string Spark(const std::string& text) { return In(Dialect::kSpark, text); }

// Where the mistake is and what it says: "1:8 expected a value, found FROM".
std::string Mistake(const std::string& text) {
    try {
        In(Dialect::kSpark, text);
    } catch (const Error& error) {
        return fmt::format("{} {}:{}", TraitsOf(error.kind()).name, error.spot().line,
                           error.spot().column);
    }
    return "none";
}

TEST(DialectTranslation, WhatTheEngineUnderstandsPassesByteForByte) {
    for (const char* text : {
             "SELECT  a ,b -- c\nFROM t WHERE x[1:2] = [y FOR y IN z IF y > 1]",
             "FROM t SELECT a.b::INTEGER[], {'a': 1, b: [2]}, MAP {'k': 1}['k']",
             "SELECT COLUMNS(* EXCLUDE (a)), #1, x -> '$.a', x ->> 'b', f(x -> y)::T",
             "SELECT count(*) FILTER (WHERE a > 1) OVER (PARTITION BY b ORDER BY c ROWS 1 "
             "PRECEDING)",
             "SELECT * FROM 'file.csv' t ASOF JOIN u USING (a) LIMIT 10%",
             "SELECT * FROM (DESCRIBE t), (SHOW TABLES)",
             "SELECT extract(year FROM d), substring(s FROM 1 FOR 2), trim(BOTH 'x' FROM s)",
             "SELECT a FROM t AT (VERSION => 3) AS u WHERE b IN c AND d NOT IN (1, 2) ORDER BY ALL",
             "PIVOT t ON a USING sum(b)",
             "SELECT array(WITH a AS (SELECT 1) FROM a), array(VALUES (1)), map([1], [2])",
             "INSERT INTO t VALUES (1, 'a'),\n (-2.5 , NULL), (f(3) , DEFAULT) -- end",
             "SELECT position('b' IN s) , a  +  b FROM t",
             "frobnicate the table",
         }) {
        EXPECT_EQ(Tarn(text), text);
    }
}

TEST(DialectTranslation, PipesBecomeOneSelectAsFarAsTheyCan) {
    const std::pair<const char*, const char*> cases[] = {
        {"FROM t |> WHERE a > 1 |> WHERE b |> SELECT c", "SELECT c FROM t WHERE (a > 1) AND (b)"},
        {"FROM t |> SELECT a |> WHERE a > 1",
         "SELECT * FROM (SELECT a FROM t) AS \"t\" WHERE (a > 1)"},
        {"FROM s.t AS u |> EXTEND 1 AS b |> SELECT u.b",
         "SELECT u.b FROM (SELECT *, 1 AS b FROM s.t AS u) AS \"u\""},
        {"FROM t |> JOIN u ON t.a = u.a |> ORDER BY t.a |> LIMIT 1",
         "SELECT * FROM t JOIN u ON t.a = u.a ORDER BY t.a LIMIT 1"},
        {"FROM t |> WHERE a |> JOIN u USING (a)",
         "SELECT * FROM (SELECT * FROM t WHERE (a)) AS \"t\" JOIN u USING (a)"},
        {"FROM t |> AGGREGATE sum(a) AS s GROUP BY b, c + 1 AS d |> LIMIT 2",
         "SELECT b, c + 1 AS d, sum(a) AS s FROM t GROUP BY 1, 2 LIMIT 2"},
        {"FROM t |> SET a = 1, b = a |> DROP c",
         "SELECT * EXCLUDE (\"c\") FROM (SELECT * REPLACE (a AS \"b\") FROM (SELECT * REPLACE (1 "
         "AS \"a\") FROM t) AS \"t\") AS \"t\""},
        {"FROM t |> UNION ALL VALUES (1)",
         "SELECT * FROM ((SELECT * FROM t) UNION ALL (VALUES (1))) AS \"piped\""},
        {"WITH c AS (FROM t |> LIMIT 1) FROM c |> AS d",
         "WITH c AS (SELECT * FROM t LIMIT 1) SELECT * FROM (SELECT * FROM c) AS \"d\""},
        {"INSERT INTO u FROM t |> WHERE a | b = 3",
         "INSERT INTO u SELECT * FROM t WHERE (a | b = 3)"},
        {"SELECT s.f.*, t.* FROM t", "SELECT unnest(s.f), t.* FROM t"},
        {"SELECT a.b.* FROM a.b JOIN c.d", "SELECT b.* FROM a.b CROSS JOIN c.d"},
    };
    for (const auto& [written, wanted] : cases) EXPECT_EQ(Tarn(written), wanted);
    EXPECT_EQ(Mistake("FROM t |> FILTER a"), "InvalidInput 1:11");
    EXPECT_EQ(Mistake("FROM t |>"), "InvalidInput 1:10");
    EXPECT_EQ(Mistake("FROM t |> SET a > 1"), "InvalidInput 1:17");
    std::string deep = "FROM t";
    for (int i = 0; i < 400; ++i) deep += " |> SELECT a";
    EXPECT_EQ(Mistake(deep).substr(0, 13), "LimitExceeded");
}

TEST(DialectTranslation, SparksShapesRunInBothDialects) {
    const std::pair<const char*, const char*> cases[] = {
        {"SELECT u.a FROM u LEFT ANTI JOIN x ON u.a IS NULL",
         "SELECT u.a FROM u  ANTI JOIN x ON u.a IS NULL"},
        {"SELECT * EXCEPT (a, b) FROM t", "SELECT * EXCLUDE (a, b) FROM t"},
        {"SELECT a FROM t MINUS SELECT a FROM u", "SELECT a FROM t EXCEPT SELECT a FROM u"},
        {"SELECT a FROM t LATERAL VIEW explode(b) v AS c",
         "SELECT a FROM t , LATERAL (SELECT unnest(b) AS \"c\") AS \"v\""},
        {"SELECT a FROM t SORT BY b LIMIT ALL", "SELECT a FROM t ORDER BY b "},
        {"SELECT a FROM t JOIN u", "SELECT a FROM t CROSS JOIN u"},
        {"SELECT a AS b FROM t WHERE a RLIKE 'x' AND NOT a NOT RLIKE 'y'",
         "SELECT a AS b FROM t WHERE regexp_matches(a, 'x') AND NOT (NOT regexp_matches(a, 'y'))"},
        {"SELECT array(1, 2) AS a", "SELECT list_value(1, 2) AS a"},
        {"SELECT map('k', 1, 'l', 2) AS a", "SELECT MAP {'k': 1, 'l': 2} AS a"},
        {"SELECT named_struct('a b', 1) AS a", "SELECT struct_pack(\"a b\" := 1) AS a"},
        {"SELECT struct(t.x, y AS z, 1) AS a",
         "SELECT struct_pack(\"x\" := t.x, \"z\" := y, \"col3\" := 1) AS a"},
        {"SELECT transform(a, x -> x + 1) AS a",
         "SELECT list_transform(a, lambda \"x\": x + 1) AS a"},
        {"SELECT aggregate(a, 0, (s, x) -> s + x) AS a",
         "SELECT aggregate(a, 0, lambda \"s\", \"x\": s + x) AS a"},
        {"SELECT a FROM t GROUP BY a WITH CUBE", "SELECT a FROM t GROUP BY CUBE (a )"},
        {"SELECT * FROM (DESCRIBE DETAIL `a b`.t)",
         "SELECT * FROM (SELECT * FROM table_detail('\"a b\".t'))"},
        {"SELECT a LIKE ANY ('x%', 'y%') AS b", "SELECT (a LIKE 'x%' OR a LIKE 'y%') AS b"},
        {"SELECT * FROM parquet.`/a/b`", "SELECT * FROM read_parquet('/a/b/**/*.parquet')"},
        {"SELECT * FROM parquet.`/a/b.parquet` t", "SELECT * FROM read_parquet('/a/b.parquet') t"},
        {"SELECT a FROM t LATERAL VIEW stack(2, 'x', b, 'y') v AS n, m",
         "SELECT a FROM t , LATERAL (SELECT unnest(list_value('x', 'y')) AS \"n\", "
         "unnest(list_value(b, NULL)) AS \"m\") AS \"v\""},
        {"SELECT a <=> NULL AS b, !c AS d",
         "SELECT (a IS NOT DISTINCT FROM NULL) AS b, (NOT c) AS d"},
    };
    for (const auto& [text, expected] : cases) {
        EXPECT_EQ(Tarn(text), expected);
    }
    EXPECT_EQ(Spark("SELECT u.a FROM u LEFT SEMI JOIN x USING (a)"),
              "SELECT u.a FROM u  SEMI JOIN x USING (a)");
}

TEST(DialectTranslation, SparkMeansSparkInEveryExpression) {
    const std::pair<const char*, const char*> cases[] = {
        {R"(SELECT "a\tb" AS x, r'a\tb' AS y, 'it''s' AS z, 'x' "y" AS w)",
         "SELECT 'a\tb' AS x, 'a\\tb' AS y, 'it''s' AS z, 'xy' AS w"},
        {"SELECT x[1] AS a", "SELECT spark_element(x, 1) AS a"},
        {"SELECT a / b / c AS d", "SELECT spark_divide(spark_divide(a, b), c) AS d"},
        {"SELECT a DIV b % 2 AS d", "SELECT spark_remainder(spark_div(a, b), 2) AS d"},
        {"SELECT CAST(a AS STRING) AS b, a::decimal AS c",
         "SELECT spark_cast(a, CAST(NULL AS STRING)) AS b, "
         "spark_cast(a, CAST(NULL AS DECIMAL(10, 0))) AS c"},
        {"SELECT TIMESTAMP '2026-01-01' AS a",
         "SELECT CAST('2026-01-01' AS TIMESTAMP WITH TIME ZONE) AS a"},
        {"SELECT 5L AS a, 1.5BD AS b", "SELECT CAST(5 AS BIGINT) AS a, 1.5 AS b"},
        {"SELECT 1.5e2BD AS a, 7BD AS b, 12.5e-3BD AS c",
         "SELECT CAST(150 AS DECIMAL(3, 0)) AS a, CAST(7 AS DECIMAL(1, 0)) AS b, 0.0125 AS c"},
        {"SELECT a FROM t ORDER BY a, b DESC, c NULLS LAST",
         "SELECT a FROM t ORDER BY a NULLS FIRST, b DESC NULLS LAST, c NULLS LAST"},
        {"SELECT a FROM t ORDER BY ALL DESC LIMIT 1",
         "SELECT a FROM t ORDER BY ALL DESC NULLS LAST LIMIT 1"},
        {"SELECT position('b' IN s) AS a",
         "SELECT CAST(instr(spark_cast(s, CAST(NULL AS VARCHAR)), spark_cast('b', CAST(NULL AS "
         "VARCHAR))) AS INTEGER) AS a"},
        {"SELECT a + b * c - 1 AS d",
         "SELECT spark_subtract(spark_add(a, spark_multiply(b, c)), 1) AS d"},
        {"SELECT -2147483648 AS a", "SELECT CAST(-2147483648 AS INTEGER) AS a"},
        {"SELECT sum(DISTINCT a) OVER () AS b", "SELECT spark_sum(DISTINCT a) OVER () AS b"},
        {"SELECT row_number() OVER (ORDER BY a) AS b",
         "SELECT CAST(row_number() OVER (ORDER BY a NULLS FIRST) AS INTEGER) AS b"},
        {"SELECT listagg(a, ',') WITHIN GROUP (ORDER BY b DESC) AS c",
         "SELECT string_agg(spark_cast(a, CAST(NULL AS VARCHAR)), spark_cast(',', CAST(NULL AS "
         "VARCHAR)) ORDER BY b DESC NULLS LAST) AS c"},
        {"SELECT from_json(a, 'x INT, y ARRAY<STRING>').y AS b",
         "SELECT spark_field(spark_from_json(spark_cast(a, CAST(NULL AS VARCHAR)), CAST(NULL AS "
         "STRUCT(\"x\" INT, \"y\" STRING[]))), 'y') AS b"},
        {"SELECT decode(a, 1, 'x', NULL, 'y', 'z') AS b",
         "SELECT CASE WHEN spark_same(a, 1) THEN 'x' WHEN spark_same(a, NULL) THEN 'y' ELSE 'z' "
         "END AS b"},
        {"SELECT extract(YEAR FROM d) AS a", "SELECT spark_extract('YEAR', d) AS a"},
        {"SELECT a ^ b & c AS d", "SELECT xor(a, (b & c)) AS d"},
        {"SELECT a LIKE 'x\\_' AS b",
         "SELECT (spark_cast(a, CAST(NULL AS VARCHAR)) LIKE spark_cast('x\\_', CAST(NULL AS "
         "VARCHAR)) ESCAPE '\\') AS b"},
        {"SELECT v:a.b[0]::INT AS c, v:['d e'] FROM t",
         "SELECT spark_cast(spark_at_path(v, '$[''a''][''b''][0]'), CAST(NULL AS INT)) AS c, "
         "spark_at_path(v, '$[''d e'']') AS \"d e\" FROM t"},
        {"SELECT INTERVAL 1 DAY + INTERVAL '2' HOUR AS a",
         "SELECT spark_add(spark_interval(INTERVAL 1 DAY, 'day'), spark_interval(INTERVAL '2' "
         "HOUR, 'hour')) AS a"},
        {"SELECT d - INTERVAL 90 DAYS AS e",
         "SELECT spark_subtract(d, spark_interval(INTERVAL 90 DAYS, 'day')) AS e"},
        {"UPDATE t SET a = b / 2 WHERE c > 1",
         "UPDATE t SET a = spark_divide(b, 2) WHERE spark_greater(c, 1)"},
        {"INSERT INTO t VALUES (1/2, \"x\")", "INSERT INTO t VALUES (spark_divide(1, 2), 'x')"},
        {"CREATE TABLE t (table STRING, end INT) USING DELTA",
         "CREATE TABLE t (\"table\" STRING, \"end\" INT) USING DELTA"},
        {"SELECT table, t.end FROM t WHERE table = 'x'",
         "SELECT \"table\", t.\"end\" FROM t WHERE \"table\" = 'x'"},
        {"CREATE TABLE t (timestamp TIMESTAMP, d DECIMAL, s STRUCT<x: TIMESTAMP>) COMMENT \"c\"",
         "CREATE TABLE t (timestamp TIMESTAMP_LTZ, d DECIMAL(10, 0), s STRUCT<x: TIMESTAMP_LTZ>) "
         "COMMENT 'c'"},
    };
    for (const auto& [text, expected] : cases) {
        EXPECT_EQ(Spark(text), expected);
    }
}

TEST(DialectTranslation, SparksQueriesAreSpelledAnew) {
    const std::pair<const char*, const char*> cases[] = {
        {"SELECT s.f AS a, t.s AS b, u.s.f.g AS c, t.f(x) AS d FROM t JOIN d.u ON t.a = d.u.a",
         "SELECT spark_field(s, 'f') AS a, t.s AS b, spark_field(spark_field(u.s, 'f'), 'g') AS c, "
         "t.f(x) AS d FROM t JOIN d.u ON spark_equal(t.a, d.u.a)"},
        {"SELECT a, grouping_id() AS g FROM t GROUP BY ROLLUP (a, (b, a)) ORDER BY grouping_id()",
         "SELECT a, grouping_id(a, b) AS g FROM t GROUP BY ROLLUP (a, (b, a)) ORDER BY "
         "grouping_id(a, b) NULLS FIRST"},
        {"SELECT a FROM t PIVOT (count(*) AS c, sum(b) AS s FOR d IN (1, 2))",
         "SELECT a FROM t PIVOT (CAST(sum(CASE WHEN TRUE THEN 1 ELSE 0 END) AS BIGINT) AS \"c\", "
         "spark_sum(b) AS \"s\" FOR d IN (1, 2))"},
        {"SELECT a FROM t PIVOT (collect_list(b) FOR d IN (1))",
         "SELECT a FROM t PIVOT (flatten(list(CASE WHEN (b) IS NULL THEN [] ELSE [b] END)) FOR d "
         "IN (1))"},
        {"SELECT inline(s) AS (a, b) FROM t",
         "SELECT unnest(list_transform(s, lambda spark_item: struct_extract_at(spark_item, 1))) AS "
         "\"a\", unnest(list_transform(s, lambda spark_item: struct_extract_at(spark_item, 2))) AS "
         "\"b\" FROM t"},
        {"VALUES (1, 2)", "SELECT * FROM (VALUES (1, 2)) AS inline_table(col1, col2)"},
    };
    for (const auto& [text, expected] : cases) EXPECT_EQ(Spark(text), expected);
}

// A function that the engine lacks means the same in both dialects; one that it has, its own there.
TEST(DialectTranslation, InTarnsDialectTheEnginesFunctionsComeFirst) {
    EXPECT_EQ(Tarn("SELECT length(a), round(b), filter(c, d), date_trunc('MON', e)"),
              "SELECT length(a), round(b), filter(c, d), date_trunc('MON', e)");
    EXPECT_EQ(Tarn("SELECT zeroifnull(a) AS b"), "SELECT coalesce(a, 0) AS b");
}

TEST(DialectTranslation, ACallThatSparkLacksIsRefusedAtItsPlace) {
    EXPECT_EQ(Mistake("SELECT 1,\n xpath_string(a, b)"), "Unsupported 2:2");
    EXPECT_EQ(Mistake("SELECT sha2(a)"), "InvalidInput 1:8");
    EXPECT_EQ(Mistake("SELECT from_json(a, 'x FROB')"), "none");
    EXPECT_EQ(Mistake("SELECT from_json(a, b)"), "InvalidInput 1:21");
    EXPECT_EQ(Mistake("SELECT dateadd(FORTNIGHT, 1, a)"), "InvalidInput 1:16");
    EXPECT_EQ(Mistake("SELECT a, grouping_id() FROM t GROUP BY a"), "InvalidInput 1:11");
    EXPECT_EQ(Mistake("SELECT (SELECT grouping(b) FROM u GROUP BY CUBE (b)) FROM t"), "none");
    EXPECT_EQ(Mistake("SELECT a COLLATE UTF8_LCASE"), "Unsupported 1:18");
    EXPECT_EQ(Mistake("SELECT count(*) FROM t GROUP BY window(a, '1 month')"), "InvalidInput 1:43");
    EXPECT_EQ(Mistake("SELECT count(*) FROM t GROUP BY window(a, '1 day', '1 ms')"),
              "InvalidInput 1:52");
    EXPECT_EQ(Mistake("SELECT *, window(a, '1 day') FROM t"), "Unsupported 1:11");
}

TEST(DialectTranslation, RowsStandBesideTheirWindowsOfTime) {
    const std::string text =
        Spark("SELECT window.end AS e, count(*) AS n FROM t WHERE b GROUP BY window(a, '1 hour')");
    EXPECT_TRUE(text.starts_with("SELECT spark_field(\"window\", 'end') AS e")) << text;
    EXPECT_NE(text.find("FROM t, LATERAL (SELECT struct_pack("), std::string::npos) << text;
    EXPECT_TRUE(text.ends_with(") AS time_windows WHERE b GROUP BY \"window\"")) << text;
    EXPECT_EQ(Spark("SELECT a AS b, count(*) OVER w AS n FROM t WINDOW w AS (ORDER BY a)"),
              "SELECT a AS b, count(*) OVER w AS n FROM t WINDOW w AS (ORDER BY a NULLS FIRST)");
}

TEST(DialectTranslation, AColumnHasSparksNameOrTheOneThatTheUserWrote) {
    EXPECT_EQ(Spark("SELECT a / b, c, t.d FROM t"),
              "SELECT spark_divide(a, b) AS \"(a / b)\", c, t.d FROM t");
    EXPECT_EQ(Spark("SELECT s.f, f(a), 1, 'x' FROM t"),
              "SELECT spark_field(s, 'f') AS \"f\", f(a), 1, 'x' AS \"x\" FROM t");
    EXPECT_EQ(Spark("SELECT (SELECT a + 1) FROM t"),
              "SELECT (SELECT spark_add(a, 1) AS \"(a + 1)\") AS \"(SELECT a + 1)\" FROM t");
    EXPECT_EQ(Tarn("SELECT 'a' RLIKE 'b'"), "SELECT regexp_matches('a', 'b') AS \"'a' RLIKE 'b'\"");
}

TEST(DialectTranslation, AMarkerThatMovesKeepsItsValue) {
    EXPECT_EQ(Spark("SELECT ? / ?, ? AS c"), "SELECT spark_divide($1, $2) AS \"? / ?\", $3 AS c");
    EXPECT_EQ(Spark("SELECT ?, ?"), "SELECT ?, ?");
    EXPECT_EQ(Spark("SELECT :name AS a"), "SELECT $name AS a");
}

TEST(DialectTranslation, AMistakeOfSparksGrammarHasItsPlace) {
    EXPECT_EQ(Mistake("SELECT a FROM"), "InvalidInput 1:14");
    EXPECT_EQ(Mistake("SELECT a,\n FROM t"), "InvalidInput 2:2");
    EXPECT_EQ(Mistake("SELECT (a + FROM t"), "InvalidInput 1:13");
    EXPECT_EQ(Mistake("SELECT CASE a END"), "InvalidInput 1:15");
    EXPECT_EQ(Mistake("SELECT a FROM t WHERE x = 1 frob nicate"), "InvalidInput 1:29");
    EXPECT_EQ(Mistake("SELECT named_struct(a, 1)"), "InvalidInput 1:21");
    std::string deep = "SELECT ";
    for (int i = 0; i < 400; ++i) deep += '(';
    EXPECT_EQ(Mistake(deep + "1"), "LimitExceeded 1:307");
    for (const char* more :
         {"[1]", " = 1", "::INT", " IS NULL", " BETWEEN 1 AND 2", "- ", "NOT "}) {
        std::string text = "SELECT ";
        const bool is_before = std::string_view(more) == "- " || std::string_view(more) == "NOT ";
        if (!is_before) text += "a";
        for (int i = 0; i < 100'000; ++i) text += more;
        if (is_before) text += "a";
        const Statement statement{text};
        EXPECT_FALSE(Translate(statement, Lex(statement), Dialect::kTarn)) << more;
        EXPECT_TRUE(Mistake(text).starts_with("LimitExceeded")) << more;
    }
}

TEST(DialectTranslation, AMistakeInTarnsDialectIsFoundWhereTheEngineRefuses) {
    const auto mistake = MistakeIn(Statement{"SELECT a\nFROM t WHERE"}, Dialect::kTarn);
    ASSERT_TRUE(mistake);
    EXPECT_EQ(mistake->spot().line, 2);
    EXPECT_EQ(mistake->spot().column, 13);
    EXPECT_FALSE(MistakeIn(Statement{"SELECT a FROM t WHERE b"}, Dialect::kTarn));
    EXPECT_FALSE(MistakeIn(Statement{"CALL pragma_version()"}, Dialect::kTarn));
    const auto unknown = MistakeIn(Statement{"SELEC 1"}, Dialect::kTarn);
    ASSERT_TRUE(unknown);
    EXPECT_EQ(unknown->spot().column, 1);
}

// What the engine refuses is shown where the user wrote it.
TEST(DialectTranslation, PlacesLeadThroughTheTranslation) {
    const Statement statement{"SELECT a / b,\n  wrong FROM `t`", 5, 1, 100};
    const auto parsed = std::get<EngineStatement>(Parse(statement, Dialect::kSpark));
    const TextPosition place = parsed.source_map.Locate(parsed.text.find("wrong"));
    EXPECT_EQ(place.line, 6);
    EXPECT_EQ(place.column, 3);
}

}  // namespace
}  // namespace tarn::sql
