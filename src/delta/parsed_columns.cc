#include "delta/parsed_columns.h"

#include <algorithm>
#include <type_traits>
#include <variant>

#include "base/check.h"

namespace tarn::delta {
namespace {

using table::TypeKind;

enum Part : int64_t { kRecords, kTight, kFirstTree };

// Of which types readers expect bounds.
bool HasBounds(TypeKind kind) {
    switch (kind) {
        case TypeKind::kByte:
        case TypeKind::kShort:
        case TypeKind::kInt:
        case TypeKind::kLong:
        case TypeKind::kFloat:
        case TypeKind::kDouble:
        case TypeKind::kDecimal:
        case TypeKind::kString:
        case TypeKind::kDate:
        case TypeKind::kTimestamp:
        case TypeKind::kTimestampNtz:
            return true;
        default:
            return false;
    }
}

ArrowType ArrowTypeOf(TypeKind kind) {
    switch (kind) {
        case TypeKind::kBoolean:
            return NANOARROW_TYPE_BOOL;
        case TypeKind::kByte:
            return NANOARROW_TYPE_INT8;
        case TypeKind::kShort:
            return NANOARROW_TYPE_INT16;
        case TypeKind::kInt:
            return NANOARROW_TYPE_INT32;
        case TypeKind::kLong:
            return NANOARROW_TYPE_INT64;
        case TypeKind::kFloat:
            return NANOARROW_TYPE_FLOAT;
        case TypeKind::kDouble:
            return NANOARROW_TYPE_DOUBLE;
        case TypeKind::kBinary:
            return NANOARROW_TYPE_BINARY;
        case TypeKind::kDate:
            return NANOARROW_TYPE_DATE32;
        default:
            return NANOARROW_TYPE_STRING;
    }
}

}  // namespace

void SetColumnType(ArrowSchema* schema, const std::string& name, const table::Type& type) {
    switch (type.kind()) {
        case TypeKind::kDecimal:
            CheckArrow(ArrowSchemaSetTypeDecimal(schema, NANOARROW_TYPE_DECIMAL128,
                                                 type.precision(), type.scale()));
            break;
        case TypeKind::kTimestamp:
            CheckArrow(ArrowSchemaSetTypeDateTime(schema, NANOARROW_TYPE_TIMESTAMP,
                                                  NANOARROW_TIME_UNIT_MICRO, "UTC"));
            break;
        case TypeKind::kTimestampNtz:
            CheckArrow(ArrowSchemaSetTypeDateTime(schema, NANOARROW_TYPE_TIMESTAMP,
                                                  NANOARROW_TIME_UNIT_MICRO, nullptr));
            break;
        default:
            CheckArrow(ArrowSchemaSetType(schema, ArrowTypeOf(type.kind())));
    }
    CheckArrow(ArrowSchemaSetName(schema, name.c_str()));
}

void AppendValue(const ArrowColumn& column, const table::Value& value) {
    std::visit(
        [&](const auto& item) {
            using Item = std::decay_t<decltype(item)>;
            if constexpr (std::is_same_v<Item, std::monostate>) {
                column.Null();
            } else if constexpr (std::is_same_v<Item, bool>) {
                column.Bool(item);
            } else if constexpr (std::is_same_v<Item, int64_t>) {
                column.Int(item);
            } else if constexpr (std::is_same_v<Item, double>) {
                column.Real(item);
            } else if constexpr (std::is_same_v<Item, table::Decimal>) {
                column.Decimal(item.unscaled);
            } else if constexpr (std::is_same_v<Item, std::string>) {
                column.Text(std::string_view(item));
            } else if constexpr (std::is_same_v<Item, table::Binary>) {
                column.Bytes(item.bytes);
            } else if constexpr (std::is_same_v<Item, table::Date>) {
                column.Int(int64_t{item.days});
            } else {
                column.Int(item.micros);
            }
        },
        value);
}

ParsedColumns::ParsedColumns(const TableShape& shape) : shape_(shape), reader_(shape.indexed) {
    bounds_.name = counts_.name = "values";
    for (size_t leaf = 0; leaf < shape.indexed.size(); ++leaf) {
        const LeafColumn& column = shape.indexed[leaf];
        Insert(counts_, column.path, leaf);
        if (HasBounds(column.type.kind())) Insert(bounds_, column.path, leaf);
    }
}

void ParsedColumns::Insert(Node& root, const std::vector<std::string>& path, size_t leaf) {
    Node* at = &root;
    for (const std::string& name : path) {
        auto found = std::find_if(at->children.begin(), at->children.end(),
                                  [&](const Node& child) { return child.name == name; });
        if (found == at->children.end()) {
            Node child;
            child.name = name;
            found = at->children.insert(at->children.end(), std::move(child));
        }
        at = &*found;
    }
    at->leaf = leaf;
}

template <typename SetLeaf>
void ParsedColumns::SetTree(ArrowSchema* schema, const Node& node, const SetLeaf& set_leaf) {
    SetStruct(schema, node.name.c_str(), static_cast<int64_t>(node.children.size()));
    for (size_t i = 0; i < node.children.size(); ++i) {
        const Node& child = node.children[i];
        if (child.children.empty()) {
            set_leaf(schema->children[i], child);
        } else {
            SetTree(schema->children[i], child, set_leaf);
        }
    }
}

template <typename AppendLeaf>
void ParsedColumns::AppendTree(const ArrowColumn& column, const Node& node,
                               const AppendLeaf& append) {
    for (size_t i = 0; i < node.children.size(); ++i) {
        const Node& child = node.children[i];
        const ArrowColumn below = column.Child(static_cast<int64_t>(i));
        if (child.children.empty()) {
            append(below, child.leaf);
        } else {
            AppendTree(below, child, append);
        }
    }
    column.Finish();
}

// A struct without fields cannot stand in Parquet.
void ParsedColumns::SetStatistics(ArrowSchema* schema) const {
    const int64_t trees = (bounds_.children.empty() ? 0 : 2) + (counts_.children.empty() ? 0 : 1);
    SetStruct(schema, "stats_parsed", 2 + trees);
    SetPrimitive(schema->children[kRecords], "numRecords", NANOARROW_TYPE_INT64);
    SetPrimitive(schema->children[kTight], "tightBounds", NANOARROW_TYPE_BOOL);
    int64_t next = kFirstTree;
    if (!bounds_.children.empty()) {
        for (const char* name : {"minValues", "maxValues"}) {
            SetTree(schema->children[next], bounds_, [&](ArrowSchema* leaf, const Node& node) {
                SetColumnType(leaf, node.name, shape_.indexed[node.leaf].type);
            });
            CheckArrow(ArrowSchemaSetName(schema->children[next++], name));
        }
    }
    if (counts_.children.empty()) return;
    SetTree(schema->children[next], counts_, [](ArrowSchema* leaf, const Node& node) {
        SetPrimitive(leaf, node.name.c_str(), NANOARROW_TYPE_INT64);
    });
    CheckArrow(ArrowSchemaSetName(schema->children[next], "nullCount"));
}

void ParsedColumns::AppendStatistics(const ArrowColumn& column, std::string_view statistics) {
    if (statistics.empty()) return column.Null();
    const table::FileStatistics& known = reader_.ReadAll(statistics);
    const auto count = [](const ArrowColumn& into, const std::optional<uint64_t>& value) {
        into.Int(value ? std::optional(static_cast<int64_t>(*value)) : std::nullopt);
    };
    count(column.Child(kRecords), known.record_count);
    column.Child(kTight).Bool(known.tight_bounds);
    int64_t next = kFirstTree;
    if (!bounds_.children.empty()) {
        AppendTree(column.Child(next++), bounds_, [&](const ArrowColumn& into, size_t leaf) {
            AppendValue(into, known.columns[leaf].min);
        });
        AppendTree(column.Child(next++), bounds_, [&](const ArrowColumn& into, size_t leaf) {
            AppendValue(into, known.columns[leaf].max);
        });
    }
    if (!counts_.children.empty()) {
        AppendTree(column.Child(next), counts_, [&](const ArrowColumn& into, size_t leaf) {
            count(into, known.columns[leaf].null_count);
        });
    }
    column.Finish();
}

void ParsedColumns::SetPartitions(ArrowSchema* schema) const {
    const auto& fields = shape_.partition_fields;
    SetStruct(schema, "partitionValues_parsed", static_cast<int64_t>(fields.size()));
    for (size_t i = 0; i < fields.size(); ++i) {
        SetColumnType(schema->children[i], fields[i].physical_name, fields[i].type);
    }
}

void ParsedColumns::AppendPartitions(const ArrowColumn& column, const PartitionTexts& texts) const {
    const std::vector<table::Value> values = PartitionValuesOf(shape_, texts);
    for (size_t i = 0; i < values.size(); ++i) {
        AppendValue(column.Child(static_cast<int64_t>(i)), values[i]);
    }
    column.Finish();
}

}  // namespace tarn::delta
