#include <algorithm>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "sql/syntax_parser.h"

namespace tarn::sql {
namespace {

using Kind = SyntaxKind;

bool IsSetsCall(const SyntaxNode& node) {
    return node.kind == Kind::kCall && (node.word == "rollup" || node.word == "cube");
}

// (a, b) and (): what stands within, not a value that begins and ends with parentheses.
bool IsTuple(const SyntaxNode& node, const std::vector<Token>& tokens) {
    if (node.kind == Kind::kParens) return true;
    return node.kind == Kind::kPlain && IsSymbol(tokens[node.first], "(") &&
           (node.parts.empty() || node.parts.front().first == node.first + 1);
}

bool IsGroupingCall(const SyntaxNode& node) {
    return node.kind == Kind::kCall && (node.word == "grouping_id" || node.word == "grouping");
}

// What rows are grouped by, each once, in the order in which Spark numbers it.
class GroupedColumns {
public:
    explicit GroupedColumns(const std::vector<Token>& tokens) : tokens_(tokens) {}

    // False where there are no sets of columns.
    bool Read(const SyntaxNode& groups) {
        const bool has_sets = !groups.marks.empty();
        const size_t count = groups.parts.size() - (has_sets ? 1 : 0);
        for (size_t i = 0; i < count; ++i) Add(groups.parts[i]);
        if (has_sets && columns_.empty()) Add(groups.parts.back());
        return has_sets || has_sets_;
    }
    const std::vector<SyntaxNode>& columns() const { return columns_; }

private:
    void Add(const SyntaxNode& node) {
        if (node.kind == Kind::kReplaced) {  // WITH ROLLUP, WITH CUBE
            has_sets_ = true;
            return;
        }
        has_sets_ = has_sets_ || IsSetsCall(node) || IsWord(tokens_[node.first], "GROUPING");
        const bool is_list = IsSetsCall(node) || IsTuple(node, tokens_) ||
                             (node.kind == Kind::kPlain && IsWord(tokens_[node.first], "GROUPING"));
        if (is_list) {
            for (const SyntaxNode& part : node.parts) Add(part);
            return;
        }
        std::string text;
        for (size_t i = node.first; i < node.end; ++i) text += AsciiLower(tokens_[i].text) + " ";
        if (known_.insert(text).second) columns_.push_back(node);
    }

    const std::vector<Token>& tokens_;
    std::vector<SyntaxNode> columns_;
    std::set<std::string> known_;
    bool has_sets_ = false;
};

// Calls within a query within were filled by that one: they are marked.
void Fill(SyntaxNode& node, const GroupedColumns& columns, bool has_sets,
          const std::vector<Token>& tokens) {
    if (IsGroupingCall(node)) {
        if (!node.marks.empty()) return;
        node.marks.push_back(node.first);
        if (!has_sets) {
            throw Error(ErrorKind::kInvalidInput,
                        "{}() says by which columns a row of ROLLUP, CUBE or GROUPING SETS is "
                        "grouped: this query has none of them",
                        node.word)
                .At(SpotOf(tokens[node.first].position));
        }
        if (node.parts.empty() && node.word == "grouping_id") node.parts = columns.columns();
        return;
    }
    for (SyntaxNode& part : node.parts) Fill(part, columns, has_sets, tokens);
}

}  // namespace

void SyntaxParser::FillGroupings(const SyntaxNode& select, SyntaxNode& node, size_t first) const {
    GroupedColumns columns(cursor_.tokens());
    bool has_sets = false;
    for (const SyntaxNode& part : select.parts) {
        if (part.kind == Kind::kGroups) has_sets = columns.Read(part);
    }
    for (size_t i = first; i < node.parts.size(); ++i) {
        if (node.parts[i].kind != Kind::kGroups)
            Fill(node.parts[i], columns, has_sets, cursor_.tokens());
    }
}

// GROUPING SETS (..)
SyntaxNode SyntaxParser::ParseGroupingSets() {
    SyntaxNode sets = Open(Kind::kPlain, cursor_.index());
    cursor_.MoveTo(cursor_.index() + 2);
    cursor_.ExpectSymbol("(");
    ParseExpressions(sets);
    cursor_.ExpectSymbol(")");
    return Close(std::move(sets));
}

// items [WITH ROLLUP|CUBE], or the list of GROUPING SETS over them.
void SyntaxParser::ParseGroupBy(SyntaxNode& select) {
    SyntaxNode group = Open(Kind::kGroups, cursor_.index());
    if (cursor_.AcceptWord("ALL")) return;
    do {
        if (!cursor_.AtWords({"GROUPING", "SETS"})) {
            group.parts.push_back(ParseExpression());
            continue;
        }
        group.parts.push_back(ParseGroupingSets());
    } while (cursor_.AcceptSymbol(","));
    const size_t end = cursor_.index();
    if (cursor_.AtWords({"WITH", "ROLLUP"}) || cursor_.AtWords({"WITH", "CUBE"})) {
        SyntaxNode opening = Open(Kind::kReplaced, group.first);
        opening.end = group.first;
        opening.word = IsWord(cursor_.Peek(1), "CUBE") ? "CUBE (" : "ROLLUP (";
        group.parts.insert(group.parts.begin(), std::move(opening));
        cursor_.MoveTo(end + 2);
        group.parts.push_back(Replaced(end, ")"));
    } else if (cursor_.AtWords({"GROUPING", "SETS"})) {
        group.marks.push_back(end);
        group.parts.push_back(ParseGroupingSets());
    }
    select.parts.push_back(Close(std::move(group)));
}

}  // namespace tarn::sql
