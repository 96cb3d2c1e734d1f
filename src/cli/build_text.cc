#include "cli/build_text.h"

#include <fmt/format.h>

#include "base/text.h"

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

}  // namespace

std::string NodeText(const pipeline::NodeReport& node, size_t index, size_t count,
                     size_t name_width) {
    const std::string place =
        fmt::format("[{:>{}}/{}]", index + 1, fmt::formatted_size("{}", count), count);
    std::string text =
        fmt::format("{} {:<10} {:<{}}", place, NameOf(node.state), node.id, name_width);
    if (node.kind != "test" && node.state != pipeline::NodeState::kSkipped) {
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
    return fmt::format(
        "{} done, {} up to date, {} warned, {} failed, {} skipped; {} written, {} quarantined in "
        "{:.1f} s\n",
        report.Count(NodeState::kDone), report.Count(NodeState::kUpToDate),
        report.Count(NodeState::kWarned), report.Count(NodeState::kFailed),
        report.Count(NodeState::kSkipped), Counted(rows, "row", "rows"), HumanCount(quarantined),
        report.seconds);
}

nlohmann::ordered_json BuildJson(const pipeline::BuildReport& report) {
    nlohmann::ordered_json nodes = nlohmann::ordered_json::array();
    for (const pipeline::NodeReport& node : report.nodes) {
        nlohmann::ordered_json one{{"node", node.id},
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
        one["target_version"] = nullptr;
        if (node.target_version) one["target_version"] = *node.target_version;
        nodes.push_back(std::move(one));
    }
    return {
        {"build_id", report.build_id}, {"seconds", report.seconds}, {"nodes", std::move(nodes)}};
}

}  // namespace tarn::cli
