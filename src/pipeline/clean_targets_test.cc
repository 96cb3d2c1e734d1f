#include "pipeline/clean_targets.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "catalog/scratch_folder.h"

namespace tarn::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class CleanTargetsTest : public testing::Test {
protected:
    CleanTargetsTest() {
        folder_.Write("shop/target/compiled/a.sql", "select 1");
        folder_.Write("shop/models/a.sql", "select 1");
        folder_.Write("outside/precious.txt", "x");
        lake_ = catalog::LakeConfig::Load(Path("shop"));
    }
    std::string Path(const std::string& name) const { return folder_.path() + "/" + name; }
    std::vector<std::string> Clean(const std::vector<std::string>& targets) {
        DbtProject layout;
        layout.clean_targets = targets;
        return RemoveCleanTargets(lake_, layout);
    }
    ErrorKind Refusal(const std::vector<std::string>& targets) {
        try {
            Clean(targets);
        } catch (const Error& error) {
            return error.kind();
        }
        return ErrorKind::kInternal;
    }

    catalog::ScratchFolder folder_;
    catalog::LakeConfig lake_;
};

TEST_F(CleanTargetsTest, RemovesWhatIsThereAndSaysWhich) {
    EXPECT_THAT(Clean({"target", "logs"}), ElementsAre("target"));
    EXPECT_FALSE(fs::exists(Path("shop/target")));
    EXPECT_THAT(Clean({"target"}), IsEmpty());
}

TEST_F(CleanTargetsTest, LeavesTheProjectNeverAndRemovesNothingThen) {
    fs::create_directories(Path("shop/.tarn/warehouse"));
    fs::create_directory_symlink(Path("outside"), Path("shop/linked"));
    for (const char* target : {"../outside", "", ".", "/tmp", "models", "models/../models", ".tarn",
                               ".tarn/warehouse", "linked", "target/../../outside"}) {
        EXPECT_EQ(Refusal({"target", target}), ErrorKind::kInvalidInput) << target;
    }
    EXPECT_TRUE(fs::exists(Path("shop/target/compiled/a.sql")));
    EXPECT_TRUE(fs::exists(Path("outside/precious.txt")));
}

}  // namespace
}  // namespace tarn::pipeline
