#include "sql/schema_evolution.h"

namespace tarn::sql {

bool CutSchemaEvolution(TokenCursor cursor, StatementRewriter& rewriter) {
    while (!cursor.AtEnd() && !cursor.AtWord("INSERT") && !cursor.AtWord("MERGE"))
        cursor.SkipGroup();
    cursor.Next();
    const size_t begin = cursor.index();
    if (!cursor.AcceptWords({"WITH", "SCHEMA", "EVOLUTION"})) return false;
    rewriter.Cut(begin, cursor.index());
    return true;
}

}  // namespace tarn::sql
