// Some files of a table, one a row, immutable: what log files give at one go. A set of files is
// made of chunks (file_set.h); versions share them. Where the rows lie is the subclass's affair: in
// memory, or still in a checkpoint. What was worked out of them (keys, bounds) is kept.
// Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "delta/actions.h"
#include "delta/file_key.h"
#include "delta/file_view.h"
#include "delta/stats_json.h"
#include "table/block_match.h"

namespace tarn::delta {

// The statistics of some rows, for a reader of texts.
struct StatisticsBatch {
    std::vector<uint32_t> rows;
    std::vector<std::string_view> texts;  // empty: none
};

// A sidecar of a checkpoint that holds adds only.
struct StoredSidecar {
    std::string location;
    Sidecar action;
    uint64_t files = 0;
};

// Rows of a chunk that lie in a sidecar; it may hold those of other chunks, too.
struct SidecarPiece {
    uint32_t first_row = 0;
    uint32_t end_row = 0;  // one past the last
    std::shared_ptr<const StoredSidecar> sidecar;
};

class FileChunk {
public:
    // Views are valid during the call only, but for their partition_values: those live as long as
    // the chunk, and equal pointers mean equal values.
    using Take = std::function<void(uint32_t row, const FileView& file)>;
    using TakeStatistics = std::function<void(const StatisticsBatch& batch)>;

    virtual ~FileChunk() = default;
    virtual uint32_t Rows() const = 0;
    virtual int64_t SizeOf(uint32_t row) const = 0;
    // The rows lie in the log's own files: to be left there, however few are live.
    virtual bool IsStored() const { return false; }
    // false: a stored chunk whose files are gone or were replaced.
    virtual bool IsReadable() const { return true; }

    // Gives each row i of which wanted[i] is not 0; one call at a time, in any order.
    virtual void Visit(const std::vector<uint8_t>& wanted, const Take& take) const = 0;

    template <typename IsLive>
    std::optional<uint32_t> Find(const FileKey& key, const IsLive& is_live) const {
        return Keys().Find(key, is_live);
    }

    // Live rows of each file, -1 where the log does not say.
    std::shared_ptr<const std::vector<int64_t>> LiveRows() const;
    // Live rows of some files, for estimates: cheap.
    virtual std::vector<std::pair<uint32_t, int64_t>> SomeRowCounts() const = 0;
    // What statistics say of each leaf, in the order asked for.
    std::vector<std::shared_ptr<const table::FileBounds>> BoundsOf(
        const std::vector<LeafColumn>& leaves) const;
    // Which tuple of partition values each row has.
    struct Partitions {
        std::vector<uint32_t> tuple_of_row;
        std::vector<const PartitionTexts*> tuples;
    };
    virtual const Partitions& PartitionsOfRows() const = 0;

    // Where rows stand in sidecars, as far as is known: for the next checkpoint, which need not
    // write them again. Ascending, apart.
    std::vector<SidecarPiece> Sidecars() const;
    void RememberSidecars(std::vector<SidecarPiece> pieces) const;

protected:
    virtual const KeyIndex& Keys() const = 0;
    // Every row that holds a file, in batches; from several threads at once.
    virtual void VisitStatistics(const TakeStatistics& take) const = 0;
    // Physical rows of each file, -1 where the log does not say.
    virtual std::vector<int64_t> RecordCounts() const;
    // Rows hidden by deletion vectors, by row; only files that have one.
    virtual std::vector<std::pair<uint32_t, int64_t>> DeletedCounts() const = 0;

private:
    // Leaves that are asked for most lately stay.
    static constexpr size_t kMaxLeaves = 64;
    struct Known {
        std::shared_ptr<const table::FileBounds> bounds;
        uint64_t used = 0;
    };

    void ReadBounds(const std::vector<LeafColumn>& leaves) const;

    mutable std::mutex mutex_;
    mutable std::shared_ptr<const std::vector<int64_t>> live_rows_;
    mutable std::map<std::string, Known> bounds_;  // by path and type
    mutable uint64_t uses_ = 0;
    mutable std::vector<SidecarPiece> sidecars_;
};

}  // namespace tarn::delta
