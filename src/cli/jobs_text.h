// Jobs and their runs as tables for people and JSON for programs. Pure.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "catalog/job_log.h"
#include "pipeline/job.h"

namespace tarn::cli {

// What is known of a job when it is listed.
struct ShownJob {
    const pipeline::Job* job = nullptr;
    catalog::JobMemory memory{};
    std::optional<catalog::JobRunRecord> last{};
    std::optional<TimestampUs> next{};
};

nlohmann::ordered_json JsonOf(const ShownJob& shown);
nlohmann::ordered_json JsonOf(const catalog::JobRunRecord& run);
nlohmann::ordered_json JsonOf(const catalog::JobTaskRecord& task);

std::string JobTable(const std::vector<ShownJob>& jobs);
std::string RunTable(const std::vector<catalog::JobRunRecord>& runs);
std::string TaskTable(const std::vector<catalog::JobTaskRecord>& tasks);
// All that YAML says of a job, but for what may be a secret: addresses, headers, environment.
std::string JobText(const ShownJob& shown);

// "cron 30 6 * * MON-FRI in Europe/Berlin", "every 15 min", "when files landing/* arrive", "by
// hand"
std::string PlanText(const pipeline::Job& job);
// "2026-03-02 06:30:00 +01:00", as the clocks of the zone show it.
std::string LocalText(TimestampUs time, const TimeZone& zone);

}  // namespace tarn::cli
