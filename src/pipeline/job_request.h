// A run of a job that somebody asks for now.
#pragma once

#include <map>
#include <string>

#include "catalog/job_log.h"
#include "pipeline/job.h"

namespace tarn::pipeline {

struct JobRequest {
    std::map<std::string, std::string> parameters;  // beside and instead of the job's own
    bool is_new = false;  // do not go on with a run that was asked for before and cut off
};

// The run that answers the request, claimed by `owner`: one that was asked for before and whose
// process is gone goes on where it was; else it is a new one. InvalidInput: a parameter that the
// job does not have, with the nearest one. Conflict: as many runs of it as it allows are running.
catalog::JobRunRecord ClaimRequested(const Job& job, const JobRequest& request,
                                     catalog::JobLog& log, const std::string& owner,
                                     TimestampUs now);
// The run for whichever server looks next.
catalog::JobRunRecord QueueRequested(const Job& job, const JobRequest& request,
                                     catalog::JobLog& log, TimestampUs now);

}  // namespace tarn::pipeline
