#include "pipeline/compiled_sql.h"

#include <gtest/gtest.h>

namespace tarn::pipeline {
namespace {

std::pair<int, int> Place(const CompiledSql& sql, int line, int column) {
    const TextSpot spot = sql.SpotOf(line, column);
    EXPECT_EQ(spot.file, "models/m.sql");
    return {spot.line, spot.column};
}

using At = std::pair<int, int>;

TEST(CompiledSql, TheStatementIsCutOut) {
    const CompiledSql sql = OneStatement("models/m.sql", "", "\n-- words\n select 1 ; \n-- end");
    EXPECT_EQ(sql.text, "select 1");
    EXPECT_THROW(OneStatement("models/m.sql", "", "select 1; select 2"), Error);
    EXPECT_THROW(OneStatement("models/m.sql", "", " -- nothing\n"), Error);
    EXPECT_THROW(OneStatement("models/m.sql", "", "select 'open"), Error);
}

TEST(CompiledSql, PlacesBehindAnExpressionAreThoseOfTheTemplate) {
    const CompiledSql sql =
        OneStatement("models/m.sql", "select a\nfrom {{ ref('x') }} as y where z",
                     "select a\nfrom \"silver\".\"x\" as y where z");
    EXPECT_EQ(Place(sql, 1, 8), At(1, 8));
    EXPECT_EQ(Place(sql, 2, 3), At(2, 3));
    EXPECT_EQ(Place(sql, 2, 31), At(2, 33));  // z
    EXPECT_EQ(Place(sql, 2, 10), At(2, 6));   // inside what was put in
}

TEST(CompiledSql, LinesThatJinjaTookOrMadeAreCountedAgain) {
    const CompiledSql sql =
        OneStatement("models/m.sql", "{% set a = 1 %}\n{# b\nc #}\nselect\n  nope\nfrom t",
                     "\n\nselect\n  nope\nfrom t");
    EXPECT_EQ(sql.text, "select\n  nope\nfrom t");
    EXPECT_EQ(Place(sql, 2, 3), At(5, 3));
    const CompiledSql longer =
        OneStatement("models/m.sql", "select {{ columns() }}\nfrom t\nwhere x",
                     "select a,\nb,\nc\nfrom t\nwhere x");
    EXPECT_EQ(Place(longer, 5, 7), At(3, 7));
}

}  // namespace
}  // namespace tarn::pipeline
