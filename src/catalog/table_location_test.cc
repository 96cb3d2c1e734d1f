#include "catalog/table_location.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tarn::catalog {
namespace {

constexpr const char* kId = "019aa2c4-1111-7222-8333-abcdef012345";

TEST(TableLocation, AManagedTableLiesInAFolderOfItsOwn) {
    EXPECT_EQ(ManagedTableLocation("/lake/w", "silver", "events_1", kId),
              "/lake/w/silver/events_1-abcdef012345");
    EXPECT_EQ(ManagedTableLocation("s3://b/w", "Gold", "a b/é", kId),
              "s3://b/w/%47old/a%20b%2f%c3%a9-abcdef012345");
}

TEST(TableLocation, ALongNameIsCutAtAWholeEscape) {
    std::string name;
    for (int i = 0; i < 120; ++i) name += "é";
    const std::string location = ManagedTableLocation("/w", "main", name, kId);
    const std::string folder = location.substr(location.rfind('/') + 1);
    EXPECT_LE(folder.size(), 255U);
    EXPECT_TRUE(folder.ends_with("-abcdef012345"));
    EXPECT_EQ((folder.size() - 13) % 3, 0U);
}

TEST(TableLocation, OnePlaceHasOneSpelling) {
    EXPECT_EQ(NormalLocation("file:///a/b/"), "/a/b");
    EXPECT_EQ(NormalLocation("/a//b/./c/../d"), "/a/b/d");
    EXPECT_EQ(NormalLocation("s3://bucket/a//b/"), "s3://bucket/a/b");
    EXPECT_EQ(NormalLocation("s3://bucket/"), "s3://bucket");
}

TEST(TableLocation, OverlapGoesByWholeFolderNames) {
    EXPECT_TRUE(Overlaps("/a/b", "/a/b"));
    EXPECT_TRUE(Overlaps("/a/b/c", "/a/b"));
    EXPECT_TRUE(Overlaps("/a/b", "/a/b/c"));
    EXPECT_FALSE(Overlaps("/a/b", "/a/bc"));
    EXPECT_FALSE(Overlaps("/a/b", "/a/c"));
}

TEST(TableLocation, FoldersAboveStopAtTheStore) {
    EXPECT_THAT(FoldersAbove("/a/b/c"), testing::ElementsAre("/a/b", "/a"));
    EXPECT_THAT(FoldersAbove("s3://bucket/a/b"),
                testing::ElementsAre("s3://bucket/a", "s3://bucket"));
}

}  // namespace
}  // namespace tarn::catalog
