// Which of TRUE, FALSE and NULL a predicate may yield on the rows of a file, from bounds alone.
// Every set is an over-estimate, so that NOT is sound too: it swaps TRUE and FALSE.
#include <algorithm>

#include "table/predicate.h"

namespace tarn::table {
namespace {

struct Outcomes {
    bool can_be_true = false;
    bool can_be_false = false;
    bool can_be_null = false;
};

constexpr Outcomes kAnything{true, true, true};

bool MayHoldNull(const ColumnFacts& facts) {
    if (facts.is_constant) return IsNull(facts.min);
    return !facts.null_count || *facts.null_count > 0;
}

bool MayHoldValue(const ColumnFacts& facts) {
    if (facts.is_constant) return !IsNull(facts.min);
    return !(facts.null_count && facts.record_count && *facts.null_count >= *facts.record_count);
}

bool HasNoRows(const ColumnFacts& facts) { return facts.record_count && *facts.record_count == 0; }

// Where the column's values lie relative to a constant.
struct Position {
    bool may_be_less = true;
    bool may_be_equal = true;
    bool may_be_greater = true;
};

Position PositionOf(const ColumnFacts& facts, const Value& constant) {
    const Value& max = facts.is_constant ? facts.min : facts.max;
    const auto low = Compare(facts.min, constant);
    const auto high = Compare(max, constant);
    Position position;
    if (low && *low >= 0) position.may_be_less = false;
    if (low && *low > 0) position.may_be_equal = false;
    if (high && *high < 0) position.may_be_equal = false;
    // NaN is above every number and many writers leave it out of the bounds.
    const bool may_hide_nan = std::holds_alternative<double>(max) && !facts.is_constant;
    if (high && *high <= 0 && !may_hide_nan) position.may_be_greater = false;
    // A constant NaN, or a partition value of NaN, compares with nothing here: everything stays
    // possible.
    return position;
}

Outcomes EvaluateCompare(const ColumnFacts& facts, Comparison comparison, const Value& constant) {
    if (HasNoRows(facts)) return {};
    if (IsNull(constant)) return {false, false, true};
    Outcomes outcomes;
    outcomes.can_be_null = MayHoldNull(facts);
    if (!MayHoldValue(facts)) return outcomes;
    const Position at = PositionOf(facts, constant);
    switch (comparison) {
        case Comparison::kEqual:
            outcomes.can_be_true = at.may_be_equal;
            outcomes.can_be_false = at.may_be_less || at.may_be_greater;
            break;
        case Comparison::kNotEqual:
            outcomes.can_be_true = at.may_be_less || at.may_be_greater;
            outcomes.can_be_false = at.may_be_equal;
            break;
        case Comparison::kLess:
            outcomes.can_be_true = at.may_be_less;
            outcomes.can_be_false = at.may_be_equal || at.may_be_greater;
            break;
        case Comparison::kLessEqual:
            outcomes.can_be_true = at.may_be_less || at.may_be_equal;
            outcomes.can_be_false = at.may_be_greater;
            break;
        case Comparison::kGreater:
            outcomes.can_be_true = at.may_be_greater;
            outcomes.can_be_false = at.may_be_less || at.may_be_equal;
            break;
        case Comparison::kGreaterEqual:
            outcomes.can_be_true = at.may_be_greater || at.may_be_equal;
            outcomes.can_be_false = at.may_be_less;
            break;
    }
    return outcomes;
}

void FoldOr(Outcomes& sum, const Outcomes& part) {
    const Outcomes before = sum;
    sum.can_be_true = before.can_be_true || part.can_be_true;
    sum.can_be_false = before.can_be_false && part.can_be_false;
    sum.can_be_null = (before.can_be_null && (part.can_be_null || part.can_be_false)) ||
                      (before.can_be_false && part.can_be_null);
}

void FoldAnd(Outcomes& sum, const Outcomes& part) {
    const Outcomes before = sum;
    sum.can_be_true = before.can_be_true && part.can_be_true;
    sum.can_be_false = before.can_be_false || part.can_be_false;
    sum.can_be_null = (before.can_be_null && (part.can_be_null || part.can_be_true)) ||
                      (before.can_be_true && part.can_be_null);
}

// Equal to some constant: those below all of the column's values are passed over.
Outcomes EvaluateIn(const ColumnFacts& column, const Predicate& predicate) {
    const std::vector<Value>& constants = predicate.constants();
    Outcomes sum{false, true, false};
    if (!predicate.is_sorted()) {
        for (const Value& constant : constants)
            FoldOr(sum, EvaluateCompare(column, Comparison::kEqual, constant));
        return sum;
    }
    // Of sorted constants the first that is not below the values decides: when it is beyond them,
    // so are all that follow, and one that lies among them may be equal.
    const auto first = std::lower_bound(
        constants.begin(), constants.end(), column.min,
        [](const Value& a, const Value& b) { return Compare(a, b) == std::strong_ordering::less; });
    if (first == constants.end()) {
        FoldOr(sum, EvaluateCompare(column, Comparison::kEqual, constants.back()));
        return sum;
    }
    FoldOr(sum, EvaluateCompare(column, Comparison::kEqual, *first));
    return sum;
}

Outcomes EvaluateWhere(const Predicate& predicate, const FileFacts& facts) {
    std::vector<Value> values;
    for (const std::vector<std::string>& path : predicate.columns()) {
        ColumnFacts column = facts.Of(path);
        if (!column.is_constant) return kAnything;
        values.push_back(std::move(column.min));
    }
    switch (predicate.condition().Judge(values)) {
        case ValueCondition::Verdict::kTrue:
            return {true, false, false};
        case ValueCondition::Verdict::kFalse:
            return {false, true, false};
        case ValueCondition::Verdict::kNull:
            return {false, false, true};
        case ValueCondition::Verdict::kUnknown:
            break;
    }
    return kAnything;
}

Outcomes Evaluate(const Predicate& predicate, const FileFacts& facts) {
    switch (predicate.kind()) {
        case Predicate::Kind::kTrue:
            return {true, false, false};
        case Predicate::Kind::kFalse:
            return {false, true, false};
        case Predicate::Kind::kUnknown:
            return kAnything;
        case Predicate::Kind::kCompare:
            return EvaluateCompare(facts.Of(predicate.column()), predicate.comparison(),
                                   predicate.constants().front());
        case Predicate::Kind::kIn:
            return EvaluateIn(facts.Of(predicate.column()), predicate);
        case Predicate::Kind::kWhere:
            return EvaluateWhere(predicate, facts);
        case Predicate::Kind::kIsNull:
        case Predicate::Kind::kIsNotNull: {
            const ColumnFacts column = facts.Of(predicate.column());
            if (HasNoRows(column)) return {};
            const bool wants_null = predicate.kind() == Predicate::Kind::kIsNull;
            const bool null = MayHoldNull(column);
            const bool value = MayHoldValue(column);
            return {wants_null ? null : value, wants_null ? value : null, false};
        }
        case Predicate::Kind::kAnd: {
            Outcomes sum{true, false, false};
            for (const Predicate& part : predicate.parts()) FoldAnd(sum, Evaluate(part, facts));
            return sum;
        }
        case Predicate::Kind::kOr: {
            Outcomes sum{false, true, false};
            for (const Predicate& part : predicate.parts()) FoldOr(sum, Evaluate(part, facts));
            return sum;
        }
        case Predicate::Kind::kNot: {
            const Outcomes part = Evaluate(predicate.parts().front(), facts);
            return {part.can_be_false, part.can_be_true, part.can_be_null};
        }
    }
    return kAnything;
}

}  // namespace

bool MayMatch(const Predicate& predicate, const FileFacts& facts) {
    return Evaluate(predicate, facts).can_be_true;
}

}  // namespace tarn::table
