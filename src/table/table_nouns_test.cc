#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "base/error.h"
#include "table/data_file.h"
#include "table/predicate.h"
#include "table/type.h"
#include "table/value.h"

namespace tarn::table {
namespace {

Field Named(std::string name, Type type) {
    Field field;
    field.physical_name = name;
    field.name = std::move(name);
    field.type = std::move(type);
    return field;
}

TEST(TypeTest, PrintsAsDeltaWritesIt) {
    const Type nested =
        Type::Struct({Named("a", Type(TypeKind::kInt)),
                      Named("b", Type::Map(Type(TypeKind::kString), Type(TypeKind::kLong), true))});
    EXPECT_EQ(nested.ToString(), "struct<a:int,b:map<string,long>>");
    EXPECT_EQ(Type::Array(Type::Decimal(10, 2), true).ToString(), "array<decimal(10,2)>");
}

TEST(TypeTest, EqualityLooksInside) {
    EXPECT_EQ(Type::Array(Type(TypeKind::kInt), true), Type::Array(Type(TypeKind::kInt), true));
    EXPECT_FALSE(Type::Array(Type(TypeKind::kInt), true) ==
                 Type::Array(Type(TypeKind::kInt), false));
    EXPECT_FALSE(Type::Decimal(10, 2) == Type::Decimal(10, 3));
}

TEST(TypeTest, RefusesADecimalThatIsNone) {
    EXPECT_THROW(Type::Decimal(39, 0), Error);
    EXPECT_THROW(Type::Decimal(5, 6), Error);
}

TEST(SchemaTest, ExactSpellingWinsThenTheOnlyFoldedOne) {
    const Schema schema{{Named("id", {}), Named("Name", {}), Named("x", {}), Named("X", {})}};
    EXPECT_EQ(schema.Find("ID"), 0);
    EXPECT_EQ(schema.Find("name"), 1);
    EXPECT_EQ(schema.Find("X"), 3);
    EXPECT_EQ(schema.Find("x"), 2);
    EXPECT_EQ(schema.Find("none"), -1);
    const Schema ambiguous{{Named("Ab", {}), Named("aB", {})}};
    EXPECT_EQ(ambiguous.Find("ab"), -1);
}

TEST(ValueTest, ComparesWithinAType) {
    EXPECT_TRUE(*Compare(Value{int64_t{1}}, Value{int64_t{2}}) < 0);
    EXPECT_TRUE(*Compare(Value{-0.0}, Value{0.0}) == 0);
    EXPECT_TRUE(*Compare(Value{std::string("a\x7f")}, Value{std::string("a\x80")}) < 0);
    EXPECT_TRUE(*Compare(Value{Date{1}}, Value{Date{0}}) > 0);
    EXPECT_FALSE(Compare(Value{}, Value{int64_t{1}}));
    EXPECT_FALSE(Compare(Value{std::nan("")}, Value{1.0}));
    EXPECT_FALSE(Compare(Value{int64_t{1}}, Value{std::string("1")}));
}

TEST(ValueTest, DecimalsCompareAcrossScalesWithoutOverflow) {
    const __int128 big = (static_cast<__int128>(1) << 120);
    EXPECT_TRUE(*Compare(Value{Decimal{150, 2}}, Value{Decimal{15, 1}}) == 0);
    EXPECT_TRUE(*Compare(Value{Decimal{151, 2}}, Value{Decimal{15, 1}}) > 0);
    EXPECT_TRUE(*Compare(Value{Decimal{big, 0}}, Value{Decimal{1, 30}}) > 0);
    EXPECT_TRUE(*Compare(Value{Decimal{-big, 0}}, Value{Decimal{1, 30}}) < 0);
    EXPECT_TRUE(*Compare(Value{Decimal{1, 30}}, Value{Decimal{-big, 0}}) > 0);
    EXPECT_TRUE(*Compare(Value{Decimal{1, 30}}, Value{Decimal{big, 0}}) < 0);
    EXPECT_TRUE(*Compare(Value{int64_t{2}}, Value{Decimal{15, 1}}) > 0);
}

TEST(ValueTest, PrintsForMessages) {
    EXPECT_EQ(ToString(Value{}), "NULL");
    EXPECT_EQ(ToString(Value{std::string("it's")}), "'it''s'");
    EXPECT_EQ(ToString(Value{Date{15706}}), "2013-01-01");
    EXPECT_EQ(ToString(Value{Timestamp{-1}}), "1969-12-31 23:59:59.999999");
    EXPECT_EQ(ToString(Value{Decimal{-5, 3}}), "-0.005");
    EXPECT_EQ(ToString(Value{Decimal{1234, 2}}), "12.34");
    EXPECT_EQ(ToString(Value{Binary{"\x01\xff"}}), "X'01ff'");
}

TEST(PredicateTest, SimplifiesWhatIsDecided) {
    const Predicate x = Predicate::IsNull({"x"});
    EXPECT_TRUE(Predicate::And({}).IsTrue());
    EXPECT_EQ(Predicate::And({Predicate::True(), x}).ToString(), "x IS NULL");
    EXPECT_EQ(Predicate::And({x, Predicate::False()}).kind(), Predicate::Kind::kFalse);
    EXPECT_TRUE(Predicate::Or({x, Predicate::True()}).IsTrue());
    EXPECT_EQ(Predicate::Or({}).kind(), Predicate::Kind::kFalse);
    EXPECT_EQ(Predicate::Not(Predicate::Not(x)).ToString(), "x IS NULL");
    EXPECT_EQ(Predicate::In({"x"}, {}).kind(), Predicate::Kind::kFalse);
    EXPECT_EQ(Predicate::And({Predicate::And({x, x}), x}).parts().size(), 3u);
}

TEST(DataFileTest, LiveRowsNeedTheCountAndRespectTheVector) {
    DataFile file;
    EXPECT_FALSE(file.LiveRows());
    FileStatistics statistics;
    statistics.record_count = 10;
    file.statistics = std::make_shared<const FileStatistics>(statistics);
    EXPECT_EQ(file.LiveRows(), 10u);
    file.deletion_vector = DeletionVectorRef{"u", "d", 4};
    EXPECT_EQ(file.LiveRows(), 6u);
    file.deletion_vector->cardinality = 11;
    EXPECT_FALSE(file.LiveRows());
}

}  // namespace
}  // namespace tarn::table
