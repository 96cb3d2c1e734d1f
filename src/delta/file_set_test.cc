#include "delta/file_set.h"

#include <map>

#include <gtest/gtest.h>

#include "base/random.h"

namespace tarn::delta {
namespace {

Add AddOf(const std::string& path, int64_t rows = 1) {
    Add add;
    add.path = path;
    add.partition_values = {{"p", path.substr(0, 1)}};
    add.size_bytes = 10;
    add.stats = "{\"numRecords\":" + std::to_string(rows) + "}";
    return add;
}

Remove RemoveOf(const std::string& path) {
    Remove remove;
    remove.path = path;
    return remove;
}

TEST(FileSetTest, ActionsOfOneVersionHaveNoOrder) {
    for (const bool remove_first : {true, false}) {
        FileSet::Builder builder;
        builder.BeginVersion();
        builder.Apply(AddOf("a"));
        builder.BeginVersion();
        if (remove_first) builder.Apply(RemoveOf("a"));
        builder.Apply(AddOf("a", 7));
        if (!remove_first) builder.Apply(RemoveOf("a"));
        const FileSet set = builder.Build();
        EXPECT_EQ(set.Count(), 1U);
        EXPECT_EQ(set.LiveRows(), 7U);
    }
}

TEST(FileSetTest, ALogicalFileIsPathAndVector) {
    FileSet::Builder builder;
    builder.BeginVersion();
    builder.Apply(AddOf("a", 10));
    builder.BeginVersion();
    Add with_vector = AddOf("a", 10);
    with_vector.deletion_vector = DeletionVector{'u', "x", 1, 4, 3};
    builder.Apply(RemoveOf("a"));
    builder.Apply(with_vector);
    const FileSet set = builder.Build();
    EXPECT_EQ(set.Count(), 1U);
    EXPECT_EQ(set.LiveRows(), 7U);
    EXPECT_TRUE(set.Find({{"a", "ux@1"}})[0]);
    EXPECT_FALSE(set.Find({{"a", ""}})[0]);
}

TEST(FileSetTest, OnePathInTwoSpellingsIsOneFile) {
    const std::pair<const char*, const char*> spellings[] = {
        {"a%3Db", "a=b"},
        {"./x.parquet", "x.parquet"},
        {"s3a://b/x", "s3://b/x"},
        {"s3n://b/x%20y", "s3a://b/x%20y"},
        {"file:///t/x", "/t/x"},
        {"file:/t/x", "file://localhost/t/x"},
        {"p=12:30/x", "./p=12%3A30/x"},
    };
    for (const auto& [first, second] : spellings) {
        for (const bool is_swapped : {false, true}) {
            FileSet::Builder builder;
            builder.BeginVersion();
            builder.Apply(AddOf(is_swapped ? second : first));
            builder.BeginVersion();
            EXPECT_TRUE(builder.Apply(RemoveOf(is_swapped ? first : second))) << first;
            EXPECT_EQ(builder.Build().Count(), 0U) << first;
        }
    }
}

TEST(FileSetTest, AFileWithoutCountLeavesTheRowsUnknown) {
    FileSet::Builder builder;
    builder.Apply(AddOf("a", 3));
    Add add = AddOf("b");
    add.stats.clear();
    builder.Apply(add);
    FileSet set = builder.Build();
    EXPECT_FALSE(set.LiveRows());
    FileSet::Builder next(set);
    next.BeginVersion();
    next.Apply(RemoveOf("b"));
    EXPECT_EQ(next.Build().LiveRows(), 3U);
    EXPECT_EQ(set.Count(), 2U);  // the older set is untouched
}

TEST(FileSetTest, EqualsAPlainMapOverManyVersions) {
    for (uint64_t seed = 1; seed <= 30; ++seed) {
        SeededRandom random(seed);
        std::map<std::string, int64_t> expected;
        FileSet set;
        for (int version = 0; version < 60; ++version) {
            FileSet::Builder builder(set);
            builder.BeginVersion();
            for (uint64_t n = random.Below(version == 0 ? 3000 : 80); n > 0; --n) {
                const std::string path = std::to_string(random.Below(4000));
                if (random.Below(3) == 0) {
                    if (expected.contains(path) && expected[path] / 1000 == version) continue;
                    const bool was_live = expected.erase(path) > 0;
                    ASSERT_EQ(builder.Apply(RemoveOf(path)), was_live) << "seed " << seed;
                } else {
                    const int64_t rows = version * 1000 + static_cast<int64_t>(random.Below(900));
                    expected[path] = rows;
                    builder.Apply(AddOf(path, rows));
                }
            }
            set = builder.Build();
            uint64_t rows = 0;
            for (const auto& [path, count] : expected) rows += static_cast<uint64_t>(count);
            ASSERT_EQ(set.Count(), expected.size()) << "seed " << seed << " version " << version;
            ASSERT_EQ(set.LiveRows(), rows) << "seed " << seed << " version " << version;
            ASSERT_EQ(set.SizeBytes(), 10 * expected.size());
        }
        uint64_t seen = 0;
        set.ForEach([&](const FileView& file) {
            ++seen;
            ASSERT_EQ(file.record_count, expected.at(std::string(file.path))) << "seed " << seed;
            ASSERT_EQ((*file.partition_values)[0].second, std::string(file.path.substr(0, 1)));
        });
        ASSERT_EQ(seen, expected.size());
        for (const auto& [path, count] : expected) ASSERT_TRUE(set.Find({{path, ""}})[0]) << path;
    }
}

}  // namespace
}  // namespace tarn::delta
