// RESTORE over Delta tables in memory: nothing is brought back that is not all there.
#include "upkeep/restore.h"

#include "delta/testing/row_changes.h"
#include "upkeep/upkeep_table.h"

namespace tarn::upkeep {
namespace {

class RestoreTest : public UpkeepTable {
protected:
    RestoreReport RestoreTo(int64_t version) {
        RestoreTask task{format_, store_, Latest(), format_.Load(kRoot, table::Version{version})};
        task.version = std::to_string(version);
        return Restore(task);
    }
    ErrorKind RefusalOf(int64_t version) {
        return KindOf([&] { (void)RestoreTo(version); });
    }
    void RemoveAll() {
        table::Change change;
        change.operation = "DELETE";
        change.remove = Latest()->Plan({}).files;
        MustCommit(change);
    }
};

TEST_F(RestoreTest, AVersionWhoseDeletionVectorIsGoneStaysAway) {
    MakeTable(delta::HidesRows());
    const int64_t hidden = AppendWithVector()->AtVersion().number;
    RemoveAll();
    for (const std::string& path : Files()) {
        if (path != "a") store_.Delete(std::string(kRoot) + "/" + path);
    }
    EXPECT_EQ(Files(), (std::set<std::string>{"a"}));
    EXPECT_EQ(RefusalOf(hidden), ErrorKind::kNotFound);
    EXPECT_EQ(Latest()->Totals().files, 0U);
    EXPECT_EQ(RestoreTo(hidden - 1).plan.after.files, 1U);
}

TEST_F(RestoreTest, WhatOthersWroteMeanwhileIsAConflict) {
    MakeTable();
    Append("a");
    const int64_t wanted = Latest()->AtVersion().number;
    Append("b");
    const RestoreTask task{format_, store_, Latest(), format_.Load(kRoot, table::Version{wanted})};
    Append("meanwhile");
    EXPECT_TRUE(std::holds_alternative<table::Conflict>(Restore(task).outcome));
    EXPECT_EQ(delta::PathsOf(*Latest()), (std::multiset<std::string>{"a", "b", "meanwhile"}));
}

// The folder is listed then, instead of asking for each.
TEST_F(RestoreTest, OfManyFilesOneThatIsGoneIsFound) {
    MakeTable();
    table::Change change = delta::Append({});
    for (int i = 0; i < 300; ++i) {
        const std::string name = "f" + std::to_string(i);
        PutFile(name);
        change.add.push_back(delta::NewFile(kRoot, name));
    }
    const int64_t full = MustCommit(change)->AtVersion().number;
    RemoveAll();
    store_.Delete(std::string(kRoot) + "/f299");
    EXPECT_EQ(RefusalOf(full), ErrorKind::kNotFound);
    EXPECT_EQ(Latest()->Totals().files, 0U);
    PutFile("f299");
    EXPECT_EQ(RestoreTo(full).plan.restored.size(), 300U);
    EXPECT_EQ(Latest()->Totals().files, 300U);
}

}  // namespace
}  // namespace tarn::upkeep
