#include "ingest/discovery.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "storage/memory_store.h"

namespace tarn::ingest {
namespace {

std::string Paths(const std::vector<FoundFile>& files) {
    std::vector<std::string> paths;
    for (const FoundFile& file : files) paths.push_back(file.path);
    return Join(paths, " ");
}

TEST(Discover, ListsMatchesOnceInOrder) {
    ManualClock clock{TimestampUs{}};
    storage::MemoryStore store(clock);
    for (const char* path : {"in/b.csv", "in/a.csv", "in/x/c.csv", "in/x/y/d.csv", "in/.tmp.csv",
                             "in/e.txt", "other/f.csv"}) {
        store.Put(std::string("mem://lake/root/") + path, "data");
    }
    const std::string root = "mem://lake/root";
    EXPECT_EQ(Paths(Discover(store, root, {"in/*.csv"})), "in/a.csv in/b.csv");
    EXPECT_EQ(Paths(Discover(store, root, {"in/**/*.csv"})),
              "in/a.csv in/b.csv in/x/c.csv in/x/y/d.csv");
    EXPECT_EQ(Paths(Discover(store, root, {"in/*/*.csv"})), "in/x/c.csv");
    EXPECT_EQ(Paths(Discover(store, root, {"other/f.csv", "*/f.csv", "none/*.csv", "none.csv"})),
              "other/f.csv");
    const auto files = Discover(store, root, {"other/f.csv"});
    EXPECT_EQ(files[0].size_bytes, 4U);
    EXPECT_EQ(files[0].location, "mem://lake/root/other/f.csv");
    EXPECT_FALSE(files[0].etag.empty());
}

TEST(Discover, ReadsLongListingsToTheirEnd) {
    ManualClock clock{TimestampUs{}};
    storage::MemoryStore store(clock);
    for (int i = 0; i < 2500; ++i) store.Put(fmt::format("mem://lake/in/{:05}.csv", i), "");
    EXPECT_EQ(Discover(store, "mem://lake", {"in/*.csv"}).size(), 2500U);
}

TEST(Discover, SpellsPathsThatAreNotUtf8) {
    ManualClock clock{TimestampUs{}};
    storage::MemoryStore store(clock);
    store.Put("mem://lake/in/Z\xfcrich%.csv", "");
    EXPECT_EQ(Paths(Discover(store, "mem://lake", {"in/*"})), "in/Z%FCrich%25.csv");
}

}  // namespace
}  // namespace tarn::ingest
