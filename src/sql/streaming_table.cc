#include "sql/streaming_table.h"

#include "sql/token_cursor.h"

namespace tarn::sql {

std::optional<Rewritten> SpellStreamingTable(const Statement& statement,
                                             const std::vector<Token>& tokens) {
    TokenCursor cursor(tokens);
    if (!cursor.AcceptWord("CREATE")) return std::nullopt;
    if (!cursor.AcceptWords({"OR", "REFRESH"})) cursor.AcceptWords({"OR", "REPLACE"});
    if (!cursor.AcceptWords({"STREAMING", "TABLE"})) return std::nullopt;
    cursor.AcceptWords({"IF", "NOT", "EXISTS"});
    const Token& name = cursor.Peek();
    while (!cursor.AtEnd()) {
        if (cursor.AtWord("AS") || cursor.AtWord("FLOW")) return std::nullopt;
        cursor.SkipGroup();
    }
    Rewriter rewriter(statement.text, statement.position());
    rewriter.Replace(tokens.front().begin, name.begin, "CREATE TABLE IF NOT EXISTS ");
    return rewriter.Build();
}

}  // namespace tarn::sql
