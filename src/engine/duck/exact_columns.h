// What the log knows exactly of the rows of a snapshot that lie in files which a predicate leaves.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "table/snapshot.h"

namespace tarn::engine::duck {

struct ExactColumn {
    std::optional<uint64_t> non_null;  // rows with a value; nothing when not known
    // Least and greatest value, NULL where there is none; not to be used when has_bounds is false.
    bool has_bounds = true;
    table::Value min;
    table::Value max;
};

class ExactColumns {
public:
    // By position in the schema. Nothing when the log does not count the rows. Without columns and
    // with a predicate that is true, no file is looked at.
    static std::optional<ExactColumns> Gather(const table::Snapshot& snapshot,
                                              const table::Predicate& predicate,
                                              const std::vector<size_t>& columns);

    uint64_t rows() const { return rows_; }
    const ExactColumn& Of(size_t column) const { return columns_.at(column); }

private:
    uint64_t rows_ = 0;
    std::map<size_t, ExactColumn> columns_;
};

}  // namespace tarn::engine::duck
