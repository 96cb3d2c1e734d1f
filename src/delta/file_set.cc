#include "delta/file_set.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/check.h"

namespace tarn::delta {
namespace {

// A chunk is merged with its elder when that is not much larger, so that a set has few chunks and
// each file is copied a bounded number of times.
constexpr uint64_t kMergeFactor = 2;
constexpr uint64_t kSmallChunk = 512;
// How many keys the memory is asked for ahead.
constexpr uint32_t kPrefetched = 8;

}  // namespace

std::vector<uint8_t> FileSet::Part::LiveMask() const {
    std::vector<uint8_t> mask(chunk->Rows(), 1);
    if (!dead) return mask;
    for (size_t row = 0; row < mask.size(); ++row) mask[row] = (*dead)[row] ? 0 : 1;
    return mask;
}

bool FileSet::IsReadable() const {
    return std::all_of(parts_.begin(), parts_.end(),
                       [](const Part& part) { return part.chunk->IsReadable(); });
}

std::optional<uint64_t> FileSet::LiveRows() const {
    uint64_t sum = 0;
    for (const Part& part : parts_) {
        const auto counts = part.chunk->LiveRows();
        for (uint32_t row = 0; row < counts->size(); ++row) {
            if (!part.IsLive(row)) continue;
            if ((*counts)[row] < 0) return std::nullopt;
            sum += static_cast<uint64_t>((*counts)[row]);
        }
    }
    return sum;
}

std::optional<uint64_t> FileSet::EstimatedRows() const {
    uint64_t files = 0;
    uint64_t rows = 0;
    uint64_t bytes = 0;
    for (const Part& part : parts_) {
        for (const auto& [row, count] : part.chunk->SomeRowCounts()) {
            if (!part.IsLive(row)) continue;
            ++files;
            rows += static_cast<uint64_t>(count);
            bytes += static_cast<uint64_t>(part.chunk->SizeOf(row));
        }
    }
    if (files == count_) return rows;
    if (bytes == 0) return std::nullopt;
    return static_cast<uint64_t>(static_cast<double>(rows) / static_cast<double>(bytes) *
                                 static_cast<double>(size_bytes_));
}

void FileSet::ForEach(const std::function<void(const FileView&)>& take) const {
    for (const Part& part : parts_) {
        part.chunk->Visit(part.LiveMask(), [&](uint32_t, const FileView& file) { take(file); });
    }
}

std::vector<std::optional<Add>> FileSet::Find(const std::vector<LogicalFile>& files) const {
    std::vector<std::optional<Add>> found(files.size());
    std::vector<FileKey> keys;
    for (const LogicalFile& file : files) keys.push_back(KeyOf(file.path, file.vector_id));
    for (const Part& part : parts_) {
        const auto is_live = [&](uint32_t row) { return part.IsLive(row); };
        std::multimap<uint32_t, size_t> wanted;  // row to file
        for (size_t i = 0; i < files.size(); ++i) {
            if (found[i]) continue;
            if (const auto row = part.chunk->Find(keys[i], is_live)) wanted.emplace(*row, i);
        }
        if (wanted.empty()) continue;
        std::vector<uint8_t> mask(part.chunk->Rows(), 0);
        for (const auto& [row, file] : wanted) mask[row] = 1;
        part.chunk->Visit(mask, [&](uint32_t row, const FileView& view) {
            const auto [first, last] = wanted.equal_range(row);
            for (auto at = first; at != last; ++at) found[at->second] = view.ToAdd(false);
        });
    }
    return found;
}

FileSet::Builder::Builder(FileSet base)
    : base_(std::move(base)), fresh_(std::make_shared<MemoryChunk>()) {
    open_.resize(base_.parts_.size());
}

FileSet::Builder::~Builder() = default;

void FileSet::Builder::AddChunk(std::shared_ptr<const FileChunk> chunk, std::vector<bool> dead) {
    for (uint32_t row = 0; row < chunk->Rows(); ++row) {
        if (dead[row]) continue;
        ++base_.count_;
        base_.size_bytes_ += static_cast<uint64_t>(chunk->SizeOf(row));
    }
    Part part;
    part.dead_count = static_cast<uint64_t>(std::count(dead.begin(), dead.end(), true));
    if (part.dead_count > 0) {
        part.dead = std::make_shared<const std::vector<bool>>(std::move(dead));
    }
    part.chunk = std::move(chunk);
    base_.parts_.push_back(std::move(part));
    open_.emplace_back();
}

void FileSet::Builder::BeginVersion() { version_start_ = fresh_->Rows(); }

bool FileSet::Builder::Kill(const FileKey& key, uint32_t before_row) {
    const auto is_fresh = [&](uint32_t row) { return row < before_row && !fresh_dead_[row]; };
    if (const auto row = fresh_->Find(key, is_fresh)) {
        fresh_dead_[*row] = true;
        ++fresh_dead_count_;
        --base_.count_;
        base_.size_bytes_ -= static_cast<uint64_t>(fresh_->SizeOf(*row));
        return true;
    }
    for (size_t i = 0; i < base_.parts_.size(); ++i) {
        const Part& part = base_.parts_[i];
        OpenPart& open = open_[i];
        const auto row = part.chunk->Find(
            key, [&](uint32_t at) { return open.changed ? !open.dead[at] : part.IsLive(at); });
        if (!row) continue;
        if (!open.changed) {
            open.dead = part.dead ? *part.dead : std::vector<bool>(part.chunk->Rows());
            open.changed = true;
        }
        open.dead[*row] = true;
        --base_.count_;
        base_.size_bytes_ -= static_cast<uint64_t>(part.chunk->SizeOf(*row));
        return true;
    }
    return false;
}

void FileSet::Builder::CountIn(int64_t size_bytes) {
    fresh_dead_.push_back(false);
    ++base_.count_;
    base_.size_bytes_ += static_cast<uint64_t>(size_bytes);
}

void FileSet::Builder::Apply(FileRows&& added, const std::vector<FileKey>& keys) {
    Check(added.Count() == keys.size(), "each row has its key");
    const uint32_t first = fresh_->Rows();
    fresh_->Append(std::move(added));
    for (uint32_t i = 0; i < keys.size(); ++i) {
        if (i + kPrefetched < keys.size()) fresh_->Prefetch(keys[i + kPrefetched]);
        Kill(keys[i], first + i);
        fresh_->AddKey(keys[i], first + i);
        CountIn(fresh_->SizeOf(first + i));
    }
}

void FileSet::Builder::Apply(const FileView& added) {
    const FileKey key = KeyOf(added.path, added.deletion_vector);
    Kill(key, fresh_->Rows());
    fresh_->Append(added, key);
    CountIn(added.size_bytes);
}

bool FileSet::Builder::Apply(const Remove& remove) {
    const DeletionVector* vector = remove.deletion_vector ? &*remove.deletion_vector : nullptr;
    return Kill(KeyOf(remove.path, vector), version_start_);
}

void FileSet::Builder::Seal() {
    for (size_t i = 0; i < open_.size(); ++i) {
        if (!open_[i].changed) continue;
        Part& part = base_.parts_[i];
        part.dead_count =
            static_cast<uint64_t>(std::count(open_[i].dead.begin(), open_[i].dead.end(), true));
        part.dead = std::make_shared<const std::vector<bool>>(std::move(open_[i].dead));
    }
    if (fresh_->Rows() == 0) return;
    fresh_->Seal();
    Part part;
    part.chunk = std::exchange(fresh_, std::make_shared<MemoryChunk>());
    part.dead_count = fresh_dead_count_;
    if (fresh_dead_count_ > 0) {
        part.dead = std::make_shared<const std::vector<bool>>(std::move(fresh_dead_));
    }
    base_.parts_.push_back(std::move(part));
    fresh_dead_.clear();
    fresh_dead_count_ = 0;
}

void FileSet::Builder::MergeSmallParts() {
    std::erase_if(base_.parts_, [](const Part& part) { return part.LiveCount() == 0; });
    const auto& parts = base_.parts_;
    size_t keep = parts.size();
    uint64_t merged = 0;
    // A chunk that is mostly dead is worth copying, too.
    while (keep > 0 && !parts[keep - 1].chunk->IsStored()) {
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
    for (const Part& part : small) {
        part.chunk->Visit(part.LiveMask(), [&](uint32_t, const FileView& file) {
            fresh_->Append(file, KeyOf(file.path, file.deletion_vector));
        });
    }
    open_.clear();
    Seal();
}

FileSet FileSet::Builder::Build() {
    Seal();
    MergeSmallParts();
    return std::move(base_);
}

}  // namespace tarn::delta
