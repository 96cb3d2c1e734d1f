#include "delta/file_path.h"

#include <gtest/gtest.h>

#include "delta/testing/table_fixture.h"

namespace tarn::delta {
namespace {

TEST(FilePathTest, RelativeAndAbsolutePathsResolve) {
    EXPECT_EQ(ResolveLocation("/t", "a%20b/c.parquet"), "/t/a b/c.parquet");
    EXPECT_EQ(ResolveLocation("/t", "/x/y"), "/x/y");
    EXPECT_EQ(ResolveLocation("/t", "file:///x/y%3D"), "file:///x/y=");
    EXPECT_EQ(ResolveLocation("s3://b/t", "s3://c/y"), "s3://c/y");
    EXPECT_EQ(ResolveLocation("/t", "a:b"), "/t/a:b");
    EXPECT_EQ(LogPathOf("/t", "/t/p=a b/x"), "p=a%20b/x");
    EXPECT_EQ(LogPathOf("file:///t", "/t/x"), "x");
    EXPECT_EQ(LogPathOf("/t", "/other/x y"), "file:/other/x%20y");
    EXPECT_EQ(LogPathOf("/t", "s3://b/x y"), "s3://b/x%20y");
    EXPECT_EQ(LogPathOf("/t", "/t2/x"), "file:/t2/x");
    EXPECT_EQ(LogPathOf("/t", "file:///t2/x"), "file:/t2/x");
    EXPECT_EQ(NormalRoot("/t//"), "/t");
    for (const char* same : {"/a%20b", "//a b", "file:/a%20b", "file:///a b"}) {
        EXPECT_EQ(PathKey(same), "/a b") << same;
    }
}

TEST(FilePathTest, APathIsDecodedOnce) {
    EXPECT_EQ(ResolveLocation("/t", "a%253A/b%2525"), "/t/a%3A/b%25");
    EXPECT_EQ(PathKey("a%253A"), "a%3A");
    EXPECT_EQ(ResolveLocation("/t%20", "x"), "/t%20/x");  // the root is no URI
    EXPECT_EQ(KindOf([] { (void)ResolveLocation("/t", "a%2"); }), ErrorKind::kCorrupt);
}

TEST(FilePathTest, WhatIsRelativeIsToldBeforeDecoding) {
    EXPECT_EQ(ResolveLocation("/t", "s3%3A//b/x"), "/t/s3://b/x");
    EXPECT_EQ(ResolveLocation("/t", "a%3A/b"), "/t/a:/b");
    EXPECT_EQ(ResolveLocation("/t", "day=2013-01-01%2005%3A00/x"), "/t/day=2013-01-01 05:00/x");
}

TEST(FilePathTest, DotSegmentsAreResolved) {
    EXPECT_EQ(ResolveLocation("/a/t", "./x"), "/a/t/x");
    EXPECT_EQ(ResolveLocation("/a/t", "p=1/../p=2/./x"), "/a/t/p=2/x");
    EXPECT_EQ(ResolveLocation("/a/t", "../u/x"), "/a/u/x");
    EXPECT_EQ(ResolveLocation("mem://l/a/t", "../../x"), "mem://l/x");
    EXPECT_EQ(ResolveLocation("/a/t", "a./.b/..c"), "/a/t/a./.b/..c");
    EXPECT_EQ(KindOf([] { (void)ResolveLocation("mem://l/t", "../../x"); }), ErrorKind::kCorrupt);
    EXPECT_EQ(PathKey("./x"), PathKey("x"));
}

TEST(FilePathTest, ForeignUrisGetTheStoresSpelling) {
    for (const char* same : {"file:/x%20y", "file:///x%20y", "file://localhost/x%20y"}) {
        EXPECT_EQ(ResolveLocation("/t", same), "file:///x y") << same;
        EXPECT_EQ(PathKey(same), "/x y") << same;
    }
    EXPECT_EQ(ResolveLocation("/t", "s3a://b/x"), "s3://b/x");
    EXPECT_EQ(PathKey("s3a://b/x"), PathKey("s3://b/x"));
    EXPECT_EQ(KindOf([] { (void)ResolveLocation("/t", "file://elsewhere/x"); }),
              ErrorKind::kUnsupported);
}

}  // namespace
}  // namespace tarn::delta
