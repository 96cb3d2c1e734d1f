// Rows of a data file that a scan leaves out, as DuckDB's reader asks for them. Not thread-safe.
#pragma once

#include <algorithm>
#include <memory>
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
        const auto first = static_cast<uint64_t>(start);
        if (!AnyIn(first, count)) return count;  // `kept` is left alone: every row
        kept.Initialize(STANDARD_VECTOR_SIZE);
        // One question for a block of rows is dearer than for a row, but most blocks lose none.
        duckdb::idx_t size = 0;
        for (duckdb::idx_t block = 0; block < count; block += kBlockRows) {
            const duckdb::idx_t end = std::min(block + kBlockRows, count);
            const bool is_whole = !AnyIn(first + block, end - block);
            for (duckdb::idx_t i = block; i < end; i++) {
                if (is_whole || !Contains(first + i)) kept.set_index(size++, i);
            }
        }
        return size;
    }

private:
    static constexpr duckdb::idx_t kBlockRows = 16;

    bool AnyIn(uint64_t first, uint64_t count) const {
        return std::any_of(sets_.begin(), sets_.end(),
                           [&](const auto& rows) { return rows->AnyIn(first, count); });
    }
    bool Contains(uint64_t row) const {
        return std::any_of(sets_.begin(), sets_.end(),
                           [&](const auto& rows) { return rows->Contains(row); });
    }

    std::vector<std::shared_ptr<const table::DeletedRows>> sets_;
};

}  // namespace tarn::engine::duck
