// CREATE TABLE: reads the lakehouse's clauses and cuts them out of the engine's text.
#pragma once

#include "sql/statement_rewriter.h"
#include "sql/token_cursor.h"

namespace tarn::sql {

struct CreateTable {
    TableClauses clauses;
    std::optional<QualifiedName> like;
    bool has_query = false;  // AS SELECT ...
    bool is_bare = false;    // neither columns nor a query, and nothing that only the engine knows
};

// With the cursor behind the word TABLE. Moves it to the query's AS or to the end. What is no
// clause of ours is left to the engine. Throws InvalidInput (a malformed clause, or one given
// twice), Unsupported (a clause that is known and cannot be done).
// A temporary table is the engine's own: its columns' clauses stay in the text.
CreateTable ReadCreateTable(TokenCursor& cursor, StatementRewriter& rewriter, bool is_temporary);

}  // namespace tarn::sql
