#include "table/sort_key.h"

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tarn::table {
namespace {

// What keys claim of two values is true of the values.
void CheckClaims(const Type& type, const std::vector<Value>& values) {
    for (const Value& a : values) {
        for (const Value& b : values) {
            const auto order = Compare(a, b);
            const int64_t floor = FloorKey(a, type);
            const int64_t ceiling = CeilingKey(b, type);
            if (floor >= ceiling) {
                ASSERT_TRUE(order && *order >= 0) << ToString(a) << " " << ToString(b);
            }
            if (floor > ceiling) {
                ASSERT_TRUE(order && *order > 0) << ToString(a) << " " << ToString(b);
            }
        }
    }
}

TEST(SortKeyTest, IntegersUpToTheOutermost) {
    CheckClaims(Type(TypeKind::kLong), {INT64_MIN, INT64_MIN + 1, int64_t{-1}, int64_t{0},
                                        int64_t{7}, INT64_MAX - 1, INT64_MAX, Value{}});
    EXPECT_GT(FloorKey(int64_t{8}, Type(TypeKind::kInt)),
              CeilingKey(int64_t{7}, Type(TypeKind::kInt)));
}

TEST(SortKeyTest, FloatingNumbersOfEverySign) {
    CheckClaims(Type(TypeKind::kDouble), {-INFINITY, -1e300, -2.0, -1.0, -1e-300, -0.0, 0.0, 1e-300,
                                          1.0, 2.0, INFINITY, std::nan("")});
    const Type type(TypeKind::kDouble);
    EXPECT_EQ(FloorKey(-0.0, type), CeilingKey(0.0, type));
    EXPECT_GT(FloorKey(-1.0, type), CeilingKey(-2.0, type));
}

TEST(SortKeyTest, DecimalsOfOtherScalesAreRounded) {
    const __int128 huge = static_cast<__int128>(INT64_MAX) * 1000;
    CheckClaims(Type::Decimal(20, 2),
                {Decimal{100, 2}, Decimal{1, 0}, Decimal{1001, 3}, Decimal{1009, 3},
                 Decimal{-1001, 3}, Decimal{-1009, 3}, Decimal{huge, 0}, Decimal{-huge, 0},
                 Decimal{huge, 2}, Decimal{-huge, 2}, Value{}});
    EXPECT_EQ(FloorKey(Decimal{1, 0}, Type::Decimal(10, 2)), 100);
    EXPECT_EQ(CeilingKey(Decimal{1001, 3}, Type::Decimal(10, 2)), 101);
    EXPECT_EQ(FloorKey(Decimal{-1001, 3}, Type::Decimal(10, 2)), -101);
}

TEST(SortKeyTest, TextsByTheirFirstBytes) {
    using std::string;
    CheckClaims(
        Type(TypeKind::kString),
        {string(), string(1, '\0'), string("a"), string("a\0", 2), string("a\0\0", 3), string("ab"),
         string("abcdefgh"), string("abcdefgh\0", 9), string("abcdefghi"), string("abcdefgi"),
         string("\xc3\xa9"), string(8, '\xff'), string(9, '\xff'), Value{}});
    const Type type(TypeKind::kString);
    EXPECT_GT(FloorKey(string("b"), type), CeilingKey(string("abcdefghijk"), type));
}

TEST(SortKeyTest, NothingIsKnownOfAnotherType) {
    EXPECT_EQ(FloorKey(int64_t{5}, Type(TypeKind::kString)), kBelowAllKeys);
    EXPECT_EQ(CeilingKey(std::string("x"), Type(TypeKind::kLong)), kAboveAllKeys);
    EXPECT_EQ(FloorKey(Date{3}, Type(TypeKind::kDate)), 3);
    EXPECT_EQ(CeilingKey(Timestamp{3}, Type(TypeKind::kTimestamp)), 3);
    EXPECT_EQ(FloorKey(true, Type(TypeKind::kBoolean)), 1);
}

}  // namespace
}  // namespace tarn::table
