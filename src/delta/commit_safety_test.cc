// What must hold whatever happens: nothing committed is lost, nothing is doubled, a table is
// readable at its last version after a crash at any call, and the next commit works.
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/testing/kind_of.h"
#include "delta/log_path.h"
#include "delta/testing/table_fixture.h"
#include "storage/fault_store.h"
#include "storage/forwarding_store.h"
#include "storage/local_store.h"
#include "storage/retrying_store.h"

namespace tarn::delta {
namespace {

using Paths = std::multiset<std::string>;

bool IsCommitted(const table::CommitOutcome& outcome) {
    return std::holds_alternative<table::Committed>(outcome);
}

class CommitSafety : public TableFixture {
protected:
    // Writes the data, then commits it, all through the store that will crash.
    void AppendThrough(storage::ObjectStore& store, const std::string& name) {
        Format format(store, parquet_, clock_, random_);
        const auto base = format.Load(kRoot, table::Latest{});
        auto writer = store.OpenWriter(std::string(kRoot) + "/" + name);
        writer->Write("rows");
        writer->Commit();
        (void)format.Commit(base, Append({NewFile(kRoot, name)}));
    }
};

TEST_F(CommitSafety, ACrashAtAnyCallLeavesAVersionAndTheNextCommitWorks) {
    int crashes = 0;
    int landed = 0;
    bool was_whole = false;
    for (uint64_t call = 1; !was_whole; ++call) {
        for (const bool after_effect : {false, true}) {
            storage::MemoryStore store(clock_);
            parquet_.UseStore(store);
            Format format(store, parquet_, clock_, random_);
            // A checkpoint with every commit, so that its calls are crashed as well.
            ASSERT_TRUE(IsCommitted(format.Create(
                kRoot, EventsTable({{"delta.checkpointInterval", "1"}}), Append({}))));
            ASSERT_TRUE(IsCommitted(
                format.Commit(format.Load(kRoot, table::Latest{}), Append({NewFile(kRoot, "a")}))));
            storage::FaultPlan plan;
            plan.crash_at_call = call;
            plan.crash_after_effect = after_effect;
            storage::FaultStore faulty(store, plan, call);
            parquet_.UseStore(faulty);
            try {
                AppendThrough(faulty, "b");
                was_whole = true;
            } catch (const storage::StoreCrash&) {
                ++crashes;
            }
            parquet_.UseStore(store);
            const auto reopened = format.Load(kRoot, table::Latest{});
            const bool has_b = reopened->AtVersion().number == 2;
            landed += has_b ? 1 : 0;
            ASSERT_EQ(PathsOf(*reopened), (has_b ? Paths{"a", "b"} : Paths{"a"}))
                << "call " << call;
            ASSERT_TRUE(IsCommitted(format.Commit(reopened, Append({NewFile(kRoot, "c")}))));
            const auto last = format.Load(kRoot, table::Latest{});
            ASSERT_EQ(PathsOf(*last), (has_b ? Paths{"a", "b", "c"} : Paths{"a", "c"}));
        }
    }
    EXPECT_GT(crashes, 12);
    EXPECT_GT(landed, 2);
    EXPECT_LT(landed, crashes);
}

TEST_F(CommitSafety, ACommitIsDoneOnceItsNameIsDurable) {
    Format sound(store_, parquet_, clock_, random_);
    ASSERT_TRUE(IsCommitted(sound.Create(kRoot, EventsTable(), Append({}))));
    storage::FaultPlan plan;
    plan.failed_syncs = 3;
    storage::FaultStore passing(store_, plan, 1);
    Format format(passing, parquet_, clock_, random_);
    const auto outcome =
        format.Commit(format.Load(kRoot, table::Latest{}), Append({NewFile(kRoot, "a")}));
    ASSERT_TRUE(IsCommitted(outcome));
    EXPECT_GT(std::get<table::Committed>(outcome).attempts, 1);
    EXPECT_EQ(PathsOf(*sound.Load(kRoot, table::Latest{})), Paths{"a"});
}

// It may be gone after a crash, and it may stay: neither "done" nor "failed" would be true.
TEST_F(CommitSafety, ACommitWhoseNameIsNeverDurableIsUnknown) {
    Format sound(store_, parquet_, clock_, random_);
    ASSERT_TRUE(IsCommitted(sound.Create(kRoot, EventsTable(), Append({}))));
    storage::FaultPlan plan;
    plan.failed_syncs = 1'000'000;
    storage::FaultStore failing(store_, plan, 1);
    Format format(failing, parquet_, clock_, random_);
    const auto outcome =
        format.Commit(format.Load(kRoot, table::Latest{}), Append({NewFile(kRoot, "a")}));
    EXPECT_TRUE(std::holds_alternative<table::Unknown>(outcome));
    EXPECT_EQ(PathsOf(*sound.Load(kRoot, table::Latest{})), Paths{"a"});
}

// Several writers on one table through stores that lose answers, answer late or not at all. Each
// file is a row that must be there once if its commit said so, and never if it said conflict.
void SimulateLostAnswers(uint64_t seed) {
    const std::string root = "mem://t/x";
    ManualClock clock{TimestampUs(std::chrono::seconds(1'700'000'000))};
    SeededRandom random(seed);
    storage::MemoryStore store(clock);
    InMemoryParquet parquet(store);
    Format sound(store, parquet, clock, random);
    ASSERT_TRUE(IsCommitted(sound.Create(root, EventsTable(), Append({}))));
    std::set<std::string> expected;
    std::set<std::string> doubtful;
    {
        storage::FaultPlan plan;
        plan.lost_answer_per_mille = 300;
        plan.unavailable_per_mille = 100;
        std::vector<std::unique_ptr<storage::FaultStore>> stores;
        std::vector<table::SnapshotPtr> bases(3);
        for (uint64_t i = 0; i < bases.size(); ++i) {
            stores.push_back(std::make_unique<storage::FaultStore>(store, plan, seed * 10 + i));
        }
        for (int step = 0; step < 40; ++step) {
            const size_t who = random.Below(bases.size());
            Format format(*stores[who], parquet, clock, random);
            if (!bases[who] || random.Below(3) == 0) bases[who] = sound.Load(root, table::Latest{});
            const std::string name = "f" + std::to_string(step);
            table::Change change = Append({NewFile(root, name)});
            std::string replaced;
            const auto files = bases[who]->Plan(table::Predicate::True()).files;
            if (!files.empty() && random.Below(2) == 0) {
                change.remove = {files[random.Below(files.size())]};
                replaced = change.remove[0].path;
            }
            const auto outcome = format.Commit(bases[who], change);
            if (IsCommitted(outcome)) {
                ASSERT_EQ(expected.erase(replaced) + doubtful.count(replaced),
                          replaced.empty() ? 0U : 1U)
                    << "seed " << seed << ": " << replaced << " was replaced twice";
                expected.insert(name);
            } else if (std::holds_alternative<table::Unknown>(outcome)) {
                doubtful.insert(name);
            }
        }
    }
    ASSERT_TRUE(doubtful.empty()) << "seed " << seed << ": answers do come back in the end";
    const Paths found = PathsOf(*sound.Load(root, table::Latest{}));
    ASSERT_EQ(found, Paths(expected.begin(), expected.end())) << "seed " << seed;
}

TEST_F(CommitSafety, LostAnswersLoseAndDoubleNothing) {
    for (uint64_t seed = 1; seed <= 150; ++seed) {
        SimulateLostAnswers(seed);
        if (HasFatalFailure()) return;
    }
}

// Lists and looks up, but neither writes nor reads.
class SilentStore final : public storage::ForwardingStore {
public:
    using ForwardingStore::ForwardingStore;
    std::string Get(const std::string& location, uint64_t) override { Fail(location); }
    storage::PutOutcome PutIfAbsent(const std::string& location, std::string_view) override {
        Fail(location);
    }

private:
    [[noreturn]] static void Fail(const std::string& location) {
        throw Error(ErrorKind::kUnavailable, "{} does not answer", location);
    }
};

TEST_F(CommitSafety, AStoreThatNeverAnswersAPutIsUnknown) {
    const auto base = MakeTable();
    SilentStore silent(store_);
    Format format(silent, parquet_, clock_, random_);
    const auto outcome = format.Commit(base, Append({NewFile(kRoot, "a")}));
    EXPECT_TRUE(std::holds_alternative<table::Unknown>(outcome));
}

TEST_F(CommitSafety, AStoreThatNeverAnswersIsUnavailableAndNothingWasPut) {
    const auto base = MakeTable();
    storage::FaultPlan plan;
    plan.unavailable_per_mille = 1000;
    storage::FaultStore faulty(store_, plan, 1);
    Format format(faulty, parquet_, clock_, random_);
    EXPECT_EQ(KindOf([&] { (void)format.Commit(base, Append({NewFile(kRoot, "a")})); }),
              ErrorKind::kUnavailable);
}

// The commits behind the base are gone: a commit there would be acknowledged and never read.
TEST_F(CommitSafety, ACommitBelowACleanedLogConflicts) {
    const auto base = MakeTable();
    Format format(store_, parquet_, clock_, random_);
    for (const char* name : {"a", "b", "c"}) {
        ASSERT_TRUE(IsCommitted(
            format.Commit(format.Load(kRoot, table::Latest{}), Append({NewFile(kRoot, name)}))));
    }
    for (int64_t version = 0; version < 3; ++version) {
        store_.Delete(CommitLocation(kRoot, {version}));
    }
    const auto outcome = format.Commit(base, Append({NewFile(kRoot, "late")}));
    ASSERT_TRUE(std::holds_alternative<table::Conflict>(outcome));
    EXPECT_EQ(std::get<table::Conflict>(outcome).reason, table::ConflictReason::kLogCleanedUp);
    EXPECT_FALSE(store_.Stat(CommitLocation(kRoot, {1})));
}

// All that came behind its base is still there to be judged.
TEST_F(CommitSafety, ACommitOnTheLastVersionThatWasCleanedUpGoesOn) {
    const auto base = MakeTable();
    for (const char* name : {"a", "b"}) MustAppend(name);
    store_.Delete(CommitLocation(kRoot, {0}));
    const auto outcome = format_.Commit(base, Append({NewFile(kRoot, "late")}));
    ASSERT_TRUE(IsCommitted(outcome));
    EXPECT_EQ(std::get<table::Committed>(outcome).version.number, 3);
}

// Takes the versions 0 to 2 away, once: after a read or before a put.
class CleaningStore final : public storage::ForwardingStore {
public:
    CleaningStore(storage::ObjectStore& inner, std::string root, bool after_reading)
        : ForwardingStore(inner), root_(std::move(root)), after_reading_(after_reading) {}
    std::string Get(const std::string& location, uint64_t max_bytes) override {
        std::string bytes = Inner().Get(location, max_bytes);
        if (after_reading_) CleanUp();
        return bytes;
    }
    storage::PutOutcome PutIfAbsent(const std::string& location, std::string_view bytes) override {
        if (!after_reading_) CleanUp();
        return Inner().PutIfAbsent(location, bytes);
    }

private:
    void CleanUp() {
        for (; next_ < 3; ++next_) Inner().Delete(CommitLocation(root_, {next_}));
    }
    const std::string root_;
    const bool after_reading_;
    int64_t next_ = 0;
};

// The same while the commit is under way: after the log was looked at, and between two winners.
TEST_F(CommitSafety, ACommitBelowALogThatIsCleanedMeanwhileIsNotAcknowledged) {
    for (const bool after_reading : {false, true}) {
        const std::string root = kRoot;
        for (const auto& info : store_.List(LogFolder(root), {})) store_.Delete(info.location);
        const auto base = MakeTable();
        Format format(store_, parquet_, clock_, random_);
        for (const char* name : {"a", "b", "c"}) {
            ASSERT_TRUE(IsCommitted(format.Commit(format.Load(kRoot, table::Latest{}),
                                                  Append({NewFile(kRoot, name)}))));
        }
        clock_.Advance(std::chrono::hours(48));
        CleaningStore cleaning(store_, kRoot, after_reading);
        Format late(cleaning, parquet_, clock_, random_);
        const auto outcome = late.Commit(base, Append({NewFile(kRoot, "late")}));
        EXPECT_TRUE(std::holds_alternative<table::Unknown>(outcome)) << after_reading;
    }
}

// It is 23:20 here, and tomorrow already for who cleans up.
TEST_F(CommitSafety, ACommitThatAClockAheadCleansUpIsNotAcknowledged) {
    const auto base = MakeTable();
    Format format(store_, parquet_, clock_, random_);
    for (const char* name : {"a", "b", "c"}) {
        ASSERT_TRUE(IsCommitted(
            format.Commit(format.Load(kRoot, table::Latest{}), Append({NewFile(kRoot, name)}))));
    }
    clock_.Advance(std::chrono::minutes(67));
    CleaningStore cleaning(store_, kRoot, false);
    Format late(cleaning, parquet_, clock_, random_);
    EXPECT_TRUE(std::holds_alternative<table::Unknown>(
        late.Commit(base, Append({NewFile(kRoot, "late")}))));
}

// A log whose commits are old is no reason to doubt.
TEST_F(CommitSafety, ACommitOnAnOldBaseIsAcknowledged) {
    const auto base = MakeTable();
    clock_.Advance(std::chrono::hours(480));
    Format format(store_, parquet_, clock_, random_);
    EXPECT_TRUE(IsCommitted(format.Commit(base, Append({NewFile(kRoot, "late")}))));
}

class LocalTable {
public:
    LocalTable() {
        std::string made = (std::filesystem::temp_directory_path() / "tarn-delta-XXXXXX").string();
        folder_ = ::mkdtemp(made.data());
        root_ = folder_ + "/table";
        Format format(store_, parquet_, clock_, random_);
        EXPECT_TRUE(IsCommitted(format.Create(root_, EventsTable(), Append({}))));
    }
    ~LocalTable() { std::filesystem::remove_all(folder_); }

    // One writer's life; false when a commit did not happen.
    bool AppendMany(int writer, int count) {
        Format format(store_, parquet_, clock_, random_);
        table::SnapshotPtr base = format.Load(root_, table::Latest{});
        for (int i = 0; i < count; ++i) {
            const std::string name = "w" + std::to_string(writer) + "-" + std::to_string(i);
            if (!IsCommitted(format.Commit(base, Append({NewFile(root_, name)})))) return false;
            base = format.Load(root_, table::Latest{}, base);
        }
        return true;
    }

    void ExpectAll(int writers, int count) {
        Format format(store_, parquet_, clock_, random_);
        const auto snapshot = format.Load(root_, table::Latest{});
        EXPECT_EQ(snapshot->AtVersion().number, writers * count);
        Paths expected;
        for (int writer = 0; writer < writers; ++writer) {
            for (int i = 0; i < count; ++i) {
                expected.insert("w" + std::to_string(writer) + "-" + std::to_string(i));
            }
        }
        EXPECT_EQ(PathsOf(*snapshot), expected);
    }

private:
    RealClock clock_;
    RealRandom random_;
    storage::LocalStore store_;
    NoParquet parquet_;
    std::string folder_;
    std::string root_;
};

TEST(ConcurrentCommits, ThreadsLoseAndDoubleNothing) {
    LocalTable table;
    std::vector<std::thread> writers;
    std::atomic<int> done{0};
    for (int writer = 0; writer < 6; ++writer) {
        writers.emplace_back([&, writer] { done += table.AppendMany(writer, 12) ? 1 : 0; });
    }
    for (std::thread& writer : writers) writer.join();
    EXPECT_EQ(done, 6);
    table.ExpectAll(6, 12);
}

TEST(ConcurrentCommits, ProcessesLoseAndDoubleNothing) {
    LocalTable table;
    std::vector<pid_t> children;
    for (int writer = 0; writer < 5; ++writer) {
        const pid_t child = ::fork();
        if (child == 0) ::_exit(table.AppendMany(writer, 12) ? 0 : 1);
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_EQ(status, 0);
    }
    table.ExpectAll(5, 12);
}

TEST(ConcurrentCommits, OneOfManyCreatesTheTable) {
    ManualClock clock{TimestampUs(std::chrono::seconds(1'700'000'000))};
    SeededRandom random(1);
    storage::MemoryStore store(clock);
    NoParquet parquet;
    std::atomic<int> created{0};
    std::vector<std::thread> writers;
    for (int i = 0; i < 6; ++i) {
        writers.emplace_back([&] {
            Format format(store, parquet, clock, random);
            if (IsCommitted(format.Create("mem://t/x", EventsTable(), Append({})))) ++created;
        });
    }
    for (std::thread& writer : writers) writer.join();
    EXPECT_EQ(created, 1);
}

}  // namespace
}  // namespace tarn::delta
