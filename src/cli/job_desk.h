// All that jobs need, put together for a lake: programs, sensors, alerts, the scheduler of a
// server.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/executor.h"
#include "base/ticker.h"
#include "cli/alert_wire.h"
#include "cli/compose.h"
#include "pipeline/job_programs.h"
#include "pipeline/job_runner.h"
#include "pipeline/job_scheduler.h"
#include "pipeline/job_world.h"

namespace tarn::cli {

// The parts of jobs over an open lake, which outlives it, as does the observer.
class JobDesk {
public:
    JobDesk(Lake& lake, pipeline::JobObserver& observer);
    ~JobDesk();

    const pipeline::JobParts& parts() const { return parts_; }

private:
    std::unique_ptr<engine::Session> session_;
    pipeline::LakeWorld world_;
    pipeline::ProgramTasks tasks_;
    NetAlertWire wire_;
    BackgroundExecutor sending_;
    pipeline::JobAlerts alerts_;
    pipeline::JobParts parts_;
};

// The jobs of a lake by themselves, for as long as it lives; its end gives back what runs.
class JobService {
public:
    explicit JobService(Lake& lake);
    ~JobService();
    JobService(const JobService&) = delete;
    JobService& operator=(const JobService&) = delete;

private:
    // Events on stderr, a line each.
    class Log final : public pipeline::JobObserver {
    public:
        void OnEvent(const std::string& line) override;
    };

    Log log_;
    JobDesk desk_;
    Clock& clock_;
    pipeline::JobScheduler scheduler_;
    std::unique_ptr<Ticker> ticker_;
};

}  // namespace tarn::cli
