// Rows of a data file that a scan leaves out, as DuckDB's reader asks for them. Not thread-safe.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "duckdb/common/multi_file/multi_file_data.hpp"
#include "table/data_file.h"

namespace tarn::engine::duck {

// Those that any of the sets contains, by position in the file.
class HiddenRows final : public duckdb::DeleteFilter {
public:
    explicit HiddenRows(std::vector<std::shared_ptr<const table::DeletedRows>> sets)
        : sets_(std::move(sets)) {}

    duckdb::idx_t Filter(duckdb::row_t start, duckdb::idx_t count,
                         duckdb::SelectionVector& kept) override {
        std::array<bool, STANDARD_VECTOR_SIZE> marks{};
        const std::span<bool> asked = std::span(marks).first(count);
        bool is_any = false;
        for (const auto& rows : sets_) is_any |= rows->MarkIn(static_cast<uint64_t>(start), asked);
        if (!is_any) return count;  // `kept` is left alone: every row
        kept.Initialize(STANDARD_VECTOR_SIZE);
        duckdb::idx_t size = 0;
        for (duckdb::idx_t i = 0; i < count; i++) {
            kept.set_index(size, i);  // stays only where the next row does not take its place
            size += marks[i] ? 0 : 1;
        }
        return size;
    }

private:
    std::vector<std::shared_ptr<const table::DeletedRows>> sets_;
};

}  // namespace tarn::engine::duck
