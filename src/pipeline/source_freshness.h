// `tarn source freshness`: how old the rows of sources are, and dbt's sources.json (version 3).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "engine/session.h"
#include "pipeline/manifest.h"

namespace tarn::pipeline {

struct FreshnessReport {
    std::string unique_id;
    std::string name;                        // "web.visits"
    std::string status;                      // "pass", "warn", "error", "runtime error"
    std::optional<TimestampUs> loaded = {};  // nothing: it could not be told
    TimestampUs asked{};
    double age_s = 0;
    double seconds = 0;
    std::string message;  // of a runtime error
};

// Asks the sources among the items that say how fresh they have to be: by `loaded_at_field` or
// `loaded_at_query`, else by the time of the table's last commit. A source that cannot be asked is
// a runtime error, not thrown.
std::vector<FreshnessReport> CheckFreshness(const LoadedProject& loaded,
                                            const std::vector<size_t>& items,
                                            engine::Session& session, Clock& clock);

nlohmann::ordered_json SourcesArtifact(const LoadedProject& loaded,
                                       const std::vector<FreshnessReport>& reports,
                                       const Invocation& invocation);

}  // namespace tarn::pipeline
