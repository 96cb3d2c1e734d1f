// Holds files against a predicate by their partition values and statistics. Texts are read once for
// each distinct partition and only for the columns that the predicate names. Not thread-safe; one
// per plan.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "delta/file_set.h"
#include "delta/table_shape.h"
#include "table/block_match.h"
#include "table/predicate.h"

namespace tarn::delta {

class FilePruning {
public:
    FilePruning(const TableShape& shape, table::Predicate predicate);
    ~FilePruning();

    // Rows of the part that may match (a byte each), by what is known of all of them at once: the
    // rest is not worth a look.
    std::vector<uint8_t> Candidates(const FileSet::Part& part) const;
    // The partition's values; valid until the next call for another table.
    const std::vector<table::Value>& PartitionValues(const PartitionTexts& texts);
    // Nothing when no row of the file can match; else what is known of it: its row count and the
    // columns of the predicate.
    std::optional<table::FileStatistics> Judge(const FileView& file);

private:
    class Facts;
    struct Partition {
        std::vector<table::Value> values;
        bool may_match = true;
    };

    const Partition& PartitionOf(const PartitionTexts& texts);
    std::optional<table::BlockPredicate::Place> PlaceOf(const std::vector<std::string>& path) const;

    const TableShape& shape_;
    table::Predicate predicate_;
    std::unique_ptr<Facts> facts_;
    std::vector<LeafColumn> wanted_;
    std::vector<size_t> wanted_partitions_;  // places in the shape, those that the predicate names
    std::unique_ptr<const table::BlockPredicate> block_;
    std::unique_ptr<StatisticsReader> reader_;
    // By address: a chunk holds each distinct tuple once.
    std::unordered_map<const PartitionTexts*, Partition> partitions_;
};

}  // namespace tarn::delta
