#include "delta/file_pruning.h"

#include <algorithm>
#include <map>

#include "delta/schema_change.h"

namespace tarn::delta {
namespace {

using table::ColumnFacts;
using table::Field;
using table::Predicate;
using table::Value;

void CollectColumns(const Predicate& predicate, std::map<std::vector<std::string>, int>& columns) {
    if (!predicate.column().empty()) columns.emplace(predicate.column(), 0);
    for (const std::vector<std::string>& path : predicate.columns()) columns.emplace(path, 0);
    for (const Predicate& part : predicate.parts()) CollectColumns(part, columns);
}

// The leaf that a logical path names; nothing for nested types and unknown names.
std::optional<LeafColumn> FindLeaf(const table::Schema& schema,
                                   const std::vector<std::string>& path) {
    LeafColumn leaf;
    table::Schema level = schema;
    for (size_t i = 0; i < path.size(); ++i) {
        const int at = level.Find(path[i]);
        if (at < 0) return std::nullopt;
        const Field& field = level.fields[static_cast<size_t>(at)];
        leaf.path.push_back(field.physical_name);
        leaf.type = field.type;
        leaf.was_float = WasFloat(field);
        if (i + 1 == path.size()) break;
        if (field.type.kind() != table::TypeKind::kStruct) return std::nullopt;
        level = table::Schema{field.type.children()};
    }
    if (leaf.type.IsNested()) return std::nullopt;
    return leaf;
}

}  // namespace

// What is known of the file under judgement. Columns resolve to a partition column or a wanted
// leaf.
class FilePruning::Facts final : public table::FileFacts {
public:
    struct Place {
        int partition = -1;
        int leaf = -1;
    };

    std::map<std::vector<std::string>, Place> places;
    const std::vector<Value>* partition_values = nullptr;
    const table::FileStatistics* statistics = nullptr;  // null: partition values only
    std::vector<const table::ColumnStatistics*> by_leaf;

    ColumnFacts Of(const std::vector<std::string>& column) const override {
        ColumnFacts facts;
        const auto found = places.find(column);
        if (found == places.end()) return facts;
        if (found->second.partition >= 0) {
            facts.min = (*partition_values)[static_cast<size_t>(found->second.partition)];
            facts.is_constant = true;
            return facts;
        }
        if (statistics == nullptr || found->second.leaf < 0) return facts;
        facts.record_count = statistics->record_count;
        const auto* known = by_leaf[static_cast<size_t>(found->second.leaf)];
        if (known == nullptr) return facts;
        facts.min = known->min;
        facts.max = known->max;
        facts.null_count = known->null_count;
        // Nulls inside structs: a null struct counts or not, by writer; zero is not to be trusted
        // there.
        if (column.size() > 1) facts.null_count.reset();
        return facts;
    }
};

FilePruning::FilePruning(const TableShape& shape, Predicate predicate)
    : shape_(shape), predicate_(std::move(predicate)), facts_(std::make_unique<Facts>()) {
    std::map<std::vector<std::string>, int> columns;
    CollectColumns(predicate_, columns);
    for (const auto& [path, unused] : columns) {
        const auto leaf = FindLeaf(shape.schema, path);
        if (!leaf) continue;
        Facts::Place place;
        for (size_t i = 0; i < shape.partition_fields.size(); ++i) {
            const bool is_it =
                path.size() == 1 && shape.partition_fields[i].physical_name == leaf->path.front();
            if (is_it) place.partition = static_cast<int>(i);
        }
        if (place.partition < 0) {
            place.leaf = static_cast<int>(wanted_.size());
            wanted_.push_back(*leaf);
        } else {
            wanted_partitions_.push_back(static_cast<size_t>(place.partition));
        }
        facts_->places.emplace(path, place);
    }
    reader_ = std::make_unique<StatisticsReader>(wanted_);
    block_ = std::make_unique<const table::BlockPredicate>(
        predicate_, [this](const auto& path) { return PlaceOf(path); });
}

FilePruning::~FilePruning() = default;

// Leaves come first, then the partition columns.
std::optional<table::BlockPredicate::Place> FilePruning::PlaceOf(
    const std::vector<std::string>& path) const {
    const auto found = facts_->places.find(path);
    if (found == facts_->places.end()) return std::nullopt;
    if (found->second.partition < 0) {
        const auto leaf = static_cast<size_t>(found->second.leaf);
        return table::BlockPredicate::Place{leaf, wanted_[leaf].type};
    }
    const auto column = static_cast<size_t>(found->second.partition);
    const auto at = std::find(wanted_partitions_.begin(), wanted_partitions_.end(), column);
    return table::BlockPredicate::Place{
        wanted_.size() + static_cast<size_t>(at - wanted_partitions_.begin()),
        shape_.partition_fields[column].type};
}

std::vector<uint8_t> FilePruning::Candidates(const FileSet::Part& part) const {
    std::vector<uint8_t> keep = part.LiveMask();
    if (wanted_.empty() && wanted_partitions_.empty()) return keep;
    std::vector<table::BlockPredicate::Column> columns;
    const auto bounds = part.chunk->BoundsOf(wanted_);
    for (const auto& leaf : bounds) columns.push_back({leaf.get(), nullptr});
    std::vector<table::FileBounds> partitions;
    if (!wanted_partitions_.empty()) {
        const FileChunk::Partitions& known = part.chunk->PartitionsOfRows();
        for (const size_t column : wanted_partitions_) {
            partitions.emplace_back(shape_.partition_fields[column].type);
            partitions.back().Resize(known.tuples.size());
        }
        for (size_t tuple = 0; tuple < known.tuples.size(); ++tuple) {
            const std::vector<Value> values = PartitionValuesOf(shape_, *known.tuples[tuple]);
            for (size_t i = 0; i < partitions.size(); ++i) {
                partitions[i].SetConstant(tuple, values[wanted_partitions_[i]]);
            }
        }
        for (const table::FileBounds& partition : partitions) {
            columns.push_back({&partition, known.tuple_of_row.data()});
        }
    }
    block_->Narrow(columns, keep);
    return keep;
}

const FilePruning::Partition& FilePruning::PartitionOf(const PartitionTexts& texts) {
    const auto [at, is_new] = partitions_.try_emplace(&texts);
    if (is_new) {
        at->second.values = PartitionValuesOf(shape_, texts);
        facts_->partition_values = &at->second.values;
        facts_->statistics = nullptr;
        at->second.may_match = table::MayMatch(predicate_, *facts_);
    }
    return at->second;
}

const std::vector<Value>& FilePruning::PartitionValues(const PartitionTexts& texts) {
    return PartitionOf(texts).values;
}

std::optional<table::FileStatistics> FilePruning::Judge(const FileView& file) {
    const Partition& partition = PartitionOf(*file.partition_values);
    if (!partition.may_match) return std::nullopt;
    table::FileStatistics statistics;
    if (wanted_.empty() || file.stats.empty()) {
        if (file.record_count >= 0) {
            statistics.record_count = static_cast<uint64_t>(file.record_count);
        }
        return statistics;
    }
    statistics = reader_->Read(file.stats);
    facts_->partition_values = &partition.values;
    facts_->statistics = &statistics;
    facts_->by_leaf.assign(wanted_.size(), nullptr);
    for (const table::ColumnStatistics& column : statistics.columns) {
        for (size_t i = 0; i < wanted_.size(); ++i) {
            if (wanted_[i].path == column.path) facts_->by_leaf[i] = &column;
        }
    }
    const bool may_match = table::MayMatch(predicate_, *facts_);
    facts_->statistics = nullptr;
    if (!may_match) return std::nullopt;
    return statistics;
}

}  // namespace tarn::delta
