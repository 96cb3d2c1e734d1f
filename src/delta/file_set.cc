#include "delta/file_set.h"

#include <algorithm>

#include "base/check.h"
#include "base/hash.h"
#include "delta/file_path.h"

namespace tarn::delta {
namespace {

// A chunk is merged with its elder when that is not much larger, so that a set has few chunks and
// each file is copied a bounded number of times.
constexpr uint64_t kMergeFactor = 2;
constexpr uint64_t kSmallChunk = 512;

std::string VectorIdOf(const std::optional<DeletionVector>& vector) {
    return vector ? vector->UniqueId() : std::string();
}

uint64_t HashPartition(const PartitionTexts& texts) {
    std::string joined;
    for (const auto& [key, value] : texts) {
        joined.append(key).append(value ? "\1" : "\2").append(value.value_or("")).append(1, '\0');
    }
    return Hash64(joined);
}

}  // namespace

Add FileView::ToAdd(bool data_change) const {
    Add add;
    add.path = path;
    add.partition_values = *partition_values;
    add.size_bytes = size_bytes;
    add.modification_time_ms = modification_time_ms;
    add.data_change = data_change;
    add.stats = stats;
    if (deletion_vector != nullptr) add.deletion_vector = *deletion_vector;
    if (extras != nullptr) add.extras = *extras;
    return add;
}

uint64_t FileSet::HashOf(std::string_view path_key, const std::string& vector_id) {
    if (vector_id.empty()) return Hash64(path_key);
    return Hash64(std::string(path_key).append(1, '\0').append(vector_id));
}

FileView FileSet::Chunk::View(uint32_t row_at) const {
    const Row& row = rows[row_at];
    FileView view;
    view.path = std::string_view(text).substr(row.text_at, row.path_size);
    view.stats = std::string_view(text).substr(row.text_at + row.path_size, row.stats_size);
    view.size_bytes = row.size_bytes;
    view.modification_time_ms = row.modification_time_ms;
    view.record_count = row.record_count;
    view.partition_values = &partitions[row.partition];
    if (row.rare >= 0) {
        const Rare& rare = rares[static_cast<size_t>(row.rare)];
        if (rare.deletion_vector) view.deletion_vector = &*rare.deletion_vector;
        if (!rare.extras.IsEmpty()) view.extras = &rare.extras;
    }
    return view;
}

bool FileSet::Chunk::Is(uint32_t row, std::string_view path_key,
                        const std::string& vector_id) const {
    const FileView view = View(row);
    const std::string id = view.deletion_vector != nullptr ? view.deletion_vector->UniqueId() : "";
    return id == vector_id && PathKey(view.path) == path_key;
}

template <typename IsLive>
std::optional<uint32_t> FileSet::Chunk::Lookup(uint64_t hash, std::string_view path_key,
                                               const std::string& vector_id,
                                               const IsLive& is_live) const {
    const auto by_hash = [](const IndexEntry& entry, uint64_t wanted) {
        return entry.hash < wanted;
    };
    auto at = std::lower_bound(index.begin(), index.end(), hash, by_hash);
    for (; at != index.end() && at->hash == hash; ++at) {
        if (is_live(at->row) && Is(at->row, path_key, vector_id)) return at->row;
    }
    return std::nullopt;
}

std::optional<uint64_t> FileSet::LiveRows() const {
    if (without_count_ > 0) return std::nullopt;
    return live_rows_;
}

void FileSet::ForEach(const std::function<void(const FileView&)>& take) const {
    for (const Part& part : parts_) {
        for (uint32_t row = 0; row < part.chunk->rows.size(); ++row) {
            if (part.IsLive(row)) take(part.chunk->View(row));
        }
    }
}

std::optional<FileView> FileSet::Find(std::string_view path, const std::string& vector_id) const {
    const std::string key = PathKey(path);
    const uint64_t hash = HashOf(key, vector_id);
    for (const Part& part : parts_) {
        const auto is_live = [&](uint32_t row) { return part.IsLive(row); };
        if (const auto row = part.chunk->Lookup(hash, key, vector_id, is_live)) {
            return part.chunk->View(*row);
        }
    }
    return std::nullopt;
}

FileSet::Builder::Builder(FileSet base)
    : base_(std::move(base)), fresh_(std::make_shared<Chunk>()), count_reader_({}) {
    open_.resize(base_.parts_.size());
}

FileSet::Builder::~Builder() = default;

void FileSet::Builder::BeginVersion() {
    version_start_ = static_cast<uint32_t>(fresh_->rows.size());
}

void FileSet::Builder::Count(const FileView& file, bool added) {
    const uint64_t one = 1;
    const auto move = [added](uint64_t& total, uint64_t by) {
        total = added ? total + by : total - by;
    };
    move(base_.count_, one);
    move(base_.size_bytes_, static_cast<uint64_t>(file.size_bytes));
    const int64_t deleted = file.deletion_vector != nullptr ? file.deletion_vector->cardinality : 0;
    if (file.record_count >= deleted) {
        move(base_.live_rows_, static_cast<uint64_t>(file.record_count - deleted));
    } else {
        move(base_.without_count_, one);
    }
}

bool FileSet::Builder::Kill(std::string_view path_key, const std::string& vector_id,
                            uint32_t before_row) {
    const uint64_t hash = HashOf(path_key, vector_id);
    const auto [first, last] = fresh_index_.equal_range(hash);
    for (auto at = first; at != last; ++at) {
        const uint32_t row = at->second;
        if (row >= before_row || fresh_dead_[row] || !fresh_->Is(row, path_key, vector_id))
            continue;
        fresh_dead_[row] = true;
        ++fresh_dead_count_;
        Count(fresh_->View(row), false);
        return true;
    }
    for (size_t i = 0; i < base_.parts_.size(); ++i) {
        const Part& part = base_.parts_[i];
        OpenPart& open = open_[i];
        const auto is_live = [&](uint32_t row) {
            return open.changed ? !open.dead[row] : part.IsLive(row);
        };
        const auto row = part.chunk->Lookup(hash, path_key, vector_id, is_live);
        if (!row) continue;
        if (!open.changed) {
            open.dead = part.dead ? *part.dead : std::vector<bool>(part.chunk->rows.size());
            open.changed = true;
        }
        open.dead[*row] = true;
        Count(part.chunk->View(*row), false);
        return true;
    }
    return false;
}

void FileSet::Builder::Append(const FileView& file) {
    Check(fresh_->rows.size() < UINT32_MAX, "a chunk holds at most 2^32 files");
    Row row;
    row.text_at = fresh_->text.size();
    row.path_size = static_cast<uint32_t>(file.path.size());
    row.stats_size = static_cast<uint32_t>(file.stats.size());
    row.size_bytes = file.size_bytes;
    row.modification_time_ms = file.modification_time_ms;
    row.record_count = file.record_count;
    fresh_->text.append(file.path).append(file.stats);

    const uint64_t partition_hash = HashPartition(*file.partition_values);
    const auto [first, last] = partition_index_.equal_range(partition_hash);
    const auto known = std::find_if(first, last, [&](const auto& entry) {
        return fresh_->partitions[entry.second] == *file.partition_values;
    });
    if (known != last) {
        row.partition = known->second;
    } else {
        row.partition = static_cast<uint32_t>(fresh_->partitions.size());
        fresh_->partitions.push_back(*file.partition_values);
        partition_index_.emplace(partition_hash, row.partition);
    }

    std::string vector_id;
    if (file.deletion_vector != nullptr || file.extras != nullptr) {
        Rare rare;
        if (file.deletion_vector != nullptr) rare.deletion_vector = *file.deletion_vector;
        if (file.extras != nullptr) rare.extras = *file.extras;
        vector_id = VectorIdOf(rare.deletion_vector);
        row.rare = static_cast<int32_t>(fresh_->rares.size());
        fresh_->rares.push_back(std::move(rare));
    }
    const auto row_at = static_cast<uint32_t>(fresh_->rows.size());
    fresh_->rows.push_back(row);
    fresh_dead_.push_back(false);
    fresh_index_.emplace(HashOf(PathKey(file.path), vector_id), row_at);
    Count(fresh_->View(row_at), true);
}

void FileSet::Builder::Apply(const Add& add) {
    Kill(PathKey(add.path), VectorIdOf(add.deletion_vector), UINT32_MAX);
    FileView file;
    file.path = add.path;
    file.stats = add.stats;
    file.size_bytes = add.size_bytes;
    file.modification_time_ms = add.modification_time_ms;
    const auto count = count_reader_.Read(add.stats).record_count;
    if (count && *count <= INT64_MAX) file.record_count = static_cast<int64_t>(*count);
    file.partition_values = &add.partition_values;
    if (add.deletion_vector) file.deletion_vector = &*add.deletion_vector;
    if (!add.extras.IsEmpty()) file.extras = &add.extras;
    Append(file);
}

bool FileSet::Builder::Apply(const Remove& remove) {
    return Kill(PathKey(remove.path), VectorIdOf(remove.deletion_vector), version_start_);
}

void FileSet::Builder::Seal() {
    for (size_t i = 0; i < open_.size(); ++i) {
        if (!open_[i].changed) continue;
        Part& part = base_.parts_[i];
        part.dead_count =
            static_cast<uint64_t>(std::count(open_[i].dead.begin(), open_[i].dead.end(), true));
        part.dead = std::make_shared<const std::vector<bool>>(std::move(open_[i].dead));
    }
    if (fresh_->rows.empty()) return;
    fresh_->index.reserve(fresh_index_.size());
    for (const auto& [hash, row] : fresh_index_) fresh_->index.push_back({hash, row});
    std::sort(fresh_->index.begin(), fresh_->index.end(),
              [](const IndexEntry& a, const IndexEntry& b) { return a.hash < b.hash; });
    fresh_->text.shrink_to_fit();
    fresh_->rows.shrink_to_fit();
    Part part;
    part.chunk = std::exchange(fresh_, std::make_shared<Chunk>());
    part.dead_count = fresh_dead_count_;
    if (fresh_dead_count_ > 0) {
        part.dead = std::make_shared<const std::vector<bool>>(std::move(fresh_dead_));
    }
    base_.parts_.push_back(std::move(part));
    fresh_dead_.clear();
    fresh_dead_count_ = 0;
    fresh_index_.clear();
    partition_index_.clear();
}

void FileSet::Builder::MergeSmallParts() {
    std::erase_if(base_.parts_, [](const Part& part) { return part.LiveCount() == 0; });
    const auto& parts = base_.parts_;
    size_t keep = parts.size();
    uint64_t merged = 0;
    // A chunk that is mostly dead is worth copying, too.
    while (keep > 0) {
        const Part& part = parts[keep - 1];
        const bool is_small = part.LiveCount() <= std::max(kSmallChunk, kMergeFactor * merged);
        const bool is_mostly_dead = part.dead_count > part.LiveCount();
        if (!is_mostly_dead && (!is_small || (keep == parts.size() && keep == 1))) break;
        merged += part.LiveCount();
        --keep;
    }
    if (parts.size() - keep < 2 && (keep == parts.size() || parts[keep].dead_count == 0)) return;
    const std::vector<Part> small(parts.begin() + static_cast<std::ptrdiff_t>(keep), parts.end());
    base_.parts_.resize(keep);
    const FileSet before = base_;
    for (const Part& part : small) {
        for (uint32_t row = 0; row < part.chunk->rows.size(); ++row) {
            if (part.IsLive(row)) Append(part.chunk->View(row));
        }
    }
    // Merging moves files, it does not add any.
    base_.count_ = before.count_;
    base_.size_bytes_ = before.size_bytes_;
    base_.live_rows_ = before.live_rows_;
    base_.without_count_ = before.without_count_;
    open_.clear();
    Seal();
}

FileSet FileSet::Builder::Build() {
    Seal();
    MergeSmallParts();
    return std::move(base_);
}

}  // namespace tarn::delta
