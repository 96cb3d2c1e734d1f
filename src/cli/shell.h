// The interactive shell of `tarn sql`: statements over several lines, a few commands of its own,
// history, completion; Ctrl-C drops the line or cancels the statement, Ctrl-D leaves.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "cli/interrupt.h"
#include "cli/result_writer.h"
#include "engine/session.h"
#include "engine/table_directory.h"

namespace tarn::cli {

struct ShellParts {
    engine::Session& session;
    engine::TableDirectory& directory;
    Interrupts& interrupts;
    Clock& clock;
};

struct ShellOptions {
    WriterOptions writer{};
    std::string history_file{};
};

// Until the user leaves; gives the exit code, which is 0: a failed statement is no failed shell.
int RunShell(const ShellParts& parts, const ShellOptions& options);

}  // namespace tarn::cli
