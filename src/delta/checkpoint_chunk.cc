#include "delta/checkpoint_chunk.h"

#include <algorithm>

#include "base/check.h"
#include "base/error.h"
#include "delta/checkpoint_actions.h"
#include "delta/sidecar_plan.h"

namespace tarn::delta {
namespace {

// Wanted rows that lie further apart are read by themselves.
constexpr int64_t kRangeGap = 1 << 16;
constexpr int64_t kSampledRows = 2048;

// Ascending rows as the ranges to read them by.
std::vector<table::RowRange> RangesOf(const std::vector<int64_t>& rows) {
    std::vector<table::RowRange> ranges;
    for (const int64_t row : rows) {
        if (ranges.empty() || row - ranges.back().last > kRangeGap) ranges.push_back({row, row});
        ranges.back().last = row;
    }
    return ranges;
}

}  // namespace

// The adds in a batch: their rows and columns.
class CheckpointChunk::Adds {
public:
    Adds(const CheckpointChunk& chunk, const File& file, const ArrowBatch& batch)
        : add(batch.Column("add")), partition_values(add.Column("partitionValues")) {
        const ArrowCell numbers = batch.Column(table::kRowNumberColumn);
        for (int64_t at = 0; at < batch.Rows(); ++at) {
            const int64_t position = numbers.At(at).Int().value_or(-1);
            Check(position >= 0 && position < file.rows, "a row number lies in its file");
            const uint32_t row = file.first_row + static_cast<uint32_t>(position);
            if (chunk.sizes_[row] == kNoFile) continue;
            rows.push_back(row);
            places.push_back(at);
        }
    }

    size_t Count() const { return rows.size(); }
    ArrowCell Cell(const ArrowCell& column, size_t i) const { return column.At(places[i]); }

    ArrowCell add;
    ArrowCell partition_values;
    std::vector<uint32_t> rows;   // in the chunk
    std::vector<int64_t> places;  // in the batch
};

CheckpointChunk::CheckpointChunk(storage::ObjectStore& store, table::ParquetFiles& parquet,
                                 const std::vector<storage::ObjectInfo>& files, bool with_removes,
                                 const std::function<void(Action&&)>& take)
    : store_(store), parquet_(parquet) {
    for (const storage::ObjectInfo& info : files) {
        files_.push_back({info, Rows(), 0});
        Open(files_.back(), with_removes, take);
    }
    RememberOwnSidecars();
}

void CheckpointChunk::RememberOwnSidecars() {
    std::vector<SidecarPiece> pieces;
    for (const File& file : files_) {
        const std::string_view name = storage::LastName(file.info.location);
        const auto first = sizes_.begin() + file.first_row;
        if (!HoldsAddsOnly(name) ||
            std::find(first, first + file.rows, kNoFile) != first + file.rows) {
            continue;
        }
        auto sidecar = std::make_shared<StoredSidecar>();
        sidecar->location = file.info.location;
        sidecar->action = {std::string(name), static_cast<int64_t>(file.info.size_bytes),
                           file.info.modified_ms};
        sidecar->files = file.rows;
        pieces.push_back({file.first_row, file.first_row + file.rows, std::move(sidecar)});
    }
    RememberSidecars(std::move(pieces));
}

void CheckpointChunk::Open(File& file, bool with_removes,
                           const std::function<void(Action&&)>& take) {
    table::ParquetReadOptions options;
    options.columns = {{"add", "size"},
                       {"add", "deletionVector", "cardinality"},
                       {"add", "stats_parsed", "numRecords"}};
    options.presence = OtherActionColumns(with_removes);
    options.with_row_numbers = true;
    std::mutex mutex;
    std::vector<int64_t> others;
    parquet_.Scan(file.info.location, options,
                  [&](const ArrowSchema& schema, const ArrowArray& rows) {
                      const ArrowBatch batch(schema, rows, file.info.location);
                      const std::lock_guard lock(mutex);
                      OpenBatch(file, batch);
                      const ArrowCell numbers = batch.Column(table::kRowNumberColumn);
                      for (const std::string& name : options.presence) {
                          const ArrowCell column = batch.Column(name);
                          if (column.IsMissing()) continue;
                          for (int64_t at = 0; at < batch.Rows(); ++at) {
                              if (!column.At(at).IsNull())
                                  others.push_back(numbers.At(at).Int().value_or(0));
                          }
                      }
                  });
    file.rows = Rows() - file.first_row;
    std::sort(others.begin(), others.end());
    others.erase(std::unique(others.begin(), others.end()), others.end());
    TakeOthers(file, options.presence, others, take);
    CheckUnchanged(file);
}

void CheckpointChunk::OpenBatch(const File& file, const ArrowBatch& batch) {
    const ArrowCell add = batch.Column("add");
    const ArrowCell size = add.Column("size");
    const ArrowCell numbers = batch.Column(table::kRowNumberColumn);
    const ArrowCell vector = add.Column("deletionVector").Column("cardinality");
    has_parsed_statistics_ |= !add.Column("stats_parsed").IsMissing();
    for (int64_t at = 0; at < batch.Rows(); ++at) {
        const size_t row = file.first_row + static_cast<size_t>(numbers.At(at).Int().value_or(0));
        Check(row < UINT32_MAX, "a checkpoint has at most 2^32 rows");
        if (row >= sizes_.size()) sizes_.resize(row + 1, kNoFile);
        if (add.At(at).IsNull()) continue;  // what stands below a null means nothing
        if (const auto bytes = size.At(at).Int()) sizes_[row] = std::max<int64_t>(*bytes, 0);
        has_vectors_ |= !vector.IsMissing() && !vector.At(at).IsNull();
    }
}

void CheckpointChunk::TakeOthers(const File& file, const std::vector<std::string>& names,
                                 const std::vector<int64_t>& rows,
                                 const std::function<void(Action&&)>& take) const {
    table::ParquetReadOptions options;
    for (const std::string& name : names) options.columns.push_back({name});
    options.with_row_numbers = true;
    for (const table::RowRange& range : RangesOf(rows)) {
        options.rows = range;
        std::mutex mutex;
        parquet_.Scan(file.info.location, options,
                      [&](const ArrowSchema& schema, const ArrowArray& array) {
                          const ArrowBatch batch(schema, array, file.info.location);
                          const ArrowCell numbers = batch.Column(table::kRowNumberColumn);
                          const std::lock_guard lock(mutex);
                          for (int64_t at = 0; at < batch.Rows(); ++at) {
                              const int64_t row = numbers.At(at).Int().value_or(-1);
                              if (!std::binary_search(rows.begin(), rows.end(), row)) continue;
                              TakeCheckpointRow(batch.Row(at), take);
                          }
                      });
    }
}

std::vector<bool> CheckpointChunk::RowsWithoutFile() const {
    std::vector<bool> without(sizes_.size());
    for (size_t row = 0; row < sizes_.size(); ++row) without[row] = sizes_[row] == kNoFile;
    return without;
}

void CheckpointChunk::CheckUnchanged(const File& file) const {
    const auto now = store_.Stat(file.info.location);
    if (now && now->etag == file.info.etag && now->size_bytes == file.info.size_bytes) return;
    is_readable_ = false;
    throw Error(ErrorKind::kUnavailable,
                "the checkpoint {} was {} while the table was read; run the statement again",
                file.info.location, now ? "replaced" : "cleaned up");
}

void CheckpointChunk::Scan(const File& file, const Columns& columns,
                           std::optional<table::RowRange> rows, const TakeAdds& take) const {
    table::ParquetReadOptions options;
    options.columns = columns;
    options.rows = rows;
    options.with_row_numbers = true;
    CheckUnchanged(file);
    parquet_.Scan(file.info.location, options,
                  [&](const ArrowSchema& schema, const ArrowArray& array) {
                      take(Adds(*this, file, ArrowBatch(schema, array, file.info.location)));
                  });
    CheckUnchanged(file);
}

void CheckpointChunk::ScanAll(const Columns& columns, const TakeAdds& take) const {
    for (const File& file : files_) Scan(file, columns, std::nullopt, take);
}

void CheckpointChunk::Visit(const std::vector<uint8_t>& wanted, const Take& take) const {
    for (const File& file : files_) {
        std::vector<int64_t> rows;
        for (uint32_t at = 0; at < file.rows; ++at) {
            if (wanted[file.first_row + at] != 0) rows.push_back(at);
        }
        if (rows.size() > file.rows / 2) {
            VisitRange(file, std::nullopt, wanted, take);
        } else {
            for (const table::RowRange& range : RangesOf(rows))
                VisitRange(file, range, wanted, take);
        }
    }
}

void CheckpointChunk::VisitRange(const File& file, std::optional<table::RowRange> rows,
                                 const std::vector<uint8_t>& wanted, const Take& take) const {
    std::mutex mutex;
    Columns columns = {
        {"add", "path"},      {"add", "partitionValues"},    {"add", "modificationTime"},
        {"add", "stats"},     {"add", "stats_parsed"},       {"add", "tags"},
        {"add", "baseRowId"}, {"add", "clusteringProvider"}, {"add", "defaultRowCommitVersion"}};
    if (has_vectors_) columns.push_back({"add", "deletionVector"});
    Scan(file, columns, rows, [&](const Adds& adds) {
        const ArrowCell path = adds.add.Column("path");
        const ArrowCell time = adds.add.Column("modificationTime");
        const ArrowCell stats = adds.add.Column("stats");
        const ArrowCell parsed = adds.add.Column("stats_parsed");
        const ArrowCell vector = adds.add.Column("deletionVector");
        StatisticsReader counts({});
        for (size_t i = 0; i < adds.Count(); ++i) {
            const uint32_t row = adds.rows[i];
            if (wanted[row] == 0) continue;
            const auto text = adds.Cell(path, i).TextView();
            if (!text) {
                throw Error(ErrorKind::kCorrupt, "the checkpoint {} has an add without its path",
                            file.info.location);
            }
            FileView view;
            view.path = *text;
            const std::optional<std::string> statistics =
                ReadStatistics(adds.Cell(stats, i), adds.Cell(parsed, i));
            view.stats = statistics ? std::string_view(*statistics) : std::string_view();
            view.size_bytes = sizes_[row];
            view.modification_time_ms = adds.Cell(time, i).Int().value_or(0);
            if (const auto count = counts.ReadCount(view.stats)) {
                view.record_count = static_cast<int64_t>(*count);
            }
            const auto deletion_vector = ReadDeletionVector(adds.Cell(vector, i));
            if (deletion_vector) view.deletion_vector = &*deletion_vector;
            const FileExtras extras = ReadExtras(adds.Cell(adds.add, i));
            if (!extras.IsEmpty()) view.extras = &extras;
            view.partition_values = Intern(adds.Cell(adds.partition_values, i)).first;
            const std::lock_guard lock(mutex);
            take(row, view);
        }
    });
}

void CheckpointChunk::VisitStatistics(const TakeStatistics& take) const {
    std::vector<uint8_t> without(Rows(), 0);  // rows whose text is missing
    std::atomic<bool> is_any_missing = false;
    ScanAll({{"add", "stats"}}, [&](const Adds& adds) {
        const ArrowCell stats = adds.add.Column("stats");
        StatisticsBatch batch;
        for (size_t i = 0; i < adds.Count(); ++i) {
            const auto text = adds.Cell(stats, i).TextView();
            if (!text && has_parsed_statistics_) {
                without[adds.rows[i]] = 1;
                is_any_missing = true;
                continue;
            }
            batch.rows.push_back(adds.rows[i]);
            batch.texts.push_back(text.value_or(std::string_view()));
        }
        take(batch);
    });
    if (is_any_missing) VisitParsedStatistics(without, take);
}

void CheckpointChunk::VisitParsedStatistics(const std::vector<uint8_t>& wanted,
                                            const TakeStatistics& take) const {
    ScanAll({{"add", "stats_parsed"}}, [&](const Adds& adds) {
        const ArrowCell parsed = adds.add.Column("stats_parsed");
        StatisticsBatch batch;
        std::vector<std::string> texts;
        for (size_t i = 0; i < adds.Count(); ++i) {
            if (wanted[adds.rows[i]] == 0) continue;
            batch.rows.push_back(adds.rows[i]);
            texts.push_back(adds.Cell(parsed, i).Json().value_or(""));
        }
        batch.texts.assign(texts.begin(), texts.end());
        take(batch);
    });
}

std::vector<std::pair<uint32_t, int64_t>> CheckpointChunk::DeletedCounts() const {
    std::vector<std::pair<uint32_t, int64_t>> counts;
    if (!has_vectors_) return counts;
    std::mutex mutex;
    ScanAll({{"add", "deletionVector"}}, [&](const Adds& adds) {
        const ArrowCell vectors = adds.add.Column("deletionVector");
        for (size_t i = 0; i < adds.Count(); ++i) {
            const auto vector = ReadDeletionVector(adds.Cell(vectors, i));
            if (!vector) continue;
            const std::lock_guard lock(mutex);
            counts.emplace_back(adds.rows[i], vector->cardinality);
        }
    });
    return counts;
}

std::vector<std::pair<uint32_t, int64_t>> CheckpointChunk::SomeRowCounts() const {
    std::call_once(sample_once_, [this] {
        std::vector<uint8_t> wanted(Rows(), 0);
        for (const File& file : files_) {
            const int64_t last = std::min<int64_t>(kSampledRows, file.rows) - 1;
            for (int64_t at = 0; at <= last; ++at) {
                const size_t row = file.first_row + static_cast<size_t>(at);
                wanted[row] = sizes_[row] == kNoFile ? 0 : 1;
            }
            VisitRange(file, table::RowRange{0, last}, wanted,
                       [&](uint32_t row, const FileView& view) {
                           const int64_t deleted =
                               view.deletion_vector ? view.deletion_vector->cardinality : 0;
                           if (view.record_count >= deleted) {
                               sample_.emplace_back(row, view.record_count - deleted);
                           }
                       });
            if (!sample_.empty()) return;
        }
    });
    return sample_;
}

const KeyIndex& CheckpointChunk::Keys() const {
    std::call_once(keys_once_, [this] { LoadKeys(); });
    return keys_;
}

void CheckpointChunk::LoadKeys() const {
    std::vector<FileKey> keys(Rows());
    Columns columns = {{"add", "path"}};
    if (has_vectors_) columns.push_back({"add", "deletionVector"});
    ScanAll(columns, [&](const Adds& adds) {
        const ArrowCell path = adds.add.Column("path");
        const ArrowCell vectors = adds.add.Column("deletionVector");
        for (size_t i = 0; i < adds.Count(); ++i) {
            const auto vector = ReadDeletionVector(adds.Cell(vectors, i));
            keys[adds.rows[i]] = KeyOf(adds.Cell(path, i).TextView().value_or(std::string_view()),
                                       vector ? &*vector : nullptr);
        }
    });
    KeyIndex index;
    index.Reserve(Rows());
    for (uint32_t row = 0; row < Rows(); ++row) {
        if (sizes_[row] != kNoFile) index.Add(keys[row], row);
    }
    keys_ = std::move(index);
}

const FileChunk::Partitions& CheckpointChunk::PartitionsOfRows() const {
    std::call_once(partitions_once_, [this] { LoadPartitions(); });
    return partitions_;
}

void CheckpointChunk::LoadPartitions() const {
    Partitions partitions;
    partitions.tuple_of_row.resize(Rows());
    ScanAll({{"add", "partitionValues"}}, [&](const Adds& adds) {
        for (size_t i = 0; i < adds.Count(); ++i) {
            partitions.tuple_of_row[adds.rows[i]] =
                Intern(adds.Cell(adds.partition_values, i)).second;
        }
    });
    // Rows that are no files have the first tuple, which is never asked for.
    const std::lock_guard lock(tuples_mutex_);
    if (tuples_.Count() == 0) tuples_.Intern({});
    for (uint32_t number = 0; number < tuples_.Count(); ++number) {
        partitions.tuples.push_back(&tuples_.At(number));
    }
    partitions_ = std::move(partitions);
}

std::pair<const PartitionTexts*, uint32_t> CheckpointChunk::Intern(
    const ArrowCell& partition_values) const {
    const PartitionTexts texts = partition_values.TextMap();
    const std::lock_guard lock(tuples_mutex_);
    const uint32_t number = tuples_.Intern(texts);
    return {&tuples_.At(number), number};
}

}  // namespace tarn::delta
