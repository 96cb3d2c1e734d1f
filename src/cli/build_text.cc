#include "cli/build_text.h"

#include <fmt/format.h>

#include "base/text.h"
#include "cli/text_table.h"

namespace tarn::cli {

namespace {

std::string Counted(int64_t count, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", HumanCount(count), count == 1 ? one : many);
}

// Where the rows went that were not written, when any did.
std::string Losses(const pipeline::NodeReport& node) {
    std::string text;
    const auto add = [&](int64_t rows, std::string_view word) {
        if (rows > 0) text += fmt::format(", {} {}", HumanCount(rows), word);
    };
    add(node.rows_dropped, "dropped");
    add(node.rows_quarantined, "quarantined");
    add(node.rows_duplicate, "duplicate");
    return text;
}

// A test passes, warns or fails; one whose rows could not be counted is an error.
std::string_view StateWord(const pipeline::NodeReport& node) {
    using pipeline::NodeState;
    if (!node.IsTest() || node.state == NodeState::kSkipped) return NameOf(node.state);
    if (node.state == NodeState::kDone) return "pass";
    if (node.state == NodeState::kWarned) return "warn";
    return node.failures ? "fail" : "error";
}

}  // namespace

std::string NodeText(const pipeline::NodeReport& node, size_t index, size_t count,
                     size_t name_width) {
    const std::string place =
        fmt::format("[{:>{}}/{}]", index + 1, fmt::formatted_size("{}", count), count);
    std::string text = fmt::format("{} {:<10} {:<{}}", place, StateWord(node), node.id, name_width);
    if (!node.IsTest() && node.state != pipeline::NodeState::kSkipped) {
        text += fmt::format("  {:>16}  {:>9}", Counted(node.rows_written, "row", "rows"),
                            Counted(node.files_written, "file", "files"));
    }
    text += fmt::format("  {:.2f} s{}\n", node.seconds, Losses(node));
    if (!node.message.empty()) text += fmt::format("    {}\n", node.message);
    for (const std::string& notice : node.notices) text += fmt::format("    {}\n", notice);
    return text;
}

std::string BuildSummaryText(const pipeline::BuildReport& report) {
    using pipeline::NodeState;
    int64_t rows = 0;
    int64_t quarantined = 0;
    for (const pipeline::NodeReport& node : report.nodes) {
        rows += node.rows_written;
        quarantined += node.rows_quarantined;
    }
    if (report.nodes.empty()) return "Nothing to do: nothing of the selection is run by this.\n";
    const size_t done = report.Count(NodeState::kDone);
    const size_t up_to_date = report.Count(NodeState::kUpToDate);
    const size_t warned = report.Count(NodeState::kWarned);
    const size_t failed = report.Count(NodeState::kFailed);
    const size_t skipped = report.Count(NodeState::kSkipped);
    // The second line is dbt's, which scripts look for.
    return fmt::format(
        "{} done, {} up to date, {} warned, {} failed, {} skipped; {} written, {} quarantined in "
        "{:.1f} s\n"
        "Done. PASS={} WARN={} ERROR={} SKIP={} NO-OP=0 TOTAL={}\n",
        done, up_to_date, warned, failed, skipped, Counted(rows, "row", "rows"),
        HumanCount(quarantined), report.seconds, done + up_to_date, warned, failed, skipped,
        report.nodes.size());
}

nlohmann::ordered_json BuildJson(const pipeline::BuildReport& report) {
    nlohmann::ordered_json nodes = nlohmann::ordered_json::array();
    std::vector<pipeline::NodeReport> all = report.hooks;
    all.insert(all.end(), report.nodes.begin(), report.nodes.end());
    for (const pipeline::NodeReport& node : all) {
        nlohmann::ordered_json one{{"node", node.id},
                                   {"unique_id", node.unique_id},
                                   {"kind", node.kind},
                                   {"state", NameOf(node.state)},
                                   {"rows_in", node.rows_in},
                                   {"rows_written", node.rows_written},
                                   {"rows_dropped", node.rows_dropped},
                                   {"rows_quarantined", node.rows_quarantined},
                                   {"rows_duplicate", node.rows_duplicate},
                                   {"files_written", node.files_written},
                                   {"bytes_written", node.bytes_written},
                                   {"seconds", node.seconds},
                                   {"message", node.message},
                                   {"notices", node.notices}};
        one["failures"] = nullptr;
        if (node.failures) one["failures"] = *node.failures;
        one["target_version"] = nullptr;
        if (node.target_version) one["target_version"] = *node.target_version;
        nodes.push_back(std::move(one));
    }
    return {
        {"build_id", report.build_id}, {"seconds", report.seconds}, {"nodes", std::move(nodes)}};
}

std::string BackfillText(const std::vector<pipeline::BackfillSpan>& plan) {
    std::vector<engine::TextRow> rows;
    for (const pipeline::BackfillSpan& span : plan)
        rows.push_back({span.model, span.from, span.until, std::to_string(span.batches),
                        span.is_known ? "known" : "to be made"});
    if (rows.empty()) return "no interval lies in that span\n";
    return TextTable({{"model", "VARCHAR"},
                      {"from", "VARCHAR"},
                      {"until", "VARCHAR"},
                      {"batches", "BIGINT"},
                      {"state", "VARCHAR"}},
                     rows);
}

nlohmann::ordered_json BackfillJson(const std::vector<pipeline::BackfillSpan>& plan) {
    nlohmann::ordered_json spans = nlohmann::ordered_json::array();
    for (const pipeline::BackfillSpan& span : plan) {
        spans.push_back({{"model", span.model},
                         {"from", span.from},
                         {"until", span.until},
                         {"batches", span.batches},
                         {"is_known", span.is_known}});
    }
    return {{"spans", std::move(spans)}};
}

}  // namespace tarn::cli
