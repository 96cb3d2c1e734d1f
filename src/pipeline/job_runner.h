// One run of a job, from its claim to its end: which task starts when, what is tried again, what is
// skipped, whom to tell. Never waits: whoever has it calls Step again and again. All that it
// decides is in the log before it is done, so that another process can go on where this one was
// killed. Not thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "catalog/job_log.h"
#include "pipeline/job.h"
#include "pipeline/job_alerts.h"
#include "pipeline/job_ports.h"
#include "pipeline/job_values.h"

namespace tarn::pipeline {

// What jobs stand on; all of it outlives them.
struct JobParts {
    catalog::JobLog& log;
    TaskRunner& tasks;
    SensorWorld& world;
    JobAlerts& alerts;
    Clock& clock;
    Random& random;
    JobObserver& observer;
    JobEnvironment environment;
};

class JobRunner {
public:
    // How often the lease is prolonged, and a request to cancel is seen.
    static constexpr DurationUs kRenew = std::chrono::seconds(2);

    // Of a run that `owner` has claimed; `book` outlives it.
    JobRunner(std::shared_ptr<const JobBook> book, const Job& job, catalog::JobRunRecord run,
              std::string owner, const JobParts& parts);
    ~JobRunner();
    JobRunner(const JobRunner&) = delete;
    JobRunner& operator=(const JobRunner&) = delete;

    // Does what can be done now. false: the run is over, or another process has it.
    bool Step();
    // The run is ended as cancelled; Step goes on until its tasks are.
    void Cancel() { is_cancelled_ = true; }
    // The run is given back: its tasks are ended, and are done again by whoever takes it. Step goes
    // on until they are.
    void GiveBack() { is_given_back_ = true; }

private:
    // The last lines that a task wrote. Thread-safe.
    struct Output {
        void Add(std::string_view line);
        std::string Text();

        std::mutex mutex;
        std::string text;
        size_t lines = 0;
    };
    struct Active {
        int64_t handle = 0;
        bool is_ending = false;
        bool is_timed_out = false;
        std::shared_ptr<Output> output;
    };

    bool Load();
    bool Renew();
    void TakeEnds();
    void EndLate();
    void EndAll(bool is_timeout);
    void StartReady();
    bool FinishIfOver();
    bool IsStopping() const { return is_cancelled_ || is_given_back_ || is_overdue_ || is_lost_; }

    enum class Readiness { kWait, kRun, kSkip };
    Readiness ReadinessOf(const JobTask& task) const;
    std::vector<std::string> WaitsFor(const JobTask& task) const;
    void Start(const JobTask& task, catalog::JobTaskRecord& record);
    void TakeEnd(const JobTask& task, catalog::JobTaskRecord& record, const Active& active,
                 const TaskEnd& end);
    void Fail(const JobTask& task, catalog::JobTaskRecord& record, ErrorKind kind,
              const std::string& message, bool may_retry);
    void Settle(catalog::JobTaskRecord& record, catalog::TaskState state);
    void Put(const catalog::JobTaskRecord& record);
    void Say(const std::string& what);
    catalog::JobTaskRecord& RecordOf(const std::string& task);

    const std::shared_ptr<const JobBook> book_;
    const Job& job_;
    const std::string owner_;
    JobParts parts_;
    const std::shared_ptr<JobValues> values_;  // the threads of tasks mask by it
    catalog::JobRunRecord run_;
    std::vector<catalog::JobTaskRecord> tasks_;  // as TaskOrder
    std::map<std::string, Active> active_;
    DurationUs renewed_{};
    bool is_loaded_ = false;
    bool is_cancelled_ = false;
    bool is_given_back_ = false;
    bool is_overdue_ = false;
    bool is_lost_ = false;
};

}  // namespace tarn::pipeline
