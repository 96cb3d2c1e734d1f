// Recursive-descent parser of queries and expressions in Spark's grammar and the engine's: it finds
// their shape (syntax_tree.h) so that what is spelled otherwise there can be written anew. In
// Spark's dialect all of a text must be of its grammar; in Tarn's the parser only has to know
// enough of the engine's, for what it fails at is left as written. Throws InvalidInput, "expected
// X, found Y" with its place, and LimitExceeded beyond kMaxSyntaxDepth. Pure.
#pragma once

#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sql/dialect.h"
#include "sql/syntax_tree.h"
#include "sql/token_cursor.h"

namespace tarn::sql {

inline constexpr int kMaxSyntaxDepth = 300;

class SyntaxParser {
public:
    SyntaxParser(const std::vector<Token>& tokens, Dialect dialect)
        : cursor_(tokens), dialect_(dialect) {}

    TokenCursor& cursor() { return cursor_; }
    // In Spark's dialect the names of all tables that were read so far, in small letters.
    const std::set<std::string>& tables() const { return tables_; }
    void NoteTable(std::string_view name);
    // Does a query begin here, parentheses around it or not.
    bool AtQuery() const;

    SyntaxNode ParseQuery();
    SyntaxNode ParseWith();
    SyntaxNode ParseExpression();
    SyntaxNode ParseType();
    // A table, a subquery or a function's rows, with time travel and alias; no joins.
    SyntaxNode ParseTableFactor();
    // FROM's list, with joins and lateral views.
    SyntaxNode ParseTables();
    // The values of INSERT too.
    SyntaxNode ParseRows();

private:
    // One level deeper as long as it lives; LimitExceeded beyond the deepest.
    class DepthGuard {
    public:
        explicit DepthGuard(SyntaxParser& parser);
        ~DepthGuard() { --parser_.depth_; }
        DepthGuard(const DepthGuard&) = delete;
        DepthGuard& operator=(const DepthGuard&) = delete;

    private:
        SyntaxParser& parser_;
    };

    // Expressions (syntax_expressions.cc).
    SyntaxNode ParseAnd();
    SyntaxNode ParseNot();
    SyntaxNode ParsePredicate();
    SyntaxNode ParsePredicateBehind(SyntaxNode left, bool negated);
    SyntaxNode ParseLike(SyntaxNode left, bool negated);
    SyntaxNode ParseIn(SyntaxNode left, bool negated);
    SyntaxNode ParseIs(SyntaxNode left);
    SyntaxNode ParseLevel(size_t level);
    // The number of tokens of the operator of this level that stands here, 0 when there is none.
    size_t OperatorAt(size_t level) const;
    size_t ComparisonAt() const;
    SyntaxNode ParseUnary();
    SyntaxNode ParsePostfix();
    bool AtPath() const;
    SyntaxNode ParsePath(SyntaxNode value);
    SyntaxNode ParseField(SyntaxNode value);
    void ParseSubscript(SyntaxNode& node);
    // `levels` nodes stand within each other by now, each behind the last: they nest too.
    void CheckDepth(int levels) const;
    void ExpectAnyName(std::string_view what);

    // What an expression is made of (syntax_primaries.cc, syntax_calls.cc).
    SyntaxNode ParsePrimary();
    SyntaxNode ParseWord();
    SyntaxNode ParseParens();
    SyntaxNode ParseStrings();
    SyntaxNode ParseTyped();
    SyntaxNode ParseCase();
    SyntaxNode ParseCast();
    SyntaxNode ParseInterval();
    bool AtUnit(size_t ahead = 0) const;
    bool AtAmountAndUnit() const;
    SyntaxNode ParseLiteralList(std::string_view opening, std::string_view closing);
    SyntaxNode ParseName();
    SyntaxNode ParseStar();
    bool AtLambda(std::string_view function) const;
    SyntaxNode ParseLambda();
    SyntaxNode ParseCall(SyntaxNode name);
    void ParseArguments(SyntaxNode& call);
    SyntaxNode ParseArgument(const SyntaxNode& call);
    SyntaxNode ParseCallTail(SyntaxNode call);
    SyntaxNode ParseWindow();
    void ParseWindowPart(SyntaxNode& window);

    // Types (syntax_types.cc).
    void ParseTypesWithin(SyntaxNode& type, std::string_view closing);
    void ParseIntervalUnits(SyntaxNode& type);

    // Queries (syntax_queries.cc).
    bool SkipPlainRow();
    SyntaxNode ParseSetTerm();
    SyntaxNode ParseSelect();
    SyntaxNode ParseSelectItem();
    void ParseSelectClauses(SyntaxNode& select);
    void ParseNamedWindows(SyntaxNode& select);
    bool ParseOrdering(SyntaxNode& query);
    bool ParseLimit(SyntaxNode& query);
    SyntaxNode ParseOrderItem();
    void ParseOrderItems(SyntaxNode& node);
    void ParseExpressions(SyntaxNode& node);
    void ParseSetOperator(SyntaxNode& query);
    // schema.table.* and record.field.* among the items of a SELECT.
    void SpellOutStars(SyntaxNode& select) const;
    std::vector<std::string> NamesFrom(size_t first) const;

    // Groups (syntax_groups.cc).
    void ParseGroupBy(SyntaxNode& select);
    SyntaxNode ParseGroupingSets();
    // Gives grouping_id() its columns, from part `first` of the node on; InvalidInput where the
    // rows of `select` are not grouped by sets of columns.
    void FillGroupings(const SyntaxNode& select, SyntaxNode& node, size_t first) const;
    // Where rows are parted by window(at, width), the windows of time stand beside the tables,
    // which end before token `tables_end`, and the call is their column's name
    // (time_windows.cc).
    void GroupByTime(SyntaxNode& select, size_t tables_end) const;
    // The same for session_window(at, gap).
    void GroupBySessions(SyntaxNode& select, size_t tables_end) const;
    std::vector<SyntaxNode> GroupsBesideSession(const SyntaxNode& select) const;

    // Pipes (syntax_pipes.cc).
    bool AtPipe() const;
    SyntaxNode ParsePipes(SyntaxNode source);
    SyntaxNode ParsePipeStep();
    void ParsePipeItems(SyntaxNode& node);
    void ParsePipeGroups(SyntaxNode& step);
    void ParsePipeClause(SyntaxNode& step);

    // Tables (syntax_tables.cc).
    SyntaxNode ParseLateralView();
    bool ParseJoin(SyntaxNode& tables);
    void ParseTableTail(SyntaxNode& table);
    void ParseTimeTravel(SyntaxNode& table);
    void ParsePivot(SyntaxNode& table);
    void ParseSample(SyntaxNode& table);
    bool ParseTableAlias(SyntaxNode& table);
    SyntaxNode OneName() const;
    SyntaxNode ParseNamedTable();
    SyntaxNode ParseStatement();
    std::string SampledBuckets() const;
    static std::string AliasText(const Token& alias);

    bool AtAnyWord(std::initializer_list<std::string_view> words) const;
    // A word that may name what stands before it, without AS.
    bool AtBareAlias() const;
    bool IsSpark() const { return dialect_ == Dialect::kSpark; }
    // Are the tokens from here on these symbols with nothing between them.
    bool AtJoined(std::initializer_list<std::string_view> symbols) const;
    SyntaxNode Open(SyntaxKind kind, size_t first) const;
    SyntaxNode Close(SyntaxNode node) const;
    SyntaxNode Replaced(size_t first, std::string_view word) const;

    TokenCursor cursor_;
    Dialect dialect_;
    bool has_groupings_ = false;  // a call of grouping() or grouping_id() was read
    bool has_windows_ = false;    // one of window() or session_window()
    int depth_ = 0;
    std::set<std::string> tables_;
};

}  // namespace tarn::sql
