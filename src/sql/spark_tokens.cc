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

constexpr std::string_view kLongSymbols[] = {"<=>", "<=", ">=", "<>", "!=", "==", "||", "::"};
constexpr std::string_view kSymbols = "+-*/%<>=~!&|^().,[]";

// Words that Spark's grammar reserves, or takes for more than a name where an expression stands.
constexpr std::array<std::string_view, 36> kReserved = {
    "and",      "any",   "as",        "between",    "both",         "case",
    "cast",     "check", "column",    "constraint", "current_date", "current_timestamp",
    "distinct", "div",   "else",      "end",        "exists",       "false",
    "filter",   "from",  "in",        "interval",   "is",           "like",
    "not",      "null",  "or",        "rlike",      "select",       "some",
    "table",    "then",  "timestamp", "true",       "when",         "where"};

class Lexer {
public:
    explicit Lexer(std::string_view text) : text_(text) {}

    std::vector<SparkToken> Run() {
        while (pos_ < text_.size()) ReadOne();
        tokens_.push_back({SparkTokenKind::kEnd, ""});
        return std::move(tokens_);
    }

private:
    void ReadOne() {
        const char c = text_[pos_];
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            ++pos_;
        } else if (c == '\'' || c == '"') {
            ReadString(c);
        } else if (c == '`') {
            ReadQuotedName();
        } else if (IsDigit(c) || (c == '.' && pos_ + 1 < text_.size() && IsDigit(text_[pos_ + 1]) &&
                                  !FollowsName())) {
            ReadNumber();
        } else if (IsNamePart(c)) {
            const size_t begin = pos_;
            while (pos_ < text_.size() && IsNamePart(text_[pos_])) ++pos_;
            Add(SparkTokenKind::kName, std::string(text_.substr(begin, pos_ - begin)));
        } else {
            ReadSymbol();
        }
    }

    bool FollowsName() const {
        return !tokens_.empty() && (tokens_.back().kind == SparkTokenKind::kName ||
                                    tokens_.back().kind == SparkTokenKind::kQuotedName);
    }

    void Add(SparkTokenKind kind, std::string text) { tokens_.push_back({kind, std::move(text)}); }

    [[noreturn]] void Fail(std::string_view what) const {
        throw Error(ErrorKind::kInvalidInput, "the expression {} {}", text_, what);
    }

    void ReadString(char quote) {
        std::string value;
        for (++pos_; pos_ < text_.size() && text_[pos_] != quote;) {
            if (text_[pos_] == '\\' && pos_ + 1 < text_.size()) {
                ++pos_;
                AppendEscape(value);
            } else {
                value += text_[pos_++];
            }
        }
        if (pos_ == text_.size()) Fail("has a text that never ends");
        ++pos_;
        // Spark reads texts side by side as one.
        if (!tokens_.empty() && tokens_.back().kind == SparkTokenKind::kString) {
            tokens_.back().text += value;
        } else {
            Add(SparkTokenKind::kString, std::move(value));
        }
    }

    // Behind the backslash; Spark's unescapeSQLString.
    void AppendEscape(std::string& value) {
        constexpr std::string_view kLetters = "0bnrtZ";
        constexpr std::string_view kMeanings("\0\b\n\r\t\x1A", 6);
        const char c = text_[pos_++];
        if (c == 'u' && pos_ + 4 <= text_.size()) {
            const std::string hex(text_.substr(pos_, 4));
            value += UnquoteLiteral("E'\\u" + hex + "'");
            pos_ += 4;
        } else if (const size_t at = kLetters.find(c); at != std::string_view::npos) {
            value += kMeanings[at];
        } else if (c == '%' || c == '_') {
            value += {'\\', c};
        } else {
            value += c;
        }
    }

    void ReadQuotedName() {
        std::string name;
        for (++pos_;; ++pos_) {
            if (pos_ == text_.size()) Fail("has a quoted name that never ends");
            if (text_[pos_] == '`') {
                if (pos_ + 1 == text_.size() || text_[pos_ + 1] != '`') break;
                ++pos_;
            }
            name += text_[pos_];
        }
        ++pos_;
        Add(SparkTokenKind::kQuotedName, std::move(name));
    }

    void ReadNumber() {
        const size_t begin = pos_;
        while (pos_ < text_.size()) {
            const char c = text_[pos_];
            const bool is_sign = (c == '+' || c == '-') && pos_ > begin &&
                                 (text_[pos_ - 1] == 'e' || text_[pos_ - 1] == 'E');
            if (!IsNamePart(c) && c != '.' && !is_sign) break;
            ++pos_;
        }
        Add(SparkTokenKind::kNumber, std::string(text_.substr(begin, pos_ - begin)));
    }

    void ReadSymbol() {
        for (std::string_view symbol : kLongSymbols) {
            if (!text_.substr(pos_).starts_with(symbol)) continue;
            Add(SparkTokenKind::kSymbol, std::string(symbol));
            pos_ += symbol.size();
            return;
        }
        if (kSymbols.find(text_[pos_]) == std::string_view::npos) {
            Fail(fmt::format("holds '{}', which Tarn does not know there", text_[pos_]));
        }
        Add(SparkTokenKind::kSymbol, std::string(1, text_[pos_++]));
    }

    std::string_view text_;
    size_t pos_ = 0;
    std::vector<SparkToken> tokens_;
};

bool IsPlainName(std::string_view name) {
    const bool has_letters = std::all_of(name.begin(), name.end(), [](char c) {
        return IsNamePart(c) && static_cast<unsigned char>(c) < 0x80;
    });
    const std::string lower = AsciiLower(name);
    return !name.empty() && has_letters && !IsDigit(name.front()) &&
           std::find(kReserved.begin(), kReserved.end(), lower) == kReserved.end();
}

}  // namespace

std::vector<SparkToken> LexSpark(std::string_view text) { return Lexer(text).Run(); }

std::vector<SparkToken> LexOurs(std::string_view text) {
    std::vector<SparkToken> tokens;
    for (const Token& token : Lex(text)) {
        switch (token.kind) {
            case TokenKind::kIdentifier:
                tokens.push_back({SparkTokenKind::kName, std::string(token.text)});
                break;
            case TokenKind::kQuotedIdentifier:
                tokens.push_back({SparkTokenKind::kQuotedName, UnquoteIdentifier(token.text)});
                break;
            case TokenKind::kString:
                tokens.push_back({SparkTokenKind::kString, UnquoteLiteral(token.text)});
                break;
            case TokenKind::kNumber:
                tokens.push_back({SparkTokenKind::kNumber, std::string(token.text)});
                break;
            case TokenKind::kSymbol:
                tokens.push_back({SparkTokenKind::kSymbol, std::string(token.text)});
                break;
            case TokenKind::kEnd:
                tokens.push_back({SparkTokenKind::kEnd, ""});
                break;
            case TokenKind::kParameter:
            case TokenKind::kUnknown:
                throw Error(ErrorKind::kInvalidInput,
                            "an expression that a table keeps cannot hold {}", token.text)
                    .At(SpotOf(token.position));
        }
    }
    return tokens;
}

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

bool IsWord(const SparkToken& token, std::string_view word) {
    return token.kind == SparkTokenKind::kName && EqualsIgnoreCase(token.text, word);
}

}  // namespace tarn::sql
