#include "pipeline/service_level_watch.h"

#include <chrono>

#include <fmt/format.h>

#include "pipeline/freshness.h"

namespace tarn::pipeline {

std::vector<std::string> ServiceLevelWatch::Round(const BuildReport& report, TimestampUs now) {
    std::vector<std::string> lines;
    for (const NodeReport& node : report.nodes) {
        const auto level = ParseSpanSeconds(node.service_level);
        if (!level) continue;
        Table& table = tables_.try_emplace(node.id, Table{since_}).first->second;
        const bool is_fresh = node.state != NodeState::kFailed && node.state != NodeState::kSkipped;
        if (is_fresh) {
            table.fresh = now;
            if (table.is_late) lines.push_back(fmt::format("{} is fresh again", node.id));
            table.is_late = false;
            continue;
        }
        const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - table.fresh);
        if (table.is_late || age.count() <= *level) continue;
        table.is_late = true;
        lines.push_back(fmt::format("{} is not fresh since {}, its service level is {}", node.id,
                                    FormatTimestamp(table.fresh), node.service_level));
    }
    return lines;
}

}  // namespace tarn::pipeline
