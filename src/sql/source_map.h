// Rewriting a text while remembering where each byte came from, so that an error in the rewritten
// text points into the user's own. Pure; a SourceMap is immutable and cheap to copy.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sql/text_position.h"

namespace tarn::sql {

// From byte offsets of a rewritten text to places in the text it was made of.
class SourceMap {
public:
    // `length` bytes of rewritten text from `begin` on: copied from `source`, or standing for it.
    struct Segment {
        size_t begin;
        size_t length;
        size_t source;
        bool is_copy;
    };

    // `segments` in the order of the rewritten text; `source` is the text they were made of, which
    // begins at `start` of the whole input.
    static SourceMap Of(std::vector<Segment> segments, std::string source,
                        const TextPosition& start);
    // The text is the user's own, unchanged, and begins at `start` of the whole input.
    static SourceMap Identity(std::string text, const TextPosition& start = {});

    // The user's place for the byte at `offset` of the rewritten text: exact where text was copied,
    // the begin of what was replaced where it was not; offsets beyond the end give the end.
    TextPosition Locate(size_t offset) const;

    // This map's source was itself rewritten, by `earlier`: the map through both. The offsets of
    // this map's source are those of the whole text that `earlier` maps.
    SourceMap After(const SourceMap& earlier) const;

private:
    struct Layer {
        std::vector<Segment> segments;
        LineIndex source;
    };

    explicit SourceMap(std::vector<std::shared_ptr<const Layer>> layers)
        : layers_(std::move(layers)) {}

    std::vector<std::shared_ptr<const Layer>> layers_;  // the last one leads to the user's text
};

struct Rewritten {
    std::string text;
    SourceMap source_map;
};

// Collects edits of one text, in any order, and applies them at once. Offsets are those of the
// given text.
class Rewriter {
public:
    explicit Rewriter(std::string_view text, const TextPosition& start = {})
        : text_(text), start_(start) {}

    // [begin, end) becomes `replacement`. Edits may touch but not overlap: Build throws Internal.
    void Replace(size_t begin, size_t end, std::string replacement);
    void Remove(size_t begin, size_t end) { Replace(begin, end, ""); }
    // `inserted` goes before the byte at `at`; errors in it point to `blamed`, where the user wrote
    // what it stands for.
    void Insert(size_t at, std::string inserted, size_t blamed);
    bool HasEdits() const { return !edits_.empty(); }

    Rewritten Build() const;

private:
    struct Edit {
        size_t begin;
        size_t end;
        std::string text;
        size_t blamed;
    };

    std::string_view text_;
    TextPosition start_;
    std::vector<Edit> edits_;
};

}  // namespace tarn::sql
