#include "pipeline/job_programs.h"

#include <cstdlib>

#include "base/child_process.h"
#include "base/error.h"

namespace tarn::pipeline {

ProgramTasks::~ProgramTasks() {
    for (const auto& [handle, program] : programs_) program->cancel.Cancel();
    for (const auto& [handle, program] : programs_) program->thread.join();
}

std::vector<std::string> ProgramTasks::ArgumentsOf(const TaskProgram& program) const {
    if (program.is_shell) return {"/bin/sh", "-c", program.arguments.front()};
    std::vector<std::string> arguments = program.arguments;
    if (!program.is_tarn) {
        // As a shell finds it, without a shell's reading of the words.
        const bool is_path = arguments.front().find('/') != std::string::npos;
        if (!is_path) arguments.insert(arguments.begin(), "/usr/bin/env");
        return arguments;
    }
    arguments.insert(arguments.begin(), tarn_);
    arguments.insert(arguments.end(), {"--lake", lake_});
    return arguments;
}

int64_t ProgramTasks::Start(TaskStart start) {
    auto made = std::make_unique<Program>();
    Program& program = *made;
    ChildProgram child;
    child.arguments = ArgumentsOf(start.program);
    child.environment = std::move(start.environment);
    child.folder = lake_;
    child.input = std::move(start.program.input);
    ++running_;
    program.thread = std::thread([this, &program, child = std::move(child), take = start.take] {
        try {
            program.end.exit_code = RunChild(child, program.cancel, clock_, take).exit_code;
        } catch (const std::exception& error) {
            constexpr int kCannotRun = 126;
            take(error.what());
            program.end.exit_code = kCannotRun;
        }
        --running_;
        program.is_over = true;
    });
    const std::lock_guard lock(mutex_);
    programs_.emplace(++last_, std::move(made));
    return last_;
}

std::optional<TaskEnd> ProgramTasks::TakeEnd(int64_t handle) {
    const std::lock_guard lock(mutex_);
    const auto found = programs_.find(handle);
    if (found == programs_.end() || !found->second->is_over) return std::nullopt;
    found->second->thread.join();
    const TaskEnd end = found->second->end;
    programs_.erase(found);
    return end;
}

void ProgramTasks::Cancel(int64_t handle) {
    const std::lock_guard lock(mutex_);
    const auto found = programs_.find(handle);
    if (found != programs_.end()) found->second->cancel.Cancel();
}

}  // namespace tarn::pipeline
