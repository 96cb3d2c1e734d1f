#include "sql/schema_evolution.h"

#include <string_view>

#include "base/text.h"

namespace tarn::sql {
namespace {

// At the words, or nowhere.
bool MoveToWords(TokenCursor& cursor) {
    while (!cursor.AtEnd() && !cursor.AtWord("INSERT") && !cursor.AtWord("MERGE"))
        cursor.SkipGroup();
    cursor.Next();
    return cursor.AtWords({"WITH", "SCHEMA", "EVOLUTION"});
}

}  // namespace

bool EvolvesSchema(const Statement& statement) {
    // Most statements are told apart without being read.
    if (AsciiLower(statement.text).find("evolution") == std::string::npos) return false;
    const std::vector<Token> tokens = Lex(statement);
    TokenCursor cursor(tokens);
    return MoveToWords(cursor);
}

void CutSchemaEvolution(TokenCursor cursor, StatementRewriter& rewriter) {
    if (!MoveToWords(cursor)) return;
    const size_t begin = cursor.index();
    cursor.AcceptWords({"WITH", "SCHEMA", "EVOLUTION"});
    rewriter.Cut(begin, cursor.index());
}

}  // namespace tarn::sql
