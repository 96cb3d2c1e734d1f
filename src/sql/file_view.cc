#include "sql/file_view.h"

#include <map>
#include <string>

#include "base/error.h"
#include "base/text.h"
#include "sql/column_clauses.h"
#include "sql/file_reader.h"
#include "sql/quote.h"
#include "sql/token_cursor.h"

namespace tarn::sql {

std::optional<Rewritten> SpellFileView(const Statement& statement,
                                       const std::vector<Token>& tokens) {
    TokenCursor cursor(tokens);
    if (!cursor.AcceptWord("CREATE")) return std::nullopt;
    cursor.AcceptWords({"OR", "REPLACE"});
    if (!cursor.AcceptWord("TEMP") && !cursor.AcceptWord("TEMPORARY")) return std::nullopt;
    if (!cursor.AcceptWord("VIEW")) return std::nullopt;
    cursor.AcceptWords({"IF", "NOT", "EXISTS"});
    if (!cursor.AtName()) return std::nullopt;
    cursor.ExpectQualifiedName("a view");
    const size_t begin = cursor.Peek().begin;
    if (!cursor.AcceptWord("USING")) return std::nullopt;
    const TextPosition at = cursor.Peek().position;
    const std::string format = cursor.ExpectName("a format: CSV, JSON, PARQUET, TEXT or DELTA");
    std::map<std::string, std::string> options;
    if (cursor.AcceptWord("OPTIONS")) options = ReadProperties(cursor);
    if (!cursor.AtEnd()) cursor.FailExpected("OPTIONS, or the end of the statement");
    std::string query;
    if (const FileReader* reader = FindFileReader(format)) {
        try {
            query = FileQuery(*reader, options);
        } catch (const Error& error) {
            throw Error(error.kind(), error.message()).At(SpotOf(at));
        }
    } else if (EqualsIgnoreCase(format, "delta") && options.contains("path")) {
        query = "SELECT * FROM delta." + QuoteIdentifier(options.at("path"));
    } else {
        throw Error(ErrorKind::kUnsupported,
                    "files of the format {} are not read: use CSV, JSON, PARQUET or TEXT", format)
            .At(SpotOf(at));
    }
    Rewriter rewriter(statement.text, statement.position());
    rewriter.Replace(begin, statement.text.size(), "AS " + query);
    return rewriter.Build();
}

}  // namespace tarn::sql
