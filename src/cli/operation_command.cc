#include <iostream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/error_text.h"
#include "cli/project_flags.h"
#include "cli/run.h"

namespace tarn::cli {

namespace {

constexpr const char* kExamples =
    R"(Calls one macro of the project or of a package that it uses. Statements that it asks of the
lake (run_query, statement, adapter) are run; what it logs with info=True and prints goes to
stdout.

Examples:
  tarn run-operation drop_old_schemas
  tarn run-operation grant_select --args '{role: reporter, days: 3}'
  tarn run-operation codegen.generate_base_model --args '{source_name: shop, table_name: orders}'
)";

struct OperationFlags : ProjectFlags {
    std::string macro;
    std::string arguments;
};

int RunOperation(const OperationFlags& flags) {
    const auto arguments = RefuseBeforeWork([&] { return MapOfFlag(flags.arguments, "--args"); });
    const OpenProject project(flags, {}, "run-operation", std::cout);
    const std::string macro =
        RefuseBeforeWork([&] { return project.loaded->FindMacro(flags.macro); });
    try {
        project.loaded->CallMacro(macro, arguments);
    } catch (const Error& error) {
        // Whatever its kind: part of the work may be done.
        std::cout << std::flush;
        std::cerr << ErrorText(error, {.colour = isatty(STDERR_FILENO) != 0}) << std::flush;
        return error.kind() == ErrorKind::kCancelled ? kCancelled : kFailed;
    }
    return kDone;
}

}  // namespace

void AddOperationCommand(CLI::App& app, Chosen& chosen) {
    auto flags = std::make_shared<OperationFlags>();
    CLI::App* operation = app.add_subcommand("run-operation", "Call a macro of the project");
    operation->footer(kExamples);
    operation->add_option("MACRO", flags->macro, "name or package.name")->type_name("")->required();
    operation->add_option("--args", flags->arguments, "what it is given, by name, as YAML")
        ->type_name("YAML");
    AddProjectOptions(*operation, *flags);
    operation->callback([flags, &chosen] {
        chosen.action = [flags](Interrupts&) { return RunOperation(*flags); };
    });
}

}  // namespace tarn::cli
