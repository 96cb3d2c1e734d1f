#include "delta/file_chunk.h"

#include <algorithm>
#include <utility>

namespace tarn::delta {
namespace {

std::string NameOf(const LeafColumn& leaf) {
    std::string name = leaf.type.ToString() + (leaf.was_float ? " of float" : "");
    for (const std::string& part : leaf.path) name.append(1, '\0').append(part);
    return name;
}

}  // namespace

std::vector<int64_t> FileChunk::RecordCounts() const {
    std::vector<int64_t> counts(Rows(), -1);
    VisitStatistics([&](const StatisticsBatch& batch) {
        StatisticsReader reader({});
        for (size_t i = 0; i < batch.rows.size(); ++i) {
            const auto count = reader.ReadCount(batch.texts[i]);
            if (count) counts[batch.rows[i]] = static_cast<int64_t>(*count);
        }
    });
    return counts;
}

std::shared_ptr<const std::vector<int64_t>> FileChunk::LiveRows() const {
    const std::lock_guard lock(mutex_);
    if (live_rows_) return live_rows_;
    auto rows = std::make_shared<std::vector<int64_t>>(RecordCounts());
    for (const auto& [row, deleted] : DeletedCounts()) {
        int64_t& live = (*rows)[row];
        live = live >= deleted ? live - deleted : -1;
    }
    live_rows_ = std::move(rows);
    return live_rows_;
}

std::vector<SidecarPiece> FileChunk::Sidecars() const {
    const std::lock_guard lock(mutex_);
    return sidecars_;
}

void FileChunk::RememberSidecars(std::vector<SidecarPiece> pieces) const {
    const std::lock_guard lock(mutex_);
    sidecars_ = std::move(pieces);
}

std::vector<std::shared_ptr<const table::FileBounds>> FileChunk::BoundsOf(
    const std::vector<LeafColumn>& leaves) const {
    const std::lock_guard lock(mutex_);
    std::vector<LeafColumn> missing;
    for (const LeafColumn& leaf : leaves) {
        if (!bounds_.contains(NameOf(leaf))) missing.push_back(leaf);
    }
    if (!missing.empty()) ReadBounds(missing);
    std::vector<std::shared_ptr<const table::FileBounds>> found;
    for (const LeafColumn& leaf : leaves) {
        Known& known = bounds_.at(NameOf(leaf));
        known.used = ++uses_;
        found.push_back(known.bounds);
    }
    while (bounds_.size() > kMaxLeaves) {
        bounds_.erase(std::min_element(
            bounds_.begin(), bounds_.end(),
            [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
    }
    return found;
}

void FileChunk::ReadBounds(const std::vector<LeafColumn>& leaves) const {
    std::vector<std::shared_ptr<table::FileBounds>> bounds;
    for (const LeafColumn& leaf : leaves) {
        bounds.push_back(std::make_shared<table::FileBounds>(leaf.type));
        bounds.back()->Resize(Rows());
    }
    VisitStatistics([&](const StatisticsBatch& batch) {
        StatisticsReader reader(leaves);
        for (size_t i = 0; i < batch.rows.size(); ++i) {
            const table::FileStatistics& known = reader.ReadAll(batch.texts[i]);
            for (size_t leaf = 0; leaf < leaves.size(); ++leaf) {
                bounds[leaf]->Set(batch.rows[i], known.columns[leaf], known.record_count);
            }
        }
    });
    for (size_t leaf = 0; leaf < leaves.size(); ++leaf) {
        bounds_[NameOf(leaves[leaf])] = {std::move(bounds[leaf]), ++uses_};
    }
}

}  // namespace tarn::delta
