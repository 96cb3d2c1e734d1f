// The lowest level of SQL text, shared by splitter and lexer so that the two never disagree about
// what is quoted: white space, words, quoted regions (strings, identifiers, dollar quotes,
// comments), symbols. Works on a prefix of the input too: what more input could change is reported
// as undecided. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "sql/dialect.h"

namespace tarn::sql {

enum class RegionKind {
    kString,            // '..', doubled quotes inside
    kEscapeString,      // E'..', backslash escapes and doubled quotes
    kQuotedIdentifier,  // "..", doubled quotes inside
    kSparkString,       // '..' or "..", backslash escapes and doubled quotes
    kRawString,         // r'..' or r"..", nothing is special inside
    kBacktick,          // `..`, doubled backticks inside
    kDollarString,      // $$..$$ or $tag$..$tag$, nothing is special inside
    kLineComment,       // -- to the end of the line, which stays outside
    kBlockComment,      // /* .. */, nested
};

// "string literal", for messages.
std::string_view NameOf(RegionKind kind);
inline bool IsComment(RegionKind kind) {
    return kind == RegionKind::kLineComment || kind == RegionKind::kBlockComment;
}

// A quoted region being read: resumable, so that a long one is read once however it arrives.
class Region {
public:
    Region(RegionKind kind, std::string_view opening);

    // Reads on from `pos` (at first: just behind the opening) and moves it. True when the region
    // closed, with pos behind its end. Otherwise pos is where to resume once there is more text;
    // with is_whole_input the text's end decides: a line comment closes there, every other region
    // stays open.
    bool Continue(std::string_view text, size_t& pos, bool is_whole_input);
    RegionKind kind() const { return kind_; }

private:
    bool ContinueQuoted(std::string_view text, size_t& pos, bool is_whole_input);
    bool ContinueBlockComment(std::string_view text, size_t& pos);

    RegionKind kind_;
    std::string closing_;  // of quotes
    int depth_ = 1;        // of nested block comments
};

enum class ElementKind {
    kSpace,
    kWord,       // letters, digits, '_', '$' and all of non-ASCII; also "$name" and "$1"
    kRegion,     // a region opens here; length is that of the opening
    kSymbol,     // any other single byte
    kUndecided,  // more input is needed to say
};

struct Element {
    ElementKind kind;
    size_t length;
    RegionKind region = RegionKind::kString;  // kRegion only
};

// What stands at text[pos], pos < text.size().
Element ElementAt(std::string_view text, size_t pos, bool is_whole_input,
                  Dialect dialect = Dialect::kTarn);

}  // namespace tarn::sql
