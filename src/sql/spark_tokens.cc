#include "sql/spark_tokens.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"
#include "sql/lexer.h"
#include "sql/quote.h"

namespace tarn::sql {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNamePart(char c) {
    return IsDigit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= 0x80;
}

// Words that Spark's grammar reserves, or takes for more than a name where an expression stands.
constexpr std::array<std::string_view, 36> kReserved = {
    "and",      "any",   "as",        "between",    "both",         "case",
    "cast",     "check", "column",    "constraint", "current_date", "current_timestamp",
    "distinct", "div",   "else",      "end",        "exists",       "false",
    "filter",   "from",  "in",        "interval",   "is",           "like",
    "not",      "null",  "or",        "rlike",      "select",       "some",
    "table",    "then",  "timestamp", "true",       "when",         "where"};

SparkToken MeaningOf(const Token& token, Dialect dialect) {
    switch (token.kind) {
        case TokenKind::kIdentifier:
            return {SparkTokenKind::kName, std::string(token.text)};
        case TokenKind::kQuotedIdentifier:
            return {SparkTokenKind::kQuotedName, UnquoteIdentifier(token.text)};
        case TokenKind::kString:
            return {SparkTokenKind::kString, dialect == Dialect::kSpark
                                                 ? UnquoteSparkLiteral(token.text)
                                                 : UnquoteLiteral(token.text)};
        case TokenKind::kNumber:
            return {SparkTokenKind::kNumber, std::string(token.text)};
        case TokenKind::kSymbol:
            return {SparkTokenKind::kSymbol, std::string(token.text)};
        case TokenKind::kEnd:
            return {SparkTokenKind::kEnd, ""};
        case TokenKind::kParameter:
        case TokenKind::kUnknown:
            break;
    }
    throw Error(ErrorKind::kInvalidInput, "an expression that a table keeps cannot hold {}",
                token.text)
        .At(SpotOf(token.position));
}

std::vector<SparkToken> Meanings(std::string_view text, Dialect dialect) {
    std::vector<SparkToken> tokens;
    for (const Token& token : Lex(text, {}, dialect)) {
        SparkToken meaning = MeaningOf(token, dialect);
        // Spark reads texts side by side as one.
        const bool goes_on = dialect == Dialect::kSpark && !tokens.empty() &&
                             meaning.kind == SparkTokenKind::kString &&
                             tokens.back().kind == SparkTokenKind::kString;
        if (goes_on) {
            tokens.back().text += meaning.text;
        } else {
            tokens.push_back(std::move(meaning));
        }
    }
    return tokens;
}

bool IsPlainName(std::string_view name) {
    const bool has_letters = std::all_of(name.begin(), name.end(), [](char c) {
        return IsNamePart(c) && static_cast<unsigned char>(c) < 0x80;
    });
    const std::string lower = AsciiLower(name);
    return !name.empty() && has_letters && !IsDigit(name.front()) &&
           std::find(kReserved.begin(), kReserved.end(), lower) == kReserved.end();
}

}  // namespace

std::vector<SparkToken> LexSpark(std::string_view text) { return Meanings(text, Dialect::kSpark); }

std::vector<SparkToken> LexOurs(std::string_view text) { return Meanings(text, Dialect::kTarn); }

std::string QuoteSparkLiteral(std::string_view text) {
    std::string quoted = "'";
    for (char c : text) {
        switch (c) {
            case '\'':
            case '\\':
                quoted += {'\\', c};
                break;
            case '\n':
                quoted += "\\n";
                break;
            case '\r':
                quoted += "\\r";
                break;
            case '\t':
                quoted += "\\t";
                break;
            case '\0':
                quoted += "\\0";
                break;
            default:
                quoted += c;
        }
    }
    return quoted + "'";
}

std::string QuoteSparkName(std::string_view name) {
    if (IsPlainName(name)) return std::string(name);
    std::string quoted = "`";
    for (char c : name) {
        if (c == '`') quoted += c;
        quoted += c;
    }
    return quoted + "`";
}

std::optional<std::string> PlainDecimal(std::string_view number) {
    constexpr int64_t kMostDigits = 38;
    const size_t end = std::min(number.find_first_of("eE"), number.size());
    int64_t exponent = 0;
    if (end < number.size()) {
        std::string_view text = number.substr(end + 1);
        if (text.starts_with('+')) text.remove_prefix(1);
        const auto value = ParseInt(text);
        if (!value || *value > kMostDigits || *value < -kMostDigits) return std::nullopt;
        exponent = *value;
    }
    const size_t dot = std::min(number.find('.'), end);
    std::string digits(number.substr(0, dot));
    if (dot < end) digits += number.substr(dot + 1, end - dot - 1);
    const int64_t behind = static_cast<int64_t>(end - std::min(dot + 1, end)) - exponent;
    if (behind < 0) digits.append(static_cast<size_t>(-behind), '0');
    const size_t fraction = behind > 0 ? static_cast<size_t>(behind) : 0;
    if (digits.size() <= fraction) digits.insert(0, fraction + 1 - digits.size(), '0');
    const size_t whole = digits.size() - fraction;
    const size_t zeros = std::min(digits.find_first_not_of('0'), whole - 1);
    if (fraction > 0) digits.insert(whole, ".");
    return digits.substr(zeros);
}

bool IsWord(const SparkToken& token, std::string_view word) {
    return token.kind == SparkTokenKind::kName && EqualsIgnoreCase(token.text, word);
}

}  // namespace tarn::sql
