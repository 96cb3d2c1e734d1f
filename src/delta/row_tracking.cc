#include "delta/row_tracking.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "delta/features.h"
#include "delta/stats_json.h"

namespace tarn::delta {
namespace {

constexpr const char* kHighWater = "rowIdHighWaterMark";

}  // namespace

bool AssignsRowIds(const Protocol& protocol, const std::map<std::string, std::string>& properties) {
    return HasWriterFeature(protocol, "rowTracking") &&
           !IsEnabled(properties, "delta.rowTrackingSuspended");
}

int64_t RowIdHighWater(const std::map<std::string, DomainMetadata>& domains) {
    const auto found = domains.find(kRowTrackingDomain);
    if (found == domains.end() || found->second.removed) return kNoRowId;
    const auto json = nlohmann::json::parse(found->second.configuration, nullptr, false);
    if (json.is_object() && json.contains(kHighWater) && json[kHighWater].is_number_integer()) {
        return json[kHighWater].get<int64_t>();
    }
    throw Error(ErrorKind::kCorrupt, "the metadata domain {} has no {}: '{}'", kRowTrackingDomain,
                kHighWater, found->second.configuration);
}

void CheckRowsAreCounted(const std::vector<Action>& actions) {
    StatisticsReader counts({});
    for (const Action& action : actions) {
        const auto* add = std::get_if<Add>(&action);
        if (add == nullptr || add->extras.base_row_id || counts.ReadCount(add->stats)) continue;
        throw Error(ErrorKind::kInvalidInput,
                    "the table tracks its rows, and nothing tells how many {} has", add->path);
    }
}

int64_t AssignRowIds(std::vector<Action>& actions, table::Version version, int64_t high_water) {
    StatisticsReader counts({});
    for (Action& action : actions) {
        auto* add = std::get_if<Add>(&action);
        if (add == nullptr) continue;
        FileExtras& extras = add->extras;
        if (!extras.default_row_commit_version) extras.default_row_commit_version = version.number;
        if (extras.base_row_id) continue;
        extras.base_row_id = high_water + 1;
        high_water += static_cast<int64_t>(counts.ReadCount(add->stats).value_or(0));
    }
    return high_water;
}

DomainMetadata RowIdDomain(int64_t high_water) {
    return {kRowTrackingDomain, fmt::format("{{\"{}\":{}}}", kHighWater, high_water), false};
}

}  // namespace tarn::delta
