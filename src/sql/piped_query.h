// A query that grows step by step, as pipes (query |> step |> step) give it. A step that can join
// what stands there already becomes a clause of the same SELECT, so that the names of its tables
// reach as far as they do in the pipe; any other stands around it. A value.
#pragma once

#include <string>
#include <vector>

#include "sql/sql_text.h"

namespace tarn::sql {

class PipedQuery {
public:
    // `tables`: what stands behind FROM. `name`: the quoted name of its only table, else empty.
    PipedQuery(SqlText tables, std::string name);

    void Filter(const SqlText& condition);
    // `windows`: the clause that names some, or nothing.
    void Select(const SqlText& columns, bool is_distinct, const SqlText& windows);
    // All columns, and what is written behind the star: ", x + 1 AS y", " EXCLUDE (a)".
    void SelectAllBut(const SqlText& change);
    // Rows of equal `groups` become one; the groups stand before the aggregates.
    void Aggregate(const std::vector<SqlText>& groups, const std::vector<SqlText>& aggregates);
    // Words behind the tables: a join.
    void Join(const SqlText& join);
    // Words behind all of it as a table: PIVOT.
    void Reshape(const SqlText& words);
    void Order(const SqlText& ordering);
    void Limit(const SqlText& limit);
    // UNION ALL and the like, with the rows of another query.
    void Combine(const SqlText& words, const SqlText& query);
    // From now on a table of that quoted name.
    void Name(std::string name);

    SqlText Text() const;

private:
    bool IsPlain() const;
    // All of it becomes a table of the next SELECT.
    void Close();

    SqlText tables_;
    std::string name_;
    SqlText condition_;
    SqlText columns_;  // empty: all of them
    std::string groups_;
    SqlText windows_;
    SqlText order_;
    SqlText limit_;
};

}  // namespace tarn::sql
