#include <iostream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "base/json_text.h"
#include "catalog/doctor.h"
#include "cli/commands.h"
#include "cli/compose.h"
#include "cli/run.h"

namespace tarn::cli {

namespace {

constexpr const char* kExamples =
    R"(Holds the catalog against the warehouse: folders that no table owns (a CREATE that was killed
leaves one) and tables whose files are gone. Changes nothing; 1 is the exit code when something
was found.

Examples:
  tarn doctor
  tarn doctor --lake my-lake --format json
)";

struct DoctorFlags {
    std::string lake;
    std::string format = "table";
};

int RunDoctor(const DoctorFlags& flags) {
    const auto lake = Lake::Open(FindLake(flags.lake));
    const auto findings = catalog::Diagnose(lake->catalog(), lake->store(), [&](const auto& entry) {
        return lake->delta().Exists(entry.location);
    });
    if (flags.format == "json") {
        std::string text = "[";
        for (const auto& finding : findings) {
            text += text.size() > 1 ? ",\n {\"finding\": " : "{\"finding\": ";
            AppendJsonString(text, NameOf(finding.kind));
            text += ", \"table\": ";
            AppendJsonString(text, finding.table);
            text += ", \"location\": ";
            AppendJsonString(text, finding.location);
            text += '}';
        }
        std::cout << text << "]\n";
    } else {
        for (const auto& finding : findings) {
            std::cout << NameOf(finding.kind) << ": " << finding.table
                      << (finding.table.empty() ? "" : " at ") << finding.location << "\n";
        }
        if (findings.empty()) std::cout << "nothing found: catalog and warehouse agree\n";
    }
    return findings.empty() ? kDone : kFailed;
}

}  // namespace

void AddDoctorCommand(CLI::App& app, Chosen& chosen) {
    auto flags = std::make_shared<DoctorFlags>();
    CLI::App* doctor = app.add_subcommand("doctor", "Hold the catalog against the tables' folders");
    doctor->footer(kExamples);
    AddLakeOption(*doctor, flags->lake);
    AddReportFormatOption(*doctor, flags->format);
    doctor->callback(
        [flags, &chosen] { chosen.action = [flags](Interrupts&) { return RunDoctor(*flags); }; });
}

}  // namespace tarn::cli
