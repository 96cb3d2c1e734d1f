// Files in memory.
#pragma once

#include "delta/file_chunk.h"
#include "delta/file_rows.h"

namespace tarn::delta {

class MemoryChunk final : public FileChunk {
public:
    // While it is built, by one thread; then it is immutable.
    void Append(const FileView& file, const FileKey& key);
    // Rows that are not found until AddKey.
    void Append(FileRows&& rows);
    // Of the next row that has none.
    void AddKey(const FileKey& key, uint32_t row) { keys_.Add(key, row); }
    // See KeyIndex.
    void Prefetch(const FileKey& key) const { keys_.Prefetch(key); }
    void Seal();

    uint32_t Rows() const override { return rows_.Count(); }
    int64_t SizeOf(uint32_t row) const override { return rows_.SizeOf(row); }
    void Visit(const std::vector<uint8_t>& wanted, const Take& take) const override;
    const Partitions& PartitionsOfRows() const override { return partitions_; }
    std::vector<std::pair<uint32_t, int64_t>> SomeRowCounts() const override;

protected:
    const KeyIndex& Keys() const override { return keys_; }
    void VisitStatistics(const TakeStatistics& take) const override;
    std::vector<int64_t> RecordCounts() const override;
    std::vector<std::pair<uint32_t, int64_t>> DeletedCounts() const override;

private:
    FileRows rows_{std::make_shared<TextArena>()};
    Partitions partitions_;
    KeyIndex keys_;
};

}  // namespace tarn::delta
