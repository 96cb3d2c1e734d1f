#include <utility>

#include "base/text.h"
#include "sql/syntax_parser.h"

namespace tarn::sql {
namespace {

using Kind = SyntaxKind;

}  // namespace

SyntaxNode SyntaxParser::ParsePrimary() {
    SyntaxNode node = Open(Kind::kPlain, cursor_.index());
    switch (cursor_.Peek().kind) {
        case TokenKind::kNumber:
            node.kind = Kind::kNumber;
            cursor_.Next();
            return Close(std::move(node));
        case TokenKind::kString:
            return ParseStrings();
        case TokenKind::kParameter:
            cursor_.Next();
            return Close(std::move(node));
        case TokenKind::kQuotedIdentifier:
        case TokenKind::kIdentifier:
            return ParseWord();
        default:
            break;
    }
    if (cursor_.AtSymbol("(")) return ParseParens();
    if (cursor_.AtSymbol("*")) return ParseStar();
    if (IsSpark() && cursor_.AtSymbol(":")) {  // a named parameter
        cursor_.Next();
        ExpectAnyName("the name of a parameter");
        node.kind = Kind::kParameter;
        return Close(std::move(node));
    }
    if (!IsSpark() && cursor_.AtSymbol("[")) return ParseLiteralList("[", "]");
    if (!IsSpark() && cursor_.AtSymbol("{")) return ParseLiteralList("{", "}");
    if (!IsSpark() && cursor_.AcceptSymbol("#")) {  // a column by its number
        cursor_.Next();
        return Close(std::move(node));
    }
    cursor_.FailExpected("a value");
}

SyntaxNode SyntaxParser::ParseStrings() {
    SyntaxNode node = Open(Kind::kString, cursor_.index());
    do cursor_.Next();
    while (IsSpark() && cursor_.Peek().kind == TokenKind::kString);
    return Close(std::move(node));
}

// (query), (a), (a, b), (a, b) -> body
SyntaxNode SyntaxParser::ParseParens() {
    SyntaxNode node = Open(Kind::kParens, cursor_.index());
    cursor_.Next();
    if (AtQuery()) {
        node.kind = Kind::kPlain;
        node.parts.push_back(ParseQuery());
        cursor_.ExpectSymbol(")");
        return Close(std::move(node));
    }
    if (!cursor_.AtSymbol(")")) ParseExpressions(node);
    if (node.parts.size() != 1) node.kind = Kind::kPlain;
    cursor_.ExpectSymbol(")");
    return Close(std::move(node));
}

// * [EXCEPT (a, b)] [EXCLUDE ..] [REPLACE (..)] [RENAME (..)] [LIKE ..]
SyntaxNode SyntaxParser::ParseStar() {
    SyntaxNode node = Open(Kind::kPlain, cursor_.index());
    node.is_star = true;
    cursor_.Next();
    const size_t word = cursor_.index();
    const bool excepts = cursor_.AtWord("EXCEPT") && IsSymbol(cursor_.Peek(1), "(") &&
                         !IsWord(cursor_.Peek(2), "SELECT") && !IsWord(cursor_.Peek(2), "FROM") &&
                         !IsWord(cursor_.Peek(2), "VALUES") && !IsWord(cursor_.Peek(2), "WITH") &&
                         !IsSymbol(cursor_.Peek(2), "(");
    if (excepts) {
        cursor_.Next();
        node.parts.push_back(Replaced(word, "EXCLUDE"));
        cursor_.SkipGroup();
    } else if (!IsSpark() && cursor_.AcceptWord("EXCLUDE")) {
        cursor_.SkipGroup();
    }
    while (!IsSpark() && AtAnyWord({"REPLACE", "RENAME"}) && IsSymbol(cursor_.Peek(1), "(")) {
        cursor_.Next();
        cursor_.Next();
        do {
            node.parts.push_back(ParseExpression());
            if (cursor_.AcceptWord("AS")) ExpectAnyName("a name");
        } while (cursor_.AcceptSymbol(","));
        cursor_.ExpectSymbol(")");
    }
    return Close(std::move(node));
}

// [a, b], [x FOR x IN l IF c], {'a': 1}
SyntaxNode SyntaxParser::ParseLiteralList(std::string_view opening, std::string_view closing) {
    SyntaxNode node = Open(Kind::kPlain, cursor_.index());
    cursor_.ExpectSymbol(opening);
    while (!cursor_.AtSymbol(closing)) {
        node.parts.push_back(ParseExpression());
        if (cursor_.AcceptSymbol(":")) node.parts.push_back(ParseExpression());
        if (cursor_.AcceptWord("FOR")) {
            do ExpectAnyName("a name");
            while (cursor_.AcceptSymbol(","));
            cursor_.ExpectWord("IN");
            node.parts.push_back(ParseExpression());
            if (cursor_.AcceptWord("IF")) node.parts.push_back(ParseExpression());
        }
        if (!cursor_.AcceptSymbol(",")) break;
    }
    cursor_.ExpectSymbol(closing);
    return Close(std::move(node));
}

// A keyword that begins a value, a literal with its type before it, a function or a name.
SyntaxNode SyntaxParser::ParseWord() {
    const size_t first = cursor_.index();
    const bool is_word = cursor_.Peek().kind == TokenKind::kIdentifier;
    const bool calls = IsSymbol(cursor_.Peek(1), "(");
    if (is_word) {
        if (cursor_.AtWord("CASE") && !calls) return ParseCase();
        if (calls && AtAnyWord({"CAST", "TRY_CAST"})) return ParseCast();
        if (cursor_.AtWord("INTERVAL") && !IsSymbol(cursor_.Peek(1), ".")) return ParseInterval();
        if (cursor_.Peek(1).kind == TokenKind::kString || cursor_.AtWords({"TIMESTAMP", "WITH"}))
            return ParseTyped();
        if (!IsSpark() && AtAnyWord({"ARRAY", "MAP"}) && !calls) {
            SyntaxNode node = Open(Kind::kPlain, first);
            const std::string_view opening = cursor_.AtWord("MAP") ? "{" : "[";
            if (IsSymbol(cursor_.Peek(1), opening)) {
                cursor_.Next();
                node.parts.push_back(ParseLiteralList(opening, opening == "{" ? "}" : "]"));
                return Close(std::move(node));
            }
        }
        const bool is_column =
            IsSpark() && ((AtAnyWord({"ORDER", "GROUP"}) && !IsWord(cursor_.Peek(1), "BY")) ||
                          (cursor_.AtWord("WINDOW") && !IsWord(cursor_.Peek(2), "AS")));
        const bool ends_values = !calls && !is_column &&
                                 AtAnyWord({"FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT",
                                            "ON", "UNION", "WHEN", "THEN", "ELSE", "SELECT", "AND",
                                            "OR", "IN", "AS", "INTO", "WINDOW", "QUALIFY"});
        if (ends_values) cursor_.FailExpected("a value");
    }
    return ParseName();
}

SyntaxNode SyntaxParser::ParseName() {
    SyntaxNode name = Open(Kind::kName, cursor_.index());
    cursor_.Next();
    while (cursor_.AtSymbol(".")) {
        const TokenKind next = cursor_.Peek(1).kind;
        if (IsSymbol(cursor_.Peek(1), "*")) {
            cursor_.Next();
            name.is_star = true;
            name.kind = Kind::kPlain;
            SyntaxNode star = ParseStar();
            name.parts.push_back(std::move(star));
            return Close(std::move(name));
        }
        if (next != TokenKind::kIdentifier && next != TokenKind::kQuotedIdentifier) break;
        cursor_.MoveTo(cursor_.index() + 2);
    }
    // A query's own parentheses may follow a column: REPLACE ON t.a = s.a (SELECT ...) AS s
    const bool is_column = IsSpark() && cursor_.index() > name.first + 1 &&
                           (IsWord(cursor_.Peek(1), "SELECT") || IsWord(cursor_.Peek(1), "WITH"));
    if (cursor_.AtSymbol("(") && !is_column) return ParseCall(Close(std::move(name)));
    return Close(std::move(name));
}

// DATE '...', TIMESTAMP WITH TIME ZONE '...', X'..'
SyntaxNode SyntaxParser::ParseTyped() {
    SyntaxNode node = Open(Kind::kTyped, cursor_.index());
    node.word = AsciiUpper(cursor_.Next().text);
    if (cursor_.AcceptWord("WITH")) {
        cursor_.ExpectWord("TIME");
        cursor_.ExpectWord("ZONE");
        node.word = "TIMESTAMPTZ";
    }
    if (cursor_.Peek().kind != TokenKind::kString) cursor_.FailExpected("a text");
    node.parts.push_back(ParseStrings());
    return Close(std::move(node));
}

SyntaxNode SyntaxParser::ParseCase() {
    SyntaxNode node = Open(Kind::kCase, cursor_.index());
    cursor_.Next();
    node.is_named = !cursor_.AtWord("WHEN");
    if (node.is_named) node.parts.push_back(ParseExpression());
    if (!cursor_.AtWord("WHEN")) cursor_.FailExpected("WHEN");
    while (cursor_.AcceptWord("WHEN")) {
        node.parts.push_back(ParseExpression());
        cursor_.ExpectWord("THEN");
        node.parts.push_back(ParseExpression());
    }
    if (cursor_.AcceptWord("ELSE")) node.parts.push_back(ParseExpression());
    cursor_.ExpectWord("END");
    return Close(std::move(node));
}

SyntaxNode SyntaxParser::ParseCast() {
    SyntaxNode node = Open(Kind::kCast, cursor_.index());
    node.word = AsciiUpper(cursor_.Next().text);
    cursor_.ExpectSymbol("(");
    node.parts.push_back(ParseExpression());
    cursor_.ExpectWord("AS");
    node.parts.push_back(ParseType());
    cursor_.ExpectSymbol(")");
    return Close(std::move(node));
}

// INTERVAL 90 DAYS, INTERVAL '1' DAY, INTERVAL '1 day', INTERVAL 1 YEAR 2 MONTHS,
// INTERVAL '1-2' YEAR TO MONTH, INTERVAL (x) DAY
SyntaxNode SyntaxParser::ParseInterval() {
    SyntaxNode node = Open(Kind::kInterval, cursor_.index());
    const size_t word = cursor_.index();
    cursor_.Next();
    const auto at_amount = [&] {
        const TokenKind kind = cursor_.Peek().kind;
        return kind == TokenKind::kNumber || kind == TokenKind::kString ||
               kind == TokenKind::kParameter || cursor_.AtSymbol("(") || cursor_.AtSymbol("-") ||
               cursor_.AtSymbol("+");
    };
    if (!at_amount() && !AtUnit(1)) {
        cursor_.MoveTo(word);
        return ParseName();  // a column of this name
    }
    do {
        node.parts.push_back(ParseUnary());
        if (!AtUnit()) break;
        node.marks.push_back(cursor_.index());
        cursor_.Next();
        if (cursor_.AcceptWord("TO")) {
            node.marks.push_back(cursor_.index());
            cursor_.Next();
            node.is_outer = true;  // from one unit to another
            break;
        }
    } while (IsSpark() ? AtAmountAndUnit() : cursor_.Peek().kind == TokenKind::kNumber);
    return Close(std::move(node));
}

// One more summand of an interval: what is added to one has no unit behind its first word.
bool SyntaxParser::AtAmountAndUnit() const {
    const size_t sign = cursor_.AtSymbol("-") || cursor_.AtSymbol("+") ? 1 : 0;
    const TokenKind kind = cursor_.Peek(sign).kind;
    return (kind == TokenKind::kNumber || kind == TokenKind::kString) && AtUnit(sign + 1);
}

bool SyntaxParser::AtUnit(size_t ahead) const {
    if (cursor_.Peek(ahead).kind != TokenKind::kIdentifier) return false;
    std::string word = AsciiUpper(cursor_.Peek(ahead).text);
    if (word.ends_with('S')) word.pop_back();
    for (const std::string_view unit :
         {"YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND", "MILLISECOND",
          "MICROSECOND", "DECADE", "CENTURY", "MILLENNIUM"}) {
        if (word == unit) return true;
    }
    return false;
}

}  // namespace tarn::sql
