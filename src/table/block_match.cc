#include "table/block_match.h"

#include <array>

#include "table/sort_key.h"

namespace tarn::table {
namespace {

// Which of TRUE, FALSE and NULL may come out, as bits; see may_match.cc.
using Outcome = uint8_t;
constexpr Outcome kTrue = 1;
constexpr Outcome kFalse = 2;
constexpr Outcome kNull = 4;
constexpr Outcome kAnything = kTrue | kFalse | kNull;
constexpr size_t kOutcomes = 8;

using Outcomes = std::vector<Outcome>;
using Table = std::array<std::array<Outcome, kOutcomes>, kOutcomes>;

constexpr Outcome OrOf(Outcome a, Outcome b) {
    Outcome result = 0;
    if (((a | b) & kTrue) != 0) result |= kTrue;
    if ((a & b & kFalse) != 0) result |= kFalse;
    if (((a & kNull) != 0 && (b & (kNull | kFalse)) != 0) ||
        ((a & kFalse) != 0 && (b & kNull) != 0))
        result |= kNull;
    return result;
}

constexpr Outcome AndOf(Outcome a, Outcome b) {
    Outcome result = 0;
    if ((a & b & kTrue) != 0) result |= kTrue;
    if (((a | b) & kFalse) != 0) result |= kFalse;
    if (((a & kNull) != 0 && (b & (kNull | kTrue)) != 0) || ((a & kTrue) != 0 && (b & kNull) != 0))
        result |= kNull;
    return result;
}

constexpr Outcome NotOf(Outcome a) {
    return static_cast<Outcome>((a & kNull) | ((a & kTrue) != 0 ? kFalse : 0) |
                                ((a & kFalse) != 0 ? kTrue : 0));
}

constexpr Table TableOf(Outcome (*combine)(Outcome, Outcome)) {
    Table table{};
    for (size_t a = 0; a < kOutcomes; ++a) {
        for (size_t b = 0; b < kOutcomes; ++b) {
            table[a][b] = combine(static_cast<Outcome>(a), static_cast<Outcome>(b));
        }
    }
    return table;
}

constexpr Table kOr = TableOf(OrOf);
constexpr Table kAnd = TableOf(AndOf);

struct Constant {
    int64_t floor = kBelowAllKeys;
    int64_t ceiling = kAboveAllKeys;
    bool is_null = false;
};

// What a comparison gives for a value that lies below, at and above the constant.
struct Sides {
    Outcome below;
    Outcome equal;
    Outcome above;
};

Sides SidesOf(Comparison comparison) {
    switch (comparison) {
        case Comparison::kEqual:
            return {kFalse, kTrue, kFalse};
        case Comparison::kNotEqual:
            return {kTrue, kFalse, kTrue};
        case Comparison::kLess:
            return {kTrue, kFalse, kFalse};
        case Comparison::kLessEqual:
            return {kTrue, kTrue, kFalse};
        case Comparison::kGreater:
            return {kFalse, kFalse, kTrue};
        case Comparison::kGreaterEqual:
            return {kFalse, kTrue, kTrue};
    }
    return {kAnything, kAnything, kAnything};
}

Outcome NullOutcome(uint8_t holds) { return (holds & FileBounds::kMayHoldNull) != 0 ? kNull : 0; }

Outcomes CompareAll(const FileBounds& bounds, const Sides& sides, const Constant& constant) {
    Outcomes outcomes(bounds.Size());
    for (size_t i = 0; i < outcomes.size(); ++i) {
        const uint8_t holds = bounds.holds[i];
        Outcome outcome = NullOutcome(holds);
        if ((holds & FileBounds::kMayHoldValue) != 0) {
            const int64_t low = bounds.floors[i];
            const int64_t high = bounds.ceilings[i];
            if (low < constant.ceiling) outcome |= sides.below;
            if (low <= constant.ceiling && high >= constant.floor) outcome |= sides.equal;
            if (high > constant.floor || (holds & FileBounds::kMayHideNan) != 0) {
                outcome |= sides.above;
            }
        }
        outcomes[i] = outcome;
    }
    return outcomes;
}

Outcomes NullAll(const FileBounds& bounds) {
    Outcomes outcomes(bounds.Size());
    for (size_t i = 0; i < outcomes.size(); ++i) outcomes[i] = bounds.holds[i] != 0 ? kNull : 0;
    return outcomes;
}

Outcomes IsNullAll(const FileBounds& bounds, Outcome of_null, Outcome of_value) {
    Outcomes outcomes(bounds.Size());
    for (size_t i = 0; i < outcomes.size(); ++i) {
        const uint8_t holds = bounds.holds[i];
        outcomes[i] =
            static_cast<Outcome>(((holds & FileBounds::kMayHoldNull) != 0 ? of_null : 0) |
                                 ((holds & FileBounds::kMayHoldValue) != 0 ? of_value : 0));
    }
    return outcomes;
}

void Fold(Outcomes& sum, const Outcomes& part, const Table& table) {
    for (size_t i = 0; i < sum.size(); ++i) sum[i] = table[sum[i]][part[i]];
}

}  // namespace

void FileBounds::Resize(size_t files) {
    floors.assign(files, kBelowAllKeys);
    ceilings.assign(files, kAboveAllKeys);
    holds.assign(files, kMayHoldNull | kMayHoldValue | kMayHideNan);
}

void FileBounds::Set(size_t file, const ColumnStatistics& known,
                     std::optional<uint64_t> record_count) {
    holds[file] = 0;
    if (record_count && *record_count == 0) return;
    floors[file] = FloorKey(known.min, type);
    ceilings[file] = CeilingKey(known.max, type);
    const bool is_floating = type.kind() == TypeKind::kFloat || type.kind() == TypeKind::kDouble;
    const bool counts_nulls = known.path.size() <= 1 && known.null_count;
    const uint64_t nulls = counts_nulls ? *known.null_count : 1;
    const bool holds_null = nulls > 0;
    const bool holds_value = !(counts_nulls && record_count && nulls >= *record_count);
    holds[file] =
        static_cast<uint8_t>((holds_null ? kMayHoldNull : 0) | (holds_value ? kMayHoldValue : 0) |
                             (is_floating ? kMayHideNan : 0));
}

void FileBounds::SetConstant(size_t file, const Value& value) {
    floors[file] = FloorKey(value, type);
    ceilings[file] = CeilingKey(value, type);
    holds[file] = IsNull(value) ? kMayHoldNull : kMayHoldValue;
}

struct BlockPredicate::Node {
    Predicate::Kind kind = Predicate::Kind::kUnknown;
    size_t column = 0;
    Sides sides{};
    std::vector<Constant> constants;
    std::vector<Node> parts;

    static Node Of(const Predicate& predicate, const FindPlace& find);
    // By file; for a column by place in its bounds.
    Outcomes Judge(const std::vector<Column>& columns, size_t files) const;
    Outcomes JudgeColumn(const FileBounds& bounds) const;
    bool IsColumn() const {
        return kind == Predicate::Kind::kCompare || kind == Predicate::Kind::kIn ||
               kind == Predicate::Kind::kIsNull || kind == Predicate::Kind::kIsNotNull;
    }
};

BlockPredicate::Node BlockPredicate::Node::Of(const Predicate& predicate, const FindPlace& find) {
    Node node;
    node.kind = predicate.kind();
    for (const Predicate& part : predicate.parts()) node.parts.push_back(Of(part, find));
    if (!node.IsColumn()) return node;
    const auto place = find(predicate.column());
    if (!place) return Node{};
    node.column = place->column;
    node.sides = SidesOf(predicate.kind() == Predicate::Kind::kCompare ? predicate.comparison()
                                                                       : Comparison::kEqual);
    for (const Value& constant : predicate.constants()) {
        node.constants.push_back(
            {FloorKey(constant, place->type), CeilingKey(constant, place->type), IsNull(constant)});
    }
    return node;
}

Outcomes BlockPredicate::Node::JudgeColumn(const FileBounds& bounds) const {
    if (kind == Predicate::Kind::kIsNull) return IsNullAll(bounds, kTrue, kFalse);
    if (kind == Predicate::Kind::kIsNotNull) return IsNullAll(bounds, kFalse, kTrue);
    Outcomes sum;
    for (const Constant& constant : constants) {
        Outcomes part = constant.is_null ? NullAll(bounds) : CompareAll(bounds, sides, constant);
        if (sum.empty()) {
            sum = std::move(part);
        } else {
            Fold(sum, part, kOr);
        }
    }
    return sum;
}

Outcomes BlockPredicate::Node::Judge(const std::vector<Column>& columns, size_t files) const {
    if (IsColumn()) {
        const Column& of = columns[column];
        Outcomes by_place = JudgeColumn(*of.bounds);
        if (of.place_of_file == nullptr) return by_place;
        Outcomes outcomes(files);
        for (size_t i = 0; i < files; ++i) outcomes[i] = by_place[of.place_of_file[i]];
        return outcomes;
    }
    switch (kind) {
        case Predicate::Kind::kTrue:
            return Outcomes(files, kTrue);
        case Predicate::Kind::kFalse:
            return Outcomes(files, kFalse);
        case Predicate::Kind::kNot: {
            Outcomes outcomes = parts.front().Judge(columns, files);
            for (Outcome& outcome : outcomes) outcome = NotOf(outcome);
            return outcomes;
        }
        case Predicate::Kind::kAnd:
        case Predicate::Kind::kOr: {
            Outcomes sum = parts.front().Judge(columns, files);
            for (size_t i = 1; i < parts.size(); ++i) {
                Fold(sum, parts[i].Judge(columns, files),
                     kind == Predicate::Kind::kAnd ? kAnd : kOr);
            }
            return sum;
        }
        default:
            return Outcomes(files, kAnything);
    }
}

BlockPredicate::BlockPredicate(const Predicate& predicate, const FindPlace& find)
    : root_(std::make_unique<const Node>(Node::Of(predicate, find))) {}

BlockPredicate::~BlockPredicate() = default;

void BlockPredicate::Narrow(const std::vector<Column>& columns, std::vector<uint8_t>& keep) const {
    const Outcomes outcomes = root_->Judge(columns, keep.size());
    for (size_t i = 0; i < keep.size(); ++i) {
        keep[i] = static_cast<uint8_t>(keep[i] != 0 && (outcomes[i] & kTrue) != 0);
    }
}

}  // namespace tarn::table
