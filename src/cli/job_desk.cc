#include "cli/job_desk.h"

#include <filesystem>
#include <iostream>

#include "cli/project_flags.h"
#include "pipeline/job_yaml.h"

namespace tarn::cli {

namespace {

constexpr std::chrono::milliseconds kTick{500};
// Tasks that are asked to end have ChildProgram::grace for it.
constexpr std::chrono::seconds kLongestEnd{20};

std::string OwnProgram() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

}  // namespace

JobDesk::JobDesk(Lake& lake, pipeline::JobObserver& observer)
    : session_(lake.Connect("tarn jobs")),
      world_(*session_, lake.store(), lake.config().root),
      tasks_(OwnProgram(), lake.config().root, lake.clock()),
      wire_(lake.config().root, lake.clock(), lake.random()),
      alerts_(lake.config().name, wire_, sending_, lake.clock(), observer),
      parts_{lake.catalog().Jobs(), tasks_,        world_,   alerts_,
             lake.clock(),          lake.random(), observer, ProcessEnvironment()} {}

JobDesk::~JobDesk() = default;

void JobService::Log::OnEvent(const std::string& line) { std::cerr << line + "\n" << std::flush; }

JobService::JobService(Lake& lake)
    : desk_(lake, log_),
      clock_(lake.clock()),
      scheduler_([&lake] { return pipeline::ReadJobs(lake.store(), lake.config().root); },
                 desk_.parts()),
      ticker_(std::make_unique<Ticker>(kTick, [this] { scheduler_.Tick(); })) {}

JobService::~JobService() {
    ticker_.reset();
    scheduler_.End();
    const DurationUs until = clock_.Monotonic() + kLongestEnd;
    for (scheduler_.Tick(); !scheduler_.IsIdle() && clock_.Monotonic() < until; scheduler_.Tick())
        clock_.Sleep(std::chrono::milliseconds(50));
}

}  // namespace tarn::cli
