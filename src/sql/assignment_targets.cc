#include "sql/assignment_targets.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"
#include "sql/token_cursor.h"

namespace tarn::sql {
namespace {

class TargetNames {
public:
    TargetNames(StatementRewriter& rewriter, size_t first)
        : rewriter_(rewriter), cursor_(rewriter.tokens()) {
        cursor_.MoveTo(first);
    }

    void Cut() {
        // WITH ... may stand in front.
        while (!cursor_.AtEnd() && !cursor_.AtWord("MERGE") && !cursor_.AtWord("UPDATE"))
            cursor_.SkipGroup();
        const bool is_merge = cursor_.AtWord("MERGE");
        cursor_.Next();
        cursor_.AcceptWords({"WITH", "SCHEMA", "EVOLUTION"});
        if (is_merge) cursor_.AcceptWord("INTO");
        if (!cursor_.AtName()) return;
        ReadTarget();
        if (!is_merge) {
            if (cursor_.AcceptWord("SET")) CutInAssignments();
            return;
        }
        while (!cursor_.AtEnd()) {
            if (cursor_.AcceptWords({"THEN", "UPDATE", "SET"})) {
                CutInAssignments();
            } else if (cursor_.AcceptWords({"THEN", "INSERT"})) {
                CutInColumns();
            } else {
                cursor_.Next();
            }
        }
    }

private:
    void ReadTarget() {
        names_ = cursor_.ExpectQualifiedName("a table name").parts;
        const bool has_as = cursor_.AcceptWord("AS");
        const bool is_clause =
            cursor_.AtWord("SET") || cursor_.AtWord("USING") || cursor_.AtSymbol("(");
        if (has_as || (cursor_.AtName() && !is_clause)) names_ = {cursor_.ExpectName("an alias")};
    }

    // At a column: cuts the target's name in front of it.
    void CutInFront() {
        const size_t begin = cursor_.index();
        std::vector<std::string> parts;
        std::vector<size_t> begins;
        do {
            if (!cursor_.AtName()) break;
            begins.push_back(cursor_.index());
            parts.push_back(cursor_.ExpectName("a column"));
        } while (cursor_.AcceptSymbol("."));
        for (size_t count = std::min(names_.size(), parts.size() - 1); count > 0; --count) {
            const bool is_target =
                std::equal(names_.end() - static_cast<ptrdiff_t>(count), names_.end(),
                           parts.begin(), [](const std::string& name, const std::string& part) {
                               return EqualsIgnoreCase(name, part);
                           });
            if (!is_target) continue;
            rewriter_.Cut(begin, begins[count]);
            return;
        }
    }

    void CutInAssignments() {
        do {
            if (cursor_.AtName()) CutInFront();
            SkipValue();
        } while (cursor_.AcceptSymbol(","));
    }

    // Up to the comma, or to the clause behind the assignments.
    void SkipValue() {
        int cases = 0;
        bool is_distinct = false;
        while (!cursor_.AtEnd() && !(cases == 0 && cursor_.AtSymbol(","))) {
            const bool ends = cursor_.AtWord("WHERE") || cursor_.AtWord("WHEN") ||
                              cursor_.AtWord("RETURNING") ||
                              (cursor_.AtWord("FROM") && !is_distinct);
            if (cases == 0 && ends) return;
            if (cursor_.AtWord("CASE")) ++cases;
            if (cursor_.AtWord("END")) --cases;
            is_distinct = cursor_.AtWord("DISTINCT");
            cursor_.SkipGroup();
        }
    }

    // INSERT [BY NAME] (columns) VALUES ...
    void CutInColumns() {
        if (!cursor_.AcceptSymbol("(")) return;
        do {
            if (!cursor_.AtName()) return;
            CutInFront();
        } while (cursor_.AcceptSymbol(","));
    }

    StatementRewriter& rewriter_;
    TokenCursor cursor_;
    std::vector<std::string> names_;  // the table's, or its alias alone
};

}  // namespace

void CutTargetNames(StatementRewriter& rewriter, size_t first) {
    TargetNames(rewriter, first).Cut();
}

}  // namespace tarn::sql
