#include "simulation/operation.h"

#include <algorithm>

namespace tarn::simulation {

std::string_view NameOf(OperationKind kind) {
    switch (kind) {
        case OperationKind::kAppend:
            return "append";
        case OperationKind::kAppendBatch:
            return "append batch";
        case OperationKind::kDelete:
            return "delete";
        case OperationKind::kUpdate:
            return "update";
        case OperationKind::kMerge:
            return "merge";
        case OperationKind::kOverwrite:
            return "overwrite";
        case OperationKind::kCount:
            return "count";
        case OperationKind::kProperty:
            return "property";
        case OperationKind::kCompact:
            return "compact";
        case OperationKind::kOptimize:
            return "optimize";
        case OperationKind::kVacuum:
            return "vacuum";
        case OperationKind::kRestore:
            return "restore";
        case OperationKind::kDropFeature:
            break;
    }
    return "drop feature";
}

bool Operation::Reads(int64_t id) const {
    switch (kind) {
        case OperationKind::kDelete:
        case OperationKind::kUpdate:
        case OperationKind::kCount:
            return low <= id && id <= high;
        case OperationKind::kMerge:
            return std::binary_search(keys.begin(), keys.end(), id);
        case OperationKind::kOverwrite:
            return true;
        default:
            return false;
    }
}

bool Operation::ReadsNothing() const { return Reads().IsBlind(); }

table::ReadSet Operation::Reads() const {
    using table::Comparison;
    using table::Predicate;
    table::ReadSet reads;
    // All others give every row that they find another value, or take it away.
    reads.only_rows_it_deletes = kind != OperationKind::kCount;
    switch (kind) {
        case OperationKind::kDelete:
        case OperationKind::kUpdate:
        case OperationKind::kCount:
            reads.predicates = {
                Predicate::And({Predicate::Compare({"id"}, Comparison::kGreaterEqual, low),
                                Predicate::Compare({"id"}, Comparison::kLessEqual, high)})};
            break;
        case OperationKind::kMerge:
            reads.predicates = {Predicate::In({"id"}, {keys.begin(), keys.end()})};
            break;
        case OperationKind::kOverwrite:
            reads.whole_table = true;
            break;
        default:
            break;
    }
    return reads;
}

Rows Operation::Apply(const Rows& read) const {
    Rows rows;
    switch (kind) {
        case OperationKind::kDelete:
        case OperationKind::kOverwrite:
            break;
        case OperationKind::kUpdate:
            for (const Row& row : read) rows.push_back({row.id, row.value + amount});
            break;
        case OperationKind::kMerge:
            for (const Row& row : read) rows.push_back({row.id, row.value + amount});
            for (const int64_t key : keys) {
                const auto is_key = [key](const Row& row) { return row.id == key; };
                const bool may_come = key % 2 != 0;  // others are under way with their own writer
                if (may_come && std::none_of(read.begin(), read.end(), is_key)) {
                    rows.push_back({key, amount});
                }
            }
            break;
        default:
            rows = read;
    }
    for (Row row : fresh) {
        if (kind == OperationKind::kCount) row.value = static_cast<int64_t>(read.size());
        rows.push_back(row);
    }
    std::sort(rows.begin(), rows.end());
    return rows;
}

SplitRows SplitBy(const Operation& operation, const Rows& rows) {
    SplitRows split;
    for (const Row& row : rows) {
        (operation.Reads(row.id) ? split.read : split.others).push_back(row);
    }
    return split;
}

}  // namespace tarn::simulation
