#include "sql/spark_expression.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "sql/lexer.h"
#include "sql/spark_tokens.h"
#include "sql/spark_types.h"

namespace tarn::sql {
namespace {

using Kind = SparkNodeKind;

constexpr int kMaxDepth = 200;
constexpr size_t kMaxTokens = 5000;

struct Operators {
    std::array<std::string_view, 4> words;
};
// Binary operators from the loosest level to the tightest; AND, OR and predicates stand above them.
constexpr Operators kLevels[] = {
    {{"|"}}, {{"^"}}, {{"&"}}, {{"+", "-", "||"}}, {{"*", "/", "%", "DIV"}}};
constexpr std::string_view kComparisons[] = {"=", "==", "<>", "!=", "<", "<=", ">", ">=", "<=>"};

SparkNode Node(Kind kind, std::string text = {}, std::vector<SparkNode> parts = {}) {
    SparkNode node;
    node.kind = kind;
    node.text = std::move(text);
    node.parts = std::move(parts);
    return node;
}

std::vector<SparkNode> Pair(SparkNode left, SparkNode right) {
    std::vector<SparkNode> parts;
    parts.push_back(std::move(left));
    parts.push_back(std::move(right));
    return parts;
}

class Parser {
public:
    Parser(std::string_view text, bool is_typed)
        : text_(text), is_typed_(is_typed), tokens_(is_typed ? LexOurs(text) : LexSpark(text)) {}

    SparkNode Run() {
        if (tokens_.size() > kMaxTokens) {
            throw Error(ErrorKind::kLimitExceeded, "an expression is longer than {} words",
                        kMaxTokens);
        }
        SparkNode node = ReadOr();
        if (Peek().kind != SparkTokenKind::kEnd) FailExpected("its end");
        return node;
    }

private:
    const SparkToken& Peek(size_t ahead = 0) const {
        return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
    }
    const SparkToken& Next() {
        const SparkToken& token = Peek();
        at_ = std::min(at_ + 1, tokens_.size() - 1);
        return token;
    }
    bool AtSymbol(std::string_view symbol) const {
        return Peek().kind == SparkTokenKind::kSymbol && Peek().text == symbol;
    }
    bool AcceptSymbol(std::string_view symbol) {
        if (!AtSymbol(symbol)) return false;
        Next();
        return true;
    }
    bool AcceptWord(std::string_view word) {
        if (!IsWord(Peek(), word)) return false;
        Next();
        return true;
    }
    void ExpectSymbol(std::string_view symbol) {
        if (!AcceptSymbol(symbol)) FailExpected(fmt::format("'{}'", symbol));
    }
    void ExpectWord(std::string_view word) {
        if (!AcceptWord(word)) FailExpected(word);
    }
    [[noreturn]] void FailExpected(std::string_view what) const {
        const bool is_end = Peek().kind == SparkTokenKind::kEnd;
        throw Error(ErrorKind::kInvalidInput, "the expression {}: expected {}, found {}", text_,
                    what, is_end ? "its end" : Peek().text);
    }
    [[noreturn]] void Refuse(std::string_view what) const {
        throw Error(ErrorKind::kUnsupported,
                    "the expression {} uses {}, which Tarn does not evaluate", text_, what);
    }

    SparkNode ReadOr() {
        if (++depth_ > kMaxDepth) {
            throw Error(ErrorKind::kLimitExceeded, "an expression nests deeper than {} levels",
                        kMaxDepth);
        }
        SparkNode left = ReadAnd();
        while (AcceptWord("OR")) left = Node(Kind::kBinary, "OR", Pair(std::move(left), ReadAnd()));
        --depth_;
        return left;
    }

    SparkNode ReadAnd() {
        SparkNode left = ReadNot();
        while (AcceptWord("AND"))
            left = Node(Kind::kBinary, "AND", Pair(std::move(left), ReadNot()));
        return left;
    }

    SparkNode ReadNot() {
        size_t count = 0;
        while (AcceptWord("NOT") || AcceptSymbol("!")) ++count;
        SparkNode node = ReadPredicate();
        for (; count > 0; --count) node = Node(Kind::kUnary, "NOT", {std::move(node)});
        return node;
    }

    SparkNode ReadPredicate() {
        SparkNode left = ReadLevel(0);
        while (true) {
            const bool negated = IsWord(Peek(), "NOT") &&
                                 (IsWord(Peek(1), "BETWEEN") || IsWord(Peek(1), "IN") || AtLike(1));
            if (negated) Next();
            const auto comparison = std::find(std::begin(kComparisons), std::end(kComparisons),
                                              std::string_view(Peek().text));
            if (Peek().kind == SparkTokenKind::kSymbol && comparison != std::end(kComparisons)) {
                Next();
                left = Node(Kind::kBinary, std::string(*comparison),
                            Pair(std::move(left), ReadLevel(0)));
            } else if (AcceptWord("BETWEEN")) {
                left = ReadBetween(std::move(left));
            } else if (AcceptWord("IN")) {
                left = ReadIn(std::move(left));
            } else if (AtLike(0)) {
                left = ReadLike(std::move(left));
            } else if (AcceptWord("IS")) {
                left = ReadIs(std::move(left));
            } else {
                return left;
            }
            if (negated) left.negated = true;
        }
    }

    bool AtLike(size_t ahead) const {
        for (const char* word : {"LIKE", "ILIKE", "RLIKE", "REGEXP"}) {
            if (IsWord(Peek(ahead), word)) return true;
        }
        return false;
    }

    SparkNode ReadBetween(SparkNode value) {
        std::vector<SparkNode> parts = Pair(std::move(value), ReadLevel(0));
        ExpectWord("AND");
        parts.push_back(ReadLevel(0));
        return Node(Kind::kBetween, "", std::move(parts));
    }

    SparkNode ReadIn(SparkNode value) {
        SparkNode node = Node(Kind::kIn, "", {std::move(value)});
        ExpectSymbol("(");
        if (IsWord(Peek(), "SELECT")) Refuse("a subquery");
        do node.parts.push_back(ReadOr());
        while (AcceptSymbol(","));
        ExpectSymbol(")");
        return node;
    }

    SparkNode ReadLike(SparkNode value) {
        std::string word = AsciiUpper(Next().text);
        if (word == "REGEXP") word = "RLIKE";
        SparkNode node = Node(Kind::kLike, std::move(word), Pair(std::move(value), ReadLevel(0)));
        if (IsWord(Peek(), "ESCAPE")) Refuse("LIKE ... ESCAPE");
        return node;
    }

    SparkNode ReadIs(SparkNode value) {
        const bool negated = AcceptWord("NOT");
        if (AcceptWord("DISTINCT")) {
            ExpectWord("FROM");
            SparkNode node = Node(Kind::kBinary, "<=>", Pair(std::move(value), ReadLevel(0)));
            if (negated) return node;
            return Node(Kind::kUnary, "NOT", {Node(Kind::kParens, "", {std::move(node)})});
        }
        for (const char* word : {"NULL", "TRUE", "FALSE"}) {
            if (!AcceptWord(word)) continue;
            SparkNode node = Node(Kind::kIs, word, {std::move(value)});
            node.negated = negated;
            return node;
        }
        FailExpected("NULL, TRUE, FALSE or DISTINCT FROM");
    }

    SparkNode ReadLevel(size_t level) {
        if (level == std::size(kLevels)) return ReadUnary();
        SparkNode left = ReadLevel(level + 1);
        while (true) {
            const std::string word = AsciiUpper(Peek().text);
            const auto& words = kLevels[level].words;
            const bool is_operator = (Peek().kind == SparkTokenKind::kSymbol || word == "DIV") &&
                                     Peek().kind != SparkTokenKind::kQuotedName &&
                                     Peek().kind != SparkTokenKind::kString && !word.empty() &&
                                     std::find(words.begin(), words.end(), word) != words.end();
            if (!is_operator) return left;
            Next();
            left = Node(Kind::kBinary, word, Pair(std::move(left), ReadLevel(level + 1)));
        }
    }

    SparkNode ReadUnary() {
        for (const char* symbol : {"-", "+", "~"}) {
            if (AcceptSymbol(symbol)) return Node(Kind::kUnary, symbol, {ReadUnary()});
        }
        SparkNode node = ReadPrimary();
        while (true) {
            if (AcceptSymbol("::")) {
                node = Node(Kind::kCast, ReadType(), {std::move(node)});
            } else if (AcceptSymbol("[")) {
                node = ReadElement(std::move(node));
            } else {
                break;
            }
        }
        if (AtSymbol(".")) Refuse("a field of what is no column");
        return node;
    }

    // A text is no place in an array, so that it means the same in both spellings.
    SparkNode ReadElement(SparkNode of) {
        SparkNode key = ReadOr();
        ExpectSymbol("]");
        if (is_typed_ && key.kind != Kind::kString) {
            throw Error(ErrorKind::kUnsupported,
                        "the expression {}: [..] counts from 0 in Spark, which keeps the "
                        "expression, and from 1 here; say element_at(.., 1), the first in both",
                        text_);
        }
        return Node(Kind::kElement, "", Pair(std::move(of), std::move(key)));
    }

    SparkNode ReadPrimary() {
        switch (Peek().kind) {
            case SparkTokenKind::kNumber:
                return Node(Kind::kNumber, ReadNumber());
            case SparkTokenKind::kString:
                return Node(Kind::kString, Next().text);
            case SparkTokenKind::kQuotedName:
                return ReadColumn();
            case SparkTokenKind::kName:
                return ReadWord();
            default:
                break;
        }
        if (!AcceptSymbol("(")) FailExpected("a value");
        if (IsWord(Peek(), "SELECT")) Refuse("a subquery");
        SparkNode node = Node(Kind::kParens, "", {ReadOr()});
        ExpectSymbol(")");
        return node;
    }

    std::string ReadNumber() {
        const std::string text = Next().text;
        const size_t end = text.find_first_not_of("0123456789.");
        std::string rest = AsciiUpper(end == std::string::npos ? "" : text.substr(end));
        if (rest.starts_with("E")) {
            const size_t tail =
                rest.find_first_not_of("0123456789", rest.find_first_of("+-") == 1 ? 2 : 1);
            rest = tail == std::string::npos ? "" : rest.substr(tail);
        }
        const bool is_known = rest.empty() || rest == "L" || rest == "S" || rest == "Y" ||
                              rest == "D" || rest == "F" || rest == "BD";
        if (!is_known || (is_typed_ && !rest.empty())) Refuse("the number " + text);
        return text;
    }

    SparkNode ReadColumn() {
        SparkNode node = Node(Kind::kColumn);
        node.path.push_back(Next().text);
        while (AcceptSymbol(".")) {
            if (Peek().kind != SparkTokenKind::kName && Peek().kind != SparkTokenKind::kQuotedName)
                FailExpected("the name of a field");
            node.path.push_back(Next().text);
        }
        return node;
    }

    // A keyword, a function or a column.
    SparkNode ReadWord() {
        const std::string word = AsciiUpper(Peek().text);
        const bool calls = Peek(1).kind == SparkTokenKind::kSymbol && Peek(1).text == "(";
        const bool has_string = Peek(1).kind == SparkTokenKind::kString;
        if (word == "NULL") return Next(), Node(Kind::kNull);
        if (word == "TRUE" || word == "FALSE") return Next(), Node(Kind::kBoolean, word);
        if (word == "CASE") return ReadCase();
        if (word == "INTERVAL" && !calls) return ReadInterval();
        if (word == "X" && has_string) Refuse("a binary literal");
        if (has_string) return ReadTyped(word);
        if (!calls && (word == "CURRENT_DATE" || word == "CURRENT_TIMESTAMP")) {
            return Next(), Node(Kind::kCall, AsciiLower(word));
        }
        if (!calls) return ReadColumn();
        if (word == "CAST" || word == "TRY_CAST") return ReadCast(word);
        if (word == "EXTRACT") return ReadExtract();
        return ReadCall();
    }

    SparkNode ReadTyped(const std::string& word) {
        const bool is_known = word == "DATE" || word == "TIMESTAMP" || word == "TIMESTAMP_NTZ" ||
                              word == "TIMESTAMP_LTZ" || word == "TIMESTAMPTZ";
        if (!is_known) FailExpected("a value");
        Next();
        std::string type = word == "DATE" ? word : SparkTypeNamed(word, is_typed_);
        return Node(Kind::kTyped, std::move(type), {Node(Kind::kString, Next().text)});
    }

    SparkNode ReadCase() {
        Next();
        SparkNode node = Node(Kind::kCase);
        if (!IsWord(Peek(), "WHEN")) {
            node.has_operand = true;
            node.parts.push_back(ReadOr());
        }
        while (AcceptWord("WHEN")) {
            node.parts.push_back(ReadOr());
            ExpectWord("THEN");
            node.parts.push_back(ReadOr());
        }
        if (node.parts.size() < 2) FailExpected("WHEN");
        if (AcceptWord("ELSE")) {
            node.has_else = true;
            node.parts.push_back(ReadOr());
        }
        ExpectWord("END");
        return node;
    }

    SparkNode ReadInterval() {
        Next();
        const bool has_minus = AcceptSymbol("-");
        std::optional<int64_t> amount;
        if (Peek().kind == SparkTokenKind::kNumber || Peek().kind == SparkTokenKind::kString)
            amount = ParseInt(Next().text);
        constexpr std::string_view kUnits[] = {"YEAR", "MONTH",  "WEEK",  "DAY",
                                               "HOUR", "MINUTE", "SECOND"};
        std::string unit = AsciiUpper(Next().text);
        if (unit.ends_with('S')) unit.pop_back();
        const bool is_unit =
            std::find(std::begin(kUnits), std::end(kUnits), unit) != std::end(kUnits);
        if (!amount || !is_unit || IsWord(Peek(), "TO"))
            Refuse("an interval other than INTERVAL number unit");
        const int64_t signed_amount = has_minus ? -*amount : *amount;
        return Node(Kind::kInterval, unit, {Node(Kind::kNumber, std::to_string(signed_amount))});
    }

    SparkNode ReadCast(const std::string& word) {
        Next();
        ExpectSymbol("(");
        SparkNode value = ReadOr();
        ExpectWord("AS");
        std::string type = ReadType();
        ExpectSymbol(")");
        const Kind kind = word == "TRY_CAST" ? Kind::kTryCast : Kind::kCast;
        return Node(kind, std::move(type), {std::move(value)});
    }

    std::string ReadType() {
        if (Peek().kind != SparkTokenKind::kName) FailExpected("a type");
        std::string word = AsciiUpper(Next().text);
        if (is_typed_ && word == "TIMESTAMP" && IsWord(Peek(), "WITH")) {
            for (const char* more : {"WITH", "TIME", "ZONE"}) ExpectWord(more);
            word = "TIMESTAMPTZ";
        }
        std::string type = SparkTypeNamed(word, is_typed_);
        if (type.empty()) Refuse("the type " + word);
        if (!AcceptSymbol("(")) return type;
        if (type != "DECIMAL") {
            if (type != "STRING") Refuse("the type " + word + "(..)");
            Refuse("a text of limited length");
        }
        type += "(" + ReadNumber();
        if (AcceptSymbol(",")) type += ", " + ReadNumber();
        ExpectSymbol(")");
        return type + ")";
    }

    SparkNode ReadExtract() {
        Next();
        ExpectSymbol("(");
        const std::string field = AsciiLower(Next().text);
        constexpr std::string_view kFields[] = {"year", "quarter", "month",
                                                "day",  "hour",    "minute"};
        if (std::find(std::begin(kFields), std::end(kFields), field) == std::end(kFields))
            Refuse("EXTRACT of " + field);
        ExpectWord("FROM");
        SparkNode value = ReadOr();
        ExpectSymbol(")");
        return Node(Kind::kCall, field, {std::move(value)});
    }

    SparkNode ReadCall() {
        SparkNode node = Node(Kind::kCall, AsciiLower(Next().text));
        ExpectSymbol("(");
        if (AcceptSymbol(")")) return node;
        if (IsWord(Peek(), "DISTINCT") || AtSymbol("*")) Refuse("an aggregate");
        node.parts.push_back(ReadOr());
        const bool is_substring = node.text == "substring" || node.text == "substr";
        if (is_substring && AcceptWord("FROM")) {
            node.parts.push_back(ReadOr());
            if (AcceptWord("FOR")) node.parts.push_back(ReadOr());
        }
        while (AcceptSymbol(",")) node.parts.push_back(ReadOr());
        ExpectSymbol(")");
        return node;
    }

    std::string_view text_;
    bool is_typed_;
    std::vector<SparkToken> tokens_;
    size_t at_ = 0;
    int depth_ = 0;
};

std::string Print(const SparkNode& node);

std::string PrintList(const std::vector<SparkNode>& nodes, size_t first) {
    std::vector<std::string> parts;
    for (size_t i = first; i < nodes.size(); ++i) parts.push_back(Print(nodes[i]));
    return Join(parts, ", ");
}

std::string PrintCase(const SparkNode& node) {
    std::string text = "CASE";
    size_t i = 0;
    if (node.has_operand) text += " " + Print(node.parts[i++]);
    for (; i + 1 < node.parts.size(); i += 2)
        text += " WHEN " + Print(node.parts[i]) + " THEN " + Print(node.parts[i + 1]);
    if (node.has_else) text += " ELSE " + Print(node.parts.back());
    return text + " END";
}

std::string PrintColumn(const SparkNode& node) {
    std::vector<std::string> names;
    for (const std::string& name : node.path) names.push_back(QuoteSparkName(name));
    return Join(names, ".");
}

// Two minus signs side by side would open a comment.
std::string PrintUnary(const SparkNode& node) {
    const std::string operand = Print(node.parts[0]);
    const bool needs_space = node.text == "NOT" || operand.starts_with(node.text);
    return node.text + (needs_space ? " " : "") + operand;
}

std::string Print(const SparkNode& node) {
    const auto part = [&](size_t i) { return Print(node.parts[i]); };
    const std::string_view negation = node.negated ? "NOT " : "";
    switch (node.kind) {
        case Kind::kColumn:
            return PrintColumn(node);
        case Kind::kNull:
            return "NULL";
        case Kind::kBoolean:
        case Kind::kNumber:
            return node.text;
        case Kind::kString:
            return QuoteSparkLiteral(node.text);
        case Kind::kTyped:
            return node.text + " " + part(0);
        case Kind::kInterval:
            return "INTERVAL " + part(0) + " " + node.text;
        case Kind::kUnary:
            return PrintUnary(node);
        case Kind::kBinary:
            return part(0) + " " + node.text + " " + part(1);
        case Kind::kIs:
            return fmt::format("{} IS {}{}", part(0), negation, node.text);
        case Kind::kBetween:
            return fmt::format("{} {}BETWEEN {} AND {}", part(0), negation, part(1), part(2));
        case Kind::kIn:
            return fmt::format("{} {}IN ({})", part(0), negation, PrintList(node.parts, 1));
        case Kind::kLike:
            return fmt::format("{} {}{} {}", part(0), negation, node.text, part(1));
        case Kind::kCase:
            return PrintCase(node);
        case Kind::kCast:
            return "CAST(" + part(0) + " AS " + node.text + ")";
        case Kind::kTryCast:
            return "TRY_CAST(" + part(0) + " AS " + node.text + ")";
        case Kind::kElement:
            return part(0) + "[" + part(1) + "]";
        case Kind::kCall:
            return node.text + "(" + PrintList(node.parts, 0) + ")";
        case Kind::kParens:
            return "(" + part(0) + ")";
    }
    return {};
}

void Collect(const SparkNode& node, std::vector<std::vector<std::string>>& columns) {
    if (node.kind == Kind::kColumn) columns.push_back(node.path);
    for (const SparkNode& part : node.parts) Collect(part, columns);
}

}  // namespace

SparkExpression SparkExpression::ParseStored(std::string_view text) {
    return SparkExpression(Parser(text, false).Run());
}

SparkExpression SparkExpression::ParseTyped(std::string_view text) {
    return SparkExpression(Parser(text, true).Run());
}

std::string SparkExpression::ToSpark() const { return Print(root_); }

std::vector<std::vector<std::string>> SparkExpression::Columns() const {
    std::vector<std::vector<std::string>> columns;
    Collect(root_, columns);
    return columns;
}

}  // namespace tarn::sql
