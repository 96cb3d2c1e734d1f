// Statistics and partition values of a checkpoint's adds in the types of the table's columns
// (PROTOCOL.md, "Checkpoints": stats_parsed, partitionValues_parsed). Not thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "delta/arrow_append.h"
#include "delta/stats_json.h"
#include "delta/table_shape.h"

namespace tarn::delta {

class ParsedColumns {
public:
    explicit ParsedColumns(const TableShape& shape);

    // "stats_parsed": numRecords, tightBounds, minValues, maxValues, nullCount.
    void SetStatistics(ArrowSchema* schema) const;
    // Null where the text says nothing.
    void AppendStatistics(const ArrowColumn& column, std::string_view statistics);

    bool HasPartitions() const { return !shape_.partition_fields.empty(); }
    // "partitionValues_parsed": a field for each partition column, by its physical name.
    void SetPartitions(ArrowSchema* schema) const;
    void AppendPartitions(const ArrowColumn& column, const PartitionTexts& texts) const;

private:
    // A name in the statistics with what lies below it, or one leaf.
    struct Node {
        std::string name;
        size_t leaf = 0;  // where nothing lies below
        std::vector<Node> children;
    };

    static void Insert(Node& root, const std::vector<std::string>& path, size_t leaf);
    template <typename SetLeaf>
    static void SetTree(ArrowSchema* schema, const Node& node, const SetLeaf& set_leaf);
    template <typename AppendLeaf>
    static void AppendTree(const ArrowColumn& column, const Node& node, const AppendLeaf& append);

    const TableShape& shape_;
    Node bounds_;  // leaves that have bounds
    Node counts_;  // all leaves
    StatisticsReader reader_;
};

// The Arrow type that holds a column of a primitive type.
void SetColumnType(ArrowSchema* schema, const std::string& name, const table::Type& type);
void AppendValue(const ArrowColumn& column, const table::Value& value);

}  // namespace tarn::delta
