// A program that runs beside this process: started with its own process group, its output read line
// by line, ended as a whole. It and what it started do not outlive the thread that runs it, kill -9
// included.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"

namespace tarn {

struct ChildProgram {
    std::vector<std::string> arguments;              // the first is the program's path
    std::map<std::string, std::string> environment;  // beside this process's own
    std::string folder;                              // where it runs; empty: here
    std::string input;                               // its standard input
    DurationUs timeout{};                            // 0: none
    // Between the request to end (SIGTERM) and the end (SIGKILL).
    DurationUs grace = std::chrono::seconds(10);
};

struct ChildOutcome {
    int exit_code = 0;  // 128 + the signal when one ended it
    bool is_cancelled = false;
    bool is_timed_out = false;
};

// Lines of standard output and standard error as they come, without their ends; a longer line
// comes in pieces of kMostLineBytes.
using LineTaker = std::function<void(std::string_view line)>;
constexpr size_t kMostLineBytes = 8192;

// Runs it and waits for its end. Once `cancel` is set, or the time is over, its whole group is
// asked to end, and after the grace is ended. Unavailable: it could not be started.
ChildOutcome RunChild(const ChildProgram& program, const CancelToken& cancel, Clock& clock,
                      const LineTaker& take);

}  // namespace tarn
