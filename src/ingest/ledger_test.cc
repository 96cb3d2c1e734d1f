#include "ingest/ledger.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "ingest/file_plan.h"
#include "storage/memory_store.h"

namespace tarn::ingest {
namespace {

LandedFile Landed(const std::string& path, const std::string& sha256 = "00",
                  const std::string& etag = "e1") {
    LandedFile file;
    file.path = path;
    file.size_bytes = 3;
    file.sha256 = sha256;
    file.etag = etag;
    file.modified_ms = 1000;
    file.read_ms = 10'000;
    file.rows = 2;
    file.rows_marked = 1;
    return file;
}

class LedgerTest : public testing::Test {
protected:
    LedgerState Load(int64_t committed, const std::set<std::string>& with_rows = {}) {
        return ledger_.Load(committed, [&](const std::set<std::string>& asked) {
            asked_ = asked;
            std::set<std::string> present;
            for (const std::string& id : asked) {
                if (with_rows.contains(id)) present.insert(id);
            }
            return present;
        });
    }

    size_t Lists() {
        return store_.List("mem://lake/t/_tarn", {.start_after = "", .recursive = true}).size();
    }

    ManualClock clock_{TimestampUs{}};
    storage::MemoryStore store_{clock_};
    Ledger ledger_{store_, "mem://lake/t", "tarn:ingest:nyc.bronze.t"};
    std::set<std::string> asked_;
};

TEST_F(LedgerTest, CommittedListsCountAndOthersDoNot) {
    EXPECT_EQ(Load(0).next_number, 1);
    ledger_.Write({1, "id-1", {Landed("a"), Landed("b")}});
    ledger_.Write({2, "id-2", {Landed("c")}});
    EXPECT_TRUE(Load(0).files.empty());
    const LedgerState state = Load(1);
    EXPECT_EQ(state.next_number, 2);
    EXPECT_EQ(state.files.size(), 2U);
    EXPECT_TRUE(state.batch_ids.contains("id-1"));
    EXPECT_FALSE(state.batch_ids.contains("id-2"));
    const LandedFile& file = state.files.at("a").at(0);
    EXPECT_EQ(file.sha256, "00");
    EXPECT_EQ(file.etag, "e1");
    EXPECT_EQ(file.size_bytes, 3U);
    EXPECT_EQ(file.modified_ms, 1000);
    EXPECT_EQ(file.read_ms, 10'000);
    EXPECT_EQ(file.rows, 2);
    EXPECT_EQ(file.rows_marked, 1);
    EXPECT_EQ(Load(2).files.size(), 3U);
    EXPECT_TRUE(asked_.empty());
}

TEST_F(LedgerTest, OfSeveralListsTheOneWithRowsIsTrueAndTheOthersGo) {
    ledger_.Write({1, "killed", {Landed("a"), Landed("b")}});
    ledger_.Write({1, "winner", {Landed("a")}});
    ledger_.Write({2, "open", {Landed("x")}});
    const LedgerState state = Load(1, {"winner"});
    EXPECT_EQ(asked_, (std::set<std::string>{"killed", "winner"}));
    EXPECT_EQ(state.files.size(), 1U);
    EXPECT_TRUE(state.files.contains("a"));
    EXPECT_EQ(Lists(), 2U);
    asked_.clear();
    EXPECT_EQ(Load(1).files.size(), 1U);
    EXPECT_TRUE(asked_.empty());
}

TEST_F(LedgerTest, WithoutAnyRowsNothingIsKnownAndNothingIsRemoved) {
    ledger_.Write({1, "a", {Landed("a")}});
    ledger_.Write({1, "b", {Landed("b")}});
    EXPECT_TRUE(Load(1).files.empty());
    EXPECT_EQ(Lists(), 2U);
}

TEST_F(LedgerTest, MissingOrBrokenListIsCorrupt) {
    const auto kind = [&](int64_t committed) {
        try {
            Load(committed);
        } catch (const Error& error) {
            return error.kind();
        }
        return ErrorKind::kInternal;
    };
    EXPECT_EQ(kind(1), ErrorKind::kCorrupt);
    ledger_.Write({1, "a", {Landed("a"), Landed("b")}});
    const std::string location =
        store_.List("mem://lake/t/_tarn", {.start_after = "", .recursive = true}).at(0).location;
    const std::string whole = store_.Get(location);
    store_.Put(location, whole.substr(0, whole.rfind('\n', whole.size() - 2) + 1));
    EXPECT_EQ(kind(1), ErrorKind::kCorrupt);
    store_.Put(location, "not json\n");
    EXPECT_EQ(kind(1), ErrorKind::kCorrupt);
}

FoundFile Found(const std::string& path, const std::string& etag = "e1", uint64_t size_bytes = 3) {
    return {path, "mem://lake/" + path, size_bytes, 1000, etag};
}

TEST(PlanFiles, HashesOnlyWhatIsInDoubt) {
    LedgerState ledger;
    ledger.files["known"] = {Landed("known")};
    ledger.files["touched"] = {Landed("touched", "11")};
    ledger.files["racy"] = {Landed("racy", "22")};
    ledger.files["racy"][0].read_ms = 1500;
    ledger.files["gone"] = {Landed("gone")};
    std::vector<std::string> hashed;
    const FilePlan plan = PlanFiles(
        {Found("gone", "e2"), Found("known"), Found("new"), Found("racy"), Found("touched", "e2")},
        ledger, ReloadPolicy::kError, [&](const FoundFile& file) -> std::optional<std::string> {
            hashed.push_back(file.path);
            if (file.path == "gone") return std::nullopt;
            return file.path == "touched" ? "11" : "22";
        });
    EXPECT_EQ(hashed, (std::vector<std::string>{"gone", "racy", "touched"}));
    EXPECT_EQ(plan.known, 3U);
    ASSERT_EQ(plan.land.size(), 1U);
    EXPECT_EQ(plan.land[0].path, "new");
    EXPECT_TRUE(plan.refused.empty());
}

TEST(PlanFiles, ChangedFileFollowsItsPolicy) {
    LedgerState ledger;
    ledger.files["a"] = {Landed("a", "11"), Landed("a", "22")};
    const auto plan = [&](ReloadPolicy policy, const char* hash) {
        return PlanFiles({Found("a", "e9")}, ledger, policy,
                         [&](const FoundFile&) { return std::optional<std::string>(hash); });
    };
    EXPECT_EQ(plan(ReloadPolicy::kError, "33").refused.size(), 1U);
    EXPECT_EQ(plan(ReloadPolicy::kNever, "33").kept.size(), 1U);
    EXPECT_EQ(plan(ReloadPolicy::kAppend, "33").land.size(), 1U);
    EXPECT_EQ(plan(ReloadPolicy::kAppend, "11").known, 1U);
    EXPECT_EQ(plan(ReloadPolicy::kError, "22").known, 1U);
}

TEST(TakeBatch, KeepsToItsLimits) {
    std::vector<FoundFile> files;
    for (int i = 0; i < 5; ++i) files.push_back(Found(std::to_string(i), "e", 100));
    EXPECT_EQ(TakeBatch(files, {.max_files = 10, .max_bytes = 50}).size(), 1U);
    EXPECT_EQ(TakeBatch(files, {.max_files = 10, .max_bytes = 200}).size(), 2U);
    EXPECT_EQ(TakeBatch(files, {.max_files = 1, .max_bytes = 1000}).size(), 1U);
    ASSERT_EQ(files.size(), 1U);
    EXPECT_EQ(files[0].path, "4");
}

}  // namespace
}  // namespace tarn::ingest
