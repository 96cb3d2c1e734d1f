// Kills statements at the system calls that change a disk: the table is at its version before or
// behind the statement, its rows are those of that version, and the next statement works.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "durability/disk_table.h"
#include "durability/sampling.h"
#include "durability/system_call_killer.h"
#include "engine/test_lake.h"
#include "storage/forwarding_store.h"
#include "storage/local_store.h"

namespace tarn::durability {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUnreadable = "unreadable";
// A log entry is torn for more calls than that.
constexpr uint64_t kTearStep = 4;

// Writes a log entry in two steps.
class TearingStore final : public storage::ForwardingStore {
public:
    using ForwardingStore::ForwardingStore;
    storage::PutOutcome PutIfAbsent(const std::string& location, std::string_view bytes) override {
        if (Stat(location)) return storage::PutOutcome::kExists;
        Put(location, bytes.substr(0, bytes.size() / 2));
        return Put(location, bytes);
    }
};

// What became of the table in the end, of each place where the statement was killed.
struct Endings {
    int unfinished = 0;
    int done = 0;
    std::vector<std::string> others;
};

// Engines live in processes of their own: what forks has no threads.
class KillTest : public testing::TestWithParam<bool> {
protected:
    KillTest() {
        EXPECT_TRUE(RunApart([&] {
            storage::LocalStore disk;
            DiskTable::Make(disk, Path("whole"), GetParam());
        }));
    }
    std::string Path(const std::string& name) const { return folder_.path() + "/" + name; }
    void Copy(const std::string& from, const std::string& to) {
        fs::remove_all(Path(to));
        fs::copy(Path(from), Path(to), fs::copy_options::recursive);
    }
    void Prepare(const Statement& statement) {
        Copy("whole", "prepared");
        EXPECT_TRUE(RunApart([&] {
            storage::LocalStore disk;
            DiskTable(disk, Path("prepared")).SetUp(statement);
        }));
    }

    // What a fresh process sees in the copy, and sees behind the next statement.
    std::string StateOfCopy() {
        const bool is_readable = RunApart([&] {
            storage::LocalStore disk;
            DiskTable table(disk, Path("copy"));
            const std::string state = table.State();
            table.Run(kNextStatement);
            std::ofstream(Path("state")) << state << "\n" << table.State();
        });
        if (!is_readable) return kUnreadable;
        std::ifstream in(Path("state"));
        return {std::istreambuf_iterator<char>(in), {}};
    }

    // Runs the statement on a copy until it is killed or ends.
    Killed RunOnCopy(const Statement& statement, uint64_t kill_at) {
        Copy("prepared", "copy");
        storage::LocalStore disk;
        TearingStore tearing(disk);
        std::unique_ptr<DiskTable> table;
        return RunAndKill(
            [&] {
                table = std::make_unique<DiskTable>(
                    tears_ ? static_cast<storage::ObjectStore&>(tearing) : disk, Path("copy"));
                (void)table->Version();
            },
            [&] { table->Run(statement.sql); }, kill_at);
    }

    Endings KillEverywhere(const Statement& statement) {
        Prepare(statement);
        Copy("prepared", "copy");
        const std::string old = StateOfCopy();
        const Killed whole = RunOnCopy(statement, 0);
        EXPECT_FALSE(whole.was_killed);
        EXPECT_EQ(whole.exit_code, 0);
        const std::string done = StateOfCopy();
        EXPECT_EQ(old == done, statement.versions == 0) << statement.name;
        Endings endings;
        for (uint64_t call = 1; call <= whole.calls; ++call) {
            if (tears_ ? call % kTearStep != 0 : !IsSampled(call, whole.calls)) continue;
            // A call more or less is the scheduler's doing; beyond the last one nothing is killed.
            if (!RunOnCopy(statement, call).was_killed) continue;
            const std::string state = StateOfCopy();
            const auto on_the_way = StatesOnTheWay(statement, old, done);
            const bool is_on_the_way =
                std::find(on_the_way.begin(), on_the_way.end(), state) != on_the_way.end();
            endings.unfinished += is_on_the_way ? 1 : 0;
            endings.done += state == done ? 1 : 0;
            if (is_on_the_way || state == done) continue;
            endings.others.push_back(
                fmt::format("{}, call {} of {}: {}", statement.name, call, whole.calls, state));
        }
        return endings;
    }

    engine::TestFolder folder_;
    bool tears_ = false;
};

TEST_P(KillTest, EverySystemCallIsAPlaceToDieAt) {
    for (const Statement& statement : Statements()) {
        const Endings endings = KillEverywhere(statement);
        EXPECT_EQ(endings.others, std::vector<std::string>());
        EXPECT_GT(endings.unfinished, 0) << statement.name;
        EXPECT_GT(endings.done, 0) << statement.name;
    }
}

TEST_P(KillTest, ALogEntryThatIsWrittenInTwoStepsIsNoticed) {
    tears_ = true;
    EXPECT_FALSE(KillEverywhere(Statements().front()).others.empty());
}

INSTANTIATE_TEST_SUITE_P(HidesRows, KillTest, testing::Bool(), testing::PrintToStringParamName());

}  // namespace
}  // namespace tarn::durability
