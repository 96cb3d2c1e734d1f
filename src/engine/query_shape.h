// What a SELECT does with the rows of its tables, as its bound plan says: may its answer be brought
// up to date from what changed in them. Values, immutable once given out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/session.h"

namespace tarn::engine {

enum class ShapeKind {
    kOther,   // QueryShape::obstacle says why nothing more is known
    kRows,    // each row is made of one row of each table: projections, filters, inner joins
    kGroups,  // such rows, grouped: a row a group
};

// What a column of a row a group is.
enum class ColumnRole {
    kKey,    // of what the rows are grouped by
    kCount,  // of rows; counts of parts add up to that of the whole
    kSum,    // the same, exact; NULL of no values
    kLeast,  // the least of parts is that of the whole; NULL of no values
    kGreatest,
    kOther,  // known of a group's rows alone
};

struct QueryShape {
    ShapeKind kind = ShapeKind::kOther;
    std::string obstacle;  // of kOther: "a window function", "random(), which ..."
    std::vector<ColumnInfo> columns;
    // A scan each, one that is read twice stands here twice.
    std::vector<TableName> tables;
    std::vector<std::string> temporaries;  // names of temporary tables, in the same way
    // Of kGroups, one a column. All that the rows are grouped by is among the columns.
    std::vector<ColumnRole> roles;
    // The plan in words. Two plans that differ in more than the versions of their tables differ
    // here, or in the text of their SELECTs.
    std::string plan;
};

// A session that tells the shape of a SELECT.
class ShapeReader {
public:
    virtual ~ShapeReader() = default;
    // Nothing runs. Errors as Session::Execute has them.
    virtual QueryShape ShapeOf(std::string_view select) = 0;
};

// Of a session that reads no plans: kOther.
QueryShape ShapeOf(Session& session, std::string_view select);

}  // namespace tarn::engine
