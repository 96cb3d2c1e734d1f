// Files in memory, a row each: paths and statistics as texts in an arena, partition values once per
// distinct tuple. Rows read from one log file are moved behind those of another without copying
// their texts. Built by one thread; then immutable and readable by any.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/text_arena.h"
#include "delta/action_parse.h"
#include "delta/file_view.h"
#include "delta/partition_tuples.h"

namespace tarn::delta {

class FileRows {
public:
    // Texts of later rows are put into the arena, which others may share.
    explicit FileRows(std::shared_ptr<TextArena> arena);
    FileRows(FileRows&& other) noexcept;
    FileRows& operator=(FileRows&& other) noexcept;
    ~FileRows();

    void Append(const FileView& file);
    void Append(const ParsedAdd& add);
    void Append(FileRows&& more);
    void ShrinkToFit() { rows_.shrink_to_fit(); }

    uint32_t Count() const { return static_cast<uint32_t>(rows_.size()); }
    int64_t SizeOf(uint32_t row) const { return rows_[row].size_bytes; }
    int64_t RecordCount(uint32_t row) const { return rows_[row].record_count; }
    uint32_t TupleOf(uint32_t row) const { return rows_[row].tuple; }
    const PartitionTuples& Tuples() const { return tuples_; }
    // Null where there is none.
    const DeletionVector* VectorOf(uint32_t row) const;

    // Gives rows as views.
    class Reader {
    public:
        explicit Reader(const FileRows& rows) : rows_(rows) {}
        // Valid until the next call, but for what it points to: that lives as long as the rows.
        FileView At(uint32_t row);
        // Appended; nothing where they are no JSON string.
        void AppendStatistics(uint32_t row, std::string& out);

    private:
        const FileRows& rows_;
        JsonUnescaper unescaper_;
        std::string statistics_;
    };

private:
    static constexpr uint32_t kNotRare = UINT32_MAX;

    struct Rare {
        std::optional<DeletionVector> deletion_vector;
        FileExtras extras;
    };
    struct Row {
        const char* text = nullptr;  // path and statistics
        uint32_t path_size = 0;
        uint32_t stats_size = 0;
        bool has_escapes = false;  // the statistics, as their JSON string has them
        uint32_t tuple = 0;
        uint32_t rare = kNotRare;
        int64_t size_bytes = 0;
        int64_t modification_time_ms = 0;
        int64_t record_count = -1;
    };

    struct Counter;

    int64_t CountOf(std::string_view statistics, bool has_escapes);
    Row& Add(const FileView& file, std::string_view statistics);
    std::string_view StatisticsOf(const Row& row) const;

    std::vector<std::shared_ptr<TextArena>> arenas_;  // the first takes new texts
    std::vector<Row> rows_;
    PartitionTuples tuples_;
    std::vector<Rare> rares_;
    std::unique_ptr<Counter> counter_;  // made where it is needed
};

}  // namespace tarn::delta
