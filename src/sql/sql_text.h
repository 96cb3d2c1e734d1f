// SQL text in the making that knows of each of its bytes which of the source it was copied from, or
// which it stands for. A plain value.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sql/source_map.h"

namespace tarn::sql {

class SqlText {
public:
    SqlText() = default;
    // `piece` as it stands at `source`.
    static SqlText Copied(std::string_view piece, size_t source);
    // `piece` stands for what is at `source`.
    static SqlText Of(std::string_view piece, size_t source);

    const std::string& text() const { return text_; }
    bool IsEmpty() const { return text_.empty(); }
    SqlText& Append(const SqlText& more);
    // Words that stand for what the text before them stands for.
    SqlText& Append(std::string_view words);

    Rewritten Build(std::string source, const TextPosition& start) &&;

private:
    void Add(std::string_view piece, size_t source, bool is_copy);

    std::string text_;
    std::vector<SourceMap::Segment> segments_;
};

// The template with each $1 ... $9 replaced by that argument, $* by all of them with commas, $| by
// all of them with ||; its own words stand for what is at `source`.
SqlText Fill(std::string_view pattern, const std::vector<SqlText>& arguments, size_t source);
// Between each two `separator`.
SqlText Join(const std::vector<SqlText>& parts, std::string_view separator);

}  // namespace tarn::sql
