#include "cli/run.h"

#include <iostream>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/error_text.h"
#include "cli/interrupt.h"
#include "cli/version.h"

namespace tarn::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  tarn init my-lake                 make a lake
  tarn sql --lake my-lake           a shell over it
  tarn COMMAND --help               what a command does, with examples

Exit codes: 0 done; 1 the work failed; 2 wrong flags, or a file of the project was refused before
anything ran; 130 cancelled.
)";

int Report(const Error& error, int code) {
    std::cerr << ErrorText(error, {.colour = isatty(STDERR_FILENO) != 0}) << std::flush;
    return code;
}

// A place in a file tells of the project's own text: it was refused before anything ran.
int CodeOf(const Error& error) {
    if (error.kind() == ErrorKind::kCancelled) return kCancelled;
    return error.kind() == ErrorKind::kInvalidInput && !error.spot().file.empty() ? kRefused
                                                                                  : kFailed;
}

}  // namespace

void AddCommands(CLI::App& app, Chosen& chosen) {
    app.description("Tarn: a lakehouse in one binary.");
    app.name("tarn");
    app.set_version_flag("--version", kProgramVersion);
    app.require_subcommand(0, 1);
    app.footer(kFooter);
    AddInitCommand(app, chosen);
    AddIngestCommand(app, chosen);
    AddNodeCommands(app, chosen);
    AddListCommand(app, chosen);
    AddCompileCommands(app, chosen);
    AddDocsCommands(app, chosen);
    AddContractCommands(app, chosen);
    AddQuarantineCommands(app, chosen);
    AddOperationCommand(app, chosen);
    AddDbtCommands(app, chosen);
    AddJobsCommands(app, chosen);
    AddLineageCommand(app, chosen);
    AddServeCommand(app, chosen);
    AddTableCommand(app, chosen);
    AddSqlCommand(app, chosen);
    AddDoctorCommand(app, chosen);
    AddReferenceCommand(app, chosen);
}

void AddLakeOption(CLI::App& command, std::string& folder) {
    command
        .add_option("--lake", folder,
                    "the lake's folder (default: the nearest one upward with tarn.yml)")
        ->type_name("DIR");
}

void AddReportFormatOption(CLI::App& command, std::string& format) {
    command.add_option("--format", format, "table or json")
        ->check(CLI::IsMember({"table", "json"}).description(""))
        ->type_name("NAME")
        ->capture_default_str();
}

int Run(int argc, char** argv) {
    Interrupts interrupts;  // before any other thread
    std::ios::sync_with_stdio(false);
    CLI::App app;
    Chosen chosen;
    try {
        AddCommands(app, chosen);
        app.parse(argc, argv);
        if (chosen.action) return chosen.action(interrupts);
        std::cout << app.help();
        return kDone;
    } catch (const CLI::Success& asked) {  // --help, --version
        return app.exit(asked, std::cout, std::cerr);
    } catch (const CLI::ParseError& wrong) {
        return Report(Error(ErrorKind::kInvalidInput, "{}; `tarn --help` lists commands and flags",
                            wrong.what()),
                      kRefused);
    } catch (const Refusal& refusal) {
        return Report(refusal.error(), kRefused);
    } catch (const Error& error) {
        return Report(error, CodeOf(error));
    } catch (const std::exception& defect) {
        return Report(Error(ErrorKind::kInternal, "{}: please report it", defect.what()), kFailed);
    }
}

}  // namespace tarn::cli
