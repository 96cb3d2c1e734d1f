// Runs the tasks of jobs as programs beside this one, a thread each that reads what they write.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/cancel.h"
#include "pipeline/job_ports.h"

namespace tarn::pipeline {

// Thread-safe.
class ProgramTasks final : public TaskRunner {
public:
    // `tarn`: the path of Tarn's own program; `lake`: the lake's folder, where all of them run.
    ProgramTasks(std::string tarn, std::string lake, Clock& clock)
        : tarn_(std::move(tarn)), lake_(std::move(lake)), clock_(clock) {}
    // Ends what runs, and waits for it.
    ~ProgramTasks() override;

    int64_t Start(TaskStart start) override;
    std::optional<TaskEnd> TakeEnd(int64_t handle) override;
    void Cancel(int64_t handle) override;
    size_t Running() const override { return running_; }

private:
    struct Program {
        CancelToken cancel;
        std::atomic<bool> is_over{false};
        TaskEnd end;
        std::thread thread;
    };

    std::vector<std::string> ArgumentsOf(const TaskProgram& program) const;

    const std::string tarn_;
    const std::string lake_;
    Clock& clock_;
    std::atomic<size_t> running_{0};
    std::mutex mutex_;
    int64_t last_ = 0;
    std::map<int64_t, std::unique_ptr<Program>> programs_;
};

}  // namespace tarn::pipeline
