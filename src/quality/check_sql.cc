#include "quality/check_sql.h"

#include "base/text.h"

namespace tarn::quality {
namespace {

// With `mostly`: the failing rows where they are more than the part that may fail of those counted.
std::string FailingPart(const CheckCall& call, const std::string& broken_by,
                        const std::string& counted) {
    return fmt::format(
        "WITH tested AS (SELECT * FROM {}), failing AS (SELECT * FROM tested WHERE {})\n"
        "SELECT * FROM failing WHERE (SELECT count(*) FROM failing) > "
        "round((1 - {}) * (SELECT count({}) FROM tested), 6)",
        call.Rows(), broken_by, call.Sql("mostly"), counted);
}

}  // namespace

std::string EachRow(const CheckCall& call, const std::string& broken_by) {
    if (call.Has("mostly"))
        return FailingPart(call, broken_by, call.Column().empty() ? "*" : call.Column());
    return fmt::format("SELECT * FROM {} WHERE {}", call.Rows(), broken_by);
}

std::string EachRowWithNulls(const CheckCall& call, const std::string& broken_by) {
    if (call.Has("mostly")) return FailingPart(call, broken_by, "*");
    return fmt::format("SELECT * FROM {} WHERE {}", call.Rows(), broken_by);
}

std::string InBounds(const CheckCall& call, const std::string& value) {
    const bool strictly = call.Flag("strictly");
    std::vector<std::string> bounds;
    if (call.Has("min_value")) {
        bounds.push_back(
            fmt::format("{} {} {}", value,
                        strictly || call.Flag("strict_min") ? ">" : ">=", call.Sql("min_value")));
    }
    if (call.Has("max_value")) {
        bounds.push_back(
            fmt::format("{} {} {}", value,
                        strictly || call.Flag("strict_max") ? "<" : "<=", call.Sql("max_value")));
    }
    return Join(bounds, " AND ");
}

std::string OfGroups(const CheckCall& call, std::string_view groups, const std::string& aggregate,
                     const std::string& must_hold) {
    const std::vector<std::string> columns =
        groups.empty() ? std::vector<std::string>() : call.Columns(groups);
    return fmt::format("SELECT * FROM (SELECT {}{} AS measured FROM {}{}) AS groups WHERE NOT ({})",
                       Before(columns), aggregate, call.Rows(), GroupBy(columns), must_hold);
}

std::string ColumnsOf(const std::string& rows) {
    return fmt::format(
        "(SELECT column_name AS name, column_type AS type, row_number() OVER () AS place FROM "
        "(DESCRIBE SELECT * FROM {}))",
        rows);
}

std::string Before(const std::vector<std::string>& columns) {
    return columns.empty() ? "" : Join(columns, ", ") + ", ";
}

std::string GroupBy(const std::vector<std::string>& columns) {
    return columns.empty() ? "" : " GROUP BY " + Join(columns, ", ");
}

std::string PartitionBy(const std::vector<std::string>& columns) {
    return columns.empty() ? "" : "PARTITION BY " + Join(columns, ", ") + " ";
}

std::string Interval(const std::string& count, const std::string& part) {
    return fmt::format("({}) * INTERVAL 1 {}", count, part);
}

}  // namespace tarn::quality
