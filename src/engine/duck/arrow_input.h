// Rows of ours read by DuckDB: a table::RowSource behind DuckDB's Arrow scan.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "duckdb.hpp"
#include "table/rows.h"

namespace tarn::engine::duck {

// Where an Arrow scan gets its rows from. Its address stands in bound plans, so that it must
// outlive every statement that names it; a scan when nothing is set is InvalidInput. One statement
// at a time.
class ArrowInput {
public:
    using Open = std::function<std::unique_ptr<table::RowSource>()>;

    explicit ArrowInput(std::string name) : name_(std::move(name)) {}
    ArrowInput(const ArrowInput&) = delete;
    ArrowInput& operator=(const ArrowInput&) = delete;

    // The rows of one statement, consumed at most once. Null: none any more.
    void SetOnce(table::RowSource* source);
    // Rows that can be read again and again, each time from a new source.
    void SetFactory(Open open);

    // The arguments of arrow_scan_dumb that read this input.
    duckdb::vector<duckdb::Value> ScanArguments();

    void GetSchema(ArrowSchema* out);
    duckdb::unique_ptr<duckdb::ArrowArrayStreamWrapper> Produce();

private:
    std::string name_;
    table::RowSource* once_ = nullptr;
    bool is_consumed_ = false;
    Open open_;
};

// The scan that reads all columns and leaves projection and filters to DuckDB.
inline constexpr const char* kArrowScan = "arrow_scan_dumb";

}  // namespace tarn::engine::duck
