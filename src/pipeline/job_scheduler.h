// Runs the jobs of a lake by themselves: what is due, what sensors tell of, and what another
// process left. Any number of schedulers, in any processes, may do so over one catalog: the log
// sees to it that each run is done once. Never waits: whoever has it calls Tick again and again
// (base's Ticker in a server). Not thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "pipeline/job_runner.h"

namespace tarn::pipeline {

class JobScheduler {
public:
    // How often the YAML is read again, and sensors are asked.
    static constexpr DurationUs kReload = std::chrono::seconds(10);
    static constexpr DurationUs kSensorLook = std::chrono::seconds(5);

    // `read` gives the jobs as they are now; InvalidInput leaves those that were. What `parts` have
    // outlives it.
    JobScheduler(std::function<JobBook()> read, const JobParts& parts);

    // Everything that can be done now. Throws nothing: what goes wrong, the observer is told.
    void Tick();
    // Gives all runs back, once their tasks are ended: Tick goes on until IsIdle.
    void End();
    bool IsIdle() const { return runners_.empty(); }

private:
    void Look();
    void Reload();
    void LookAtPlan(const Job& job, const catalog::JobMemory& memory);
    void LookAtSensors(const Job& job);
    void TakeRuns();
    bool IsReady(const Job& job, const catalog::JobRunRecord& run);
    void TellLate(const Job& job, const catalog::JobRunRecord& run);
    void Take(const Job& job, const catalog::JobRunRecord& run);
    void FailUnready(const Job& job, const catalog::JobRunRecord& run);
    // Says it unless it is what was said last of the same thing.
    void SayOnce(const std::string& of, const std::string& what);
    template <typename Work>
    void Guarded(const std::string& of, Work work);

    const std::function<JobBook()> read_;
    JobParts parts_;
    const std::string owner_;
    std::shared_ptr<const JobBook> book_;
    DurationUs reloaded_{};
    bool is_ending_ = false;
    std::map<std::string, DurationUs> looked_;               // job -> when at its sensors
    std::map<std::string, std::string> said_;                // of what -> what
    std::map<int64_t, std::unique_ptr<JobRunner>> runners_;  // by the run's number
};

}  // namespace tarn::pipeline
