#include "sql/merge_stars.h"

#include "sql/quote.h"
#include "sql/token_cursor.h"

namespace tarn::sql {
namespace {

// [EXCEPT (a, b)] as a list of texts, and the cursor behind it.
std::string ReadExcept(TokenCursor& cursor) {
    std::string names = "[";
    if (!cursor.AcceptWord("EXCEPT")) return names + "]";
    cursor.ExpectSymbol("(");
    do {
        if (names.size() > 1) names += ", ";
        names += QuoteLiteral(cursor.ExpectName("a column"));
    } while (cursor.AcceptSymbol(","));
    cursor.ExpectSymbol(")");
    return names + "]";
}

}  // namespace

void RewriteMergeStars(StatementRewriter& rewriter, size_t first) {
    TokenCursor cursor(rewriter.tokens());
    cursor.MoveTo(first);
    while (!cursor.AtEnd()) {
        const bool is_update = cursor.AcceptWords({"THEN", "UPDATE", "SET"});
        const bool is_insert = !is_update && cursor.AcceptWords({"THEN", "INSERT"});
        if (!is_update && !is_insert) {
            cursor.Next();
            continue;
        }
        const size_t star = cursor.index();
        if (!cursor.AcceptSymbol("*")) continue;
        const std::string but = ReadExcept(cursor);
        const std::string all = QuoteIdentifier(std::string(kAllColumns));
        rewriter.Replace(star,
                         is_update ? all + " = " + but : "(" + all + ") VALUES (" + but + ")");
        if (cursor.index() > star + 1) rewriter.Cut(star + 1, cursor.index());
    }
}

}  // namespace tarn::sql
