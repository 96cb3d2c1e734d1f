// A job as jobs/*.yml says it: when it runs, what it does, whom it tells. Immutable values once
// read (job_yaml.h); how it goes stands in catalog::JobLog.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/time_zone.h"
#include "pipeline/job_cron.h"

namespace tarn::pipeline {

struct JobLimits {
    static constexpr size_t kMostJobs = 1000;
    static constexpr size_t kMostTasks = 200;
    static constexpr size_t kMostSensors = 20;
    static constexpr size_t kMostAlerts = 20;
    static constexpr size_t kMostParameters = 100;
    static constexpr size_t kMostOpenRuns = 1000;  // of a job: more are not queued
    static constexpr int64_t kMostCatchUp = 1000;
    static constexpr int64_t kMostActiveRuns = 100;
    static constexpr int64_t kMostSlots = 10'000;
    static constexpr int64_t kMostRetries = 100;
    static constexpr size_t kMostRunningTasks = 16;   // of one process
    static constexpr size_t kMostOutputLines = 1000;  // the last ones of a task are kept
    static constexpr size_t kMostFiles = 10'000;      // that a sensor tells apart
    static constexpr size_t kMostFilesTold = 100;     // as run.files
    static constexpr uint64_t kMostYamlBytes = 1 << 20;
};

// How to try again what failed: after `delay`, then `factor` times as long each time, at most
// `most_delay`; `jitter` is the part of it that chance takes off or adds.
struct RetryPlan {
    int64_t count = 0;
    DurationUs delay = std::chrono::seconds(60);
    double factor = 2;
    DurationUs most_delay = std::chrono::hours(1);
    double jitter = 0.1;
};

// The pause before attempt `attempt` + 1, without its chance.
DurationUs PauseAfter(const RetryPlan& plan, int64_t attempt);

enum class RunIf { kAllSucceeded, kAllDone, kOnFailure };
std::string_view NameOf(RunIf condition);  // "all_done"

struct JobTask {
    std::string name;
    std::string verb;               // "build", "sql", ...: job_verbs.h
    nlohmann::ordered_json saying;  // what stands behind the verb; its texts are templates
    std::vector<std::string> depends_on;
    std::vector<TextSpot> depends_on_spots;
    RunIf run_if = RunIf::kAllSucceeded;
    DurationUs timeout{};  // 0: the run's
    std::optional<RetryPlan> retries;
    std::string pool;
    TextSpot pool_spot;
    int64_t slots = 1;
    std::map<std::string, std::string> environment;
    TextSpot spot;
};

// When a job runs by itself. Neither: by its sensors, or when somebody asks.
struct JobPlan {
    std::optional<Cron> cron;
    std::string cron_text;
    std::optional<DurationUs> every;
    TimeZone zone = TimeZone::Utc();
    std::optional<TimestampUs> start;  // no time before it
    std::optional<TimestampUs> end;    // none from it on

    bool HasTimes() const { return cron || every; }
};

enum class CatchUp { kNone, kLast, kAll };

// What must have happened: each is a question that job_sensors.h answers.
struct TableChanged {
    std::string table;
};
struct TableFresh {
    std::string table;
    DurationUs within{};
    std::string column;  // a time of its rows; empty: its last commit
};
struct FilesArrived {
    std::string pattern;
};
struct TimeOfDay {
    int minute = 0;  // of the day, in the job's zone
};
struct JobEnded {
    std::string job;
    bool succeeded = true;  // false: however it went
};
struct JobSensor {
    std::variant<TableChanged, TableFresh, FilesArrived, TimeOfDay, JobEnded> what;
    TextSpot spot;

    std::string Name() const;  // "table silver.events": the same sensor, the same name
    // Does it tell of something that happens, by which a job can start (a file arrives), rather
    // than of how things are (a table is fresh).
    bool IsEvent() const;
};

enum class AlertEvent { kFailure, kSuccess, kRetry, kLate };
std::string_view NameOf(AlertEvent event);  // "failure"

struct WebhookAlert {
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;  // empty: all that is known, as JSON
};
struct MailAlert {
    std::vector<std::string> to;
    std::string subject;  // empty: a standard one
    std::string body;
};
struct CommandAlert {
    std::string command;
};
struct JobAlert {
    AlertEvent event = AlertEvent::kFailure;
    std::variant<WebhookAlert, MailAlert, CommandAlert> how;
    TextSpot spot;

    std::string_view Channel() const;  // "webhook", "e-mail", "command"
};

struct Job {
    std::string name;
    std::string description;
    std::string owner;
    std::vector<std::string> tags;
    JobPlan plan;
    std::vector<JobSensor> sensors;  // `after` too
    CatchUp catch_up = CatchUp::kLast;
    int64_t catch_up_limit = 24;
    int64_t max_active_runs = 1;
    int64_t max_parallel_tasks = 4;
    DurationUs timeout = std::chrono::hours(24);
    std::optional<DurationUs> service_level;  // from its time to its end
    RetryPlan retries;                        // of tasks that say none
    std::map<std::string, std::string> parameters;
    std::map<std::string, std::string> environment;
    std::vector<JobAlert> alerts;
    std::vector<JobTask> tasks;
    TextSpot spot;

    const JobTask* Find(std::string_view task) const;
    // Does one of its sensors tell of something that happens.
    bool HasEvents() const;
};

struct JobPool {
    std::string name;
    int64_t slots = 1;
    std::string description;
    TextSpot spot;
};

// Where mails go out.
struct MailServer {
    std::string server;  // smtp://host:port
    std::string from;
    std::string user;
    std::string password;
    bool needs_tls = false;
};

// All that jobs/*.yml says.
struct JobBook {
    std::vector<Job> jobs;  // by name
    std::vector<JobPool> pools;
    std::optional<MailServer> mail;

    const Job* Find(std::string_view job) const;
    const JobPool* FindPool(std::string_view pool) const;
    std::vector<std::string> Names() const;
};

}  // namespace tarn::pipeline
