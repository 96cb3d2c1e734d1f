// Lets every call of the store that a statement makes fail in turn, with EIO once or with ENOSPC
// from there on, or cancels the statement at it: the statement ends with that very kind of error
// and has changed nothing, or is done; the table reads as before or behind it, and the next
// statement works.
#include "durability/failing_store.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durability/disk_table.h"
#include "durability/sampling.h"
#include "storage/memory_store.h"

namespace tarn::durability {
namespace {

ErrorKind KindOf(Failure failure) {
    switch (failure) {
        case Failure::kIo:
            return ErrorKind::kUnavailable;
        case Failure::kDiskFull:
            return ErrorKind::kLimitExceeded;
        default:
            return ErrorKind::kCancelled;
    }
}

class FailingStoreTest : public testing::TestWithParam<bool> {
protected:
    FailingStoreTest() {
        DiskTable::Make(memory_, kWhole, GetParam());
        TakeFiles(kWhole);
    }

    // Copies are of this table from now on.
    void TakeFiles(const std::string& folder) {
        files_.clear();
        storage::ListOptions all;
        all.recursive = true;
        for (const auto& info : memory_.List(folder, all)) {
            files_[info.location.substr(folder.size())] = memory_.Get(info.location);
        }
    }

    // A copy of the whole table, in a folder of its own.
    std::string Copy() {
        const std::string folder = fmt::format("mem://disk/copy-{}", ++copies_);
        for (const auto& [name, bytes] : files_) memory_.Put(folder + name, bytes);
        return folder;
    }

    std::string StateWithNext(DiskTable& table) {
        std::string state = table.State();
        table.Run(kNextStatement);
        return state + "\n" + table.State();
    }

    // false: the statement makes fewer calls.
    bool FailAt(const Statement& statement, Failure failure, uint64_t call) {
        FailingStore store(memory_);
        DiskTable table(store, Copy());
        (void)table.Version();
        store.OnCancel([&] { table.Cancel(); });
        store.Fail(failure, call);
        bool is_done = true;
        try {
            table.Run(statement.sql);
        } catch (const Error& error) {
            is_done = false;
            EXPECT_EQ(error.kind(), KindOf(failure))
                << statement.name << ", call " << call << ": " << error.what();
        }
        const bool has_failed = store.HasFailed();
        store.Fail(Failure::kNone, 0);
        EXPECT_TRUE(has_failed || is_done);
        const std::string state = StateWithNext(table);
        const auto possible =
            is_done ? std::vector{after_} : StatesOnTheWay(statement, before_, after_);
        EXPECT_THAT(possible, testing::Contains(state))
            << statement.name << ", call " << call << ", failure " << static_cast<int>(failure);
        refusals_ += is_done ? 0 : 1;
        return has_failed;
    }

    void FailEverywhere(const Statement& statement, Failure failure) {
        TakeFiles(kWhole);
        const std::string prepared = Copy();
        DiskTable(memory_, prepared).SetUp(statement);
        TakeFiles(prepared);
        {
            DiskTable untouched(memory_, Copy());
            before_ = StateWithNext(untouched);
            DiskTable done(memory_, Copy());
            done.Run(statement.sql);
            after_ = StateWithNext(done);
        }
        ASSERT_EQ(before_ == after_, statement.versions == 0) << statement.name;
        refusals_ = 0;
        uint64_t call = 1;
        while (FailAt(statement, failure, call) && !HasFailure()) {
            call += TakesAll() ? 1 : kStep;
        }
        // CHECKPOINT has no place where it looks whether it is to stop.
        if (failure == Failure::kCancel && statement.versions == 0) return;
        EXPECT_GT(refusals_, 0) << statement.name;
    }

    static constexpr const char* kWhole = "mem://disk/whole";
    static constexpr uint64_t kStep = 7;

    ManualClock clock_{TimestampUs(std::chrono::seconds(1'800'000'000))};
    storage::MemoryStore memory_{clock_};
    std::map<std::string, std::string> files_;
    int copies_ = 0;
    int refusals_ = 0;
    std::string before_;
    std::string after_;
};

TEST_P(FailingStoreTest, AnInputOutputErrorIsToldAndChangesNothing) {
    for (const Statement& statement : Statements()) FailEverywhere(statement, Failure::kIo);
}

TEST_P(FailingStoreTest, AFullDiskIsToldAndChangesNothing) {
    for (const Statement& statement : Statements()) FailEverywhere(statement, Failure::kDiskFull);
}

TEST_P(FailingStoreTest, AStatementThatIsCancelledChangesNothing) {
    for (const Statement& statement : Statements()) FailEverywhere(statement, Failure::kCancel);
}

// Lets no checkpoint be written once an object is there.
class WithoutCheckpoints final : public storage::ForwardingStore {
public:
    using ForwardingStore::ForwardingStore;
    void Since(const std::string& location) { since_ = location; }
    std::unique_ptr<storage::ObjectWriter> OpenWriter(const std::string& location) override {
        const bool is_checkpoint = location.find(".checkpoint.") != std::string::npos;
        if (!is_checkpoint || !Inner().Stat(since_)) return ForwardingStore::OpenWriter(location);
        ++refused_;
        throw Error(ErrorKind::kUnavailable, "no checkpoint can be written");
    }
    int Refused() const { return refused_; }

private:
    std::string since_;
    int refused_ = 0;
};

TEST_P(FailingStoreTest, AFeatureIsDroppedThoughItsLastCheckpointFails) {
    const auto& all = Statements();
    const auto statement = std::find_if(
        all.begin(), all.end(), [](const auto& each) { return each.name == "drop feature"; });
    WithoutCheckpoints store(memory_);
    const std::string folder = Copy();
    DiskTable table(store, folder);
    table.SetUp(*statement);
    const int64_t last = table.Version() + statement->versions;
    store.Since(fmt::format("{}/_delta_log/{:020}.json", folder, last));
    EXPECT_NO_THROW(table.Run(statement->sql));
    EXPECT_EQ(table.Version(), last);
    EXPECT_GT(store.Refused(), 0);
}

TEST_P(FailingStoreTest, UpkeepHasSomethingToDo) {
    DiskTable table(memory_, Copy());
    const std::string folder = fmt::format("mem://disk/copy-{}", copies_);
    storage::ListOptions all;
    all.recursive = true;
    const auto data_files = [&] {
        const auto listed = memory_.List(folder, all);
        return std::count_if(listed.begin(), listed.end(), [](const auto& info) {
            return info.location.find("/_delta_log/") == std::string::npos;
        });
    };
    const auto before = data_files();
    EXPECT_TRUE(memory_.Stat(folder + "/_delta_log/00000000000000000000.json"));
    table.Run("VACUUM t");
    EXPECT_LT(data_files(), before);
    // With the checkpoint of the first of its versions.
    EXPECT_FALSE(memory_.Stat(folder + "/_delta_log/00000000000000000000.json"));
    const std::string checkpoint = Copy() + "/_delta_log/00000000000000000005.checkpoint.parquet";
    DiskTable(memory_, fmt::format("mem://disk/copy-{}", copies_)).Run("CHECKPOINT t");
    EXPECT_TRUE(memory_.Stat(checkpoint));
}

INSTANTIATE_TEST_SUITE_P(HidesRows, FailingStoreTest, testing::Bool(),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace tarn::durability
