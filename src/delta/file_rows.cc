#include "delta/file_rows.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "delta/stats_json.h"

namespace tarn::delta {
namespace {

// The count as nearly every writer has it, out of statistics whose quotes are escaped.
std::optional<int64_t> CountInFront(std::string_view escaped) {
    constexpr std::string_view kCountFirst = R"({\"numRecords\":)";
    if (!escaped.starts_with(kCountFirst)) return std::nullopt;
    int64_t count = 0;
    const char* const last = escaped.data() + escaped.size();
    const auto [end, error] = std::from_chars(escaped.data() + kCountFirst.size(), last, count);
    if (error != std::errc() || end == last || (*end != ',' && *end != '}')) return std::nullopt;
    return count < 0 ? std::nullopt : std::optional(count);
}

}  // namespace

struct FileRows::Counter {
    StatisticsReader reader{{}};
    JsonUnescaper unescaper;
    std::string text;
};

FileRows::FileRows(FileRows&& other) noexcept = default;
FileRows& FileRows::operator=(FileRows&& other) noexcept = default;
FileRows::~FileRows() = default;

FileRows::FileRows(std::shared_ptr<TextArena> arena) { arenas_.push_back(std::move(arena)); }

FileRows::Row& FileRows::Add(const FileView& file, std::string_view statistics) {
    Check(rows_.size() < UINT32_MAX, "at most 2^32 files stand in one place");
    Check(file.path.size() < UINT32_MAX && statistics.size() < UINT32_MAX, "texts are short");
    Row& row = rows_.emplace_back();
    char* const text = arenas_.front()->Make(file.path.size() + statistics.size());
    std::copy(file.path.begin(), file.path.end(), text);
    std::copy(statistics.begin(), statistics.end(), text + file.path.size());
    row.text = text;
    row.path_size = static_cast<uint32_t>(file.path.size());
    row.stats_size = static_cast<uint32_t>(statistics.size());
    row.tuple = tuples_.Intern(*file.partition_values);
    row.size_bytes = file.size_bytes;
    row.modification_time_ms = file.modification_time_ms;
    if (file.deletion_vector != nullptr || file.extras != nullptr) {
        row.rare = static_cast<uint32_t>(rares_.size());
        Rare& rare = rares_.emplace_back();
        if (file.deletion_vector != nullptr) rare.deletion_vector = *file.deletion_vector;
        if (file.extras != nullptr) rare.extras = *file.extras;
    }
    return row;
}

int64_t FileRows::CountOf(std::string_view statistics, bool has_escapes) {
    if (statistics.empty()) return -1;
    if (const auto count = has_escapes ? CountInFront(statistics) : std::nullopt) return *count;
    if (!counter_) counter_ = std::make_unique<Counter>();
    if (has_escapes) {
        counter_->text.clear();
        counter_->unescaper.Append(counter_->text, statistics);
        statistics = counter_->text;
    }
    const auto count = counter_->reader.ReadCount(statistics);
    return count ? static_cast<int64_t>(*count) : -1;
}

void FileRows::Append(const FileView& file) {
    Row& row = Add(file, file.stats);
    row.record_count = file.record_count >= 0 ? file.record_count : CountOf(file.stats, false);
}

void FileRows::Append(const ParsedAdd& add) {
    Row& row = Add(add.file, add.escaped_stats);
    row.has_escapes = add.escaped_stats.find('\\') != std::string_view::npos;
    row.record_count = CountOf(add.escaped_stats, row.has_escapes);
}

void FileRows::Append(FileRows&& more) {
    Check(rows_.size() + more.rows_.size() < UINT32_MAX, "at most 2^32 files stand in one place");
    for (auto& arena : more.arenas_) {
        if (std::find(arenas_.begin(), arenas_.end(), arena) == arenas_.end()) {
            arenas_.push_back(std::move(arena));
        }
    }
    std::vector<uint32_t> tuples;  // here, by number there
    for (uint32_t at = 0; at < more.tuples_.Count(); ++at) {
        tuples.push_back(tuples_.Intern(more.tuples_.At(at)));
    }
    const auto first_rare = static_cast<uint32_t>(rares_.size());
    std::move(more.rares_.begin(), more.rares_.end(), std::back_inserter(rares_));
    for (Row row : more.rows_) {
        row.tuple = tuples[row.tuple];
        if (row.rare != kNotRare) row.rare += first_rare;
        rows_.push_back(row);
    }
}

const DeletionVector* FileRows::VectorOf(uint32_t row) const {
    const uint32_t rare = rows_[row].rare;
    if (rare == kNotRare || !rares_[rare].deletion_vector) return nullptr;
    return &*rares_[rare].deletion_vector;
}

std::string_view FileRows::StatisticsOf(const Row& row) const {
    return {row.text + row.path_size, row.stats_size};
}

void FileRows::Reader::AppendStatistics(uint32_t row_at, std::string& out) {
    const Row& row = rows_.rows_[row_at];
    const std::string_view statistics = rows_.StatisticsOf(row);
    if (row.has_escapes) {
        unescaper_.Append(out, statistics);
    } else {
        out.append(statistics);
    }
}

FileView FileRows::Reader::At(uint32_t row_at) {
    const Row& row = rows_.rows_[row_at];
    FileView view;
    view.path = std::string_view(row.text, row.path_size);
    view.stats = rows_.StatisticsOf(row);
    if (row.has_escapes) {
        statistics_.clear();
        AppendStatistics(row_at, statistics_);
        view.stats = statistics_;
    }
    view.size_bytes = row.size_bytes;
    view.modification_time_ms = row.modification_time_ms;
    view.record_count = row.record_count;
    view.partition_values = &rows_.tuples_.At(row.tuple);
    if (row.rare != kNotRare) {
        const Rare& rare = rows_.rares_[row.rare];
        if (rare.deletion_vector) view.deletion_vector = &*rare.deletion_vector;
        if (!rare.extras.IsEmpty()) view.extras = &rare.extras;
    }
    return view;
}

}  // namespace tarn::delta
