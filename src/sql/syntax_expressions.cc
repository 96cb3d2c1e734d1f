#include <algorithm>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "sql/quote.h"
#include "sql/syntax_parser.h"

namespace tarn::sql {
namespace {

using Kind = SyntaxKind;

// Levels of binary operators from the loosest to the tightest; predicates stand above them.
enum Level : size_t { kOther, kBitXor, kBitAnd, kShift, kSum, kProduct, kPower, kLevels };

constexpr std::string_view kOthers[] = {"->>", "->", "@>", "^@", "~~", "!~~", "!~", "&&", "@", "#"};

}  // namespace

SyntaxParser::DepthGuard::DepthGuard(SyntaxParser& parser) : parser_(parser) {
    parser_.CheckDepth(++parser_.depth_);
}

void SyntaxParser::CheckDepth(int levels) const {
    if (levels <= kMaxSyntaxDepth) return;
    throw Error(ErrorKind::kLimitExceeded, "a query nests deeper than {} levels", kMaxSyntaxDepth)
        .At(SpotOf(cursor_.Peek().position));
}

SyntaxNode SyntaxParser::Open(SyntaxKind kind, size_t first) const {
    SyntaxNode node;
    node.kind = kind;
    node.first = first;
    return node;
}

SyntaxNode SyntaxParser::Close(SyntaxNode node) const {
    node.end = cursor_.index();
    return node;
}

SyntaxNode SyntaxParser::Replaced(size_t first, std::string_view word) const {
    SyntaxNode node = Open(Kind::kReplaced, first);
    node.word = word;
    return Close(std::move(node));
}

bool SyntaxParser::AtAnyWord(std::initializer_list<std::string_view> words) const {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return cursor_.AtWord(word); });
}

bool SyntaxParser::AtJoined(std::initializer_list<std::string_view> symbols) const {
    size_t ahead = 0;
    for (const std::string_view symbol : symbols) {
        const Token& token = cursor_.Peek(ahead);
        if (!IsSymbol(token, symbol)) return false;
        if (ahead > 0 && cursor_.Peek(ahead - 1).end() != token.begin) return false;
        ++ahead;
    }
    return true;
}

SyntaxNode SyntaxParser::ParseExpression() {
    const DepthGuard depth(*this);
    SyntaxNode chain = Open(Kind::kLogic, cursor_.index());
    chain.word = "OR";
    chain.parts.push_back(ParseAnd());
    while (cursor_.AcceptWord("OR")) chain.parts.push_back(ParseAnd());
    return chain.parts.size() == 1 ? std::move(chain.parts[0]) : Close(std::move(chain));
}

SyntaxNode SyntaxParser::ParseAnd() {
    SyntaxNode chain = Open(Kind::kLogic, cursor_.index());
    chain.word = "AND";
    chain.parts.push_back(ParseNot());
    while (cursor_.AcceptWord("AND")) chain.parts.push_back(ParseNot());
    return chain.parts.size() == 1 ? std::move(chain.parts[0]) : Close(std::move(chain));
}

SyntaxNode SyntaxParser::ParseNot() {
    const size_t first = cursor_.index();
    const bool is_sign = cursor_.AtSymbol("!");
    if (!is_sign && !cursor_.AtWord("NOT")) return ParsePredicate();
    const DepthGuard depth(*this);
    cursor_.Next();
    SyntaxNode node = Open(Kind::kUnary, first);
    node.word = is_sign ? "!" : "NOT";
    node.parts.push_back(ParseNot());
    return Close(std::move(node));
}

// The number of tokens of the comparison that stands here.
size_t SyntaxParser::ComparisonAt() const {
    if (AtJoined({"<", "<"}) || AtJoined({">", ">"})) return 0;
    if (AtJoined({"<", "="}) || AtJoined({">", "="})) return 2;
    for (const std::string_view symbol : {"=", "==", "<>", "!=", "<", "<=", ">", ">=", "<=>"}) {
        if (cursor_.AtSymbol(symbol)) return 1;
    }
    return 0;
}

SyntaxNode SyntaxParser::ParsePredicate() {
    SyntaxNode left = ParseLevel(kOther);
    for (int levels = 1;; ++levels) {
        CheckDepth(levels);
        const size_t begin = cursor_.index();
        if (const size_t length = ComparisonAt(); length > 0) {
            SyntaxNode node = Open(Kind::kCompare, left.first);
            for (size_t i = 0; i < length; ++i) node.word += cursor_.Next().text;
            node.marks.push_back(begin);
            node.parts.push_back(std::move(left));
            node.parts.push_back(ParseLevel(kOther));
            left = Close(std::move(node));
            continue;
        }
        const bool negated = cursor_.AcceptWord("NOT");
        left = ParsePredicateBehind(std::move(left), negated);
        if (cursor_.index() == begin) return left;
        if (negated && cursor_.index() == begin + 1) {
            cursor_.MoveTo(begin);
            return left;
        }
    }
}

SyntaxNode SyntaxParser::ParsePredicateBehind(SyntaxNode left, bool negated) {
    if (AtAnyWord({"LIKE", "ILIKE", "RLIKE", "REGEXP"}) ||
        (!IsSpark() && (cursor_.AtWord("GLOB") || cursor_.AtWords({"SIMILAR", "TO"}))))
        return ParseLike(std::move(left), negated);
    if (cursor_.AcceptWord("BETWEEN")) {
        SyntaxNode node = Open(Kind::kBetween, left.first);
        cursor_.AcceptWord("SYMMETRIC");
        node.parts.push_back(std::move(left));
        node.parts.push_back(ParseLevel(kOther));
        cursor_.ExpectWord("AND");
        node.parts.push_back(ParseLevel(kOther));
        node.is_negated = negated;
        return Close(std::move(node));
    }
    if (cursor_.AcceptWord("IN")) return ParseIn(std::move(left), negated);
    if (!negated && cursor_.AcceptWord("IS")) return ParseIs(std::move(left));
    if (!IsSpark() && (cursor_.AtWord("ISNULL") || cursor_.AtWord("NOTNULL") ||
                       (negated && cursor_.AtWord("NULL")))) {
        cursor_.Next();
        SyntaxNode node = Open(Kind::kPlain, left.first);
        node.parts.push_back(std::move(left));
        return Close(std::move(node));
    }
    return left;
}

SyntaxNode SyntaxParser::ParseLike(SyntaxNode left, bool negated) {
    SyntaxNode node = Open(Kind::kLike, left.first);
    const size_t word = cursor_.index();
    node.word = AsciiUpper(cursor_.Next().text);
    cursor_.AcceptWord("TO");
    if (node.word == "REGEXP") node.word = "RLIKE";
    node.is_negated = negated;
    node.marks.push_back(word);
    node.parts.push_back(std::move(left));
    const bool is_list = AtAnyWord({"ANY", "ALL", "SOME"}) && IsSymbol(cursor_.Peek(1), "(") &&
                         !IsWord(cursor_.Peek(2), "SELECT");
    if (is_list && (node.word == "LIKE" || node.word == "ILIKE")) {
        node.kind = Kind::kLikeAny;
        node.marks.push_back(cursor_.index());
        cursor_.Next();
        cursor_.ExpectSymbol("(");
        ParseExpressions(node);
        cursor_.ExpectSymbol(")");
        return Close(std::move(node));
    }
    node.parts.push_back(ParseLevel(kOther));
    if (cursor_.AcceptWord("ESCAPE")) node.parts.push_back(ParseLevel(kOther));
    return Close(std::move(node));
}

SyntaxNode SyntaxParser::ParseIn(SyntaxNode left, bool negated) {
    SyntaxNode node = Open(Kind::kIn, left.first);
    node.is_negated = negated;
    node.parts.push_back(std::move(left));
    if (!cursor_.AtSymbol("(") && !IsSpark()) {
        node.parts.push_back(ParseLevel(kOther));
        return Close(std::move(node));
    }
    cursor_.ExpectSymbol("(");
    node.is_outer = AtQuery();
    if (node.is_outer) {
        node.parts.push_back(ParseQuery());
    } else if (!cursor_.AtSymbol(")")) {
        ParseExpressions(node);
    }
    cursor_.ExpectSymbol(")");
    return Close(std::move(node));
}

SyntaxNode SyntaxParser::ParseIs(SyntaxNode left) {
    SyntaxNode node = Open(Kind::kIs, left.first);
    node.parts.push_back(std::move(left));
    node.is_negated = cursor_.AcceptWord("NOT");
    node.word = AsciiUpper(cursor_.Peek().text);
    if (cursor_.AcceptWords({"DISTINCT", "FROM"})) {
        node.parts.push_back(ParseLevel(kOther));
    } else if (!cursor_.AcceptWord("NULL") && !cursor_.AcceptWord("TRUE") &&
               !cursor_.AcceptWord("FALSE") && !cursor_.AcceptWord("UNKNOWN")) {
        cursor_.FailExpected("NULL, TRUE, FALSE or DISTINCT FROM");
    }
    return Close(std::move(node));
}

size_t SyntaxParser::OperatorAt(size_t level) const {
    const auto at = [&](std::string_view symbol) { return cursor_.AtSymbol(symbol); };
    switch (level) {
        case kOther:
            if (at("|")) return AtPipe() ? 0 : 1;
            return !IsSpark() && std::any_of(std::begin(kOthers), std::end(kOthers), at) ? 1 : 0;
        case kBitXor:
            return IsSpark() && at("^") ? 1 : 0;
        case kBitAnd:
            return at("&") ? 1 : 0;
        case kShift:
            if (IsSpark() && AtJoined({">", ">", ">"})) return 3;
            return AtJoined({"<", "<"}) || AtJoined({">", ">"}) ? 2 : 0;
        case kSum:
            return at("+") || at("-") || at("||") ? 1 : 0;
        case kProduct:
            return at("*") || at("/") || at("%") || cursor_.AtWord("DIV") ||
                           (!IsSpark() && at("//"))
                       ? 1
                       : 0;
        case kPower:
            return !IsSpark() && (at("^") || at("**")) ? 1 : 0;
        default:
            return 0;
    }
}

SyntaxNode SyntaxParser::ParseLevel(size_t level) {
    if (level == kLevels) return ParseUnary();
    SyntaxNode chain = Open(Kind::kChain, cursor_.index());
    chain.parts.push_back(ParseLevel(level + 1));
    while (const size_t length = OperatorAt(level)) {
        chain.marks.push_back(cursor_.index());
        cursor_.MoveTo(cursor_.index() + length);
        chain.parts.push_back(ParseLevel(level + 1));
    }
    return chain.parts.size() == 1 ? std::move(chain.parts[0]) : Close(std::move(chain));
}

SyntaxNode SyntaxParser::ParseUnary() {
    for (const std::string_view symbol : {"-", "+", "~", "!"}) {
        if (!cursor_.AtSymbol(symbol)) continue;
        const DepthGuard depth(*this);
        SyntaxNode node = Open(Kind::kUnary, cursor_.index());
        node.word = symbol;
        cursor_.Next();
        node.parts.push_back(ParseUnary());
        return Close(std::move(node));
    }
    return ParsePostfix();
}

SyntaxNode SyntaxParser::ParseField(SyntaxNode value) {
    SyntaxNode node = Open(Kind::kPlain, value.first);
    node.parts.push_back(std::move(value));
    cursor_.Next();
    if (cursor_.AcceptSymbol("*")) return Close(std::move(node));
    node.kind = Kind::kField;
    node.marks.push_back(cursor_.index());
    ExpectAnyName("the name of a field");
    if (cursor_.AtSymbol("(") && !IsSpark()) {
        node.kind = Kind::kPlain;
        cursor_.Next();
        ParseArguments(node);
        cursor_.ExpectSymbol(")");
    }
    return Close(std::move(node));
}

// An index; in Tarn's dialect a slice too, whose bounds may be missing.
void SyntaxParser::ParseSubscript(SyntaxNode& node) {
    if (IsSpark()) return node.parts.push_back(ParseExpression());
    const auto is_bound = [&](const Token& token) {
        return IsSymbol(token, ":") || IsSymbol(token, "]");
    };
    while (!cursor_.AtSymbol("]")) {
        const bool has_no_bound = cursor_.AtSymbol("-") && is_bound(cursor_.Peek(1));
        if (has_no_bound || cursor_.AtSymbol(":")) {
            cursor_.Next();
            node.kind = Kind::kPlain;
        } else {
            node.parts.push_back(ParseExpression());
            if (!is_bound(cursor_.Peek())) return;
        }
    }
}

// Also a keyword, where only a name can stand.
void SyntaxParser::ExpectAnyName(std::string_view what) {
    const TokenKind kind = cursor_.Peek().kind;
    if (kind != TokenKind::kIdentifier && kind != TokenKind::kQuotedIdentifier)
        cursor_.FailExpected(what);
    cursor_.Next();
}

// value:name and value:['name']
bool SyntaxParser::AtPath() const {
    const Token& next = cursor_.Peek(1);
    return next.kind == TokenKind::kIdentifier || next.kind == TokenKind::kQuotedIdentifier ||
           IsSymbol(next, "[");
}

// value:a.b[0]['c']: the path into a variant or a text of JSON.
SyntaxNode SyntaxParser::ParsePath(SyntaxNode value) {
    SyntaxNode path = Open(Kind::kPath, value.first);
    path.parts.push_back(std::move(value));
    path.word = "$";
    bool takes_name = true;
    const auto fail = [&] { cursor_.FailExpected("a name or a subscript of a path"); };
    const auto add_name = [&](std::string_view name) {
        path.word += "['" + std::string(name) + "']";
    };
    cursor_.ExpectSymbol(":");
    while (takes_name || cursor_.AtSymbol("[") || cursor_.AtSymbol(".")) {
        if (cursor_.AcceptSymbol("[")) {
            const Token& inside = cursor_.Next();
            if (inside.kind == TokenKind::kString) {
                add_name(UnquoteSparkLiteral(inside.text));
            } else if (inside.kind == TokenKind::kNumber || IsSymbol(inside, "*")) {
                path.word += "[" + std::string(inside.text) + "]";
            } else {
                fail();
            }
            cursor_.ExpectSymbol("]");
        } else {
            if (!takes_name) cursor_.ExpectSymbol(".");
            const Token& name = cursor_.Next();
            if (name.kind == TokenKind::kQuotedIdentifier) {
                add_name(UnquoteIdentifier(name.text));
            } else if (name.kind == TokenKind::kIdentifier) {
                add_name(name.text);
            } else {
                fail();
            }
        }
        takes_name = false;
    }
    return Close(std::move(path));
}

SyntaxNode SyntaxParser::ParsePostfix() {
    SyntaxNode value = ParsePrimary();
    for (int levels = 1;; ++levels) {
        CheckDepth(levels);
        SyntaxNode node = Open(Kind::kPlain, value.first);
        if (cursor_.AtSymbol("[")) {
            cursor_.Next();
            node.kind = Kind::kBracket;
            node.parts.push_back(std::move(value));
            ParseSubscript(node);
            cursor_.ExpectSymbol("]");
        } else if (cursor_.AtSymbol(".")) {
            value = ParseField(std::move(value));
            continue;
        } else if (cursor_.AtSymbol("::")) {
            cursor_.Next();
            node.kind = Kind::kCast;
            node.word = "::";
            node.parts.push_back(std::move(value));
            node.parts.push_back(ParseType());
        } else if (IsSpark() && cursor_.AtSymbol(":") && AtPath()) {
            value = ParsePath(std::move(value));
            continue;
        } else if (cursor_.AcceptWord("COLLATE")) {
            node.kind = Kind::kCollate;
            node.parts.push_back(std::move(value));
            cursor_.ExpectQualifiedName("a collation");
            node.marks.push_back(cursor_.index() - 1);
        } else if (cursor_.AcceptWords({"AT", "TIME", "ZONE"})) {
            node.parts.push_back(std::move(value));
            node.parts.push_back(ParsePrimary());
        } else {
            return value;
        }
        value = Close(std::move(node));
    }
}

}  // namespace tarn::sql
