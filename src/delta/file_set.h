// The live files of a table, compact and immutable: paths and statistics in one text per chunk,
// partition values once per distinct tuple, an index by logical file, (path, deletion vector).
// Versions share chunks: a commit adds a small one and marks rows of older ones dead; small chunks
// are merged. Copying is cheap. Thread-safe once built.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "delta/actions.h"
#include "delta/stats_json.h"

namespace tarn::delta {

// One live file; views stay valid as long as the FileSet it came from (or a copy of it).
struct FileView {
    std::string_view path;  // as the log has it
    std::string_view stats;
    int64_t size_bytes = 0;
    int64_t modification_time_ms = 0;
    int64_t record_count = -1;  // physical rows; -1 unknown
    const PartitionTexts* partition_values = nullptr;
    const DeletionVector* deletion_vector = nullptr;  // null: none
    const FileExtras* extras = nullptr;               // null: none

    // The action that would add it; dataChange as given.
    Add ToAdd(bool data_change) const;
};

class FileSet {
public:
    class Builder;

    FileSet() = default;

    uint64_t Count() const { return count_; }
    uint64_t SizeBytes() const { return size_bytes_; }
    // Nothing when a file lacks its count.
    std::optional<uint64_t> LiveRows() const;

    // In no particular order. Equal partition_values pointers mean equal partition values.
    void ForEach(const std::function<void(const FileView&)>& take) const;
    // The file with this path and vector id (empty: none).
    std::optional<FileView> Find(std::string_view path, const std::string& vector_id) const;

private:
    struct Rare {
        std::optional<DeletionVector> deletion_vector;
        FileExtras extras;
    };
    struct Row {
        uint64_t text_at = 0;
        uint32_t path_size = 0;
        uint32_t stats_size = 0;
        uint32_t partition = 0;
        int32_t rare = -1;
        int64_t size_bytes = 0;
        int64_t modification_time_ms = 0;
        int64_t record_count = -1;
    };
    struct IndexEntry {
        uint64_t hash = 0;
        uint32_t row = 0;
    };
    struct Chunk {
        std::string text;
        std::vector<Row> rows;
        std::vector<PartitionTexts> partitions;
        std::vector<Rare> rares;
        std::vector<IndexEntry> index;  // by hash

        FileView View(uint32_t row) const;
        bool Is(uint32_t row, std::string_view path_key, const std::string& vector_id) const;
        // The row of that key which `is_live` accepts.
        template <typename IsLive>
        std::optional<uint32_t> Lookup(uint64_t hash, std::string_view path_key,
                                       const std::string& vector_id, const IsLive& is_live) const;
    };
    struct Part {
        std::shared_ptr<const Chunk> chunk;
        std::shared_ptr<const std::vector<bool>> dead;  // null: none is
        uint64_t dead_count = 0;

        bool IsLive(uint32_t row) const { return !dead || !(*dead)[row]; }
        uint64_t LiveCount() const { return chunk->rows.size() - dead_count; }
    };

    static uint64_t HashOf(std::string_view path_key, const std::string& vector_id);

    std::vector<Part> parts_;
    uint64_t count_ = 0;
    uint64_t size_bytes_ = 0;
    uint64_t live_rows_ = 0;
    uint64_t without_count_ = 0;
};

// Applies file actions version by version on top of a set. Within one version actions have no
// order: a file that is both added and removed stays.
class FileSet::Builder {
public:
    explicit Builder(FileSet base = {});
    ~Builder();
    Builder(const Builder&) = delete;
    Builder& operator=(const Builder&) = delete;

    void BeginVersion();
    void Apply(const Add& add);
    // false: the file was not live before this version.
    bool Apply(const Remove& remove);
    FileSet Build();

private:
    struct OpenPart {
        std::vector<bool> dead;
        bool changed = false;
    };

    void Append(const FileView& file);
    bool Kill(std::string_view path_key, const std::string& vector_id, uint32_t before_row);
    void Count(const FileView& file, bool added);
    void Seal();
    void MergeSmallParts();

    FileSet base_;
    std::vector<OpenPart> open_;
    std::shared_ptr<Chunk> fresh_;
    std::vector<bool> fresh_dead_;
    uint64_t fresh_dead_count_ = 0;
    std::unordered_multimap<uint64_t, uint32_t> fresh_index_;
    std::unordered_multimap<uint64_t, uint32_t> partition_index_;
    uint32_t version_start_ = 0;
    StatisticsReader count_reader_;
};

}  // namespace tarn::delta
