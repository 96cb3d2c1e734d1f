// What jobs need of the world: a port each, so that a scheduler runs in a test without programs,
// network and lake.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "pipeline/job.h"
#include "pipeline/job_verbs.h"

namespace tarn::pipeline {

// A task that starts.
struct TaskStart {
    TaskProgram program;
    std::map<std::string, std::string> environment;
    // A line that it wrote; from any thread, one at a time.
    std::function<void(std::string_view line)> take;
};

// How it ended; 0 is a success.
struct TaskEnd {
    int exit_code = 0;
};

// Runs tasks beside the caller.
class TaskRunner {
public:
    virtual ~TaskRunner() = default;
    // Gives its handle. Unavailable: it could not be started.
    virtual int64_t Start(TaskStart start) = 0;
    // Nothing while it runs; once, how it ended.
    virtual std::optional<TaskEnd> TakeEnd(int64_t handle) = 0;
    // Asks it to end; it is then waited for by TakeEnd.
    virtual void Cancel(int64_t handle) = 0;
    virtual size_t Running() const = 0;
};

struct SeenFile {
    std::string path;  // from the lake's folder
    std::string mark;  // another one when its content is another
};

// What sensors ask of the lake.
class SensorWorld {
public:
    virtual ~SensorWorld() = default;
    // Nothing: there is no such table.
    virtual std::optional<int64_t> TableVersion(const std::string& table) = 0;
    // When its last commit was, or the latest time in the column; nothing: no table, no row.
    // Timeout, soon, where that takes long.
    virtual std::optional<TimestampUs> TableTime(const std::string& table,
                                                 const std::string& column) = 0;
    // At most JobLimits::kMostFiles, else LimitExceeded.
    virtual std::vector<SeenFile> Files(const std::string& pattern) = 0;
};

// Takes alerts to where they go; each throws Error when it could not.
class AlertWire {
public:
    virtual ~AlertWire() = default;
    virtual void Webhook(const std::string& url,
                         const std::vector<std::pair<std::string, std::string>>& headers,
                         const std::string& body) = 0;
    virtual void Mail(const MailServer& server, const std::vector<std::string>& to,
                      const std::string& subject, const std::string& text) = 0;
    virtual void Command(const std::string& command, const std::string& input) = 0;
};

// Told of the progress; from any thread, one at a time.
class JobObserver {
public:
    virtual ~JobObserver() = default;
    virtual void OnLine(const std::string& /*job*/, const std::string& /*task*/,
                        std::string_view /*line of the task*/) {}
    // "job nightly: task load failed ..."
    virtual void OnEvent(const std::string& /*line*/) {}
};

}  // namespace tarn::pipeline
