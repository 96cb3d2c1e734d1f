// The live files of a table: chunks (file_chunk.h) with the rows that are dead in each. Immutable;
// versions share chunks: a commit adds a small one and marks rows of older ones dead; small chunks
// are merged. Copying is cheap. Thread-safe once built.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "delta/actions.h"
#include "delta/file_chunk.h"
#include "delta/memory_chunk.h"

namespace tarn::delta {

struct LogicalFile {
    std::string path;       // in any spelling
    std::string vector_id;  // of its deletion vector; empty: none
};

class FileSet {
public:
    class Builder;

    struct Part {
        std::shared_ptr<const FileChunk> chunk;
        std::shared_ptr<const std::vector<bool>> dead;  // null: none is
        uint64_t dead_count = 0;

        bool IsLive(uint32_t row) const { return !dead || !(*dead)[row]; }
        uint64_t LiveCount() const { return chunk->Rows() - dead_count; }
        // A byte a row: 1 where it is live.
        std::vector<uint8_t> LiveMask() const;
    };

    FileSet() = default;

    uint64_t Count() const { return count_; }
    uint64_t SizeBytes() const { return size_bytes_; }
    // Nothing when a file lacks its count. Reads statistics of all files where they are not known.
    std::optional<uint64_t> LiveRows() const;
    // The same from some of the files, for planning; nothing when they do not say.
    std::optional<uint64_t> EstimatedRows() const;
    const std::vector<Part>& Parts() const { return parts_; }
    // false: the log's own files that hold a part are gone or were replaced.
    bool IsReadable() const;

    // In no particular order; views as FileChunk::Take has them.
    void ForEach(const std::function<void(const FileView&)>& take) const;
    // Each of these files where it is live, in the order asked for; dataChange is false.
    std::vector<std::optional<Add>> Find(const std::vector<LogicalFile>& files) const;

private:
    std::vector<Part> parts_;
    uint64_t count_ = 0;
    uint64_t size_bytes_ = 0;
};

// Applies file actions version by version on top of a set. Within one version actions have no
// order: a file that is both added and removed stays.
class FileSet::Builder {
public:
    explicit Builder(FileSet base = {});
    ~Builder();
    Builder(const Builder&) = delete;
    Builder& operator=(const Builder&) = delete;

    // A chunk of files that nothing before holds; `dead` are rows that are no files.
    void AddChunk(std::shared_ptr<const FileChunk> chunk, std::vector<bool> dead);
    void BeginVersion();
    // The keys are those of the rows.
    void Apply(FileRows&& added, const std::vector<FileKey>& keys);
    void Apply(const Add& add) { Apply(FileView::Of(add)); }
    void Apply(const FileView& added);
    // false: the file was not live before this version.
    bool Apply(const Remove& remove);
    FileSet Build();

private:
    struct OpenPart {
        std::vector<bool> dead;
        bool changed = false;
    };

    bool Kill(const FileKey& key, uint32_t before_row);
    void CountIn(int64_t size_bytes);
    void Seal();
    void MergeSmallParts();

    FileSet base_;
    std::vector<OpenPart> open_;
    std::shared_ptr<MemoryChunk> fresh_;
    std::vector<bool> fresh_dead_;
    uint64_t fresh_dead_count_ = 0;
    uint32_t version_start_ = 0;
};

}  // namespace tarn::delta
