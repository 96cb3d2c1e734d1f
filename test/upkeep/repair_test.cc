// FSCK, manifests, and VACUUM's other candidates over Delta tables in memory.
#include "upkeep/fsck.h"
#include "upkeep/manifest.h"
#include "upkeep/upkeep_table.h"
#include "upkeep/vacuum.h"

namespace tarn::upkeep {
namespace {

using Live = std::multiset<std::string>;
using Paths = std::set<std::string>;

class RepairTest : public UpkeepTable {
protected:
    void SetUp() override {
        MakeTable();
        for (const char* name : {"a", "b", "c"}) Append(name);
    }
    VacuumTask Vacuuming() {
        return {.format = format_, .store = store_, .clock = clock_, .latest = Latest()};
    }
};

TEST_F(RepairTest, FilesThatAreGoneLeaveTheTable) {
    store_.Delete(std::string(kRoot) + "/b");
    FsckTask task{format_, store_, Latest(), true};
    const FsckReport dry = Fsck(task);
    ASSERT_EQ(dry.broken.size(), 1U);
    EXPECT_EQ(dry.broken[0].file.path, "b");
    EXPECT_TRUE(dry.broken[0].is_missing);
    EXPECT_FALSE(dry.version);
    EXPECT_EQ(delta::PathsOf(*Latest()), (Live{"a", "b", "c"}));
    task.is_dry_run = false;
    const FsckReport repaired = Fsck(task);
    EXPECT_EQ(repaired.version, Latest()->AtVersion());
    EXPECT_EQ(delta::PathsOf(*Latest()), (Live{"a", "c"}));
    EXPECT_EQ(format_.History(kRoot, 1)[0].operation, "FSCK");
    EXPECT_FALSE(Fsck({format_, store_, Latest()}).version);
}

TEST_F(RepairTest, ManifestsListTheFilesAndOldOnesGo) {
    const auto folder_of = [](const table::DataFile& file) {
        return file.path == "a" ? std::string("day=1") : std::string("day=2");
    };
    const std::string root = std::string(kRoot) + "/_symlink_format_manifest";
    const auto generate = [&] {
        Manifests manifests = PlanManifests(*Latest(), folder_of);
        WriteManifests(store_, *Latest(), manifests);
        return manifests;
    };
    EXPECT_EQ(generate().texts.size(), 2U);
    const std::string listed = store_.Get(root + "/day=2/manifest");
    EXPECT_NE(listed.find("/b\n"), std::string::npos);
    EXPECT_NE(listed.find("/c\n"), std::string::npos);
    Remove("a");
    EXPECT_EQ(generate().files, 2U);
    EXPECT_FALSE(store_.Stat(root + "/day=1/manifest"));
    EXPECT_TRUE(store_.Stat(root + "/day=2/manifest"));
}

TEST_F(RepairTest, LiteLeavesWhatNoCommitNames) {
    PutFile("orphan");
    Remove("a");
    WaitDays(30);
    VacuumTask task = Vacuuming();
    task.is_lite = true;
    EXPECT_EQ(Vacuum(task).deleted, 1U);
    EXPECT_EQ(Files(), (Paths{"b", "c", "orphan"}));
    EXPECT_EQ(Vacuum(Vacuuming()).deleted, 1U);
    EXPECT_EQ(Files(), (Paths{"b", "c"}));
}

TEST_F(RepairTest, AnInventoryNamesWhatIsLookedAt) {
    for (const char* name : {"orphan", "other"}) PutFile(name);
    WaitDays(30);
    VacuumTask task = Vacuuming();
    const std::string root = kRoot;
    // Of a folder whose name begins as the table's does.
    const std::string elsewhere = root + "22/file";
    store_.Put(elsewhere, "bytes");
    task.inventory = {root + "/other", root + "/b", root + "/missing", elsewhere};
    WaitDays(30);
    EXPECT_EQ(Vacuum(task).deleted, 1U);
    EXPECT_TRUE(store_.Stat(elsewhere));
    EXPECT_EQ(Files(), (Paths{"a", "b", "c", "orphan"}));
}

}  // namespace
}  // namespace tarn::upkeep
