// Tells other tools of a build as OpenLineage events (specification 2-0-2): a run of the build, and
// in it a run of each node that did something, with the datasets that it read and wrote. Names
// follow OpenLineage's naming: a table is the folder that it lies in, with its name in the lake as
// a symlink; a view has only that. Not thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/random.h"
#include "engine/lineage.h"
#include "engine/table_directory.h"

namespace tarn::pipeline {

struct BuildReport;
struct NodeReport;

// Where events go. Thread-safe.
class LineageEventSink {
public:
    virtual ~LineageEventSink() = default;
    // One event as JSON text. Neither throws nor waits: what cannot be delivered is lost.
    virtual void Send(std::string event) = 0;
};

struct LineageEventOptions {
    LineageEventSink* sink = nullptr;  // null: nobody is told
    std::string job_namespace;         // of jobs, by default the lake's name
    std::string lake;                  // the lake's name
    std::string version;               // of this program
};

class LineageEvents {
public:
    static constexpr size_t kMostSqlBytes = 64 * 1024;
    static constexpr size_t kMostMessageBytes = 8 * 1024;

    // All outlive the object.
    LineageEvents(const LineageEventOptions& options, engine::TableDirectory& directory,
                  Clock& clock)
        : options_(options), directory_(directory), clock_(clock) {}

    // A build begins; it is told of with its first node.
    void BuildStarts(const std::string& build_id, const std::string& command);
    // The node will do something; once for each run, whatever follows.
    void NodeStarts(const NodeReport& report);
    // What it came to. `tested`: the table that a test looks at, when it is one.
    void NodeEnds(const NodeReport& report, const std::optional<engine::TableName>& tested,
                  const std::string& tested_column);
    void BuildEnds(const BuildReport& report, bool is_cancelled);

private:
    using Json = nlohmann::ordered_json;

    bool IsOn() const { return options_.sink != nullptr; }
    void TellOfBuild();
    Json Event(const std::string& type, const std::string& run_id, const std::string& job,
               const std::string& job_type) const;
    Json Facet(const std::string& schema, Json fields) const;
    void Send(const Json& event);
    // "namespace" and "name".
    Json NameOf(const engine::LineageDataset& dataset) const;
    Json Dataset(const engine::LineageDataset& dataset) const;
    Json Output(const engine::StatementLineage& lineage, const NodeReport& report) const;
    Json ColumnLineage(const engine::StatementLineage& lineage) const;
    Json Tested(const NodeReport& report, const engine::TableName& table,
                const std::string& column) const;
    void AddError(const NodeReport& report, Json& event) const;

    const LineageEventOptions options_;
    engine::TableDirectory& directory_;
    Clock& clock_;
    std::string build_id_;
    std::string command_;
    bool has_told_ = false;
    std::string running_;  // the run that was told of last and has not ended
};

}  // namespace tarn::pipeline
