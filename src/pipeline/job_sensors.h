// Asks what jobs wait for: has it happened, and up to where was looked.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "catalog/job_log.h"
#include "pipeline/job.h"
#include "pipeline/job_ports.h"

namespace tarn::pipeline {

struct SensorAnswer {
    bool holds = true;   // all of the job's sensors do
    std::string reason;  // in words, what happened
    std::vector<std::string> files;
    // Of the events: where to look on from once a run has taken them; and of those that were never
    // looked at, where they are looked at from (what was there before is not news, but files that
    // wait are).
    std::map<std::string, std::string> cursors;
    bool is_first_look = false;  // some cursor is new: remember it, whatever holds
    std::map<std::string, std::string> first_cursors;
};

// `cursors`: what the job's memory says.
SensorAnswer AskSensors(const Job& job, const std::map<std::string, std::string>& cursors,
                        SensorWorld& world, catalog::JobLog& log, TimestampUs now);

}  // namespace tarn::pipeline
