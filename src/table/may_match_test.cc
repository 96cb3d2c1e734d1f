#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "base/random.h"
#include "table/block_match.h"
#include "table/predicate.h"

namespace tarn::table {
namespace {

using Row = std::map<std::string, Value>;

class MapFacts final : public FileFacts {
public:
    std::map<std::string, ColumnFacts> columns;
    ColumnFacts Of(const std::vector<std::string>& column) const override {
        const auto found = columns.find(column.front());
        return found == columns.end() ? ColumnFacts{} : found->second;
    }
};

// SQL's value of a predicate on one row: nothing is NULL.
std::optional<bool> Truth(const Predicate& predicate, const Row& row);

std::optional<bool> TruthOfComparison(const Value& value, Comparison comparison,
                                      const Value& constant) {
    const auto order = Compare(value, constant);
    if (!order) return std::nullopt;
    switch (comparison) {
        case Comparison::kEqual:
            return *order == 0;
        case Comparison::kNotEqual:
            return *order != 0;
        case Comparison::kLess:
            return *order < 0;
        case Comparison::kLessEqual:
            return *order <= 0;
        case Comparison::kGreater:
            return *order > 0;
        case Comparison::kGreaterEqual:
            return *order >= 0;
    }
    return std::nullopt;
}

std::optional<bool> TruthOfParts(const Predicate& predicate, const Row& row, bool decisive) {
    bool null = false;
    for (const Predicate& part : predicate.parts()) {
        const auto truth = Truth(part, row);
        if (truth == decisive) return decisive;
        null = null || !truth;
    }
    return null ? std::nullopt : std::optional<bool>(!decisive);
}

std::optional<bool> Truth(const Predicate& predicate, const Row& row) {
    const auto value = [&] { return row.at(predicate.column().front()); };
    switch (predicate.kind()) {
        case Predicate::Kind::kTrue:
            return true;
        case Predicate::Kind::kFalse:
            return false;
        case Predicate::Kind::kUnknown:
            return true;
        case Predicate::Kind::kCompare:
            return TruthOfComparison(value(), predicate.comparison(), predicate.constants()[0]);
        case Predicate::Kind::kIn: {
            bool null = false;
            for (const Value& constant : predicate.constants()) {
                const auto truth = TruthOfComparison(value(), Comparison::kEqual, constant);
                if (truth == true) return true;
                null = null || !truth;
            }
            return null ? std::nullopt : std::optional<bool>(false);
        }
        case Predicate::Kind::kIsNull:
            return IsNull(value());
        case Predicate::Kind::kIsNotNull:
            return !IsNull(value());
        case Predicate::Kind::kAnd:
            return TruthOfParts(predicate, row, false);
        case Predicate::Kind::kOr:
            return TruthOfParts(predicate, row, true);
        case Predicate::Kind::kNot: {
            const auto truth = Truth(predicate.parts()[0], row);
            return truth ? std::optional<bool>(!*truth) : std::nullopt;
        }
        case Predicate::Kind::kWhere: {
            const auto verdict = predicate.condition().Judge({row.at(predicate.columns()[0][0])});
            if (verdict == ValueCondition::Verdict::kNull) return std::nullopt;
            return verdict == ValueCondition::Verdict::kTrue;
        }
    }
    return std::nullopt;
}

// Nothing for NULL, else whether the number is odd.
class IsOdd final : public ValueCondition {
public:
    Verdict Judge(const std::vector<Value>& values) const override {
        if (IsNull(values.at(0))) return Verdict::kNull;
        return std::get<int64_t>(values[0]) % 2 != 0 ? Verdict::kTrue : Verdict::kFalse;
    }
    std::string ToString() const override { return "odd"; }
};

const char* const kColumns[] = {"a", "b"};

Value RandomValue(Random& random) {
    if (random.Below(5) == 0) return Value{};
    return static_cast<int64_t>(random.Below(6));
}

Predicate RandomPredicate(Random& random, int depth) {
    std::vector<std::string> column = {kColumns[random.Below(2)]};
    switch (random.Below(depth > 0 ? 9 : 6)) {
        case 0:
        case 1:
            return Predicate::Compare(column, static_cast<Comparison>(random.Below(6)),
                                      RandomValue(random));
        case 2:
            return Predicate::In(column,
                                 {RandomValue(random), RandomValue(random), RandomValue(random)});
        case 8:
            return Predicate::Not(RandomPredicate(random, depth - 1));
        case 5:
            return Predicate::Where({column}, std::make_shared<IsOdd>());
        case 3:
            return Predicate::IsNull(column);
        case 4:
            return Predicate::IsNotNull(column);
        case 6:
            return Predicate::And(
                {RandomPredicate(random, depth - 1), RandomPredicate(random, depth - 1)});
        case 7:
            return Predicate::Or(
                {RandomPredicate(random, depth - 1), RandomPredicate(random, depth - 1)});
        default:
            return Predicate::Unknown();
    }
}

ColumnFacts FactsOf(const std::vector<Row>& rows, const std::string& column) {
    ColumnFacts facts;
    facts.record_count = rows.size();
    facts.null_count = 0;
    for (const Row& row : rows) {
        const Value& value = row.at(column);
        if (IsNull(value)) {
            ++*facts.null_count;
            continue;
        }
        if (IsNull(facts.min) || *Compare(value, facts.min) < 0) facts.min = value;
        if (IsNull(facts.max) || *Compare(value, facts.max) > 0) facts.max = value;
    }
    return facts;
}

// The same question put to a block of one file.
bool MayMatchAsBlock(const Predicate& predicate, const MapFacts& facts) {
    std::vector<FileBounds> bounds;
    std::map<std::string, size_t> places;
    for (const auto& [name, known] : facts.columns) {
        places[name] = bounds.size();
        bounds.emplace_back(Type(TypeKind::kLong));
        bounds.back().Resize(1);
        bounds.back().Set(0, {{name}, known.min, known.max, known.null_count}, known.record_count);
    }
    std::vector<BlockPredicate::Column> columns;
    for (const FileBounds& column : bounds) columns.push_back({&column, nullptr});
    const BlockPredicate block(
        predicate,
        [&](const std::vector<std::string>& path) -> std::optional<BlockPredicate::Place> {
            const auto found = places.find(path.front());
            if (found == places.end()) return std::nullopt;
            return BlockPredicate::Place{found->second, bounds[found->second].type};
        });
    std::vector<uint8_t> keep(1, 1);
    block.Narrow(columns, keep);
    return keep[0] != 0;
}

// Does a block keep the one file of ten rows of which this is known.
bool BlockKeeps(const Predicate& predicate, const Type& type, const ColumnStatistics& known) {
    FileBounds bounds(type);
    bounds.Resize(1);
    bounds.Set(0, known, 10);
    const BlockPredicate block(
        predicate, [&](const std::vector<std::string>&) { return BlockPredicate::Place{0, type}; });
    std::vector<uint8_t> keep(1, 1);
    block.Narrow({{&bounds, nullptr}}, keep);
    return keep[0] != 0;
}

TEST(BlockPredicateTest, ANotANumberMayHideAboveTheUpperBound) {
    const Type type(TypeKind::kDouble);
    const auto above = Predicate::Compare({"x"}, Comparison::kGreater, 5.0);
    const auto below = Predicate::Compare({"x"}, Comparison::kLess, 0.0);
    EXPECT_TRUE(BlockKeeps(above, type, {{"x"}, 1.0, 2.0, 0}));
    EXPECT_FALSE(BlockKeeps(below, type, {{"x"}, 1.0, 2.0, 0}));
}

TEST(BlockPredicateTest, TheNullCountOfAFieldInAStructSaysNothing) {
    const Type type(TypeKind::kLong);
    const auto equal = Predicate::Compare({"s", "x"}, Comparison::kEqual, int64_t{1});
    EXPECT_TRUE(BlockKeeps(equal, type, {{"s", "x"}, int64_t{1}, int64_t{2}, 10}));
    EXPECT_FALSE(BlockKeeps(equal, type, {{"x"}, int64_t{1}, int64_t{2}, 10}));
    const auto is_null = Predicate::IsNull({"s", "x"});
    EXPECT_TRUE(BlockKeeps(is_null, type, {{"s", "x"}, int64_t{1}, int64_t{2}, 0}));
    EXPECT_FALSE(BlockKeeps(is_null, type, {{"x"}, int64_t{1}, int64_t{2}, 0}));
}

TEST(MayMatchTest, NeverDropsAFileWithAMatchingRow) {
    for (uint64_t seed = 1; seed <= 20'000; ++seed) {
        SeededRandom random(seed);
        std::vector<Row> rows(random.Below(4));
        for (Row& row : rows) {
            for (const char* column : kColumns) row[column] = RandomValue(random);
        }
        MapFacts facts;
        for (const char* column : kColumns) {
            ColumnFacts known = FactsOf(rows, column);
            if (random.Below(4) == 0) known.min = Value{};
            if (random.Below(4) == 0) known.max = Value{};
            if (random.Below(4) == 0) known.null_count.reset();
            if (random.Below(4) == 0) known.record_count.reset();
            facts.columns[column] = known;
        }
        const Predicate predicate = RandomPredicate(random, 3);
        ASSERT_EQ(MayMatchAsBlock(predicate, facts), MayMatch(predicate, facts))
            << "seed " << seed << ": " << predicate.ToString();
        for (const Row& row : rows) {
            if (Truth(predicate, row) == true) {
                ASSERT_TRUE(MayMatch(predicate, facts))
                    << "seed " << seed << ": " << predicate.ToString();
            }
        }
    }
}

TEST(MayMatchTest, OneColumnWithFullFactsIsDecidedExactlyAtTheBounds) {
    MapFacts facts;
    facts.columns["a"] = {int64_t{3}, int64_t{7}, 0, 10, false};
    const auto may = [&](Comparison comparison, int64_t constant) {
        return MayMatch(Predicate::Compare({"a"}, comparison, constant), facts);
    };
    EXPECT_FALSE(may(Comparison::kEqual, 2));
    EXPECT_TRUE(may(Comparison::kEqual, 3));
    EXPECT_TRUE(may(Comparison::kEqual, 7));
    EXPECT_FALSE(may(Comparison::kEqual, 8));
    EXPECT_FALSE(may(Comparison::kLess, 3));
    EXPECT_TRUE(may(Comparison::kLessEqual, 3));
    EXPECT_FALSE(may(Comparison::kGreater, 7));
    EXPECT_TRUE(may(Comparison::kGreaterEqual, 7));
    EXPECT_FALSE(MayMatch(Predicate::IsNull({"a"}), facts));
    EXPECT_FALSE(MayMatch(Predicate::In({"a"}, {int64_t{1}, int64_t{9}, Value{}}), facts));
    EXPECT_FALSE(
        MayMatch(Predicate::Not(Predicate::Compare({"a"}, Comparison::kLess, int64_t{8})), facts));
    EXPECT_FALSE(MayMatch(Predicate::Compare({"a"}, Comparison::kEqual, Value{}), facts));
}

TEST(MayMatchTest, ConstantColumnDecidesAlone) {
    MapFacts facts;
    facts.columns["p"] = {std::string("x"), Value{}, std::nullopt, std::nullopt, true};
    facts.columns["n"] = {Value{}, Value{}, std::nullopt, std::nullopt, true};
    EXPECT_TRUE(MayMatch(Predicate::Compare({"p"}, Comparison::kEqual, std::string("x")), facts));
    EXPECT_FALSE(
        MayMatch(Predicate::Compare({"p"}, Comparison::kNotEqual, std::string("x")), facts));
    EXPECT_FALSE(MayMatch(Predicate::IsNull({"p"}), facts));
    EXPECT_TRUE(MayMatch(Predicate::IsNull({"n"}), facts));
    EXPECT_FALSE(
        MayMatch(Predicate::Compare({"n"}, Comparison::kNotEqual, std::string("x")), facts));
    EXPECT_FALSE(MayMatch(
        Predicate::Not(Predicate::Compare({"n"}, Comparison::kEqual, std::string("x"))), facts));
}

TEST(MayMatchTest, AConditionIsJudgedWhereItsColumnsAreConstant) {
    MapFacts facts;
    facts.columns["p"] = {int64_t{3}, Value{}, std::nullopt, std::nullopt, true};
    facts.columns["n"] = {Value{}, Value{}, std::nullopt, std::nullopt, true};
    facts.columns["a"] = {int64_t{4}, int64_t{4}, 0, 1, false};
    const auto odd = std::make_shared<IsOdd>();
    EXPECT_TRUE(MayMatch(Predicate::Where({{"p"}}, odd), facts));
    EXPECT_FALSE(MayMatch(Predicate::Not(Predicate::Where({{"p"}}, odd)), facts));
    EXPECT_FALSE(MayMatch(Predicate::Where({{"n"}}, odd), facts));
    EXPECT_FALSE(MayMatch(Predicate::Not(Predicate::Where({{"n"}}, odd)), facts));
    EXPECT_TRUE(MayMatch(Predicate::Where({{"a"}}, odd), facts));
}

TEST(MayMatchTest, ALongInListIsHeldAgainstTheBounds) {
    std::vector<Value> constants;
    for (int64_t i = 1'000; i > 0; i--) constants.push_back(i * 10);
    const Predicate in = Predicate::In({"a"}, std::move(constants));
    const auto may = [&](int64_t min, int64_t max) {
        MapFacts facts;
        facts.columns["a"] = {min, max, 0, 10, false};
        return MayMatch(in, facts);
    };
    EXPECT_TRUE(may(501, 510));
    EXPECT_FALSE(may(501, 509));
    EXPECT_FALSE(may(-5, 9));
    EXPECT_FALSE(may(10'001, 20'000));
    EXPECT_TRUE(may(10'000, 20'000));
}

TEST(MayMatchTest, ANotANumberMayHideAboveTheUpperBound) {
    MapFacts facts;
    facts.columns["d"] = {1.0, 1.0, 0, 2, false};
    EXPECT_TRUE(MayMatch(Predicate::Compare({"d"}, Comparison::kGreater, 5.0), facts));
    EXPECT_TRUE(MayMatch(Predicate::Compare({"d"}, Comparison::kNotEqual, 1.0), facts));
    EXPECT_TRUE(MayMatch(Predicate::Not(Predicate::Compare({"d"}, Comparison::kLess, 5.0)), facts));
    EXPECT_FALSE(MayMatch(Predicate::Compare({"d"}, Comparison::kLess, 0.5), facts));
    EXPECT_FALSE(MayMatch(Predicate::Compare({"d"}, Comparison::kEqual, 5.0), facts));
    EXPECT_TRUE(MayMatch(Predicate::Compare({"d"}, Comparison::kEqual, std::nan("")), facts));
}

TEST(MayMatchTest, AConstantOfAnotherTypeDecidesNothing) {
    MapFacts facts;
    facts.columns["a"] = {int64_t{3}, int64_t{7}, 0, 10, false};
    EXPECT_TRUE(MayMatch(Predicate::Compare({"a"}, Comparison::kEqual, std::string("x")), facts));
    EXPECT_TRUE(MayMatch(Predicate::Unknown(), facts));
    EXPECT_FALSE(MayMatch(Predicate::False(), facts));
}

}  // namespace
}  // namespace tarn::table
