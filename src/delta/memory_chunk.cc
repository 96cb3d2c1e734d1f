#include "delta/memory_chunk.h"

namespace tarn::delta {
namespace {

constexpr uint32_t kRowsPerBatch = 4096;
constexpr uint32_t kSampledRows = 10'000;

}  // namespace

void MemoryChunk::Append(const FileView& file, const FileKey& key) {
    keys_.Add(key, Rows());
    rows_.Append(file);
}

void MemoryChunk::Append(FileRows&& rows) {
    rows_.Append(std::move(rows));
    keys_.Reserve(Rows());
}

void MemoryChunk::Seal() {
    rows_.ShrinkToFit();
    for (uint32_t row = 0; row < Rows(); ++row) {
        partitions_.tuple_of_row.push_back(rows_.TupleOf(row));
    }
    for (uint32_t number = 0; number < rows_.Tuples().Count(); ++number) {
        partitions_.tuples.push_back(&rows_.Tuples().At(number));
    }
}

std::vector<std::pair<uint32_t, int64_t>> MemoryChunk::SomeRowCounts() const {
    std::vector<std::pair<uint32_t, int64_t>> counts;
    const uint32_t step = Rows() / kSampledRows + 1;
    for (uint32_t row = 0; row < Rows(); row += step) {
        const DeletionVector* const vector = rows_.VectorOf(row);
        const int64_t live = rows_.RecordCount(row) - (vector != nullptr ? vector->cardinality : 0);
        if (live >= 0) counts.emplace_back(row, live);
    }
    return counts;
}

void MemoryChunk::Visit(const std::vector<uint8_t>& wanted, const Take& take) const {
    FileRows::Reader reader(rows_);
    for (uint32_t row = 0; row < Rows(); ++row) {
        if (wanted[row] != 0) take(row, reader.At(row));
    }
}

void MemoryChunk::VisitStatistics(const TakeStatistics& take) const {
    FileRows::Reader reader(rows_);
    StatisticsBatch batch;
    std::string texts;
    std::vector<size_t> ends;
    for (uint32_t row = 0; row < Rows(); ++row) {
        batch.rows.push_back(row);
        reader.AppendStatistics(row, texts);
        ends.push_back(texts.size());
        if (batch.rows.size() < kRowsPerBatch && row + 1 < Rows()) continue;
        size_t begin = 0;
        for (const size_t end : ends) {
            batch.texts.push_back(std::string_view(texts).substr(begin, end - begin));
            begin = end;
        }
        take(batch);
        batch.rows.clear();
        batch.texts.clear();
        texts.clear();
        ends.clear();
    }
}

std::vector<int64_t> MemoryChunk::RecordCounts() const {
    std::vector<int64_t> counts;
    for (uint32_t row = 0; row < Rows(); ++row) counts.push_back(rows_.RecordCount(row));
    return counts;
}

std::vector<std::pair<uint32_t, int64_t>> MemoryChunk::DeletedCounts() const {
    std::vector<std::pair<uint32_t, int64_t>> counts;
    for (uint32_t row = 0; row < Rows(); ++row) {
        const DeletionVector* const vector = rows_.VectorOf(row);
        if (vector != nullptr) counts.emplace_back(row, vector->cardinality);
    }
    return counts;
}

}  // namespace tarn::delta
