#include "catalog/doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/scratch_folder.h"
#include "storage/local_store.h"

namespace tarn::catalog {
namespace {

class DoctorTest : public testing::Test {
protected:
    engine::DirectoryEntry Add(const std::string& name, bool with_files) {
        engine::DirectoryEntry entry;
        entry.id = NewUuid(clock_, random_);
        entry.name = {"main", name};
        entry.location = catalog_->ManagedLocation(entry.name, entry.id);
        if (with_files) {
            store_.Put(entry.location + "/_delta_log/0.json", "{}");
            store_.Put(entry.location + "/part-1.parquet", "x");
        }
        catalog_->Register(entry);
        return entry;
    }

    std::vector<std::string> Findings() {
        std::vector<std::string> texts;
        const auto exists = [this](const engine::DirectoryEntry& entry) {
            return store_.Stat(entry.location + "/_delta_log/0.json").has_value();
        };
        for (const Finding& finding : Diagnose(*catalog_, store_, exists)) {
            texts.push_back(std::string(NameOf(finding.kind)) + ": " +
                            (finding.table.empty() ? finding.location.substr(folder_.path().size())
                                                   : finding.table));
        }
        return texts;
    }

    ScratchFolder folder_;
    ManualClock clock_{TimestampUs(std::chrono::hours(24 * 365 * 56))};
    SeededRandom random_{7};
    storage::LocalStore store_;
    std::unique_ptr<Catalog> catalog_ =
        Catalog::Open(LakeConfig::Parse("name: a", folder_.path()), clock_, random_);
};

TEST_F(DoctorTest, AHealthyLakeHasNoFindings) {
    EXPECT_TRUE(Findings().empty());
    Add("t", true);
    Add("gone", true);
    catalog_->Drop({"main", "gone"}, engine::EntryKind::kTable);
    EXPECT_TRUE(Findings().empty());
}

TEST_F(DoctorTest, FoldersWithoutRowsAndRowsWithoutFolders) {
    Add("t", true);
    Add("lost", false);
    store_.Put(folder_.path() + "/.tarn/warehouse/main/stray-1/a", "x");
    store_.Put(folder_.path() + "/.tarn/warehouse/main/stray-1/b", "x");
    store_.Put(folder_.path() + "/.tarn/warehouse/zoo/stray-2/deep/a", "x");
    store_.Put(folder_.path() + "/.tarn/warehouse/a-file", "x");
    EXPECT_THAT(Findings(),
                testing::ElementsAre("row without folder: main.lost",
                                     "folder without row: /.tarn/warehouse/main/stray-1",
                                     "folder without row: /.tarn/warehouse/zoo/stray-2"));
}

}  // namespace
}  // namespace tarn::catalog
