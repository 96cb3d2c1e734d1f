#include "delta/byte_size.h"

#include <gtest/gtest.h>

namespace tarn::delta {
namespace {

TEST(ByteSize, IsANumberWithOrWithoutItsUnit) {
    EXPECT_EQ(ParseByteSize("104857600"), 104857600U);
    EXPECT_EQ(ParseByteSize("64mb"), 64ULL << 20);
    EXPECT_EQ(ParseByteSize("1 GB"), 1ULL << 30);
    for (const char* wrong :
         {"", "0", "-1", "x", "1 furlong", "99999999999999999999", "99999999tb"})
        EXPECT_EQ(ParseByteSize(wrong), std::nullopt) << wrong;
}

}  // namespace
}  // namespace tarn::delta
