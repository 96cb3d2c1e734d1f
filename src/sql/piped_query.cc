#include "sql/piped_query.h"

#include <utility>

namespace tarn::sql {
namespace {

constexpr std::string_view kNameless = "\"piped\"";

}  // namespace

PipedQuery::PipedQuery(SqlText tables, std::string name)
    : tables_(std::move(tables)), name_(std::move(name)) {}

bool PipedQuery::IsPlain() const {
    return columns_.IsEmpty() && order_.IsEmpty() && limit_.IsEmpty();
}

SqlText PipedQuery::Text() const {
    SqlText text;
    if (columns_.IsEmpty()) {
        text.Append("SELECT *");
    } else {
        text.Append(columns_);
    }
    text.Append(" FROM ").Append(tables_);
    if (!condition_.IsEmpty()) text.Append(" WHERE ").Append(condition_);
    if (!groups_.empty()) text.Append(groups_);
    if (!windows_.IsEmpty()) text.Append(" ").Append(windows_);
    if (!order_.IsEmpty()) text.Append(" ").Append(order_);
    if (!limit_.IsEmpty()) text.Append(" ").Append(limit_);
    return text;
}

void PipedQuery::Close() {
    SqlText table;
    table.Append("(").Append(Text()).Append(") AS ");
    table.Append(name_.empty() ? kNameless : std::string_view(name_));
    *this = PipedQuery(std::move(table), name_);
}

void PipedQuery::Filter(const SqlText& condition) {
    if (!IsPlain()) Close();
    if (!condition_.IsEmpty()) condition_.Append(" AND ");
    condition_.Append("(").Append(condition).Append(")");
}

void PipedQuery::Select(const SqlText& columns, bool is_distinct, const SqlText& windows) {
    if (!IsPlain()) Close();
    windows_ = windows;
    columns_.Append(is_distinct ? "SELECT DISTINCT " : "SELECT ").Append(columns);
}

void PipedQuery::SelectAllBut(const SqlText& change) {
    if (!IsPlain()) Close();
    columns_.Append("SELECT *").Append(change);
}

void PipedQuery::Aggregate(const std::vector<SqlText>& groups,
                           const std::vector<SqlText>& aggregates) {
    std::vector<SqlText> columns = groups;
    columns.insert(columns.end(), aggregates.begin(), aggregates.end());
    Select(sql::Join(columns, ", "), false, {});
    for (size_t i = 1; i <= groups.size(); ++i)
        groups_ += (i == 1 ? " GROUP BY " : ", ") + std::to_string(i);
}

void PipedQuery::Join(const SqlText& join) {
    if (!IsPlain() || !condition_.IsEmpty()) Close();
    tables_.Append(" ").Append(join);
    name_.clear();
}

void PipedQuery::Reshape(const SqlText& words) {
    Close();
    tables_.Append(" ").Append(words);
}

void PipedQuery::Order(const SqlText& ordering) {
    if (!IsPlain()) Close();
    order_ = ordering;
}

void PipedQuery::Limit(const SqlText& limit) {
    if (!limit_.IsEmpty()) Close();
    limit_ = limit;
}

void PipedQuery::Combine(const SqlText& words, const SqlText& query) {
    SqlText both;
    both.Append("((").Append(Text()).Append(") ").Append(words).Append(" (").Append(query);
    both.Append(")) AS ").Append(kNameless);
    *this = PipedQuery(std::move(both), {});
}

void PipedQuery::Name(std::string name) {
    name_ = std::move(name);
    Close();
}

}  // namespace tarn::sql
