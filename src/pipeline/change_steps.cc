#include "pipeline/change_steps.h"

#include "base/check.h"
#include "base/text.h"
#include "sql/quote.h"

namespace tarn::pipeline {

void ChangeScene::Make(std::string_view name, const std::string& select) const {
    session.Run(fmt::format("CREATE OR REPLACE TEMP TABLE {} AS {}", name, select));
}

Columns ChangeScene::Marks() const {
    if (!rules.soft_deletes) return {};
    return {{"is_deleted", "BOOLEAN"}, {"deleted_at", order_type}};
}

std::string ChangeScene::Events() const {
    return MayTruncate() ? fmt::format("(SELECT * FROM {} WHERE NOT __is_truncate)", kEvents)
                         : std::string(kEvents);
}

std::string ChangeScene::TruncatedSelect() const {
    return fmt::format("SELECT max(__delete) AS __truncated FROM {} WHERE {} IS NULL", memory,
                       sql::QuoteIdentifier(layout.keys[0].name));
}

std::string ChangeScene::TruncateRow(std::string_view sequence) const {
    return fmt::format("SELECT {}, max(__sequence) AS {} FROM {} WHERE __is_truncate",
                       Nulls(layout.keys), sequence, kEvents);
}

std::string ChangeScene::Floor(std::string_view row) const {
    if (!MayTruncate()) return fmt::format("{}.__delete", row);
    return fmt::format(
        "CASE WHEN {0}.__delete IS NULL OR t.__truncated > {0}.__delete THEN t.__truncated ELSE "
        "{0}.__delete END",
        row);
}

std::string ChangeScene::FromTruncated() const {
    return MayTruncate() ? ", (" + TruncatedSelect() + ") t" : "";
}

int64_t CountRows(engine::Session& session, std::string_view table) {
    return NumberAt(session.Query(fmt::format("SELECT count(*) FROM {}", table)).at(0), 0);
}

int64_t NumberAt(const engine::TextRow& row, size_t at) {
    const auto count = ParseInt(row.at(at).value_or(""));
    Check(count.has_value(), "a count is a number");
    return *count;
}

}  // namespace tarn::pipeline
