// DuckDB's filters over a scan as a predicate on its files. A filter that cannot be told from
// statistics becomes Unknown, which keeps every file: pruning may keep too much, never too little.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "duckdb/common/multi_file/multi_file_list.hpp"
#include "duckdb/planner/expression.hpp"
#include "table/predicate.h"
#include "table/type.h"

namespace tarn::engine::duck {

// The columns of a scan, by the ids that DuckDB knows them under.
struct ScanColumns {
    table::Schema schema;
    // The same value in every row of a file, which is known without opening it.
    std::vector<bool> is_constant;
};

// Is a filter decided by the files' constants alone, so that every row of a file that is left
// satisfies it.
struct Decision {
    bool is_on_constants = false;
    // Set once its judgement fails on some file, which then is left; null: it cannot fail.
    std::shared_ptr<const std::atomic<bool>> has_failed;

    // Asked once the files are planned.
    bool Holds() const { return is_on_constants && !(has_failed && *has_failed); }
};

struct FilesFilter {
    table::Predicate predicate;
    std::vector<Decision> decisions;  // by filter
};

// `client` outlives the predicate.
FilesFilter FromExpressions(duckdb::ClientContext& client, const ScanColumns& columns,
                            const duckdb::MultiFilePushdownInfo& scan,
                            const duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& filters);

}  // namespace tarn::engine::duck
