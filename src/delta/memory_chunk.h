// Files in memory: paths and statistics in one text, partition values once per distinct tuple.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "delta/file_chunk.h"

namespace tarn::delta {

class MemoryChunk final : public FileChunk {
public:
    // While it is built, by one thread; then it is immutable.
    void Append(const FileView& file);
    void Seal();

    uint32_t Rows() const override { return static_cast<uint32_t>(rows_.size()); }
    int64_t SizeOf(uint32_t row) const override { return rows_[row].size_bytes; }
    void Visit(const std::vector<uint8_t>& wanted, const Take& take) const override;
    const Partitions& PartitionsOfRows() const override { return partitions_; }
    std::vector<std::pair<uint32_t, int64_t>> SomeRowCounts() const override;
    // Valid as long as the chunk.
    FileView View(uint32_t row) const;

protected:
    const KeyIndex& Keys() const override { return keys_; }
    void VisitStatistics(const TakeStatistics& take) const override;
    std::vector<std::pair<uint32_t, int64_t>> DeletedCounts() const override;

private:
    struct Rare {
        std::optional<DeletionVector> deletion_vector;
        FileExtras extras;
    };
    struct Row {
        uint64_t text_at = 0;
        uint32_t path_size = 0;
        uint32_t stats_size = 0;
        int32_t rare = -1;
        int64_t size_bytes = 0;
        int64_t modification_time_ms = 0;
        int64_t record_count = -1;
    };

    std::string text_;
    std::vector<Row> rows_;
    std::vector<std::unique_ptr<const PartitionTexts>> tuples_;
    std::unordered_multimap<uint64_t, uint32_t> tuple_index_;  // by hash
    Partitions partitions_;
    std::vector<Rare> rares_;
    KeyIndex keys_;
    StatisticsReader count_reader_{{}};
};

}  // namespace tarn::delta
