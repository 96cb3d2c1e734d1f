#include "delta/sidecar_plan.h"

#include <set>

#include <gtest/gtest.h>

#include "base/random.h"
#include "delta/testing/table_fixture.h"

namespace tarn::delta {
namespace {

constexpr std::string_view kPrefix = "adds-json-";

Add AddOf(int64_t number) {
    Add add;
    add.path = "f" + std::to_string(number);
    add.size_bytes = 1;
    return add;
}

// A table's files, and the sidecars of its last checkpoint by the files that they hold.
class SidecarPlanTest : public ::testing::Test {
protected:
    void Commit(const std::vector<int64_t>& added, const std::vector<int64_t>& removed = {}) {
        FileSet::Builder builder(std::move(files_));
        builder.BeginVersion();
        for (const int64_t number : removed) {
            Remove remove;
            remove.path = AddOf(number).path;
            ASSERT_TRUE(builder.Apply(remove));
        }
        for (const int64_t number : added) builder.Apply(AddOf(number));
        files_ = builder.Build();
    }
    void CommitRange(int64_t first, int64_t end) {
        std::vector<int64_t> numbers;
        for (int64_t number = first; number < end; ++number) numbers.push_back(number);
        Commit(numbers);
    }

    std::multiset<std::string> Live() const {
        std::multiset<std::string> paths;
        files_.ForEach([&](const FileView& file) { paths.emplace(file.path); });
        return paths;
    }

    // Writes what the plan says and checks that it holds the live files, each once.
    SidecarPlan Checkpoint() {
        SidecarPlan plan = PlanSidecars(files_, kPrefix, [&](const StoredSidecar& sidecar) {
            return !gone_.contains(sidecar.location);
        });
        std::vector<std::shared_ptr<const StoredSidecar>> written;
        std::multiset<std::string> held;
        for (const auto& sidecar : plan.kept) {
            held.insert(holds_[sidecar->location].begin(), holds_[sidecar->location].end());
        }
        for (const SidecarPlan::New& planned : plan.written) {
            auto sidecar = std::make_shared<StoredSidecar>();
            sidecar->location = "mem://t/" + std::string(kPrefix) + std::to_string(number_++);
            sidecar->files = planned.files;
            auto& paths = holds_[sidecar->location];
            for (const FilePiece& piece : planned.pieces) Read(piece, paths);
            EXPECT_EQ(paths.size(), planned.files);
            EXPECT_LE(planned.files, kFilesPerSidecar);
            held.insert(paths.begin(), paths.end());
            written.push_back(std::move(sidecar));
        }
        EXPECT_EQ(held, Live());
        RememberSidecars(files_, plan, written);
        return plan;
    }

    std::set<std::string> gone_;
    std::map<std::string, std::multiset<std::string>> holds_;

private:
    static void Read(const FilePiece& piece, std::multiset<std::string>& paths) {
        std::vector<uint8_t> wanted(piece.part->chunk->Rows(), 0);
        for (uint32_t row = piece.first_row; row < piece.end_row; ++row) {
            wanted[row] = piece.part->IsLive(row) ? 1 : 0;
        }
        piece.part->chunk->Visit(wanted,
                                 [&](uint32_t, const FileView& file) { paths.emplace(file.path); });
    }

    FileSet files_;
    int number_ = 0;
};

TEST_F(SidecarPlanTest, AFewCommitsLeaveLargeSidecarsAlone) {
    CommitRange(0, 120'000);
    EXPECT_EQ(Checkpoint().written.size(), 4U);
    Commit({120'000}, {7});
    const SidecarPlan plan = Checkpoint();
    // The one that held the removed file, with the new one behind.
    EXPECT_EQ(plan.kept.size(), 3U);
    ASSERT_EQ(plan.written.size(), 1U);
    EXPECT_EQ(plan.written.front().files, 32'768U);
}

TEST_F(SidecarPlanTest, NothingNewWritesNothing) {
    CommitRange(0, 5000);
    Checkpoint();
    const SidecarPlan plan = Checkpoint();
    EXPECT_EQ(plan.kept.size(), 1U);
    EXPECT_TRUE(plan.written.empty());
}

TEST_F(SidecarPlanTest, SmallSidecarsAreMerged) {
    CommitRange(0, 40'000);
    for (int64_t commit = 0; commit < 20; ++commit) {
        Commit({40'000 + commit});
        EXPECT_LE(Checkpoint().written.size(), 2U);
    }
    const SidecarPlan plan = Checkpoint();
    EXPECT_LE(plan.kept.size() + plan.written.size(), 4U);
}

TEST_F(SidecarPlanTest, ASidecarThatIsGoneIsWrittenAgain) {
    CommitRange(0, 60'000);
    Checkpoint();
    gone_.insert(holds_.begin()->first);
    const SidecarPlan plan = Checkpoint();
    EXPECT_EQ(plan.kept.size(), 1U);
    EXPECT_EQ(plan.written.size(), 1U);
}

TEST_F(SidecarPlanTest, OthersFormsAreNotTakenOver) {
    CommitRange(0, 5000);
    Checkpoint();
    StatisticsForm form;
    form.as_json = false;
    EXPECT_NE(SidecarPrefix(form), kPrefix);
    EXPECT_EQ(SidecarPrefix({}), kPrefix);
}

TEST_F(SidecarPlanTest, AnyHistoryHoldsEveryLiveFileOnce) {
    SeededRandom random(7);
    std::vector<int64_t> live;
    int64_t next = 0;
    for (int step = 0; step < 60; ++step) {
        std::vector<int64_t> added;
        std::vector<int64_t> removed;
        const uint64_t most = random.Below(4) == 0 ? 5000 : 20;
        for (uint64_t i = random.Below(most); i > 0; --i) added.push_back(next++);
        for (uint64_t i = random.Below(most); i > 0 && !live.empty(); --i) {
            const size_t at = random.Below(live.size());
            removed.push_back(live[at]);
            live[at] = live.back();
            live.pop_back();
        }
        Commit(added, removed);
        live.insert(live.end(), added.begin(), added.end());
        if (random.Below(2) == 0) Checkpoint();
    }
    Checkpoint();
}

}  // namespace
}  // namespace tarn::delta
