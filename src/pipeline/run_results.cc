#include "pipeline/run_results.h"

#include "base/error.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

// What failed, a test too whose rows could not be counted, is an error; a test that counted rows
// fails.
std::string StatusOf(const NodeReport& node) {
    const bool is_test = node.IsTest();
    switch (node.state) {
        case NodeState::kDone:
        case NodeState::kUpToDate:
            return is_test ? "pass" : "success";
        case NodeState::kWarned:
            return is_test ? "warn" : "success";
        case NodeState::kFailed:
            return is_test && node.failures ? "fail" : "error";
        case NodeState::kSkipped:
            return "skipped";
    }
    return "error";
}

Json MessageOf(const NodeReport& node) {
    if (!node.message.empty()) return node.message;
    if (!node.notices.empty()) return node.notices.front();
    if (node.IsTest()) return nullptr;
    return node.state == NodeState::kUpToDate ? Json("up to date") : Json("OK");
}

// Rows that a test lets pass are no failures of it.
Json FailuresOf(const NodeReport& node) {
    if (!node.failures) return nullptr;
    const bool passes = node.state == NodeState::kDone || node.state == NodeState::kUpToDate;
    return passes ? 0 : *node.failures;
}

}  // namespace

Json ResultOf(const LoadedProject& loaded, const NodeReport& node) {
    const auto item = loaded.inventory().Find(node.unique_id);
    const std::string relation =
        item ? RelationName(loaded, loaded.inventory().Items()[*item]) : "";
    const auto duration = std::chrono::microseconds(static_cast<int64_t>(node.seconds * 1e6));
    Json timing = Json::array();
    if (node.state != NodeState::kSkipped) {
        timing.push_back({{"name", "execute"},
                          {"started_at", FormatTimestamp(node.started)},
                          {"completed_at", FormatTimestamp(node.started + duration)}});
    }
    return {{"status", StatusOf(node)},
            {"timing", std::move(timing)},
            {"thread_id", "Thread-1"},
            {"execution_time", node.seconds},
            {"adapter_response",
             {{"rows_affected", node.rows_written}, {"bytes_written", node.bytes_written}}},
            {"message", MessageOf(node)},
            {"failures", FailuresOf(node)},
            {"unique_id", node.unique_id},
            {"compiled", !node.compiled.empty()},
            {"compiled_code", node.compiled.empty() ? Json() : Json(node.compiled)},
            {"relation_name", relation.empty() ? Json() : Json(relation)},
            {"batch_results", nullptr}};
}

Json RunResults(const LoadedProject& loaded, const BuildReport& report,
                const Invocation& invocation) {
    Json results = Json::array();
    for (const auto* reports : {&report.hooks, &report.nodes}) {
        for (const NodeReport& node : *reports) results.push_back(ResultOf(loaded, node));
    }
    Json arguments = invocation.arguments;
    arguments["which"] = invocation.command;
    return {{"metadata", ArtifactMetadata(invocation, "run-results", 6)},
            {"results", std::move(results)},
            {"elapsed_time", report.seconds},
            {"args", std::move(arguments)}};
}

Unfinished ReadUnfinished(const std::string& text, const std::string& file) {
    const Json json = Json::parse(text, nullptr, false);
    const bool is_whole = json.is_object() && json.contains("results") &&
                          json["results"].is_array() && json.contains("args") &&
                          json["args"].is_object();
    if (!is_whole)
        throw Error(ErrorKind::kInvalidInput, "{} does not hold the results of a run", file);
    Unfinished unfinished;
    unfinished.arguments = json["args"];
    unfinished.command = unfinished.arguments.value("which", "build");
    for (const Json& result : json["results"]) {
        if (!result.is_object()) continue;
        const std::string status = result.value("status", "");
        if (status == "error" || status == "fail" || status == "skipped" ||
            status == "runtime error")
            unfinished.unique_ids.insert(result.value("unique_id", ""));
    }
    return unfinished;
}

}  // namespace tarn::pipeline
