#include "delta/memory_chunk.h"

#include <algorithm>

#include "base/check.h"

namespace tarn::delta {
namespace {

constexpr size_t kRowsPerBatch = 4096;
constexpr uint32_t kSampledRows = 10'000;

uint64_t HashPartition(const PartitionTexts& texts) {
    std::string joined;
    for (const auto& [key, value] : texts) {
        joined.append(key).append(value ? "\1" : "\2").append(value.value_or("")).append(1, '\0');
    }
    return Hash64(joined);
}

}  // namespace

void MemoryChunk::Append(const FileView& file) {
    Check(rows_.size() < UINT32_MAX, "a chunk holds at most 2^32 files");
    Row row;
    row.text_at = text_.size();
    row.path_size = static_cast<uint32_t>(file.path.size());
    row.stats_size = static_cast<uint32_t>(file.stats.size());
    row.size_bytes = file.size_bytes;
    row.modification_time_ms = file.modification_time_ms;
    const auto count = count_reader_.ReadCount(file.stats);
    if (count && *count <= INT64_MAX) row.record_count = static_cast<int64_t>(*count);
    text_.append(file.path).append(file.stats);

    const uint64_t hash = HashPartition(*file.partition_values);
    const auto [first, last] = tuple_index_.equal_range(hash);
    const auto known = std::find_if(first, last, [&](const auto& entry) {
        return *tuples_[entry.second] == *file.partition_values;
    });
    uint32_t tuple = static_cast<uint32_t>(tuples_.size());
    if (known != last) {
        tuple = known->second;
    } else {
        tuples_.push_back(std::make_unique<const PartitionTexts>(*file.partition_values));
        partitions_.tuples.push_back(tuples_.back().get());
        tuple_index_.emplace(hash, tuple);
    }
    partitions_.tuple_of_row.push_back(tuple);

    if (file.deletion_vector != nullptr || file.extras != nullptr) {
        Rare rare;
        if (file.deletion_vector != nullptr) rare.deletion_vector = *file.deletion_vector;
        if (file.extras != nullptr) rare.extras = *file.extras;
        row.rare = static_cast<int32_t>(rares_.size());
        rares_.push_back(std::move(rare));
    }
    keys_.Add(KeyOf(file.path, file.deletion_vector), Rows());
    rows_.push_back(row);
}

void MemoryChunk::Seal() {
    text_.shrink_to_fit();
    rows_.shrink_to_fit();
    tuple_index_ = {};
}

FileView MemoryChunk::View(uint32_t row_at) const {
    const Row& row = rows_[row_at];
    FileView view;
    view.path = std::string_view(text_).substr(row.text_at, row.path_size);
    view.stats = std::string_view(text_).substr(row.text_at + row.path_size, row.stats_size);
    view.size_bytes = row.size_bytes;
    view.modification_time_ms = row.modification_time_ms;
    view.record_count = row.record_count;
    view.partition_values = partitions_.tuples[partitions_.tuple_of_row[row_at]];
    if (row.rare >= 0) {
        const Rare& rare = rares_[static_cast<size_t>(row.rare)];
        if (rare.deletion_vector) view.deletion_vector = &*rare.deletion_vector;
        if (!rare.extras.IsEmpty()) view.extras = &rare.extras;
    }
    return view;
}

std::vector<std::pair<uint32_t, int64_t>> MemoryChunk::SomeRowCounts() const {
    std::vector<std::pair<uint32_t, int64_t>> counts;
    const uint32_t step = Rows() / kSampledRows + 1;
    for (uint32_t row = 0; row < Rows(); row += step) {
        const FileView file = View(row);
        const int64_t deleted =
            file.deletion_vector != nullptr ? file.deletion_vector->cardinality : 0;
        if (file.record_count >= deleted) counts.emplace_back(row, file.record_count - deleted);
    }
    return counts;
}

void MemoryChunk::Visit(const std::vector<uint8_t>& wanted, const Take& take) const {
    for (uint32_t row = 0; row < Rows(); ++row) {
        if (wanted[row] != 0) take(row, View(row));
    }
}

void MemoryChunk::VisitStatistics(const TakeStatistics& take) const {
    StatisticsBatch batch;
    for (uint32_t row = 0; row < Rows(); ++row) {
        batch.rows.push_back(row);
        batch.texts.push_back(View(row).stats);
        if (batch.rows.size() < kRowsPerBatch && row + 1 < Rows()) continue;
        take(batch);
        batch.rows.clear();
        batch.texts.clear();
    }
}

std::vector<std::pair<uint32_t, int64_t>> MemoryChunk::DeletedCounts() const {
    std::vector<std::pair<uint32_t, int64_t>> counts;
    for (uint32_t row = 0; row < Rows(); ++row) {
        if (rows_[row].rare < 0) continue;
        const auto& vector = rares_[static_cast<size_t>(rows_[row].rare)].deletion_vector;
        if (vector) counts.emplace_back(row, vector->cardinality);
    }
    return counts;
}

}  // namespace tarn::delta
