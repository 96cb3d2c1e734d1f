#include "ingest/path_pattern.h"

#include <gtest/gtest.h>

namespace tarn::ingest {
namespace {

TEST(PathPattern, StarStaysWithinAName) {
    const PathPattern pattern("landing/*.ndjson");
    EXPECT_TRUE(pattern.Matches("landing/a.ndjson"));
    EXPECT_TRUE(pattern.Matches("landing/a.b.ndjson"));
    EXPECT_FALSE(pattern.Matches("landing/x/a.ndjson"));
    EXPECT_FALSE(pattern.Matches("landing/a.ndjson.tmp"));
    EXPECT_FALSE(pattern.Matches("other/a.ndjson"));
    EXPECT_EQ(pattern.Folder(), "landing");
    EXPECT_FALSE(pattern.IsDeep());
}

TEST(PathPattern, TwoStarsCrossAnyNumberOfFolders) {
    const PathPattern pattern("a/**/z-?.csv");
    EXPECT_TRUE(pattern.Matches("a/z-1.csv"));
    EXPECT_TRUE(pattern.Matches("a/b/c/z-1.csv"));
    EXPECT_FALSE(pattern.Matches("a/b/z-12.csv"));
    EXPECT_FALSE(pattern.Matches("b/z-1.csv"));
    EXPECT_TRUE(pattern.IsDeep());
    EXPECT_TRUE(PathPattern("**").Matches("x/y"));
}

TEST(PathPattern, HiddenNamesNeedTheirDot) {
    EXPECT_FALSE(PathPattern("*").Matches(".part"));
    EXPECT_TRUE(PathPattern(".*").Matches(".part"));
    EXPECT_FALSE(PathPattern("**/*.csv").Matches(".tmp/a.csv"));
}

TEST(PathPattern, WithoutWildcardIsOneFile) {
    const PathPattern pattern("planes/planes.csv");
    EXPECT_FALSE(pattern.HasWildcard());
    EXPECT_TRUE(pattern.Matches("planes/planes.csv"));
    EXPECT_EQ(pattern.Folder(), "planes");
}

TEST(PathPattern, ManyStarsStayFast) {
    const PathPattern pattern("*a*a*a*a*a*a*a*a*a*a*a*a*b");
    EXPECT_FALSE(pattern.Matches(std::string(5000, 'a')));
}

TEST(PathPattern, RefusesWhatItDoesNotKnow) {
    for (const char* bad :
         {"", "/abs/x", "a//b", "../x", "a/./b", "a/[bc]", "{a,b}", "a**b", "s3://b/k"}) {
        EXPECT_TRUE(PathPattern::Mistake(bad).has_value()) << bad;
    }
}

}  // namespace
}  // namespace tarn::ingest
