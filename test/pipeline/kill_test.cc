// Kills a build at every commit, just before and just behind it, or lets the disk be full from
// there on; builds again, and compares the tables with those of a build that was left alone.
#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lake_fixture.h"
#include "storage/forwarding_store.h"
#include "storage/local_store.h"

namespace tarn::pipeline {
namespace {

constexpr int kKilled = 77;
constexpr int kFailed = 78;

enum class Death { kBefore, kBehind, kDiskFull };

// Ends the process, or fails from there on, at the n-th put into a table's log; 0 is never.
class KillStore final : public storage::ForwardingStore {
public:
    KillStore(storage::ObjectStore& inner, int kill_at, Death death)
        : ForwardingStore(inner), kill_at_(kill_at), death_(death) {}
    bool IsDead() const { return kill_at_ > 0 && commits_ >= kill_at_; }

    storage::PutOutcome PutIfAbsent(const std::string& location, std::string_view bytes) override {
        const bool is_commit = location.find("/_delta_log/") != std::string::npos;
        if (is_commit) ++commits_;
        const bool dies = is_commit && IsDead();
        if (dies && death_ == Death::kBefore) _exit(kKilled);
        if (dies && death_ == Death::kDiskFull) throw Error(ErrorKind::kLimitExceeded, "disk full");
        const storage::PutOutcome outcome = Inner().PutIfAbsent(location, bytes);
        if (dies) _exit(kKilled);
        return outcome;
    }

private:
    std::atomic<int> commits_{0};
    const int kill_at_;
    const Death death_;
};

// Runs the work in a process of its own; false when it was killed on the way.
bool RunToEnd(const std::string& folder, int kill_at, Death death,
              const std::function<void(OpenLake&)>& work) {
    const pid_t child = fork();
    if (child == 0) {
        storage::LocalStore local;
        KillStore store(local, kill_at, death);
        try {
            OpenLake lake(folder, store);
            work(lake);
        } catch (const std::exception& error) {
            if (store.IsDead()) _exit(kKilled);
            fprintf(stderr, "%s\n", error.what());
            _exit(kFailed);
        }
        _exit(0);
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_NE(WEXITSTATUS(status), kFailed);
    return WEXITSTATUS(status) == 0;
}

void WriteProject(LakeFiles& files) {
    files.Write("models/silver/events.sql",
                "select try_cast(id as integer) as id, amount, id as raw from {{ "
                "stream(source('bronze', 'events')) }}");
    files.Write("models/silver/s.yml", R"(
models:
  - name: events
    config: {materialized: incremental}
    deduplicate: {keys: [id], order_by: [amount]}
    expectations: [{name: has_id, condition: id IS NOT NULL, action: quarantine}]
)");
    files.Write("models/silver/totals.sql",
                "{{ config(materialized='incremental', incremental_strategy='insert_overwrite', "
                "partition_by='half') }}"
                "with e as (select id, amount, id % 2 as half from {{ ref('events') }})\n"
                "select half, sum(amount)::bigint as total, count(*) as n from e\n"
                "{% if is_incremental() %}where half in (select id % 2 from {{ "
                "stream(ref('events')) }}){% endif %}\n"
                "group by half");
    files.Write("models/gold/g.sql", "select sum(n)::bigint as n from {{ ref('totals') }}");
    files.Write("models/gold/g.yml",
                "models: [{name: g, description: d, owner: o, service_level: s, consumers: [c]}]");
}

// Changes: each model has its memory beside it.
void WriteChangeProject(LakeFiles& files) {
    const auto write = [&](const std::string& name, const std::string& more) {
        files.Write("models/silver/" + name + ".sql",
                    "{{ config(materialized='auto_cdc', keys=['id'], sequence_by='amount', "
                    "apply_as_deletes='amount = 10'" +
                        more + ") }} select * from {{ stream(source('bronze', 'events')) }}");
    };
    write("latest", "");
    write("versions", ", stored_as_scd_type=2");
}

// Views over sources whose rows also change and go; one of them over another.
void WriteViewProject(LakeFiles& files) {
    const auto write = [&](const std::string& name, const std::string& select) {
        files.Write(
            "models/silver/" + name + ".sql",
            "{{ config(materialized='materialized_view', refresh='incremental') }}" + select);
    };
    write("pairs",
          "select e.id, e.amount, n.name from {{ source('bronze', 'events') }} e join {{ "
          "source('bronze', 'names') }} n on e.amount = n.amount");
    write("totals",
          "select id, count(*) as n, sum(amount) as total, avg(amount) as mean from {{ "
          "source('bronze', 'events') }} group by id");
    write("by_name",
          "select name, count(*) as n, max(amount) as most from {{ ref('pairs') }} "
          "group by name");
}

void ChangeSources(OpenLake& lake, int batch) {
    if (batch == 0) {
        lake.Run("CREATE TABLE bronze.names (amount INTEGER, name VARCHAR)");
        lake.Run("INSERT INTO bronze.names VALUES (1, 'one'), (5, 'five'), (5, 'five'), (10, 'x')");
    } else {
        lake.Run(fmt::format("UPDATE bronze.names SET name = 'x{}' WHERE amount = 10", batch));
        lake.Run("DELETE FROM bronze.events WHERE id = 'x1' OR amount = 1");
        lake.Run("UPDATE bronze.events SET amount = 5 WHERE id = '2'");
    }
}

// What is built, and the queries that say what came of it.
struct KilledProject {
    void (*write)(LakeFiles&);
    Texts queries;
    int commits;                                     // of one build, at least
    void (*change)(OpenLake&, int batch) = nullptr;  // behind what lands
};

const KilledProject& Events() {
    static const KilledProject project = {
        WriteProject,
        {"SELECT 'silver.events', * FROM silver.events ORDER BY ALL",
         "SELECT 'silver.totals', * FROM silver.totals ORDER BY ALL",
         "SELECT 'gold.g', * FROM gold.g ORDER BY ALL",
         "SELECT 'quarantine.events', raw, _rules FROM quarantine.events ORDER BY ALL"},
        4};
    return project;
}

const KilledProject& Changes() {
    static const KilledProject project = {
        WriteChangeProject,
        {"SELECT 'latest', * FROM silver.latest ORDER BY ALL",
         "SELECT 'versions', * FROM silver.versions ORDER BY ALL"},
        4};
    return project;
}

const KilledProject& Views() {
    static const KilledProject project = {WriteViewProject,
                                          {"SELECT 'pairs', * FROM silver.pairs ORDER BY ALL",
                                           "SELECT 'totals', * FROM silver.totals ORDER BY ALL",
                                           "SELECT 'by_name', * FROM silver.by_name ORDER BY ALL"},
                                          3,
                                          ChangeSources};
    return project;
}

void MustBuild(OpenLake& lake) {
    const BuildReport report = lake.Build();
    if (report.HasFailed()) throw Error(ErrorKind::kInternal, "{}", Messages(report));
}

void Land(const KilledProject& project, OpenLake& lake, int batch) {
    if (batch == 0) {
        lake.Run("CREATE SCHEMA bronze");
        lake.Run("CREATE TABLE bronze.events (id VARCHAR, amount INTEGER)");
    }
    lake.Run(fmt::format(
        "INSERT INTO bronze.events VALUES ('{0}', 1), ('{1}', 10), ('x{0}', 5), ('1', {1})",
        2 * batch + 1, 2 * batch + 2));
    if (project.change != nullptr) project.change(lake, batch);
}

Texts TablesOf(const std::string& folder, const KilledProject& project) {
    storage::LocalStore local;
    OpenLake lake(folder, local);
    Texts all;
    for (const std::string& query : project.queries) {
        for (const std::string& row : lake.Rows(query)) all.push_back(row);
    }
    EXPECT_EQ(lake.One("SELECT count(*) FROM ops.runs WHERE state = 'running'"), "0");
    EXPECT_EQ(lake.One("SELECT count(*) FROM ops.runs WHERE state = 'succeeded' AND node = "
                       "'silver.events' AND rows_in <> "
                       "rows_written + rows_dropped + rows_quarantined + rows_duplicate"),
              "0");
    return all;
}

// The tables after three batches, each built, undisturbed.
Texts Undisturbed(const KilledProject& project) {
    LakeFiles files;
    project.write(files);
    for (int batch = 0; batch < 3; ++batch) {
        EXPECT_TRUE(RunToEnd(files.path(), 0, Death::kBefore, [&](OpenLake& lake) {
            Land(project, lake, batch);
            MustBuild(lake);
        }));
    }
    return TablesOf(files.path(), project);
}

// The batch of which the build is killed at its n-th commit; false when it has fewer.
bool SurvivesKill(const KilledProject& project, int killed_batch, int kill_at, Death death,
                  const Texts& expected) {
    LakeFiles files;
    project.write(files);
    bool was_killed = false;
    for (int batch = 0; batch < 3; ++batch) {
        EXPECT_TRUE(RunToEnd(files.path(), 0, Death::kBefore,
                             [&](OpenLake& lake) { Land(project, lake, batch); }));
        if (batch == killed_batch) was_killed = !RunToEnd(files.path(), kill_at, death, MustBuild);
        // Not every killed build is built again at once: the next batch may have come meanwhile.
        if (batch == killed_batch && kill_at % 2 == 0 && batch < 2) continue;
        EXPECT_TRUE(RunToEnd(files.path(), 0, Death::kBefore, MustBuild));
    }
    EXPECT_EQ(TablesOf(files.path(), project), expected)
        << "batch " << killed_batch << ", commit " << kill_at << ", death "
        << static_cast<int>(death);
    return was_killed;
}

void DieEverywhere(const KilledProject& project) {
    const Texts expected = Undisturbed(project);
    ASSERT_FALSE(expected.empty());
    for (const int batch : {0, 1}) {
        for (const Death death : {Death::kBefore, Death::kBehind, Death::kDiskFull}) {
            int kill_at = 1;
            while (SurvivesKill(project, batch, kill_at, death, expected) &&
                   !testing::Test::HasFailure())
                ++kill_at;
            EXPECT_GT(kill_at, project.commits);
            if (testing::Test::HasFailure()) return;
        }
    }
}

ReplayRequest OfMistypedIds() {
    ReplayRequest request;
    request.name = "silver.events";
    request.rows.where = "raw <> 'x3'";
    request.fixes = {"id = 100 + CAST(substr(raw, 2) AS INTEGER)"};
    return request;
}

void MustReplay(OpenLake& lake) { (void)lake.Replay(OfMistypedIds()); }

// Two batches, the second killed in its replay; false when that has fewer commits.
bool ReplaySurvivesKill(int kill_at, Death death, bool builds_first, const Texts& expected) {
    LakeFiles files;
    WriteProject(files);
    const auto run = [&](const std::function<void(OpenLake&)>& work) {
        EXPECT_TRUE(RunToEnd(files.path(), 0, Death::kBefore, work));
    };
    for (int batch = 0; batch < 3; ++batch) {
        run([&](OpenLake& lake) {
            Land(Events(), lake, batch);
            MustBuild(lake);
        });
    }
    const bool was_killed = !RunToEnd(files.path(), kill_at, death, MustReplay);
    if (builds_first) run(MustBuild);
    run(MustReplay);
    run(MustBuild);
    EXPECT_EQ(TablesOf(files.path(), Events()), expected)
        << "commit " << kill_at << ", death " << static_cast<int>(death);
    return was_killed;
}

TEST(KillTest, EveryCommitOfAReplayIsAPlaceToDieAt) {
    LakeFiles files;
    WriteProject(files);
    ASSERT_TRUE(RunToEnd(files.path(), 0, Death::kBefore, [](OpenLake& lake) {
        for (int batch = 0; batch < 3; ++batch) {
            Land(Events(), lake, batch);
            MustBuild(lake);
        }
        MustReplay(lake);
        MustBuild(lake);
    }));
    const Texts expected = TablesOf(files.path(), Events());
    ASSERT_THAT(expected, testing::Contains("quarantine.events|x3|has_id"));
    ASSERT_THAT(expected, testing::Contains("silver.events|101|5|x1|true|-"));
    for (const Death death : {Death::kBefore, Death::kBehind, Death::kDiskFull}) {
        int kill_at = 1;
        while (ReplaySurvivesKill(kill_at, death, kill_at % 2 == 0, expected) &&
               ReplaySurvivesKill(kill_at, death, kill_at % 2 == 1, expected) &&
               !testing::Test::HasFailure())
            ++kill_at;
        EXPECT_EQ(kill_at, 3);  // one commit each for both tables
        if (testing::Test::HasFailure()) return;
    }
}

TEST(KillTest, ADiscardThatWasKilledIsDoneOrIsNot) {
    for (const Death death : {Death::kBefore, Death::kBehind}) {
        LakeFiles files;
        WriteProject(files);
        ASSERT_TRUE(RunToEnd(files.path(), 0, Death::kBefore, [](OpenLake& lake) {
            Land(Events(), lake, 0);
            MustBuild(lake);
        }));
        ASSERT_FALSE(RunToEnd(files.path(), 1, death, [](OpenLake& lake) {
            (void)lake.Quarantine().Discard(
                {.name = "events", .who = "ada", .reason = "test data"});
        }));
        storage::LocalStore local;
        OpenLake lake(files.path(), local);
        MustBuild(lake);
        const bool is_gone = lake.One("SELECT count(*) FROM quarantine.events") == "0";
        EXPECT_EQ(is_gone, death == Death::kBehind);
        EXPECT_EQ(lake.One("SELECT concat(state, rows_in, rows_dropped) FROM ops.runs WHERE kind = "
                           "'discard'"),
                  is_gone ? "succeeded11" : "cancelled00");
    }
}

TEST(KillTest, AReplayWaitsForTheBuildThatWasCut) {
    LakeFiles files;
    WriteProject(files);
    ASSERT_TRUE(RunToEnd(files.path(), 0, Death::kBefore, [](OpenLake& lake) {
        Land(Events(), lake, 0);
        MustBuild(lake);
        Land(Events(), lake, 1);
    }));
    ASSERT_FALSE(RunToEnd(files.path(), 1, Death::kBehind, MustBuild));
    storage::LocalStore local;
    OpenLake lake(files.path(), local);
    try {
        MustReplay(lake);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kConflict) << error.what();
    }
    MustBuild(lake);
    MustReplay(lake);
    EXPECT_EQ(lake.One("SELECT count(*) FROM silver.events WHERE id > 100"), "1");
}

TEST(KillTest, EveryCommitIsAPlaceToDieAt) { DieEverywhere(Events()); }

TEST(KillTest, EveryCommitOfAMemoryAndItsTableIsAPlaceToDieAt) { DieEverywhere(Changes()); }

TEST(KillTest, EveryCommitOfARefreshedViewIsAPlaceToDieAt) { DieEverywhere(Views()); }

}  // namespace
}  // namespace tarn::pipeline
