// The files of a checkpoint, left where they are: sizes in memory, everything else read from its
// Parquet files when it is asked for, on all threads, and only the columns and rows that are. So a
// table of a million files opens in the time that a column of numbers takes to decode.
//
// Every pass checks that the files are the ones that were opened (their etag); a checkpoint that
// was deleted or replaced ends the statement as Unavailable and the chunk is readable no more.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "delta/arrow_view.h"
#include "delta/file_chunk.h"
#include "delta/partition_tuples.h"
#include "storage/object_store.h"
#include "table/rows.h"

namespace tarn::delta {

class CheckpointChunk final : public FileChunk {
public:
    // Its parts in order. `take` gets the actions that are no adds; removes only when wanted.
    // Store and parquet must outlive the chunk. Corrupt, NotFound.
    CheckpointChunk(storage::ObjectStore& store, table::ParquetFiles& parquet,
                    const std::vector<storage::ObjectInfo>& files, bool with_removes,
                    const std::function<void(Action&&)>& take);

    // Rows of the checkpoint that are no files, as FileSet's dead rows.
    std::vector<bool> RowsWithoutFile() const;

    uint32_t Rows() const override { return static_cast<uint32_t>(sizes_.size()); }
    int64_t SizeOf(uint32_t row) const override { return sizes_[row]; }
    bool IsStored() const override { return true; }
    bool IsReadable() const override { return is_readable_; }
    void Visit(const std::vector<uint8_t>& wanted, const Take& take) const override;
    const Partitions& PartitionsOfRows() const override;
    std::vector<std::pair<uint32_t, int64_t>> SomeRowCounts() const override;

protected:
    const KeyIndex& Keys() const override;
    void VisitStatistics(const TakeStatistics& take) const override;
    std::vector<std::pair<uint32_t, int64_t>> DeletedCounts() const override;

private:
    struct File {
        storage::ObjectInfo info;
        uint32_t first_row = 0;
        uint32_t rows = 0;
    };
    class Adds;
    using Columns = std::vector<std::vector<std::string>>;
    using TakeAdds = std::function<void(const Adds& adds)>;

    static constexpr int64_t kNoFile = -1;

    void Open(File& file, bool with_removes, const std::function<void(Action&&)>& take);
    // For the next checkpoint.
    void RememberOwnSidecars();
    void OpenBatch(const File& file, const ArrowBatch& batch);
    // The actions in these columns at these ascending rows of the file.
    void TakeOthers(const File& file, const std::vector<std::string>& names,
                    const std::vector<int64_t>& rows,
                    const std::function<void(Action&&)>& take) const;
    // Columns of the adds, of all rows or of a range of the file's rows; from several threads.
    void Scan(const File& file, const Columns& columns, std::optional<table::RowRange> rows,
              const TakeAdds& take) const;
    void ScanAll(const Columns& columns, const TakeAdds& take) const;
    void CheckUnchanged(const File& file) const;
    void VisitRange(const File& file, std::optional<table::RowRange> rows,
                    const std::vector<uint8_t>& wanted, const Take& take) const;
    void VisitParsedStatistics(const std::vector<uint8_t>& wanted,
                               const TakeStatistics& take) const;
    // The one copy of a tuple and its number.
    std::pair<const PartitionTexts*, uint32_t> Intern(const ArrowCell& partition_values) const;
    void LoadKeys() const;
    void LoadPartitions() const;

    storage::ObjectStore& store_;
    table::ParquetFiles& parquet_;
    std::vector<File> files_;
    std::vector<int64_t> sizes_;  // by row; kNoFile: the row is no add
    bool has_vectors_ = false;
    bool has_parsed_statistics_ = false;
    mutable std::atomic<bool> is_readable_ = true;

    mutable std::once_flag keys_once_;
    mutable KeyIndex keys_;
    mutable std::once_flag partitions_once_;
    mutable Partitions partitions_;
    mutable std::once_flag sample_once_;
    mutable std::vector<std::pair<uint32_t, int64_t>> sample_;

    mutable std::mutex tuples_mutex_;
    mutable PartitionTuples tuples_;
};

}  // namespace tarn::delta
