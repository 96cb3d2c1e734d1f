// A table::Change from what a statement wrote: history, metrics, and the marks that the caller gave
// for the commit.
#pragma once

#include <string>
#include <vector>

#include "duckdb/main/client_context.hpp"
#include "table/change.h"

namespace tarn::engine::duck {

class ChangeBuilder {
public:
    // Takes transaction, offsets and commit_info from the running statement's options.
    ChangeBuilder(duckdb::ClientContext& client, std::string operation);

    void SetMode(std::string_view mode);  // "Append", "Overwrite", where the statement says none
    void SetPartitioning(const std::vector<std::string>& columns);
    void SetMetric(const std::string& name, uint64_t value);
    void SetWritten(std::vector<table::DataFile> files, uint64_t rows);
    // What a statement did to rows; `copied` ones only moved.
    struct RowCounts {
        uint64_t inserted = 0;
        uint64_t updated = 0;
        uint64_t deleted = 0;
        uint64_t copied = 0;
    };
    void SetCounts(const RowCounts& counts);
    void SetHidden(std::vector<table::RowDeletion> hidden);
    void SetRecorded(std::vector<table::ChangeDataFile> files);
    void SetRemoved(std::vector<table::DataFile> files);
    table::Change Take() { return std::move(change_); }

private:
    table::Change change_;
};

}  // namespace tarn::engine::duck
