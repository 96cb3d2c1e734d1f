// SQL over tables of rows that were set aside (`quarantine.<name>`): which of their rows are meant,
// how they are judged once more, and how a table is left when some of its rows go. Rows are told
// from each other by all their values; rows that are equal share their fate. Text only; nothing
// here runs SQL.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "quality/row_split.h"

namespace tarn::quality {

inline constexpr std::string_view kQuarantineSchema = "quarantine";
inline constexpr std::string_view kRunIdColumn = "_run_id";
inline constexpr std::string_view kSetAsideAtColumn = "_quarantined_at";
// Every such table has these.
inline constexpr std::string_view kOwnColumns[] = {kRulesColumn, kRunIdColumn, kSetAsideAtColumn};
// In rows that are judged once more: the row as it waits, a struct.
inline constexpr std::string_view kAsideColumn = "_aside";

// Which of the rows are meant: those that meet all that is said.
struct WaitingFilter {
    std::string rule;    // among those that they break
    std::string run_id;  // that set them aside
    std::string where;   // a condition as SQL
};
// A condition.
std::string ConditionOf(const WaitingFilter& filter);

// A column that gets another value before the rows are judged.
struct Fix {
    std::string column;
    std::string expression;  // over the row as it waits
    std::string type;        // of the column; empty: the expression's own
};
// "amount = abs(amount)"; the column may stand in double quotes. InvalidInput.
Fix ParseFix(std::string_view text);

// SELECT of the rows as a model has them, fixed, with kAsideColumn. `columns`: those of the
// quarantine, all; `rows`: what a FROM names.
std::string ReplayedSelect(const std::vector<std::string>& columns, const std::vector<Fix>& fixes,
                           const std::string& rows, const WaitingFilter& filter);

// One row a rule that rows of the stage are set aside for once more: (rule, rows).
std::string StayingByRule(std::string_view stage);
// Rows of the stage that stay with other reasons than they had, as what stands behind FROM.
std::string RenewedRows(std::string_view stage);
// Takes rows of the stage that are not set aside again out of the table, and gives the others the
// rules that they break now.
std::string SettleStatement(std::string_view table, const std::vector<std::string>& columns,
                            std::string_view stage);
// Gives the table the rows again that it had in that version and has no more.
std::string BringBackStatement(std::string_view table, const std::vector<std::string>& columns,
                               int64_t version);

// One row a rule: (rule, rows that break it); `rows`: what a FROM names.
std::string WaitingByRule(std::string_view rows);

}  // namespace tarn::quality
