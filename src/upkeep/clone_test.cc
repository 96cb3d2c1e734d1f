#include "upkeep/clone.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "storage/memory_store.h"

namespace tarn::upkeep {
namespace {

// What a copy that was ended left behind is copied again; what is there whole is not.
TEST(Clone, CopiesWhatIsNotThereWhole) {
    ManualClock clock{TimestampUs(std::chrono::seconds(1'800'000'000))};
    storage::MemoryStore store(clock);
    store.Put("mem://s/a", "12345");
    store.Put("mem://s/b", "12345");
    store.Put("mem://s/empty", "");
    store.Put("mem://c/a", "12");
    store.Put("mem://c/b", "abcde");
    std::vector<double> shares;
    CopyObjects(store,
                {{"mem://s/a", "mem://c/a"},
                 {"mem://s/b", "mem://c/b"},
                 {"mem://s/a", "mem://c/new/a"},
                 {"mem://s/empty", "mem://c/empty"}},
                [&](double share) { shares.push_back(share); });
    EXPECT_EQ(store.Get("mem://c/a"), "12345");
    EXPECT_EQ(store.Get("mem://c/b"), "abcde");
    EXPECT_EQ(store.Get("mem://c/new/a"), "12345");
    EXPECT_EQ(store.Get("mem://c/empty"), "");
    EXPECT_EQ(shares, (std::vector<double>{0, 0.25, 0.5, 0.75}));
}

}  // namespace
}  // namespace tarn::upkeep
