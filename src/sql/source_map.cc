#include "sql/source_map.h"

#include <algorithm>

#include "base/check.h"

namespace tarn::sql {

SourceMap SourceMap::Of(std::vector<Segment> segments, std::string source,
                        const TextPosition& start) {
    return SourceMap({std::make_shared<const Layer>(
        Layer{std::move(segments), LineIndex(std::move(source), start)})});
}

SourceMap SourceMap::Identity(std::string text, const TextPosition& start) {
    const size_t size = text.size();
    return Of({{0, size, 0, true}}, std::move(text), start);
}

TextPosition SourceMap::Locate(size_t offset) const {
    TextPosition place;
    for (const auto& layer : layers_) {
        const std::vector<Segment>& segments = layer->segments;
        auto next =
            std::upper_bound(segments.begin(), segments.end(), offset,
                             [](size_t at, const Segment& segment) { return at < segment.begin; });
        size_t local = layer->source.text().size();
        if (next != segments.begin() && offset < std::prev(next)->begin + std::prev(next)->length) {
            const Segment& segment = *std::prev(next);
            local = segment.source + (segment.is_copy ? offset - segment.begin : 0);
        }
        place = layer->source.Locate(layer->source.start().offset + local);
        offset = place.offset;
    }
    return place;
}

SourceMap SourceMap::After(const SourceMap& earlier) const {
    auto layers = layers_;
    layers.insert(layers.end(), earlier.layers_.begin(), earlier.layers_.end());
    return SourceMap(std::move(layers));
}

void Rewriter::Replace(size_t begin, size_t end, std::string replacement) {
    Check(begin <= end && end <= text_.size(), "an edit lies inside its text");
    edits_.push_back({begin, end, std::move(replacement), begin});
}

void Rewriter::Insert(size_t at, std::string inserted, size_t blamed) {
    Check(at <= text_.size() && blamed <= text_.size(), "an edit lies inside its text");
    edits_.push_back({at, at, std::move(inserted), blamed});
}

Rewritten Rewriter::Build() const {
    std::vector<Edit> edits = edits_;
    std::stable_sort(edits.begin(), edits.end(), [](const Edit& a, const Edit& b) {
        return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
    });
    std::string text;
    std::vector<SourceMap::Segment> segments;
    auto add = [&](std::string_view piece, size_t source, bool is_copy) {
        if (!piece.empty()) segments.push_back({text.size(), piece.size(), source, is_copy});
        text += piece;
    };
    size_t copied = 0;
    for (const Edit& edit : edits) {
        Check(edit.begin >= copied, "edits of one text do not overlap");
        add(text_.substr(copied, edit.begin - copied), copied, true);
        add(edit.text, edit.blamed, false);
        copied = edit.end;
    }
    add(text_.substr(copied), copied, true);
    return {std::move(text), SourceMap::Of(std::move(segments), std::string(text_), start_)};
}

}  // namespace tarn::sql
