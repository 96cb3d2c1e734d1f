// The columns of an application of changes, as its rules and its source say: whose rows they are,
// what orders them, what they hold; and the SQL that names them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/column_lookup.h"
#include "sql/change_rules.h"

namespace tarn::pipeline {

using Columns = std::vector<engine::ColumnInfo>;

struct ChangeLayout {
    Columns columns;      // of the target, keys among them, in the order of the source
    Columns keys;         // in the order of the rules
    Columns values;       // the columns that are no keys
    Columns tracked;      // the values whose changes make a version
    std::string order;    // SQL over the source's columns: what orders the changes
    Columns order_parts;  // the columns that it is made of

    // Does a version join what several changes say, or have changes no value for some column.
    bool JoinsChanges(const sql::ChangeRules& rules) const;
    // Does a row of the target say itself what ordered the change that made it.
    bool RowsTellTheirOrder() const;
    // Has a table made of the columns their very types, so that ties are the same of what is read.
    bool KeepsTypes() const;
};

// Do changes leave values as they are, by NULL or by a mark.
bool HasPartialChanges(const sql::ChangeRules& rules);

// One column as it is, several as a struct: compared one after another.
std::string OrderOf(const Columns& parts, std::string_view prefix = "");

// InvalidInput: a column that the source lacks (names the nearest), a key that the target would
// lack, rules that do not go together, a name that the application needs itself.
ChangeLayout LayoutOf(const sql::ChangeRules& rules, const Columns& source);

// The columns of both, one after the other.
Columns Together(Columns columns, const Columns& more);
// The columns of the target with NULLs for the values.
std::string KeysAlone(const ChangeLayout& layout, std::string_view prefix = "");
// SELECT of the rows of a table, named `e`, whose keys another has (`how`: SEMI) or has not (ANTI).
std::string RowsByKey(const Columns& keys, std::string_view table, std::string_view how,
                      std::string_view other);
// "a", "b" with something in front of each: `l."a", l."b"`.
std::string Listed(const Columns& columns, std::string_view prefix = "");
// l."a" = r."a" AND ...
std::string AreEqual(const Columns& columns, std::string_view left, std::string_view right);
// The same, where NULL is a value like others.
std::string AreSame(const Columns& columns, std::string_view left, std::string_view right);
// (l."a" IS DISTINCT FROM r."a" OR ...); FALSE where there are no columns.
std::string Differ(const Columns& columns, std::string_view left, std::string_view right);
// "a" = r."a", ...
std::string Assigned(const Columns& columns, std::string_view right);
// NULL::T AS "a", ...
std::string Nulls(const Columns& columns);
// A number that is the same wherever and whenever the values are: which of two changes at one place
// in the order counts.
std::string Tie(const Columns& columns, std::string_view prefix = "");
// The same of values that are SQL.
std::string TieOfValues(const std::vector<std::string>& values);

}  // namespace tarn::pipeline
