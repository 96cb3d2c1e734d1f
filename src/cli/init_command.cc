#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "base/error.h"
#include "base/text.h"
#include "catalog/lake_config.h"
#include "cli/commands.h"
#include "cli/run.h"
#include "storage/local_store.h"

namespace tarn::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* kExamples =
    R"(Makes the folders of a lake and a tarn.yml with safe settings;
what exists already stays as it is.

Examples:
  tarn init my-lake
  tarn init --name sales .
)";

constexpr const char* kConfigText = R"(# A Tarn lake. Every key: docs/reference/tarn-yml.md
name: {}

# Properties that every new table is given. Deletion vectors are off, as many readers refuse tables
# that may have them.
# table_defaults:
#   delta.enableDeletionVectors: "true"
)";

constexpr const char* kIgnoreText =
    "# The state of the embedded catalog and the managed tables.\n.tarn/\n"
    "# What commands leave for other tools.\ntarget/\n";

void WriteIfAbsent(const fs::path& file, const std::string& text) {
    const auto outcome = storage::LocalStore().PutIfAbsent(file.string(), text);
    std::cout << (outcome == storage::PutOutcome::kExists ? "kept  " : "made  ") << file.string()
              << "\n";
}

std::string DefaultName(const fs::path& folder) {
    std::string name;
    for (const char c : AsciiLower(folder.filename().string())) {
        const bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        name += good ? c : '_';
    }
    if (name.empty() || (name[0] >= '0' && name[0] <= '9')) name = "lake_" + name;
    return name;
}

int RunInit(const std::string& folder, const std::string& name) {
    const fs::path root = fs::absolute(folder).lexically_normal();
    const fs::path named = root.has_filename() ? root : root.parent_path();
    const std::string lake = catalog::LakeName(name.empty() ? DefaultName(named) : name);
    for (const char* part : {"models/bronze", "models/silver", "models/gold", "sources",
                             "contracts", "apis", "policies", "jobs"}) {
        fs::create_directories(named / part);
    }
    WriteIfAbsent(named / catalog::LakeConfig::kFileName, fmt::format(kConfigText, lake));
    WriteIfAbsent(named / ".gitignore", kIgnoreText);
    // A tarn.yml that was there already must be one.
    const std::string found = catalog::LakeConfig::Load(named.string()).name;
    std::cout << "The lake " << found << " is ready. Next: `tarn sql --lake " << folder << "`\n";
    return kDone;
}

}  // namespace

void AddInitCommand(CLI::App& app, Chosen& chosen) {
    struct Flags {
        std::string folder = ".";
        std::string name;
    };
    auto flags = std::make_shared<Flags>();
    CLI::App* init = app.add_subcommand("init", "Make a folder a lake");
    init->footer(kExamples);
    init->add_option("DIR", flags->folder, "the folder (default: this one)")->type_name("");
    init->add_option("--name", flags->name, "the lake's name (default: the folder's)")
        ->type_name("NAME");
    init->callback([flags, &chosen] {
        chosen.action = [flags](Interrupts&) { return RunInit(flags->folder, flags->name); };
    });
}

}  // namespace tarn::cli
