#include <algorithm>
#include <utility>

#include "base/text.h"
#include "sql/syntax_parser.h"

namespace tarn::sql {
namespace {

using Kind = SyntaxKind;

constexpr std::string_view kTakeLambdas[] = {
    "aggregate",        "any_match",    "apply",           "array_apply", "array_filter",
    "array_reduce",     "array_sort",   "array_transform", "exists",      "filter",
    "forall",           "list_apply",   "list_filter",     "list_reduce", "list_transform",
    "map_filter",       "map_zip_with", "reduce",          "transform",   "transform_keys",
    "transform_values", "zip_with"};

bool IsNameToken(const Token& token) {
    return token.kind == TokenKind::kIdentifier || token.kind == TokenKind::kQuotedIdentifier;
}

}  // namespace

// x -> or (x, y) ->. In Tarn's dialect `f(x -> y)` asks JSON, but in these functions.
bool SyntaxParser::AtLambda(std::string_view function) const {
    const bool takes_lambdas = std::find(std::begin(kTakeLambdas), std::end(kTakeLambdas),
                                         function) != std::end(kTakeLambdas);
    if (!IsSpark() && !takes_lambdas) return false;
    size_t ahead = 0;
    if (cursor_.AtSymbol("(")) {
        do {
            if (!IsNameToken(cursor_.Peek(ahead + 1))) return false;
            ahead += 2;
        } while (IsSymbol(cursor_.Peek(ahead), ","));
        if (!IsSymbol(cursor_.Peek(ahead), ")")) return false;
    } else if (!IsNameToken(cursor_.Peek())) {
        return false;
    }
    return IsSymbol(cursor_.Peek(ahead + 1), "->");
}

SyntaxNode SyntaxParser::ParseLambda() {
    SyntaxNode node = Open(Kind::kLambda, cursor_.index());
    while (!cursor_.AcceptSymbol("->")) {
        if (IsNameToken(cursor_.Peek())) node.marks.push_back(cursor_.index());
        cursor_.Next();
    }
    node.parts.push_back(ParseExpression());
    return Close(std::move(node));
}

SyntaxNode SyntaxParser::ParseArgument(const SyntaxNode& call) {
    SyntaxNode node = Open(Kind::kPlain, cursor_.index());
    if (AtLambda(call.word)) return ParseLambda();
    if (AtQuery()) return ParseQuery();
    // Of a function that gives a table also name = value.
    const bool is_named = IsNameToken(cursor_.Peek()) &&
                          (IsSymbol(cursor_.Peek(1), ":=") || IsSymbol(cursor_.Peek(1), "=>") ||
                           (call.is_outer && IsSymbol(cursor_.Peek(1), "=")));
    if (is_named) {
        cursor_.MoveTo(cursor_.index() + 2);
        node.parts.push_back(ParseExpression());
        return Close(std::move(node));
    }
    if (!IsSpark() && cursor_.AtWord("LAMBDA") && IsNameToken(cursor_.Peek(1))) {
        cursor_.Next();
        do ExpectAnyName("the name of a parameter");
        while (cursor_.AcceptSymbol(","));
        cursor_.ExpectSymbol(":");
        node.parts.push_back(ParseExpression());
        return Close(std::move(node));
    }
    node = ParseExpression();
    if (!cursor_.AcceptWord("AS")) return node;
    SyntaxNode named = Open(Kind::kSelectItem, node.first);  // struct(a AS b)
    named.is_named = true;
    named.parts.push_back(std::move(node));
    ExpectAnyName("a name");
    return Close(std::move(named));
}

// Up to the closing parenthesis. EXTRACT, SUBSTRING, TRIM and OVERLAY put words between arguments.
void SyntaxParser::ParseArguments(SyntaxNode& call) {
    if (cursor_.AtSymbol(")")) return;
    if (cursor_.AcceptWord("DISTINCT") || cursor_.AcceptWord("ALL")) call.is_plain_call = false;
    const bool trims = call.word == "trim" && AtAnyWord({"LEADING", "TRAILING", "BOTH"});
    if (trims) {
        cursor_.Next();
        call.is_plain_call = false;
    }
    const bool searches = call.word == "position";  // (a IN b)
    if (searches) {
        call.parts.push_back(ParseLevel(0));
        if (cursor_.AcceptWord("IN")) call.parts.push_back(ParseLevel(0));
    } else if (!(trims && cursor_.AtWord("FROM"))) {
        call.parts.push_back(ParseArgument(call));
    }
    while (!cursor_.AtSymbol(")")) {
        if (cursor_.AcceptSymbol(",")) {
            call.parts.push_back(ParseArgument(call));
        } else if (AtAnyWord({"FROM", "FOR", "PLACING"})) {
            cursor_.Next();
            call.is_plain_call =
                call.word.starts_with("substr") || call.word == "overlay" || call.word == "extract";
            call.parts.push_back(ParseExpression());
        } else if (cursor_.AcceptWords({"ORDER", "BY"})) {
            call.is_plain_call = false;
            ParseOrderItems(call);
        } else if (cursor_.AcceptWords({"IGNORE", "NULLS"}) ||
                   cursor_.AcceptWords({"RESPECT", "NULLS"})) {
            call.is_plain_call = false;
        } else {
            cursor_.FailExpected("',' or ')'");
        }
    }
}

SyntaxNode SyntaxParser::ParseCall(SyntaxNode name) {
    SyntaxNode call = Open(Kind::kCall, name.first);
    call.is_outer = name.is_outer;
    const bool has_one_part = name.end == name.first + 1;
    const Token& word = cursor_.tokens()[name.first];
    if (has_one_part && word.kind == TokenKind::kIdentifier) call.word = AsciiLower(word.text);
    has_groupings_ = has_groupings_ || call.word == "grouping" || call.word == "grouping_id";
    has_windows_ = has_windows_ || call.word == "window" || call.word == "session_window";
    cursor_.ExpectSymbol("(");
    ParseArguments(call);
    cursor_.ExpectSymbol(")");
    return ParseCallTail(Close(std::move(call)));
}

SyntaxNode SyntaxParser::ParseCallTail(SyntaxNode call) {
    for (int levels = 1;; ++levels) {
        CheckDepth(levels);
        SyntaxNode node = Open(Kind::kCallTail, call.first);
        const size_t begin = cursor_.index();
        node.word = AsciiUpper(cursor_.Peek().text);
        if (cursor_.AcceptWords({"WITHIN", "GROUP"})) {
            node.parts.push_back(std::move(call));
            cursor_.ExpectSymbol("(");
            if (!cursor_.AcceptWords({"ORDER", "BY"})) cursor_.FailExpected("ORDER BY");
            ParseOrderItems(node);
            cursor_.ExpectSymbol(")");
        } else if (cursor_.AtWord("FILTER") && IsSymbol(cursor_.Peek(1), "(")) {
            cursor_.MoveTo(begin + 2);
            node.parts.push_back(std::move(call));
            cursor_.ExpectWord("WHERE");
            node.parts.push_back(ParseExpression());
            cursor_.ExpectSymbol(")");
        } else if (cursor_.AcceptWords({"IGNORE", "NULLS"}) ||
                   cursor_.AcceptWords({"RESPECT", "NULLS"})) {
            // The engine has these words within the parentheses.
            SyntaxNode cut = Replaced(begin, "");
            const bool ignores = IsWord(cursor_.tokens()[begin], "IGNORE");
            SyntaxNode inside = Open(Kind::kReplaced, call.end - 1);
            inside.end = call.end - 1;
            inside.word = ignores ? " IGNORE NULLS" : "";
            call.parts.push_back(std::move(inside));
            call.is_plain_call = false;
            node.parts.push_back(std::move(call));
            node.parts.push_back(std::move(cut));
        } else if (cursor_.AcceptWord("OVER")) {
            node.parts.push_back(std::move(call));
            if (cursor_.AtSymbol("(")) {
                node.parts.push_back(ParseWindow());
            } else {
                ExpectAnyName("the name of a window");
            }
        } else {
            return call;
        }
        call = Close(std::move(node));
    }
}

// ([name] [PARTITION BY ..] [ORDER BY ..] [frame])
SyntaxNode SyntaxParser::ParseWindow() {
    SyntaxNode window = Open(Kind::kPlain, cursor_.index());
    cursor_.ExpectSymbol("(");
    const bool is_named =
        IsNameToken(cursor_.Peek()) && !AtAnyWord({"PARTITION", "ORDER", "DISTRIBUTE", "SORT",
                                                   "CLUSTER", "ROWS", "RANGE", "GROUPS"});
    if (is_named) cursor_.Next();
    while (!cursor_.AtSymbol(")")) ParseWindowPart(window);
    cursor_.ExpectSymbol(")");
    return Close(std::move(window));
}

void SyntaxParser::ParseWindowPart(SyntaxNode& window) {
    const size_t first = cursor_.index();
    if (cursor_.AcceptWords({"PARTITION", "BY"})) {
        ParseExpressions(window);
    } else if (cursor_.AcceptWords({"DISTRIBUTE", "BY"}) ||
               cursor_.AcceptWords({"CLUSTER", "BY"})) {
        window.parts.push_back(Replaced(first, "PARTITION BY"));
        ParseExpressions(window);
    } else if (cursor_.AcceptWords({"ORDER", "BY"})) {
        ParseOrderItems(window);
    } else if (cursor_.AcceptWords({"SORT", "BY"})) {
        window.parts.push_back(Replaced(first, "ORDER BY"));
        ParseOrderItems(window);
    } else if (AtAnyWord({"ROWS", "RANGE", "GROUPS"})) {
        while (!cursor_.AtSymbol(")") && !cursor_.AtEnd()) {
            const bool is_word = AtAnyWord({"ROWS", "RANGE", "GROUPS", "BETWEEN", "AND",
                                            "UNBOUNDED", "PRECEDING", "FOLLOWING", "CURRENT", "ROW",
                                            "EXCLUDE", "NO", "OTHERS", "GROUP", "TIES"});
            if (is_word) {
                cursor_.Next();
            } else {
                window.parts.push_back(ParseLevel(0));
            }
        }
    } else {
        cursor_.FailExpected("PARTITION BY, ORDER BY, ROWS, RANGE or ')'");
    }
}

SyntaxNode SyntaxParser::ParseOrderItem() {
    SyntaxNode item = Open(Kind::kOrderItem, cursor_.index());
    item.parts.push_back(ParseExpression());
    item.is_down = cursor_.AcceptWord("DESC");
    if (!item.is_down) cursor_.AcceptWord("ASC");
    if (cursor_.AtWord("NULLS")) {
        item.marks.push_back(cursor_.index());
        cursor_.Next();
        if (!cursor_.AcceptWord("FIRST") && !cursor_.AcceptWord("LAST"))
            cursor_.FailExpected("FIRST or LAST");
    }
    return Close(std::move(item));
}

void SyntaxParser::ParseOrderItems(SyntaxNode& node) {
    do node.parts.push_back(ParseOrderItem());
    while (cursor_.AcceptSymbol(","));
}

void SyntaxParser::ParseExpressions(SyntaxNode& node) {
    do {
        if (cursor_.AtSymbol(")") && !node.parts.empty() && !IsSpark()) return;  // (a, b,)
        node.parts.push_back(ParseExpression());
    } while (cursor_.AcceptSymbol(","));
}

}  // namespace tarn::sql
