// AUTO CDC: how a stream of changes becomes a table. A change is a row with a key, a place in the
// order of changes, and values. Pure.
#pragma once

#include <string>
#include <vector>

namespace tarn::sql {

// Some columns of a source: all, those that are named, or all but those.
struct ColumnChoice {
    enum class Takes { kAll, kNamed, kAllBut };
    Takes takes = Takes::kAll;
    std::vector<std::string> names;
};

// What becomes of changes. Conditions are SQL of the engine over the source's columns.
struct ChangeRules {
    std::vector<std::string> keys;
    std::vector<std::string> sequence_by;  // several: compared one after another
    std::string delete_when;               // empty: no change deletes
    std::string truncate_when;             // empty: no change empties the table
    bool ignore_null_updates = false;      // a NULL leaves the value that is there
    ColumnChoice columns;
    bool keeps_history = false;  // SCD type 2: a row a version, with __START_AT and __END_AT
    ColumnChoice tracked;        // with history: whose changes make a version
    bool soft_deletes = false;   // deleted rows stay, marked by is_deleted and deleted_at
    // The changes have a column __absent, a list of the columns that they have no value for.
    bool tells_absent = false;
};

}  // namespace tarn::sql
