#include "sql/column_fields.h"

#include "base/text.h"
#include "sql/quote.h"

namespace tarn::sql {
namespace {

void MarkName(const std::vector<Token>& tokens, const std::set<std::string>& tables,
              SyntaxNode& name) {
    const size_t count = (name.end - name.first + 1) / 2;
    size_t column = 0;
    size_t found = 0;
    for (size_t i = 0; i + 1 < count; ++i) {
        const std::string_view text = tokens[name.first + 2 * i].text;
        if (tables.count(AsciiLower(UnquoteIdentifier(text))) == 0) continue;
        column = i + 1;
        ++found;
    }
    name.is_outer = found > 1;
    if (name.is_outer) return;
    for (size_t i = column + 1; i < count; ++i) name.marks.push_back(name.first + 2 * i);
}

}  // namespace

void MarkFields(const std::vector<Token>& tokens, const std::set<std::string>& tables,
                SyntaxNode& node) {
    if (node.kind == SyntaxKind::kName) MarkName(tokens, tables, node);
    for (SyntaxNode& part : node.parts) MarkFields(tokens, tables, part);
}

}  // namespace tarn::sql
