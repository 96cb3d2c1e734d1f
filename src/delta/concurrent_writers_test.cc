// Sixteen threads on one table: nothing lost, nothing doubled, and writers who do not really
// conflict are not told that they do.
#include <atomic>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "delta/testing/row_changes.h"
#include "storage/forwarding_store.h"

namespace tarn::delta {
namespace {

constexpr int kWriters = 16;

// Where a put takes its time, as on a disk, so that writers meet.
class SlowStore final : public storage::ForwardingStore {
public:
    SlowStore(ObjectStore& inner, Clock& clock) : ForwardingStore(inner), clock_(clock) {}
    storage::PutOutcome PutIfAbsent(const std::string& location, std::string_view bytes) override {
        clock_.Sleep(std::chrono::milliseconds(1));
        return ForwardingStore::PutIfAbsent(location, bytes);
    }

private:
    Clock& clock_;
};

class ConcurrentWriters : public ::testing::TestWithParam<bool> {
protected:
    static constexpr const char* kRoot = "mem://t/x";

    ConcurrentWriters() {
        for (int i = 0; i < (IsOneProcess() ? 1 : kWriters); ++i) {
            formats_.push_back(std::make_unique<Format>(slow_, parquet_, clock_, random_));
        }
        (void)formats_[0]->Create(kRoot, EventsTable(HidesRows()), Append({}));
    }
    // Else each writer is as in a process of its own.
    static bool IsOneProcess() { return GetParam(); }
    Format& FormatOf(int writer) {
        return *formats_[static_cast<size_t>(writer) % formats_.size()];
    }
    table::SnapshotPtr Latest() { return formats_[0]->Load(kRoot, table::Latest{}); }

    void Run(const std::function<void(int)>& write) {
        std::vector<std::thread> threads;
        for (int writer = 0; writer < kWriters; ++writer) {
            threads.emplace_back([&, writer] { write(writer); });
        }
        for (std::thread& thread : threads) thread.join();
    }
    bool Commit(int writer, const table::SnapshotPtr& base, const table::Change& change) {
        ++tried_;
        const auto outcome = FormatOf(writer).Commit(base, change);
        if (std::holds_alternative<table::Conflict>(outcome)) ++conflicts_;
        return std::holds_alternative<table::Committed>(outcome);
    }

    RealClock clock_;
    RealRandom random_;
    storage::MemoryStore store_{clock_};
    SlowStore slow_{store_, clock_};
    NoParquet parquet_;
    std::vector<std::unique_ptr<Format>> formats_;
    std::atomic<int> tried_{0};
    std::atomic<int> conflicts_{0};
};

TEST_P(ConcurrentWriters, AppendsAndRowsOfOneFileAllLand) {
    constexpr uint64_t kRowsEach = 12;
    constexpr uint64_t kRows = kWriters * kRowsEach;
    table::DataFile file = NewFile(kRoot, "shared", 0, 9);
    table::FileStatistics counted;
    counted.record_count = kRows + 1;  // one row is left in the end
    file.statistics = std::make_shared<const table::FileStatistics>(counted);
    ASSERT_TRUE(Commit(0, Latest(), Append({file})));
    std::atomic<uint64_t> hidden{0};
    std::atomic<uint64_t> appended{0};
    Run([&](int writer) {
        table::SnapshotPtr base = FormatOf(writer).Load(kRoot, table::Latest{});
        for (uint64_t i = 0; i < kRowsEach; ++i) {
            const uint64_t row = i * kWriters + static_cast<uint64_t>(writer);
            table::Change change = Hide(*base, {{"shared", {row}}});
            change.reads.whole_table = true;
            change.reads.only_rows_it_deletes = true;
            if (Commit(writer, base, change)) ++hidden;
            const std::string name = fmt::format("w{}-{}", writer, i);
            if (Commit(writer, base, Append({NewFile(kRoot, name)}))) ++appended;
            if (i % 3 == 0) base = FormatOf(writer).Load(kRoot, table::Latest{}, base);
        }
    });
    const auto last = Latest();
    EXPECT_EQ(HiddenIn(*last, "shared", kRows + 1).size(), hidden);
    EXPECT_EQ(last->Totals().files, appended + 1);
    EXPECT_LE(conflicts_ * 100, tried_.load());
    EXPECT_EQ(hidden, kRows);
    EXPECT_EQ(appended, kRows);
    if (IsOneProcess()) {
        EXPECT_LT(last->AtVersion().number, tried_.load());
    }
}

// Counters kept in files: whoever raises one replaces its file. Each raise must count once.
TEST_P(ConcurrentWriters, OfThoseWhoReplaceAFileOneWins) {
    constexpr int kCounters = 4;
    for (int counter = 0; counter < kCounters; ++counter) {
        ASSERT_TRUE(Commit(0, Latest(), Append({NewFile(kRoot, fmt::format("c{}-0", counter))})));
    }
    std::atomic<int64_t> raised{0};
    Run([&](int writer) {
        table::SnapshotPtr base;
        for (int i = 0; i < 20; ++i) {
            base = FormatOf(writer).Load(kRoot, table::Latest{}, base);
            const auto files = base->Plan(table::Predicate::True()).files;
            const std::string prefix = fmt::format("c{}-", (writer + i) % kCounters);
            for (const table::DataFile& file : files) {
                if (!file.path.starts_with(prefix)) continue;
                const int64_t value = std::stoll(file.path.substr(prefix.size()));
                table::Change change = Append({NewFile(kRoot, prefix + std::to_string(value + 1))});
                change.remove = {file};
                change.reads.whole_table = true;
                change.reads.only_rows_it_deletes = true;
                if (Commit(writer, base, change)) ++raised;
            }
        }
    });
    int64_t total = 0;
    const auto last = Latest();
    EXPECT_EQ(last->Totals().files, static_cast<uint64_t>(kCounters));
    for (const std::string& path : PathsOf(*last)) total += std::stoll(path.substr(3));
    EXPECT_EQ(total, raised);
    EXPECT_GT(raised, 0);
}

INSTANTIATE_TEST_SUITE_P(OneProcessAndMany, ConcurrentWriters, ::testing::Bool());

}  // namespace
}  // namespace tarn::delta
