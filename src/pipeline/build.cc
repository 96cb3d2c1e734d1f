#include "pipeline/build.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "pipeline/backfill.h"
#include "pipeline/dbt_ids.h"
#include "pipeline/dbt_project.h"
#include "pipeline/hooks.h"
#include "pipeline/layer_law.h"
#include "pipeline/model_config.h"
#include "pipeline/model_rules.h"
#include "pipeline/node_run.h"
#include "pipeline/node_test_run.h"
#include "pipeline/quarantine.h"
#include "pipeline/run_results.h"
#include "pipeline/syntax_check.h"
#include "pipeline/target_folder.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

double Seconds(DurationUs duration) { return static_cast<double>(duration.count()) / 1e6; }

std::string KindOf(const Node& node) {
    if (node.unit != nullptr) return "unit_test";
    if (node.IsTest()) return "test";
    if (node.model->resource == Resource::kSeed) return "seed";
    return MaterializedName(node.config);
}

class BuildRun {
public:
    // `stopped`: why no node is run; empty: they are.
    BuildRun(const BuildScope& scope, const Inventory& inventory, const std::vector<size_t>& nodes,
             std::string stopped)
        : scope_(scope), inventory_(inventory), nodes_(nodes), all_stopped_(std::move(stopped)) {}

    std::vector<NodeReport> Run() {
        for (size_t i = 0; i < nodes_.size(); ++i) {
            const Node& node = scope_.graph.Nodes()[nodes_[i]];
            scope_.parts.observer.OnNodeStart(node.id, i, nodes_.size());
            const DurationUs start = scope_.parts.clock.Monotonic();
            NodeReport report;
            report.id = node.id;
            report.unique_id = inventory_.OfNode(nodes_[i]).unique_id;
            report.kind = KindOf(node);
            if (node.model != nullptr) report.service_level = node.model->service_level;
            report.started = scope_.parts.clock.Now();
            report.run_id = NewUuid(scope_.parts.clock, scope_.parts.random);
            RunNode(node, report);
            report.seconds = Seconds(scope_.parts.clock.Monotonic() - start);
            if (report.state == NodeState::kFailed || report.state == NodeState::kSkipped) {
                stopped_[nodes_[i]] = node.id;
            }
            if (report.state == NodeState::kUpToDate) up_to_date_.insert(nodes_[i]);
            if (report.state == NodeState::kFailed && first_failed_.empty())
                first_failed_ = node.id;
            const auto [table, column] = TestedBy(node);
            scope_.events.NodeEnds(report, table, column);
            scope_.parts.observer.OnNodeEnd(report, i, nodes_.size());
            reports_.push_back(std::move(report));
        }
        return std::move(reports_);
    }

private:
    void RunNode(const Node& node, NodeReport& report) {
        if (const std::string why = WhySkipped(node); !why.empty()) {
            report.state = NodeState::kSkipped;
            report.message = why;
            LogSkipped(node, why);
            return;
        }
        if (IsLeftAlone(node)) {
            report.state = NodeState::kUpToDate;
            return;
        }
        try {
            if (node.IsTest()) {
                RunTest(scope_, node, report);
            } else {
                NodeRun(scope_, node).Execute(report);
            }
        } catch (const Error& error) {
            report.state = NodeState::kFailed;
            report.message = error.what();
            report.is_cancelled = error.kind() == ErrorKind::kCancelled;
        }
    }

    // The table and the column that a test looks at; nothing of what is none, or is one of several.
    std::pair<std::optional<engine::TableName>, std::string> TestedBy(const Node& node) const {
        if (node.test == nullptr) return {};
        std::string column;
        if (node.test->declared) column = node.test->declared->column;
        std::optional<size_t> model = node.tested_node;
        if (!model && node.parents.size() == 1 && node.sources.empty()) model = node.parents[0];
        if (model && scope_.graph.Nodes()[*model].model != nullptr) {
            const Model& tested = *scope_.graph.Nodes()[*model].model;
            return {engine::TableName{tested.schema, tested.name}, column};
        }
        if (node.parents.empty() && node.sources.size() == 1)
            return {engine::TableName{node.sources[0].schema, node.sources[0].name}, column};
        return {};
    }

    bool IsLeftAlone(const Node& node) const {
        if (!scope_.request.only_changed) return false;
        if (!node.IsTest()) {
            return node.config.materialized == Materialized::kView &&
                   scope_.parts.catalog.Find({node.model->schema, node.model->name}).has_value();
        }
        return !node.parents.empty() &&
               std::all_of(node.parents.begin(), node.parents.end(),
                           [&](size_t parent) { return up_to_date_.contains(parent); });
    }

    std::string WhySkipped(const Node& node) const {
        if (scope_.parts.cancel.IsCancelled()) return "the build was cancelled";
        if (!all_stopped_.empty()) return all_stopped_;
        if (scope_.request.fail_fast && !first_failed_.empty())
            return first_failed_ + " failed, and the first failure ends the build";
        for (const size_t parent : node.parents) {
            if (const auto stopped = stopped_.find(parent); stopped != stopped_.end())
                return stopped->second + " was not built";
        }
        for (const size_t gate : node.gates) {
            if (const auto stopped = stopped_.find(gate); stopped != stopped_.end())
                return stopped->second + " does not hold, or did not run";
        }
        return "";
    }

    void LogSkipped(const Node& node, const std::string& why) {
        catalog::RunRecord record;
        record.build_id = scope_.build_id;
        record.node = node.id;
        record.kind = node.IsTest() ? catalog::RunKind::kTest : catalog::RunKind::kModel;
        record.state = catalog::RunState::kSkipped;
        record.error_message = why;
        scope_.parts.catalog.Runs().Record(record);
    }

    const BuildScope& scope_;
    const Inventory& inventory_;
    const std::vector<size_t>& nodes_;
    const std::string all_stopped_;
    std::map<size_t, std::string> stopped_;
    std::set<size_t> up_to_date_;
    std::string first_failed_;
    std::vector<NodeReport> reports_;
};

Json ArgumentsOf(const BuildRequest& request) {
    Json arguments{{"select", request.select},
                   {"exclude", request.exclude},
                   {"selector", Nullable(request.selector)},
                   {"vars", request.vars},
                   {"target", Nullable(request.target)},
                   {"full_refresh", request.full_refresh},
                   {"store_failures", request.store_failures},
                   {"event_time_start", Nullable(request.event_time_start)},
                   {"event_time_end", Nullable(request.event_time_end)},
                   {"fail_fast", request.fail_fast}};
    if (const auto& backfill = request.backfill) {
        arguments["again"] = backfill->again;
        arguments["max_batches"] = backfill->most_batches;
        arguments["pause_s"] =
            std::chrono::duration_cast<std::chrono::seconds>(backfill->pause).count();
    }
    return arguments;
}

// What templates are told of the build.
TemplateRun RunOf(const BuildRequest& request, const BuildParts& parts,
                  const std::string& build_id) {
    TemplateRun run;
    run.id = build_id;
    run.started_us = ToUnixUs(parts.clock.Now());
    run.command = request.command;
    run.full_refresh = request.full_refresh;
    run.store_failures = request.store_failures;
    run.arguments = ArgumentsOf(request);
    run.now_us = [&clock = parts.clock] { return ToUnixUs(clock.Now()); };
    run.tell = [&observer = parts.observer](const std::string& words) {
        observer.OnMessage(words);
    };
    return run;
}

// What the build runs of what was selected, in its order.
std::vector<size_t> NodesOf(LoadedProject& loaded, const SelectionRequest& request) {
    std::vector<size_t> nodes;
    std::vector<std::string> ids;
    for (const size_t index : loaded.Select(request)) {
        const Item& item = loaded.inventory().Items()[index];
        if (!item.node) continue;
        nodes.push_back(*item.node);
        ids.push_back(item.unique_id);
    }
    loaded.context().ShowSelected(std::move(ids));
    return nodes;
}

// What other tools read of it: the SQL of each node, and both artifacts as a pair.
void WriteArtifacts(const LoadedProject& loaded, const BuildReport& report,
                    const BuildRequest& request, TimestampUs now) {
    const TargetFolder target(loaded.target_folder());
    std::map<std::string, std::string> compiled;
    for (const NodeReport& node : report.nodes) {
        const auto item = loaded.inventory().Find(node.unique_id);
        const std::string path = SqlPath(loaded.inventory().Items()[*item]);
        if (!node.compiled.empty() && node.kind != "seed") {
            compiled[node.unique_id] = node.compiled;
            target.Write("compiled/" + path, node.compiled);
        }
        if (!node.statement.empty() && node.kind != "seed")
            target.Write("run/" + path, node.statement);
    }
    Invocation invocation{report.build_id, request.command, report.started, now,
                          ArgumentsOf(request)};
    target.WriteJson("manifest.json", Manifest(loaded, invocation, compiled));
    target.WriteJson("run_results.json", RunResults(loaded, report, invocation));
}

// Each is a report. Gives why nothing may follow; empty: all went well.
std::string RunBuildHooks(const std::vector<BuildHook>& hooks, const HookRun& run,
                          const BuildParts& parts, BuildReport& report) {
    for (const BuildHook& hook : hooks) {
        const DurationUs start = parts.clock.Monotonic();
        NodeReport one;
        one.id = hook.name;
        one.unique_id = UniqueId("operation", hook.package, hook.name);
        one.kind = "operation";
        one.started = parts.clock.Now();
        try {
            RunHooks({hook.sql}, run);
        } catch (const Error& error) {
            one.state = NodeState::kFailed;
            one.message = error.what();
            parts.observer.OnMessage(hook.name + ": " + one.message);
        }
        one.seconds = Seconds(parts.clock.Monotonic() - start);
        report.hooks.push_back(std::move(one));
        if (report.hooks.back().state == NodeState::kFailed) return hook.name + " failed";
    }
    return "";
}

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

bool BuildReport::HasFailed() const {
    const bool has_hook = std::any_of(hooks.begin(), hooks.end(), [](const NodeReport& hook) {
        return hook.state == NodeState::kFailed;
    });
    return has_hook || Count(NodeState::kFailed) + Count(NodeState::kSkipped) > 0;
}

BuildReport Build(const BuildRequest& request, const BuildParts& parts) {
    const DurationUs start = parts.clock.Monotonic();
    BuildReport report;
    report.started = parts.clock.Now();
    report.build_id = NewUuid(parts.clock, parts.random);
    LoadedProject loaded(request, {parts.catalog, parts.session, parts.store, parts.environment,
                                   RunOf(request, parts, report.build_id)});
    const Graph& graph = loaded.graph();
    const Project& project = loaded.project();
    for (const std::string& notice : project.notices) parts.observer.OnMessage(notice);
    CheckModels(graph);
    std::vector<size_t> nodes = NodesOf(loaded, request);
    if (request.backfill) KeepBackfilled(graph, nodes);
    // As dbt has it, a model whose SQL is none fails by itself: others are made.
    if (!project.is_dbt) CheckSyntax(parts.session, graph, loaded.compiler(), nodes);
    // An ephemeral model is a part of those that read it.
    std::erase_if(nodes, [&](size_t node) {
        return graph.Nodes()[node].config.materialized == Materialized::kEphemeral;
    });

    catalog::LeaseOptions options;
    options.purpose = request.purpose;
    const std::unique_ptr<catalog::Lease> lease = parts.catalog.AcquireLease("build", options);
    SettleCutRuns(parts.session, parts.catalog);
    CloseAbandonedRuns(parts.catalog.Runs(), graph);
    std::vector<std::string> ids;
    for (const size_t node : nodes) ids.push_back(graph.Nodes()[node].id);
    parts.observer.OnPlan(ids);
    const quality::ContractGuard contracts(parts.catalog);
    LineageEvents events(parts.lineage, parts.catalog, parts.clock);
    events.BuildStarts(report.build_id, request.command);
    const BuildScope scope{request, parts,   graph,     loaded.compiler(), loaded.lake(),
                           *lease,  project, contracts, report.build_id,   events};
    const HookRun hooks{loaded.compiler(), loaded.lake(), nullptr, {kDbtProjectFile, 0, 0}};
    const std::string stopped = RunBuildHooks(project.on_run_start, hooks, parts, report);
    report.nodes = BuildRun(scope, loaded.inventory(), nodes, stopped).Run();
    HookRun at_end = hooks;
    at_end.globals = EndOfRun(report.nodes, loaded);
    RunBuildHooks(project.on_run_end, at_end, parts, report);
    events.BuildEnds(report, parts.cancel.IsCancelled());
    report.seconds = Seconds(parts.clock.Monotonic() - start);
    const bool is_idle =
        request.only_changed && report.Count(NodeState::kUpToDate) == report.nodes.size();
    if (!is_idle) WriteArtifacts(loaded, report, request, parts.clock.Now());
    return report;
}

}  // namespace tarn::pipeline
