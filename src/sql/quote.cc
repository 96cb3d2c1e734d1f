#include "sql/quote.h"

#include <cstdint>

#include "base/error.h"

namespace tarn::sql {

namespace {

std::string Quote(std::string_view text, char quote) {
    std::string quoted(1, quote);
    quoted.reserve(text.size() + 2);
    for (char c : text) {
        if (c == '\0') {
            throw Error(ErrorKind::kInvalidInput,
                        "a name or text in SQL may not hold a NUL byte: {}",
                        text.substr(0, text.find('\0')));
        }
        if (c == quote) quoted += quote;
        quoted += c;
    }
    return quoted += quote;
}

// What stands between the quotes, doubled quotes made single.
std::string Undouble(std::string_view inner, char quote) {
    std::string text;
    text.reserve(inner.size());
    for (size_t i = 0; i < inner.size(); ++i) {
        text += inner[i];
        if (inner[i] == quote && i + 1 < inner.size() && inner[i + 1] == quote) ++i;
    }
    return text;
}

int DigitValue(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return 99;
}

// Reads up to `most` digits of `base` at `pos`, which moves behind them.
uint32_t ReadDigits(std::string_view text, size_t& pos, int base, size_t most) {
    uint32_t value = 0;
    for (size_t n = 0; n < most && pos < text.size() && DigitValue(text[pos]) < base; ++n, ++pos) {
        value = value * static_cast<uint32_t>(base) + static_cast<uint32_t>(DigitValue(text[pos]));
    }
    return value;
}

void AppendCodePoint(std::string& text, uint32_t code) {
    auto continuation = [&](int shift) {
        text += static_cast<char>(0x80 | ((code >> shift) & 0x3F));
    };
    if (code < 0x80) {
        text += static_cast<char>(code);
    } else if (code < 0x800) {
        text += static_cast<char>(0xC0 | (code >> 6));
        continuation(0);
    } else if (code < 0x10000) {
        text += static_cast<char>(0xE0 | (code >> 12));
        continuation(6);
        continuation(0);
    } else {
        text += static_cast<char>(0xF0 | ((code >> 18) & 0x07));
        continuation(12);
        continuation(6);
        continuation(0);
    }
}

// One escape of E'..', with `pos` behind the backslash.
void AppendEscape(std::string& text, std::string_view inner, size_t& pos) {
    constexpr std::string_view kLetters = "bfnrt";
    constexpr std::string_view kMeanings = "\b\f\n\r\t";
    const char c = inner[pos++];
    if (size_t i = kLetters.find(c); i != std::string_view::npos) {
        text += kMeanings[i];
    } else if (c == 'x' && pos < inner.size() && DigitValue(inner[pos]) < 16) {
        text += static_cast<char>(ReadDigits(inner, pos, 16, 2));
    } else if (c == 'u' || c == 'U') {
        AppendCodePoint(text, ReadDigits(inner, pos, 16, c == 'u' ? 4 : 8));
    } else if (DigitValue(c) < 8) {
        --pos;
        text += static_cast<char>(ReadDigits(inner, pos, 8, 3));
    } else {
        text += c;
    }
}

std::string Unescape(std::string_view inner) {
    std::string text;
    for (size_t pos = 0; pos < inner.size();) {
        if (inner[pos] == '\\' && pos + 1 < inner.size()) {
            ++pos;
            AppendEscape(text, inner, pos);
        } else {
            bool doubled = inner[pos] == '\'' && pos + 1 < inner.size();
            text += inner[pos];
            pos += doubled ? 2 : 1;
        }
    }
    return text;
}

// One escape of Spark's texts, with `pos` behind the backslash.
void AppendSparkEscape(std::string& text, std::string_view inner, size_t& pos) {
    constexpr std::string_view kLetters = "bnrtZ";
    constexpr std::string_view kMeanings = "\b\n\r\t\x1A";
    constexpr size_t kOctalDigits = 3;
    const auto digits = [&](int base, size_t most) {
        size_t count = 0;
        while (count < most && pos + count < inner.size() && DigitValue(inner[pos + count]) < base)
            ++count;
        return count;
    };
    const char c = inner[pos];
    const bool is_octal = c >= '0' && c <= '1' && digits(8, kOctalDigits) == kOctalDigits;
    if (is_octal) {
        AppendCodePoint(text, ReadDigits(inner, pos, 8, kOctalDigits));
        return;
    }
    ++pos;
    const size_t hex = c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (hex > 0 && digits(16, hex) == hex) {
        AppendCodePoint(text, ReadDigits(inner, pos, 16, hex));
    } else if (const size_t at = kLetters.find(c); at != std::string_view::npos) {
        text += kMeanings[at];
    } else if (c == '0') {
        text += '\0';
    } else if (c == '%' || c == '_') {
        text += {'\\', c};
    } else {
        text += c;
    }
}

}  // namespace

std::string QuoteIdentifier(std::string_view name) { return Quote(name, '"'); }

std::string QuoteLiteral(std::string_view text) { return Quote(text, '\''); }

std::string UnquoteIdentifier(std::string_view written) {
    if (written.size() < 2 || (written[0] != '"' && written[0] != '`')) return std::string(written);
    return Undouble(written.substr(1, written.size() - 2), written[0]);
}

std::string UnquoteLiteral(std::string_view written) {
    if (written.size() < 2) return std::string(written);
    if (written[0] == '$') {
        size_t tag = written.find('$', 1) + 1;
        return std::string(written.substr(tag, written.size() - 2 * tag));
    }
    if (written[0] == '\'') return Undouble(written.substr(1, written.size() - 2), '\'');
    return Unescape(written.substr(2, written.size() - 3));
}

std::string UnquoteSparkLiteral(std::string_view written) {
    if (written.size() < 2) return std::string(written);
    const bool is_raw = written[0] == 'r' || written[0] == 'R';
    if (is_raw) return std::string(written.substr(2, written.size() - 3));
    const char quote = written[0];
    const std::string_view inner = written.substr(1, written.size() - 2);
    std::string text;
    for (size_t pos = 0; pos < inner.size();) {
        if (inner[pos] == '\\' && pos + 1 < inner.size()) {
            ++pos;
            AppendSparkEscape(text, inner, pos);
            continue;
        }
        text += inner[pos];
        pos += inner[pos] == quote ? 2 : 1;
    }
    return text;
}

}  // namespace tarn::sql
