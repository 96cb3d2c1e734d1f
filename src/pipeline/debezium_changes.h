// Debezium's envelopes as changes: SQL over rows that hold them as they were received. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pipeline/change_layout.h"
#include "sql/change_rules.h"

namespace tarn::pipeline {

// Name and SQL type of each column of the table that was captured.
using CapturedColumns = std::vector<std::pair<std::string, std::string>>;

// A SELECT with the captured columns, `__absent`, and what orders changes in the source's log:
// `_log` (its file, or a position that is text), `_position`, `_row` (within the position),
// `_ts_ms` (the source's clock), beside `_op`. `landed` are the columns of `select`: with
// raw_payload the envelopes are read from it, else from op, before, after, source and ts_ms. A
// tombstone is no change, nor is a logical message.
// Keys of deletes are taken from `before`, of which nothing else is believed: other columns may
// hold defaults. What has none of the known ops is refused when the SELECT runs.
std::string DebeziumSelect(const std::string& select, const Columns& landed,
                           const CapturedColumns& captured, const std::vector<std::string>& keys);

// What the envelopes say by themselves: which changes delete, empty the table, lack values; the
// order is the log's, unless the rules say another.
sql::ChangeRules DebeziumRules(const sql::ChangeRules& rules, const CapturedColumns& captured);

}  // namespace tarn::pipeline
