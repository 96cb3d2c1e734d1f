#include "simulation/simulation.h"

#include <exception>
#include <map>
#include <string>

#include <fmt/format.h>

#include "base/error.h"

namespace tarn::simulation {
namespace {

constexpr const char* kRoot = "mem://world/table";
constexpr int kMostWriters = 5;
constexpr int kMostOperations = 9;
constexpr DurationUs kLongestRestart = std::chrono::milliseconds(500);
constexpr DurationUs kWorstClock = std::chrono::seconds(3);

// What kind of world it is.
struct Scenario {
    explicit Scenario(Random& random);

    int writers;
    int operations;  // of each
    bool lasts_days;
    Isolation isolation;
    Faults faults;
    delta::FormatOptions format;
    std::map<std::string, std::string> properties;
};

Scenario::Scenario(Random& random) {
    writers = 2 + static_cast<int>(random.Below(kMostWriters - 1));
    operations = 3 + static_cast<int>(random.Below(kMostOperations - 2));
    const bool is_serializable = random.Below(2) == 0;
    isolation = is_serializable ? Isolation::kSerializable : Isolation::kWriteSerializable;
    // One world in four is sound but for its races.
    if (random.Below(4) > 0) {
        faults.lost_answer = 100;
        faults.late_put = 10;
        faults.doubtful_exists = 20;
        faults.unavailable = 10 * random.Below(4);
        faults.conflicting_put = 20;
        faults.stale_list = 30 * random.Below(3);
        faults.crash = 2 * random.Below(5);
        faults.torn_checkpoint = 50 * random.Below(3);
    }
    const int64_t milliseconds[] = {2, 20, 200};
    faults.longest_call = std::chrono::milliseconds(milliseconds[random.Below(3)]);
    if (random.Below(2) == 0) format.stored_from_bytes = 1;
    if (random.Below(3) > 0) properties["delta.enableDeletionVectors"] = "true";
    if (random.Below(4) == 0) {
        properties["delta.checkpointPolicy"] = "v2";
        properties["delta.feature.v2Checkpoint"] = "supported";
    }
    if (random.Below(2) == 0) properties["delta.enableChangeDataFeed"] = "true";
    if (random.Below(4) == 0) properties["delta.enableInCommitTimestamps"] = "true";
    lasts_days = random.Below(2) == 0;
    properties["delta.deletedFileRetentionDuration"] = "interval 1 hour";
    properties["delta.logRetentionDuration"] = "interval 1 hour";
    properties["delta.dropFeatureTruncateHistory.retentionDuration"] = "interval 1 hour";
    properties["delta.checkpointInterval"] = std::to_string(2 + random.Below(8));
    properties["delta.isolationLevel"] = is_serializable ? "Serializable" : "WriteSerializable";
}

// That a checkpoint is broken just where the log would be cut is seldom; who tests the proof
// against it meets more of them.
Faults FaultsOf(const Scenario& scenario, Guard guard) {
    constexpr uint64_t kManyTorn = 400;
    Faults faults = scenario.faults;
    if (guard == Guard::kCheckpointProof) faults.torn_checkpoint = kManyTorn;
    return faults;
}

table::TableMetadata Describe(const std::map<std::string, std::string>& properties) {
    table::TableMetadata metadata;
    for (const char* name : {"id", "value"}) {
        table::Field field;
        field.name = field.physical_name = name;
        field.type = table::Type(table::TypeKind::kLong);
        metadata.schema.fields.push_back(std::move(field));
    }
    metadata.properties = properties;
    return metadata;
}

class Run {
public:
    Run(uint64_t seed, const RunOptions& options)
        : options_(options),
          draw_(seed),
          scenario_(draw_),
          auditor_(kRoot, scenario_.isolation),
          world_(draw_.Next(), FaultsOf(scenario_, options.guard), options.keeps_trace, auditor_),
          parquet_(world_.memory) {
        table_.root = kRoot;
        table_.options = scenario_.format;
        auditor_.Watch(world_.memory, world_.clock);
    }

    Report Whole() {
        Create();
        std::vector<Task> tasks = Tasks();
        for (Task& task : tasks) {
            world_.timeline.Start([this, &task] { Live(task); });
        }
        world_.timeline.Run();
        Close();
        Report report;
        report.failures = auditor_.Failures();
        report.trace_hash = world_.trace.Hash();
        report.trace = world_.trace.Lines();
        report.tallies = world_.tallies;
        report.versions = auditor_.LastVersion() + 1;
        return report;
    }

private:
    std::vector<Task> Tasks() {
        std::vector<Task> tasks;
        for (int i = 0; i <= scenario_.writers; ++i) {
            Task task;
            task.only_reads = i == scenario_.writers;
            task.name = task.only_reads ? "reader" : fmt::format("writer-{}", i);
            task.operations = scenario_.operations;
            task.clock_error = world_.Pause(2 * kWorstClock) - kWorstClock;
            task.lasts_days = scenario_.lasts_days;
            task.guard = options_.guard;
            tasks.push_back(std::move(task));
        }
        return tasks;
    }

    void Create() {
        Task task;
        task.name = "creator";
        Process process(world_, auditor_, table_, task, parquet_);
        process.Spare();
        table::Change change;
        change.operation = "CREATE TABLE";
        const size_t number = auditor_.Tries({}, -1, {});
        change.commit_info[kOperationMark] = std::to_string(number);
        const auto outcome = process.Format().Create(kRoot, Describe(scenario_.properties), change);
        if (!std::holds_alternative<table::Committed>(outcome)) {
            auditor_.Fail("the table was not made");
        }
        auditor_.Committed(number, 0);
    }

    // The lives of one process, one after the other.
    void Live(Task& task) {
        try {
            while (task.operations > 0) {
                try {
                    Process process(world_, auditor_, table_, task, parquet_);
                    process.Work();
                } catch (const storage::StoreCrash&) {
                    world_.tallies.Count("crash");
                }
                world_.timeline.Sleep(world_.Pause(kLongestRestart));
            }
        } catch (const std::exception& error) {
            auditor_.Fail(fmt::format("{} ends with {}", task.name, error.what()));
        }
    }

    // When all is quiet the table is whole and takes the next commit.
    void Close() {
        Task task;
        task.name = "closer";
        Process process(world_, auditor_, table_, task, parquet_);
        process.Spare();
        process.Look(true);
        process.LookAtFeed();
        const int64_t before = auditor_.LastVersion();
        Operation append;
        append.fresh = {{table_.next_id, 1}};
        process.Do(append);
        if (auditor_.LastVersion() != before + 1) auditor_.Fail("the next commit did not work");
        process.Look(true);
    }

    const RunOptions options_;
    SeededRandom draw_;
    const Scenario scenario_;
    Auditor auditor_;
    World world_;
    delta::InMemoryParquet parquet_;
    Table table_;
};

}  // namespace

Report Simulate(uint64_t seed, const RunOptions& options) { return Run(seed, options).Whole(); }

}  // namespace tarn::simulation
