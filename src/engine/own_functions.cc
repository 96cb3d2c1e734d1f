#include "engine/own_functions.h"

namespace tarn::engine {

const std::vector<OwnFunction>& OwnFunctions() {
    static const std::vector<OwnFunction> functions{
        {OwnFunctionId::kTableHistory, "table_history", "'table'[, limit]",
         "a row for each of the last commits (1,000 unless a limit is given), the newest first; "
         "what DESCRIBE HISTORY shows"},
        {OwnFunctionId::kTableDetail, "table_detail", "'table'",
         "one row: format, id, location, size, properties, protocol; what DESCRIBE DETAIL shows"},
        {OwnFunctionId::kTableChanges, "table_changes", "'table', from[, to]",
         "the rows that the commits from one version or time to another (both included) inserted, "
         "deleted and updated, with _change_type, _commit_version and _commit_timestamp"},
        {OwnFunctionId::kTableChangesByPath, "table_changes_by_path", "'/folder', from[, to]",
         "the same of the table that lies in a folder"},
        {OwnFunctionId::kTableAppends, "table_appends", "'table', from[, to]",
         "the same of commits that only appended; refuses a range that did more"},
        {OwnFunctionId::kCurrentTimestamp, "current_timestamp", "",
         "now, as Spark spells what DuckDB writes without parentheses"},
        {OwnFunctionId::kPiiHash, "pii_hash", "value, 'key'",
         "64 hex digits in the place of a person's data: its HMAC-SHA-256 by the key of that name, "
         "which the environment has (TARN_PII_KEY_<NAME>); equal values give equal ones, NULL "
         "stays"},
        {OwnFunctionId::kPiiToken, "pii_token", "value, 'key'",
         "the same as a short word: `tok_` and 32 hex digits, which no hash tells"},
        {OwnFunctionId::kPiiPartial, "pii_partial", "value, head, tail[, least_length := 8]",
         "the first and the last characters of a text around `***`; all is hidden of one shorter "
         "than least_length, or of which more than half would show; NULL stays"},
    };
    return functions;
}

}  // namespace tarn::engine
