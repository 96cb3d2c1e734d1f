#include "catalog/contract_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/migrations.h"
#include "catalog/scratch_folder.h"
#include "catalog/sqlite_store.h"

namespace tarn::catalog {
namespace {

TEST(ContractLogTest, TheLastPublishedIsInForceAndTheFirstAnnouncementCounts) {
    const ScratchFolder folder;
    ManualClock clock{TimestampUs(std::chrono::hours(24 * 365 * 56))};
    SeededRandom random{7};
    SqliteStore store(folder.path() + "/.tarn/catalog.db", Migrations(), clock, random);
    ContractLog log(store);
    EXPECT_FALSE(log.Published("events"));
    EXPECT_FALSE(log.Announced("events", "text"));
    const TimestampUs now = clock.Now();
    log.Publish({"events", "1.0", "one", now, "me"});
    log.Publish({"users", "7", "u", now, "me"});
    log.Announce({"events", "2.0", "two", now, "me"});
    log.Announce({"events", "2.0", "two", now + std::chrono::hours(1), "you"});
    EXPECT_EQ(log.Published("events")->version, "1.0");
    EXPECT_EQ(log.Announced("events", "two")->at, now);
    EXPECT_FALSE(log.Announced("events", "two, changed"));
    EXPECT_FALSE(log.Announced("users", "two"));
    log.Publish({"events", "2.0", "two", now, "me"});
    EXPECT_EQ(log.Published("events")->text, "two");
    ASSERT_EQ(log.AllPublished().size(), 2U);
    EXPECT_EQ(log.AllPublished()[0].version, "2.0");
    EXPECT_EQ(log.AllPublished()[1].name, "users");
}

}  // namespace
}  // namespace tarn::catalog
