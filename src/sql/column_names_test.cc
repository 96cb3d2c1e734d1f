#include "sql/column_names.h"

#include <gtest/gtest.h>

#include "sql/column_fields.h"
#include "sql/syntax_parser.h"

namespace tarn::sql {
namespace {

// "?" for what has no name that the tree could say.
std::string NameOf(const std::string& expression) {
    const Statement statement{expression};
    const std::vector<Token> tokens = Lex(statement, Dialect::kSpark);
    SyntaxParser parser(tokens, Dialect::kSpark);
    SyntaxNode value = parser.ParseExpression();
    MarkFields(tokens, {"t"}, value);
    return ColumnNames(tokens).NameOf(value).value_or("?");
}

TEST(ColumnNames, AreWhatSparkAnswered) {
    const std::pair<const char*, const char*> cases[] = {
        {"count(*)", "count(1)"},
        {"COUNT(DISTINCT a, b)", "count(DISTINCT a, b)"},
        {"t.a + t.s.f * -1", "(a + (s.f * -1))"},
        {"a || b || 'c'", "concat(concat(a, b), c)"},
        {"x[1].y['k']", "x[1].y[k]"},
        {"1e20", "1.0E20"},
        {"1e3 + 100000000.0D + 2.5F + 1D + .5 + 5. + 100L + 5Y",
         "(((((((1000.0 + 1.0E8) + 2.5) + 1.0) + 0.5) + 5) + 100) + 5)"},
        {"1.234e-5", "1.234E-5"},
        {"123456789.125D", "1.23456789125E8"},
        {"DATE'2026-1-2' - DATE '2026-01-01'", "(DATE '2026-01-02' - DATE '2026-01-01')"},
        {"DATE'2026-01-01' + 5", "date_add(DATE '2026-01-01', 5)"},
        {"TIMESTAMP'2026-01-01 10:00:00.500' - INTERVAL 10 MINUTES",
         "TIMESTAMP '2026-01-01 10:00:00.5' - INTERVAL '10' MINUTE"},
        {"TIMESTAMP '2026-01-01 00:00:00+02:00'", "?"},
        {"INTERVAL 2 HOURS + INTERVAL '30' MINUTE", "(INTERVAL '02' HOUR + INTERVAL '30' MINUTE)"},
        {"INTERVAL '1-2' YEAR TO MONTH", "INTERVAL '1-2' YEAR TO MONTH"},
        {"X'1f'", "X'1F'"},
        {"NOT a = 1 AND b != 2 OR !c", "(((NOT (a = 1)) AND (NOT (b = 2))) OR (NOT c))"},
        {"1 << 2", "(1 << 2)"},
        {"~5", "~5"},
        {"+a", "(+ a)"},
        {"a IS NOT DISTINCT FROM b", "(a <=> b)"},
        {"a IS NOT TRUE", "(NOT (a <=> true))"},
        {"a NOT BETWEEN 1 AND 2", "(NOT between(a, 1, 2))"},
        {"a LIKE ANY ('f%', 'b%')", "likeany(a)"},
        {"a ILIKE 'x' AND b LIKE 'c' ESCAPE '/'", "?"},
        {"CASE 3 WHEN 1 THEN 'one' END", "CASE WHEN (3 = 1) THEN one END"},
        {"CAST(a AS INT)", "a"},
        {"CAST(NULL AS INT)", "CAST(NULL AS INT)"},
        {"CAST(a.b AS DECIMAL(5, 1))", "CAST(a.b AS DECIMAL(5,1))"},
        {"CAST(array('1') AS ARRAY<INT>)", "array(1)"},
        {"aggregate(xs, 0, (acc, i) -> acc + i.n)",
         "aggregate(xs, 0, lambdafunction((namedlambdavariable() + namedlambdavariable().n), "
         "namedlambdavariable(), namedlambdavariable()), lambdafunction(namedlambdavariable(), "
         "namedlambdavariable()))"},
        {"timestampdiff(MONTH, a, b)", "timestampdiff(MONTH, a, b)"},
        {"trim(BOTH 'x' FROM s)", "TRIM(BOTH x FROM s)"},
        {"from_json(a, 'x INT').x", "from_json(a).x"},
        {"array_agg(DISTINCT a)", "collect_list(DISTINCT a)"},
        {"my_function(a)", "?"},
        {"struct(a AS b)", "?"},
        {"a IN (SELECT 1)", "?"},
        {"(SELECT 1)", "?"},
        {"max_by(a, b) OVER (PARTITION BY b % 2)",
         "max_by(a, b) OVER (PARTITION BY (b % 2) ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED "
         "FOLLOWING)"},
        {"sum(a) OVER (ORDER BY b ROWS 1 PRECEDING)", "?"},
        {"sum(a) OVER w", "?"},
        {"listagg(a, ',') WITHIN GROUP (ORDER BY b DESC)",
         "listagg(a, ,) WITHIN GROUP (ORDER BY b DESC NULLS LAST)"},
        {"percentile_cont(0.25) WITHIN GROUP (ORDER BY v)",
         "percentile_cont(0.25) WITHIN GROUP (ORDER BY v)"},
    };
    for (const auto& [expression, name] : cases) EXPECT_EQ(NameOf(expression), name) << expression;
}

}  // namespace
}  // namespace tarn::sql
