#include "serve/page_statement.h"

#include <gtest/gtest.h>

#include "serve/endpoint_config.h"
#include "serve/endpoint_samples.h"

namespace tarn::serve {
namespace {

PageStatement Build(const char* file, const EndpointTypes& types, std::string_view query,
                    const std::vector<int64_t>& versions,
                    const std::vector<std::optional<std::string>>& after) {
    const Endpoint endpoint = ParseEndpoint(file, "a.yml");
    const EndpointRequest request = ParseEndpointRequest(endpoint, net::ParseQuery(query), "local");
    return BuildPageStatement(endpoint, types, request, versions, after);
}

const EndpointTypes kOnTimeTypes{{{"gold", "on\"time"}},
                                 {"VARCHAR", "INTEGER", "BIGINT", "DOUBLE"}};

TEST(PageStatementTest, BindsValuesAndQuotesNames) {
    const PageStatement page =
        Build(samples::kOnTime, kOnTimeTypes, "carrier=UA&carriers=AA,DL&limit=3", {7}, {});
    EXPECT_EQ(page.sql,
              "SELECT \"carrier\", \"month\", \"flights\", \"share\" FROM \"gold\".\"on\"\"time\" "
              "AT (VERSION => 7)"
              " WHERE \"carrier\" = $1 AND \"flights\" >= $2 AND \"carrier\" IN ($3, $4)"
              " ORDER BY \"month\" DESC NULLS FIRST, \"carrier\" ASC NULLS LAST LIMIT 4");
    const std::vector<table::Value> values{std::string("UA"), int64_t{0}, std::string("AA"),
                                           std::string("DL")};
    EXPECT_EQ(page.parameters, values);
}

TEST(PageStatementTest, NoTextOfTheCallerReachesTheSql) {
    for (const char* text :
         {"x%27%20OR%201=1--", "%22%3B%20DROP%20TABLE%20t%3B", "%24%24", "%E2%80%99"}) {
        const std::string query = std::string("carriers=") + text;
        const std::string plain =
            Build(samples::kOnTime, kOnTimeTypes, "carriers=zzz", {7}, {"1", "'x"}).sql;
        EXPECT_EQ(Build(samples::kOnTime, kOnTimeTypes, query, {7}, {"1", "\"; DROP"}).sql, plain);
    }
}

TEST(PageStatementTest, TheKeysetFollowsDirectionsAndNulls) {
    const auto where = [](const std::vector<std::optional<std::string>>& after) {
        const std::string sql = Build(samples::kOnTime, kOnTimeTypes, "", {7}, after).sql;
        const size_t begin = sql.find("$1 AND ") + 7;
        return sql.substr(begin, sql.find(" ORDER BY") - begin);
    };
    EXPECT_EQ(where({"3", "UA"}),
              "((\"month\" < CAST($2 AS INTEGER)) OR (\"month\" = CAST($2 AS INTEGER) AND "
              "(\"carrier\" > CAST($3 AS VARCHAR) OR \"carrier\" IS NULL)))");
    EXPECT_EQ(where({std::nullopt, "UA"}),
              "((\"month\" IS NOT NULL) OR (\"month\" IS NULL AND "
              "(\"carrier\" > CAST($2 AS VARCHAR) OR \"carrier\" IS NULL)))");
    EXPECT_EQ(where({"3", std::nullopt}), "((\"month\" < CAST($2 AS INTEGER)))");
}

TEST(PageStatementTest, SqlSourcesReadTheirTablesAtTheVersionsOfTheWalk) {
    const EndpointTypes types{{{"silver", "flights"}, {"silver", "carriers"}},
                              {"VARCHAR", "BIGINT"}};
    const PageStatement page = Build(samples::kSql, types, "since=2013-01-01", {3, 4}, {"UA"});
    EXPECT_EQ(
        page.sql,
        "WITH \"f\" AS NOT MATERIALIZED (SELECT * FROM \"silver\".\"flights\" AT (VERSION => 3)), "
        "\"c\" AS NOT MATERIALIZED (SELECT * FROM \"silver\".\"carriers\" AT (VERSION => 4)) "
        "SELECT \"carrier\", \"n\" FROM (SELECT carrier, count(*) AS n FROM f "
        "WHERE day > $1 AND day < $1 + 7 GROUP BY 1 -- x\n) AS \"source\" "
        "WHERE (((\"carrier\" > CAST($2 AS VARCHAR) OR \"carrier\" IS NULL))) "
        "ORDER BY \"carrier\" ASC NULLS LAST LIMIT 51");
    EXPECT_EQ(page.parameters.size(), 2U);
}

}  // namespace
}  // namespace tarn::serve
