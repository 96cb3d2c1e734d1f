#include "sql/assignment_targets.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"
#include "sql/quote.h"
#include "sql/token_cursor.h"

namespace tarn::sql {
namespace {

// In front of each part of a field's path: the unit separator, in no name that a user writes.
constexpr char kMark = '\x1f';

class TargetNames {
public:
    TargetNames(StatementRewriter& rewriter, size_t first)
        : rewriter_(rewriter), cursor_(rewriter.tokens()) {
        cursor_.MoveTo(first);
    }

    void Rewrite() {
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
            if (cursor_.AcceptWord("SET")) RewriteAssignments();
            return;
        }
        while (!cursor_.AtEnd()) {
            if (cursor_.AcceptWords({"THEN", "UPDATE", "SET"})) {
                RewriteAssignments();
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

    // A name with dots, and where its parts stand.
    struct Dotted {
        std::vector<std::string> parts;
        std::vector<size_t> begins;
    };

    // At a column: cuts the target's name in front of it, and gives what is left.
    Dotted CutInFront() {
        Dotted name;
        do {
            if (!cursor_.AtName()) break;
            name.begins.push_back(cursor_.index());
            name.parts.push_back(cursor_.ExpectName("a column"));
        } while (cursor_.AcceptSymbol("."));
        for (size_t count = std::min(names_.size(), name.parts.size() - 1); count > 0; --count) {
            const auto by = static_cast<ptrdiff_t>(count);
            const bool is_target = std::equal(names_.end() - by, names_.end(), name.parts.begin(),
                                              [](const std::string& own, const std::string& part) {
                                                  return EqualsIgnoreCase(own, part);
                                              });
            if (!is_target) continue;
            rewriter_.Cut(name.begins.front(), name.begins[count]);
            name.parts.erase(name.parts.begin(), name.parts.begin() + by);
            name.begins.erase(name.begins.begin(), name.begins.begin() + by);
            break;
        }
        return name;
    }

    void JoinFields(const Dotted& name) {
        if (name.parts.size() == 1 || !cursor_.AtSymbol("=")) return;
        std::string joined;
        for (const std::string& part : name.parts) joined += kMark + part;
        rewriter_.Replace(name.begins.front(), QuoteIdentifier(joined));
        rewriter_.Cut(name.begins.front() + 1, cursor_.index());
    }

    void RewriteAssignments() {
        do {
            if (cursor_.AtName()) JoinFields(CutInFront());
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

void RewriteAssignmentTargets(StatementRewriter& rewriter, size_t first) {
    TargetNames(rewriter, first).Rewrite();
}

std::optional<std::vector<std::string>> AssignedField(const std::string& column) {
    if (column.empty() || column.front() != kMark) return std::nullopt;
    return tarn::Split(std::string_view(column).substr(1), kMark);
}

}  // namespace tarn::sql
