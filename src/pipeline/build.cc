#include "pipeline/build.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "ingest/source_config.h"
#include "pipeline/dbt_names.h"
#include "pipeline/graph.h"
#include "pipeline/layer_law.h"
#include "pipeline/node_compiler.h"
#include "pipeline/node_run.h"
#include "pipeline/node_test_run.h"
#include "pipeline/project.h"
#include "pipeline/syntax_check.h"

namespace tarn::pipeline {
namespace {

double Seconds(DurationUs duration) { return static_cast<double>(duration.count()) / 1e6; }

std::string KindOf(const Node& node) {
    if (node.model == nullptr) return "test";
    if (node.model->resource == Resource::kSeed) return "seed";
    switch (node.config.materialized) {
        case Materialized::kTable:
            return "table";
        case Materialized::kIncremental:
            return "incremental";
        case Materialized::kAutoCdc:
            return "auto_cdc";
        case Materialized::kHistory:
            return "history";
        case Materialized::kView:
            return "view";
        case Materialized::kEphemeral:
            return "ephemeral";
    }
    return "";
}

// What source() may name beside the project's own: what the lake ingests and what is there.
std::vector<SourceTable> KnownTables(const BuildParts& parts) {
    std::vector<SourceTable> tables;
    for (const ingest::SourceConfig& source :
         ingest::LoadSources(parts.store, parts.catalog.Config().root)) {
        for (const ingest::TableConfig& table : source.tables) {
            const engine::TableName name = parts.session.ResolveName(table.table);
            tables.push_back({name.schema, name.name});
        }
    }
    for (const engine::SchemaEntry& schema : parts.catalog.Schemas()) {
        for (const engine::DirectoryEntry& entry : parts.catalog.List(schema.name)) {
            tables.push_back({entry.name.schema, entry.name.name});
        }
    }
    return tables;
}

class BuildRun {
public:
    BuildRun(const BuildScope& scope, const std::vector<size_t>& nodes)
        : scope_(scope), nodes_(nodes) {}

    std::vector<NodeReport> Run() {
        for (size_t i = 0; i < nodes_.size(); ++i) {
            const Node& node = scope_.graph.Nodes()[nodes_[i]];
            scope_.parts.observer.OnNodeStart(node.id, i, nodes_.size());
            const DurationUs start = scope_.parts.clock.Monotonic();
            NodeReport report = RunNode(node);
            report.seconds = Seconds(scope_.parts.clock.Monotonic() - start);
            if (report.state == NodeState::kFailed || report.state == NodeState::kSkipped) {
                stopped_[nodes_[i]] = node.id;
            }
            scope_.parts.observer.OnNodeEnd(report, i, nodes_.size());
            reports_.push_back(std::move(report));
        }
        return std::move(reports_);
    }

private:
    NodeReport RunNode(const Node& node) {
        NodeReport report;
        report.id = node.id;
        report.kind = KindOf(node);
        if (const std::string why = WhySkipped(node); !why.empty()) {
            report.state = NodeState::kSkipped;
            report.message = why;
            LogSkipped(node, why);
            return report;
        }
        try {
            if (node.test != nullptr) {
                RunSingularTest(scope_, node, report);
            } else {
                NodeRun(scope_, node).Execute(report);
                RunDataTests(scope_, node, report);
            }
        } catch (const Error& error) {
            report.state = NodeState::kFailed;
            report.message = error.what();
        }
        return report;
    }

    std::string WhySkipped(const Node& node) const {
        if (scope_.parts.cancel.IsCancelled()) return "the build was cancelled";
        for (const size_t parent : node.parents) {
            if (const auto stopped = stopped_.find(parent); stopped != stopped_.end()) {
                return stopped->second + " was not built";
            }
        }
        return "";
    }

    void LogSkipped(const Node& node, const std::string& why) {
        catalog::RunRecord record;
        record.build_id = scope_.build_id;
        record.node = node.id;
        record.kind = node.test != nullptr ? catalog::RunKind::kTest : catalog::RunKind::kModel;
        record.state = catalog::RunState::kSkipped;
        record.error_message = why;
        scope_.parts.catalog.Runs().Record(record);
    }

    const BuildScope& scope_;
    const std::vector<size_t>& nodes_;
    std::map<size_t, std::string> stopped_;
    std::vector<NodeReport> reports_;
};

// What any model may be refused for, before anything runs.
void CheckModels(const Graph& graph) {
    CheckLayerLaws(graph);
    std::map<std::string, std::string> quarantines;
    for (const Node& node : graph.Nodes()) {
        if (node.model == nullptr) continue;
        CheckModel(graph, node);
        if (!HasQuarantine(*node.model)) continue;
        const auto [other, is_new] = quarantines.emplace(AsciiLower(node.model->name), node.id);
        if (!is_new) {
            throw Error(ErrorKind::kInvalidInput,
                        "{} and {} would share the table quarantine.{}: rename one", other->second,
                        node.id, node.model->name)
                .At(node.model->yaml);
        }
    }
}

// Only the holder of the build lease is here: whoever began these runs is gone. Runs of models that
// are there are closed by the model, which looks at what they wrote.
void CloseAbandonedRuns(catalog::RunLog& log, const Graph& graph) {
    catalog::RunFilter filter;
    filter.state = catalog::RunState::kRunning;
    for (catalog::RunRecord& run : log.Runs(filter)) {
        const bool is_gone = run.kind == catalog::RunKind::kModel && graph.Find(run.node) < 0;
        if (!is_gone && run.kind != catalog::RunKind::kTest) continue;
        run.state = catalog::RunState::kCancelled;
        run.error_message = "the process ended before the run did";
        log.Finish(run);
    }
}

}  // namespace

std::string_view NameOf(NodeState state) {
    switch (state) {
        case NodeState::kDone:
            return "done";
        case NodeState::kUpToDate:
            return "up to date";
        case NodeState::kWarned:
            return "warned";
        case NodeState::kFailed:
            return "failed";
        case NodeState::kSkipped:
            return "skipped";
    }
    return "";
}

size_t BuildReport::Count(NodeState state) const {
    return static_cast<size_t>(std::count_if(
        nodes.begin(), nodes.end(), [&](const NodeReport& node) { return node.state == state; }));
}

BuildReport Build(const BuildRequest& request, const BuildParts& parts) {
    const DurationUs start = parts.clock.Monotonic();
    const catalog::LakeConfig& config = parts.catalog.Config();
    const TemplateSettings settings{request.vars, parts.environment};
    Project project = LoadProject(config.root, config.name, {settings, request.target});
    ModelContext context(project, settings, KnownTables(parts));
    NameTables(project, context);
    const Graph graph(project, context);
    CheckModels(graph);
    std::vector<size_t> nodes = graph.Select(request.select);
    NodeCompiler compiler(graph, context);
    CheckSyntax(parts.session, graph, compiler, nodes);
    // An ephemeral model is a part of those that read it.
    std::erase_if(nodes, [&](size_t node) {
        return graph.Nodes()[node].config.materialized == Materialized::kEphemeral;
    });

    catalog::LeaseOptions options;
    options.purpose = request.purpose;
    const std::unique_ptr<catalog::Lease> lease = parts.catalog.AcquireLease("build", options);
    CloseAbandonedRuns(parts.catalog.Runs(), graph);
    BuildReport report;
    report.build_id = NewUuid(parts.clock, parts.random);
    std::vector<std::string> ids;
    for (const size_t node : nodes) ids.push_back(graph.Nodes()[node].id);
    parts.observer.OnPlan(ids);
    const BuildScope scope{request, parts,           graph,         compiler,
                           *lease,  report.build_id, project.is_dbt};
    report.nodes = BuildRun(scope, nodes).Run();
    report.seconds = Seconds(parts.clock.Monotonic() - start);
    return report;
}

}  // namespace tarn::pipeline
