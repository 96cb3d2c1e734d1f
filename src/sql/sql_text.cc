#include "sql/sql_text.h"

#include <utility>

namespace tarn::sql {

SqlText SqlText::Copied(std::string_view piece, size_t source) {
    SqlText text;
    text.Add(piece, source, true);
    return text;
}

SqlText SqlText::Of(std::string_view piece, size_t source) {
    SqlText text;
    text.Add(piece, source, false);
    return text;
}

void SqlText::Add(std::string_view piece, size_t source, bool is_copy) {
    if (piece.empty()) return;
    const bool goes_on = is_copy && !segments_.empty() && segments_.back().is_copy &&
                         segments_.back().source + segments_.back().length == source;
    if (goes_on) {
        segments_.back().length += piece.size();
    } else {
        segments_.push_back({text_.size(), piece.size(), source, is_copy});
    }
    text_ += piece;
}

SqlText& SqlText::Append(const SqlText& more) {
    for (const SourceMap::Segment& segment : more.segments_) {
        Add(std::string_view(more.text_).substr(segment.begin, segment.length), segment.source,
            segment.is_copy);
    }
    return *this;
}

SqlText& SqlText::Append(std::string_view words) {
    Add(words, segments_.empty() ? 0 : segments_.back().source, false);
    return *this;
}

Rewritten SqlText::Build(std::string source, const TextPosition& start) && {
    return {std::move(text_), SourceMap::Of(std::move(segments_), std::move(source), start)};
}

SqlText Join(const std::vector<SqlText>& parts, std::string_view separator) {
    SqlText text;
    for (size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) text.Append(separator);
        text.Append(parts[i]);
    }
    return text;
}

SqlText Fill(std::string_view pattern, const std::vector<SqlText>& arguments, size_t source) {
    SqlText text;
    size_t copied = 0;
    for (size_t i = 0; i + 1 < pattern.size(); ++i) {
        if (pattern[i] != '$') continue;
        text.Append(SqlText::Of(pattern.substr(copied, i - copied), source));
        const char which = pattern[++i];
        if (which == '*') {
            text.Append(Join(arguments, ", "));
        } else if (which == '|') {
            text.Append(Join(arguments, " || "));
        } else {
            text.Append(arguments[static_cast<size_t>(which - '1')]);
        }
        copied = i + 1;
    }
    return text.Append(SqlText::Of(pattern.substr(copied), source));
}

}  // namespace tarn::sql
