// The commands of `tarn`, one file each: Add... puts a command's flags, words and examples into the
// app; when it was chosen, its action lies in `chosen` after parsing and gives the exit code.
#pragma once

#include <functional>
#include <string>

#include "base/error.h"
#include "cli/interrupt.h"

namespace CLI {
class App;
}

namespace tarn::cli {

struct Chosen {
    std::function<int(Interrupts&)> action;
};

void AddInitCommand(CLI::App& app, Chosen& chosen);
void AddNodeCommands(CLI::App& app, Chosen& chosen);  // build, run ... backfill, retry
void AddListCommand(CLI::App& app, Chosen& chosen);
void AddCompileCommands(CLI::App& app, Chosen& chosen);   // compile, show, parse
void AddDocsCommands(CLI::App& app, Chosen& chosen);      // docs generate, source freshness
void AddContractCommands(CLI::App& app, Chosen& chosen);  // contract check, diff, publish
void AddOperationCommand(CLI::App& app, Chosen& chosen);  // run-operation
void AddDbtCommands(CLI::App& app, Chosen& chosen);       // clean, deps, debug
void AddDoctorCommand(CLI::App& app, Chosen& chosen);
// jobs list, show, check, next, run, runs, cancel, pause, resume
void AddJobsCommands(CLI::App& app, Chosen& chosen);
void AddLineageCommand(CLI::App& app, Chosen& chosen);
void AddQuarantineCommands(CLI::App& app,
                           Chosen& chosen);  // quarantine list, show, replay, discard
void AddIngestCommand(CLI::App& app, Chosen& chosen);
void AddServeCommand(CLI::App& app, Chosen& chosen);
void AddSqlCommand(CLI::App& app, Chosen& chosen);
void AddTableCommand(CLI::App& app, Chosen& chosen);
void AddReferenceCommand(CLI::App& app, Chosen& chosen);

// The app with every command, as Run parses it and the reference page prints it.
void AddCommands(CLI::App& app, Chosen& chosen);

// Flags that commands share.
void AddLakeOption(CLI::App& command, std::string& folder);
void AddReportFormatOption(CLI::App& command, std::string& format);  // "table" or "json"

// Thrown where nothing has run yet: the exit code is 2, not 1.
class Refusal : public std::exception {
public:
    explicit Refusal(Error error) : error_(std::move(error)) {}
    const Error& error() const { return error_; }
    const char* what() const noexcept override { return error_.what(); }

private:
    Error error_;
};

// For work whose InvalidInput or Unsupported is only thrown before it begins.
template <typename Work>
auto RefuseBeforeWork(Work work) {
    try {
        return work();
    } catch (const Error& error) {
        const bool refused =
            error.kind() == ErrorKind::kInvalidInput || error.kind() == ErrorKind::kUnsupported;
        if (refused) throw Refusal(error);
        throw;
    }
}

}  // namespace tarn::cli
