// The statement that applies changes to a table: AUTO CDC. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/change_rules.h"
#include "sql/dialect.h"
#include "sql/splitter.h"
#include "sql/text_position.h"

namespace tarn::sql {

// CREATE [OR REPLACE] FLOW name [COMMENT text] AS AUTO CDC INTO target FROM [STREAM] source ...,
// the older APPLY CHANGES INTO, AUTO CDC INTO without a name, and
// CREATE [OR REFRESH] STREAMING TABLE target [TBLPROPERTIES (...)] FLOW AUTO CDC FROM ...
struct ChangeFlow {
    std::string name;  // the target's, where the statement has none
    std::vector<std::string> target;
    std::vector<std::string> source;
    bool is_stream = false;  // only what is new in the source since the flow last ran
    ChangeRules rules;
    TextPosition source_position;
};

// The statement, if it is one. InvalidInput at its place for a clause that is missing, stands
// twice, or does not go with another; Unsupported for flows of other kinds.
std::optional<ChangeFlow> ReadChangeFlow(const Statement& statement, Dialect dialect);

}  // namespace tarn::sql
