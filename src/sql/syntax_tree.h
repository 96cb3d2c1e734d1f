// What a query says, as a tree over its tokens: a node covers tokens [first, end), its parts cover
// some of them, and what lies between the parts stands there as written. Plain values.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace tarn::sql {

enum class SyntaxKind {
    kPlain,       // nothing of its own: as written
    kReplaced,    // word: what is to stand instead of the tokens
    kName,        // a, a.b.c; marks: in Spark's dialect the tokens of the fields behind the column;
                  // is_outer: which of the names is the column cannot be told
    kTable,       // the name of a table
    kString,      // tokens: one or more texts side by side
    kNumber,      //
    kTyped,       // word: DATE, TIMESTAMP, X, ... in capitals; part: the text
    kInterval,    // parts: the amounts, each followed by its unit (marks: tokens of the units)
    kUnary,       // word: -, +, ~, NOT, !; one part
    kChain,       // operators of one level: marks are their tokens, parts one more than these
    kLogic,       // word: AND, OR; two parts or more
    kCompare,     // word: the operator; two parts
    kBetween,     // three parts; may be negated
    kIn,          // parts: the value, then the list; may be negated; is_outer: a query's rows
    kIs,          // word: NULL, TRUE, ..., DISTINCT; one part, DISTINCT two; may be negated
    kLike,        // word: LIKE, ILIKE, RLIKE; two parts, ESCAPE a third; may be negated
    kLikeAny,     // word: LIKE, ILIKE; marks: the token ANY or ALL; parts: the value, the patterns
    kCase,        // parts: conditions and results by turns, then what ELSE gives; is_named: the
                  // first part is what all are compared with
    kCast,        // word: CAST, TRY_CAST, ::; parts: value and type
    kCollate,     // x COLLATE name; marks: the name's last token
    kType,        // word: its name in capitals; parts: the types within it
    kCall,        // word: the function in small letters; parts: its arguments; marks: the groups
                  // that grouping() asks for are known
    kCallTail,    // word: FILTER, OVER, ...; parts: the call that it stands behind, what it says
    kBracket,     // x[i]; two parts
    kField,       // x.name; marks: the name's token; part: x
    kPath,        // x:a.b; word: the path as $['a']['b']; part: x
    kParens,      // one part
    kParameter,   // :name
    kLambda,      // marks: tokens of its names; part: its body
    kOrderItem,   // one part; marks: the token NULLS if it says so; is_down
    kSelectItem,  // one part; is_named when it has an alias
    kLateralView,     // parts: the call; marks: tokens of the table's name, then of the columns'
    kTimeWindows,     // window(at, width, ..) beside the tables; parts: its arguments
    kSessionWindows,  // before the table of GROUP BY session_window(at, gap); parts: its arguments,
                      // then what else rows are grouped by
    kRows,            // VALUES; parts: the rows; word: QUERY where they are one
    kGroups,          // what GROUP BY lists; marks: GROUPING SETS behind it, the last part
    kPathTable,       // csv.`...`: two marks
    kTableCall,       // a function where a table stands; part: the call
    kPivot,           // parts: as written
    kPipes,           // query |> step ..; parts: the query and its steps
    kPipeStep,        // word: WHERE, SELECT, ...; marks: tokens of names; is_negated: DISTINCT;
                      // is_outer: the last part names windows
    kStatement,  // (DESCRIBE ...) where a table stands: word says which; marks: tokens of the name
};

struct SyntaxNode {
    SyntaxKind kind = SyntaxKind::kPlain;
    size_t first = 0;
    size_t end = 0;
    std::string word;
    std::vector<SyntaxNode> parts;
    std::vector<size_t> marks;
    bool is_negated = false;
    bool is_down = false;
    bool is_named = false;
    bool is_outer = false;      // OUTER of a view; from one unit to another; where a table stands
    bool is_star = false;       // stands for any number of columns
    bool is_plain_call = true;  // nothing but arguments between its parentheses
};

}  // namespace tarn::sql
