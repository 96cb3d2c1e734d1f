#include "sql/element.h"

#include <algorithm>
#include <optional>

namespace tarn::sql {

namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsWordStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}
bool IsTagPart(char c) { return IsWordStart(c) || IsDigit(c); }
bool IsWordPart(char c) { return IsTagPart(c) || c == '$'; }

// White space beyond ASCII that the engine reads as blanks too: text pasted from a page is full of
// it.
constexpr std::string_view kWideSpaces[] = {
    "\xC2\xA0",     "\xE2\x80\x80", "\xE2\x80\x81", "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84",
    "\xE2\x80\x85", "\xE2\x80\x86", "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A",
    "\xE2\x80\x8B", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE2\x81\xA0", "\xE3\x80\x80", "\xEF\xBB\xBF",
};

Element Undecided() { return {ElementKind::kUndecided, 0}; }

// nullopt: no wide space here, and no more input can make one.
std::optional<Element> WideSpaceAt(std::string_view rest, bool is_whole_input) {
    for (std::string_view space : kWideSpaces) {
        if (rest.starts_with(space)) return Element{ElementKind::kSpace, space.size()};
        if (!is_whole_input && rest.size() < space.size() && space.starts_with(rest))
            return Undecided();
    }
    return std::nullopt;
}

// The length of the word at the start of `rest`; it stops before a wide space.
std::optional<size_t> WordLength(std::string_view rest, size_t from, bool is_whole_input) {
    size_t length = from;
    while (length < rest.size() && IsWordPart(rest[length])) {
        if (static_cast<unsigned char>(rest[length]) >= 0x80) {
            auto space = WideSpaceAt(rest.substr(length), is_whole_input);
            if (space && space->kind == ElementKind::kUndecided) return std::nullopt;
            if (space) return length;
        }
        ++length;
    }
    if (length == rest.size() && !is_whole_input) return std::nullopt;
    return length;
}

Element WordAt(std::string_view rest, size_t from, bool is_whole_input) {
    auto length = WordLength(rest, from, is_whole_input);
    return length ? Element{ElementKind::kWord, *length} : Undecided();
}

// '$' opens a dollar quote ($$ or $tag$), starts a parameter ($1, $name) or is a symbol.
Element DollarAt(std::string_view rest, bool is_whole_input) {
    size_t end = 1;
    if (end < rest.size() && !IsDigit(rest[end])) {
        while (end < rest.size() && IsTagPart(rest[end])) ++end;
    }
    if (end == rest.size() && !is_whole_input) return Undecided();
    if (end < rest.size() && rest[end] == '$') {
        return {ElementKind::kRegion, end + 1, RegionKind::kDollarString};
    }
    if (rest.size() > 1 && IsTagPart(rest[1])) return WordAt(rest, 1, is_whole_input);
    return {ElementKind::kSymbol, 1};
}

// The letter before a quote that says how to read what is quoted.
char QuotePrefix(Dialect dialect) { return dialect == Dialect::kSpark ? 'r' : 'e'; }

// The region that the two bytes open, if they do.
std::optional<Element> TwoByteOpening(std::string_view rest, Dialect dialect) {
    if (rest.starts_with("--")) return Element{ElementKind::kRegion, 2, RegionKind::kLineComment};
    if (rest.starts_with("/*")) return Element{ElementKind::kRegion, 2, RegionKind::kBlockComment};
    if (rest.size() < 2 || (rest[0] | 0x20) != QuotePrefix(dialect)) return std::nullopt;
    if (dialect == Dialect::kTarn && rest[1] == '\'')
        return Element{ElementKind::kRegion, 2, RegionKind::kEscapeString};
    if (dialect == Dialect::kSpark && (rest[1] == '\'' || rest[1] == '"'))
        return Element{ElementKind::kRegion, 2, RegionKind::kRawString};
    return std::nullopt;
}

}  // namespace

std::string_view NameOf(RegionKind kind) {
    switch (kind) {
        case RegionKind::kString:
        case RegionKind::kEscapeString:
        case RegionKind::kSparkString:
        case RegionKind::kRawString:
            return "string literal";
        case RegionKind::kQuotedIdentifier:
            return "quoted identifier";
        case RegionKind::kBacktick:
            return "backtick identifier";
        case RegionKind::kDollarString:
            return "dollar-quoted string";
        case RegionKind::kLineComment:
            return "line comment";
        case RegionKind::kBlockComment:
            return "block comment";
    }
    return "";
}

Region::Region(RegionKind kind, std::string_view opening) : kind_(kind) {
    switch (kind) {
        case RegionKind::kLineComment:
        case RegionKind::kBlockComment:
            break;
        case RegionKind::kDollarString:
            closing_ = opening;
            break;
        default:
            closing_ = opening.back();
            break;
    }
}

bool Region::Continue(std::string_view text, size_t& pos, bool is_whole_input) {
    switch (kind_) {
        case RegionKind::kLineComment: {
            size_t end = text.find_first_of("\r\n", pos);
            pos = std::min(end, text.size());
            return end != std::string_view::npos || is_whole_input;
        }
        case RegionKind::kBlockComment:
            return ContinueBlockComment(text, pos);
        case RegionKind::kDollarString: {
            size_t end = text.find(closing_, pos);
            if (end != std::string_view::npos) {
                pos = end + closing_.size();
                return true;
            }
            // The closing may have arrived in part.
            if (text.size() - pos >= closing_.size()) pos = text.size() - closing_.size() + 1;
            return false;
        }
        default:
            return ContinueQuoted(text, pos, is_whole_input);
    }
}

bool Region::ContinueQuoted(std::string_view text, size_t& pos, bool is_whole_input) {
    const char quote = closing_[0];
    while (pos < text.size()) {
        const bool escapes =
            kind_ == RegionKind::kEscapeString || kind_ == RegionKind::kSparkString;
        if (escapes && text[pos] == '\\') {
            if (pos + 1 == text.size()) return false;
            pos += 2;
        } else if (text[pos] != quote) {
            ++pos;
        } else if (kind_ == RegionKind::kRawString) {
            ++pos;
            return true;
        } else if (pos + 1 < text.size() && text[pos + 1] == quote) {
            pos += 2;
        } else if (pos + 1 == text.size() && !is_whole_input) {
            return false;
        } else {
            ++pos;
            return true;
        }
    }
    return false;
}

bool Region::ContinueBlockComment(std::string_view text, size_t& pos) {
    while (pos + 1 < text.size()) {
        std::string_view two = text.substr(pos, 2);
        if (two == "*/") {
            pos += 2;
            if (--depth_ == 0) return true;
        } else if (two == "/*") {
            pos += 2;
            ++depth_;
        } else {
            ++pos;
        }
    }
    return false;
}

Element ElementAt(std::string_view text, size_t pos, bool is_whole_input, Dialect dialect) {
    std::string_view rest = text.substr(pos);
    const char first = rest[0];
    if (IsSpace(first)) return {ElementKind::kSpace, 1};
    if (rest.size() == 1 && !is_whole_input &&
        (first == '-' || first == '/' || (first | 0x20) == QuotePrefix(dialect))) {
        return Undecided();
    }
    if (auto opening = TwoByteOpening(rest, dialect)) return *opening;
    switch (first) {
        case '\'':
            return {ElementKind::kRegion, 1,
                    dialect == Dialect::kSpark ? RegionKind::kSparkString : RegionKind::kString};
        case '"':
            return {ElementKind::kRegion, 1,
                    dialect == Dialect::kSpark ? RegionKind::kSparkString
                                               : RegionKind::kQuotedIdentifier};
        case '`':
            return {ElementKind::kRegion, 1, RegionKind::kBacktick};
        case '$':
            return DollarAt(rest, is_whole_input);
        default:
            break;
    }
    if (static_cast<unsigned char>(first) >= 0x80) {
        if (auto space = WideSpaceAt(rest, is_whole_input)) return *space;
    }
    if (IsTagPart(first)) return WordAt(rest, 0, is_whole_input);
    return {ElementKind::kSymbol, 1};
}

}  // namespace tarn::sql
