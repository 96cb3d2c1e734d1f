// Walks over the engine itself: whatever the order's directions, NULLs and ties, the pages together
// are the whole result, each row once and in order.
#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/text.h"
#include "engine/test_lake.h"
#include "serve/endpoint_config.h"
#include "serve/page_statement.h"

namespace tarn::serve {
namespace {

constexpr size_t kMostRows = 40;  // of the table: a walk beyond them gives rows twice

struct Row {
    std::optional<int> number;
    std::optional<int> real;  // 0 to 3 stand for -0.0, NaN, infinity and 0.1
    std::optional<int> text;
    int id;
};

struct Sort {
    std::string column;
    bool descending;
    bool nulls_first;
};

std::string Literal(const std::optional<int>& value, const std::vector<std::string>& literals) {
    return value ? literals[static_cast<size_t>(*value)] : "NULL";
}

std::string InsertOf(const std::vector<Row>& rows) {
    static const std::vector<std::string> numbers{"-1", "0", "1", "9007199254740993"};
    static const std::vector<std::string> reals{"-0.0", "'nan'::DOUBLE", "'inf'::DOUBLE",
                                                "0.1::DOUBLE"};
    static const std::vector<std::string> texts{"''", "'a'", "'B'", "'\xc3\xa9''\"'"};
    std::vector<std::string> values;
    for (const Row& row : rows) {
        values.push_back(fmt::format("({}, {}, {}, {})", Literal(row.number, numbers),
                                     Literal(row.real, reals), Literal(row.text, texts), row.id));
    }
    return "INSERT INTO walk VALUES " + Join(values, ", ");
}

Endpoint EndpointOf(const std::vector<Sort>& sorts) {
    std::string order;
    for (const Sort& sort : sorts) {
        order += fmt::format("    - {{column: {}, direction: {}, nulls: {}}}\n", sort.column,
                             sort.descending ? "desc" : "asc", sort.nulls_first ? "first" : "last");
    }
    return ParseEndpoint(fmt::format(R"(name: walk
version: v1
path: /v1/walk
owner: test
source: {{table: temp.walk}}
columns:
  - {{name: number, type: bigint}}
  - {{name: real, type: number}}
  - {{name: text, type: string}}
  - {{name: id, type: integer}}
parameters:
  - {{name: id, type: integer, column: id, operator: gte}}
order:
  by:
{}  unique: [id]
)",
                                     order.empty() ? "    []\n" : order),
                         "walk.yml");
}

std::vector<engine::TextRow> RowsOf(engine::Session& session, const PageStatement& page) {
    engine::ExecuteOptions options;
    options.parameters = page.parameters;
    return session.Query(page.sql, options);
}

// All rows, by pages of `limit`.
std::vector<engine::TextRow> Walk(engine::Session& session, const Endpoint& endpoint,
                                  EndpointRequest request, int64_t limit) {
    const EndpointTypes types{{{"temp", "walk"}}, {"BIGINT", "DOUBLE", "VARCHAR", "INTEGER"}};
    request.limit = limit;
    std::vector<engine::TextRow> all;
    std::vector<std::optional<std::string>> after;
    for (;;) {
        auto rows = RowsOf(session, BuildPageStatement(endpoint, types, request, {}, after));
        const bool more = rows.size() > static_cast<size_t>(limit);
        if (more) rows.pop_back();
        all.insert(all.end(), rows.begin(), rows.end());
        if (!more || all.size() > kMostRows) return all;
        after.clear();
        for (const SortColumn& sort : endpoint.order) {
            after.push_back(rows.back().at(endpoint.ColumnIndex(sort.column)));
        }
    }
}

rc::Gen<std::optional<int>> MaybeSmall() {
    return rc::gen::map(rc::gen::inRange(0, 5),
                        [](int n) { return n == 4 ? std::nullopt : std::optional(n); });
}

class WalkLake {
public:
    WalkLake() {
        session_->Run(
            "CREATE TEMP TABLE walk (number BIGINT, real DOUBLE, text VARCHAR, id INTEGER)");
    }
    engine::Session& Fill(const std::vector<Row>& rows) {
        session_->Run("DELETE FROM walk");
        if (!rows.empty()) session_->Run(InsertOf(rows));
        return *session_;
    }

private:
    engine::TestLake lake_;
    std::unique_ptr<engine::Session> session_ = lake_.Connect();
};

RC_GTEST_PROP(WalkProperty, PagesTogetherAreTheWholeResult, ()) {
    static WalkLake lake;
    const auto count = *rc::gen::inRange(0, static_cast<int>(kMostRows));
    std::vector<Row> rows;
    for (int id = 0; id < count; ++id)
        rows.push_back({*MaybeSmall(), *MaybeSmall(), *MaybeSmall(), id});
    std::vector<std::string> columns{"number", "real", "text", "id"};
    std::vector<Sort> sorts;
    while (!columns.empty() && *rc::gen::inRange(0, 4) > 0) {
        const auto at = *rc::gen::inRange<size_t>(0, columns.size());
        sorts.push_back({columns[at], *rc::gen::arbitrary<bool>(), *rc::gen::arbitrary<bool>()});
        columns.erase(columns.begin() + static_cast<std::ptrdiff_t>(at));
    }
    const Endpoint endpoint = EndpointOf(sorts);
    const auto request = ParseEndpointRequest(endpoint, {{"id", "2"}}, "local");
    engine::Session& session = lake.Fill(rows);
    const auto whole = Walk(session, endpoint, request, 1'000);
    RC_ASSERT(whole.size() == static_cast<size_t>(std::max(0, count - 2)));
    RC_ASSERT(Walk(session, endpoint, request, *rc::gen::inRange(1, 8)) == whole);
}

}  // namespace
}  // namespace tarn::serve
