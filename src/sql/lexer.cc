#include "sql/lexer.h"

#include <algorithm>

#include "base/error.h"
#include "sql/element.h"

namespace tarn::sql {

namespace {

// Longest first. "<<" and ">>" are left apart on purpose; whoever copies text loses nothing by it.
constexpr std::string_view kLongSymbols[] = {"->>", "<=>", "!~~", "::", ":=", "<=", ">=",
                                             "<>",  "!=",  "==",  "||", "&&", "->", "=>",
                                             "**",  "//",  "!~",  "~~", "^@", "@>"};
constexpr std::string_view kSymbols = "+-*/%^<>=~!@#&|:;,.()[]{}";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
char Capital(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

class Lexer {
public:
    Lexer(std::string_view text, const TextPosition& start, Dialect dialect)
        : text_(text), dialect_(dialect), position_(start) {}

    std::vector<Token> Run() {
        while (pos_ < text_.size()) {
            Element element = ElementAt(text_, pos_, true, dialect_);
            switch (element.kind) {
                case ElementKind::kSpace:
                    SkipTo(pos_ + element.length);
                    break;
                case ElementKind::kRegion:
                    ReadRegion(element);
                    break;
                case ElementKind::kWord:
                    ReadWord(element.length);
                    break;
                case ElementKind::kSymbol:
                case ElementKind::kUndecided:  // never with the whole text at hand
                    ReadSymbol();
                    break;
            }
        }
        Add(TokenKind::kEnd, 0);
        return std::move(tokens_);
    }

private:
    char At(size_t pos) const { return pos < text_.size() ? text_[pos] : '\0'; }

    void SkipTo(size_t end) {
        position_ = After(position_, text_.substr(pos_, end - pos_));
        pos_ = end;
    }

    void Add(TokenKind kind, size_t length) {
        tokens_.push_back({kind, text_.substr(pos_, length), position_, pos_});
        SkipTo(pos_ + length);
    }

    void ReadRegion(const Element& element) {
        Region region(element.region, text_.substr(pos_, element.length));
        size_t end = pos_ + element.length;
        bool closed = region.Continue(text_, end, true);
        if (!closed) {
            Add(TokenKind::kUnknown, text_.size() - pos_);
        } else if (IsComment(element.region)) {
            SkipTo(end);
        } else if (element.region == RegionKind::kQuotedIdentifier ||
                   element.region == RegionKind::kBacktick) {
            Add(TokenKind::kQuotedIdentifier, end - pos_);
        } else {
            Add(TokenKind::kString, end - pos_);
        }
    }

    void ReadWord(size_t length) {
        if (text_[pos_] == '$') {
            Add(TokenKind::kParameter, length);
        } else if (IsDigit(text_[pos_])) {
            Add(TokenKind::kNumber, NumberEnd(pos_ + length) - pos_);
        } else {
            Add(TokenKind::kIdentifier, length);
        }
    }

    // A number goes on behind its first word: a fraction, then a signed exponent. Every part is a
    // whole word of ElementAt, so that lexer and splitter see the same words.
    size_t NumberEnd(size_t end) const {
        if (At(end) == '.' && text_.find('.', pos_) == end) {
            if (IsDigit(At(end + 1))) {
                end = WordEnd(end + 1);
            } else if (!StartsWordAt(end + 1)) {
                return end + 1;
            }
        }
        bool is_hex = At(pos_) == '0' && (At(pos_ + 1) == 'x' || At(pos_ + 1) == 'X');
        bool has_exponent = !is_hex && (text_[end - 1] == 'e' || text_[end - 1] == 'E');
        bool has_sign = At(end) == '+' || At(end) == '-';
        if (has_exponent && has_sign && IsDigit(At(end + 1))) end = WordEnd(end + 1);
        return end;
    }

    size_t WordEnd(size_t begin) const {
        return begin + ElementAt(text_, begin, true, dialect_).length;
    }
    bool StartsWordAt(size_t pos) const {
        if (pos >= text_.size()) return false;
        Element element = ElementAt(text_, pos, true, dialect_);
        return element.kind == ElementKind::kWord || element.kind == ElementKind::kRegion ||
               text_[pos] == '.';
    }

    void ReadSymbol() {
        std::string_view rest = text_.substr(pos_);
        if (rest[0] == '?')
            return Add(TokenKind::kParameter, IsDigit(At(pos_ + 1)) ? WordEnd(pos_ + 1) - pos_ : 1);
        if (rest[0] == '.' && IsDigit(At(pos_ + 1)) && !FollowsName()) {
            return Add(TokenKind::kNumber, NumberEnd(WordEnd(pos_ + 1)) - pos_);
        }
        if (kSymbols.find(rest[0]) == std::string_view::npos) return Add(TokenKind::kUnknown, 1);
        CountNesting(rest[0]);
        for (std::string_view symbol : kLongSymbols) {
            if (rest.starts_with(symbol) && !OpensCommentWithin(symbol)) {
                return Add(TokenKind::kSymbol, symbol.size());
            }
        }
        Add(TokenKind::kSymbol, 1);
    }

    // "!~--" and "*/*" hide the opening of a comment behind an operator's first byte.
    bool OpensCommentWithin(std::string_view symbol) const {
        for (size_t i = 1; i < symbol.size(); ++i) {
            if (ElementAt(text_, pos_ + i, true, dialect_).kind == ElementKind::kRegion)
                return true;
        }
        return false;
    }

    // "t.1" is not t and .1
    bool FollowsName() const {
        return !tokens_.empty() && tokens_.back().end() == pos_ &&
               (tokens_.back().kind == TokenKind::kIdentifier ||
                tokens_.back().kind == TokenKind::kQuotedIdentifier);
    }

    void CountNesting(char symbol) {
        if (symbol == '(' || symbol == '[' || symbol == '{') {
            if (++nesting_ > kMaxNesting) {
                throw Error(ErrorKind::kLimitExceeded, "parentheses nest deeper than {} levels",
                            kMaxNesting)
                    .At(SpotOf(position_));
            }
        } else if (symbol == ')' || symbol == ']' || symbol == '}') {
            nesting_ = std::max(0, nesting_ - 1);
        }
    }

    std::string_view text_;
    Dialect dialect_;
    TextPosition position_;
    size_t pos_ = 0;
    int nesting_ = 0;
    std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> Lex(std::string_view text, const TextPosition& start, Dialect dialect) {
    if (text.size() > kMaxStatementBytes) {
        throw Error(ErrorKind::kLimitExceeded, "a statement is longer than {} bytes",
                    kMaxStatementBytes)
            .At(SpotOf(start));
    }
    return Lexer(text, start, dialect).Run();
}

bool IsWord(const Token& token, std::string_view word) {
    return token.kind == TokenKind::kIdentifier && token.text.size() == word.size() &&
           std::equal(token.text.begin(), token.text.end(), word.begin(),
                      [](char a, char b) { return Capital(a) == b; });
}

bool IsSymbol(const Token& token, std::string_view symbol) {
    return token.kind == TokenKind::kSymbol && token.text == symbol;
}

}  // namespace tarn::sql
