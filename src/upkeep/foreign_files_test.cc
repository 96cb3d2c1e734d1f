#include "upkeep/foreign_files.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/testing/kind_of.h"
#include "storage/memory_store.h"

namespace tarn::upkeep {
namespace {

class ForeignFilesTest : public ::testing::Test {
protected:
    void Put(const std::string& path) { store_.Put(kFolder + ("/" + path), "bytes"); }
    std::vector<std::string> Found(const std::vector<std::string>& columns) {
        std::vector<std::string> found;
        for (const ForeignFile& file : FindForeignFiles(store_, kFolder, columns)) {
            std::string line = file.info.location.substr(std::string(kFolder).size() + 1);
            for (const auto& text : file.partition_texts) line += " " + text.value_or("NULL");
            found.push_back(line);
        }
        return found;
    }

    static constexpr const char* kFolder = "mem://lake/t";
    ManualClock clock_{TimestampUs(std::chrono::seconds(1'800'000'000))};
    storage::MemoryStore store_{clock_};
};

TEST_F(ForeignFilesTest, MarksAndHiddenFilesAreNoData) {
    for (const char* path : {"a.parquet", "sub/b.parquet", "_SUCCESS", ".a.crc", "_metadata/x",
                             "_temporary/0/c.parquet", "sub/.hidden/d"})
        Put(path);
    EXPECT_EQ(Found({}), (std::vector<std::string>{"a.parquet", "sub/b.parquet"}));
}

TEST_F(ForeignFilesTest, FoldersTellThePartitions) {
    for (const char* path :
         {"Day=2024-01-01/_h=x/a.parquet", "Day=__HIVE_DEFAULT_PARTITION__/_h=/b.parquet",
          "Day=2024-01-02/_h=50%25%2F2/c.parquet"})
        Put(path);
    EXPECT_EQ(Found({"day", "_h"}),
              (std::vector<std::string>{"Day=2024-01-01/_h=x/a.parquet 2024-01-01 x",
                                        "Day=2024-01-02/_h=50%25%2F2/c.parquet 2024-01-02 50%/2",
                                        "Day=__HIVE_DEFAULT_PARTITION__/_h=/b.parquet NULL "}));
}

TEST_F(ForeignFilesTest, TheStatementNamesThemAll) {
    Put("day=1/hour=2/a.parquet");
    for (const std::vector<std::string>& columns :
         {std::vector<std::string>{}, {"day"}, {"hour", "day"}, {"day", "hour", "more"}}) {
        EXPECT_EQ(KindOf([&] { (void)Found(columns); }), ErrorKind::kInvalidInput);
    }
    Put("a.parquet");
    EXPECT_EQ(KindOf([&] { (void)Found({"day", "hour"}); }), ErrorKind::kInvalidInput);
}

}  // namespace
}  // namespace tarn::upkeep
