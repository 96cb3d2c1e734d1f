// SQL that judges each row of a model's SELECT once and splits the rows by their fate, so that
// every row goes to exactly one side. The stage is a temporary table; the target and the quarantine
// are both read from it. Text only; nothing here runs SQL.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quality/expectation.h"

namespace tarn::quality {

// Which of several rows with equal keys stays: the first in the given order. The order must be
// total over rows that differ, or the winner is not the same every time.
struct Deduplication {
    std::vector<std::string> keys;      // empty: no deduplication
    std::vector<std::string> order_by;  // SQL order terms: "landed_at DESC", "source_line"
};

// Which rows come late: those whose time lies before the watermark.
struct Lateness {
    std::string column;     // when a row's event was
    std::string watermark;  // SQL of an instant; NULL: nothing is late
    std::string now;        // SQL of an instant
};

// Rows that come once more, when the target may have got later ones of their keys.
struct Rivals {
    std::string table;                  // SQL of the target
    std::vector<std::string> keys;      // by which rows of the target give way to new ones
    std::vector<std::string> shared;    // columns that both have
    std::vector<std::string> order_by;  // the right row of a key first; empty: nothing says which
    std::string age;                    // SQL: when a coming row came
    std::string whole;                  // SQL: all of a coming row
    // Where nothing says which is right, the row of the target gives way; else the coming one is
    // set aside, as kKeyIsThere says.
    bool overwrite = false;
    // A key is of one row: of several that came at once, and differ, none is known to be right.
    bool is_unique = false;
};
inline constexpr std::string_view kKeyIsThere = "key_is_there";
inline constexpr std::string_view kKeyComesTwice = "key_comes_twice";

struct SplitPlan {
    std::string select;  // the model's SELECT, one statement without its `;`
    std::vector<Expectation> expectations;
    Deduplication deduplicate;
    std::string existing;  // SQL of a table whose rows already hold their key; empty: none
    std::vector<std::string> quarantine_only;  // columns that only the quarantine keeps
    bool add_quality_columns = false;          // dq_passed and dq_failure_reason
    std::optional<Lateness> lateness = {};     // is_late_arrival and ingestion_lag_secs
    std::optional<Rivals> rivals = {};

    bool JudgesRows() const {
        return !expectations.empty() || !deduplicate.keys.empty() || !quarantine_only.empty() ||
               add_quality_columns || lateness || rivals;
    }
};

// Columns of the stage beside the model's own.
inline constexpr std::string_view kRulesColumn =
    "_rules";  // names of the broken rules, a list of text
inline constexpr std::string_view kFateColumn = "_fate";  // one of the words below

inline constexpr std::string_view kFateWrite = "write";
inline constexpr std::string_view kFateDrop = "drop";
inline constexpr std::string_view kFateQuarantine = "quarantine";
inline constexpr std::string_view kFateFail = "fail";
inline constexpr std::string_view kFateDuplicate = "duplicate";

// CREATE TEMP TABLE <stage>: the model's columns, _rules, _fate. The model's own text starts on
// line kSelectLine of the statement, at column 1. Duplicates are looked for only among rows that
// would be written, so that a bad row never hides a good one.
std::string StageStatement(const SplitPlan& plan, std::string_view stage);
inline constexpr int kSelectLine = 2;

// SELECT of what is written to the target. Without the stage's own columns.
std::string TargetSelect(const SplitPlan& plan, std::string_view stage);

// SELECT of what goes to the quarantine: the model's columns, _rules (text, names joined by a
// comma), _run_id, _quarantined_at (an instant).
std::string QuarantineSelect(const SplitPlan& plan, std::string_view stage, std::string_view run_id,
                             std::string_view quarantined_at);

// One row a fate: (_fate, count).
std::string FateCounts(std::string_view stage);
// One row a broken rule: (rule, rows that break it).
std::string RuleCounts(std::string_view stage);

}  // namespace tarn::quality
