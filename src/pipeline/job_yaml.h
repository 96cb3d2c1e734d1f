// Reads jobs/*.yml. Every mistake is InvalidInput at file, line and column, with the nearest known
// name where one is unknown: in a text, and between the jobs of all files.
#pragma once

#include <string>
#include <string_view>

#include "ingest/yaml_folder.h"
#include "pipeline/job.h"
#include "storage/object_store.h"

namespace tarn::pipeline {

// What the files say together, checked: names that are twice or unknown, tasks or jobs that wait
// for each other in a circle, pools and mails that are not there, and more than JobLimits allows
// (LimitExceeded).
JobBook ParseJobs(const std::vector<ingest::YamlFile>& files);
// The same of the lake's folder jobs/; an empty book where there is none.
JobBook ReadJobs(storage::ObjectStore& store, const std::string& lake_root);

// "2026-03-01", "2026-03-01 06:30[:00]" by the clocks of `zone`, or with "Z", "+01:00" behind it.
// Nothing: it is no time.
std::optional<TimestampUs> ParseJobTime(std::string_view text, const TimeZone& zone);

}  // namespace tarn::pipeline
