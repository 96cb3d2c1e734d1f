#include "sql/type_text.h"

#include <vector>

#include "base/error.h"
#include "sql/lexer.h"
#include "sql/syntax_parser.h"
#include "sql/syntax_writer.h"

namespace tarn::sql {

std::optional<std::string> EngineTypeInText(const std::string& ddl) {
    for (const std::string& text : {ddl, "STRUCT<" + ddl + ">"}) {
        try {
            const std::vector<Token> tokens = Lex(text, {}, Dialect::kSpark);
            SyntaxParser parser(tokens, Dialect::kSpark);
            const SyntaxNode type = parser.ParseType();
            if (!parser.cursor().AtEnd()) continue;
            return SyntaxWriter(text, tokens, Dialect::kSpark, false).Write(type).text();
        } catch (const Error&) {
            continue;  // the other reading may be right
        }
    }
    return std::nullopt;
}

}  // namespace tarn::sql
