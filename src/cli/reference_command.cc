#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/reference.h"
#include "cli/run.h"
#include "storage/local_store.h"

namespace tarn::cli {

// For who works on Tarn, so hidden: `tarn reference PAGE` prints one page, `--write DIR` writes
// all.
void AddReferenceCommand(CLI::App& app, Chosen& chosen) {
    struct Flags {
        std::string page;
        std::string folder;
    };
    auto flags = std::make_shared<Flags>();
    CLI::App* reference =
        app.add_subcommand("reference", "Print a generated page of docs/reference");
    reference->group("");
    std::vector<std::string> names;
    for (const ReferencePage& page : ReferencePages()) names.push_back(page.name);
    reference->add_option("PAGE", flags->page, "its name")
        ->type_name("")
        ->check(CLI::IsMember(names));
    reference->add_option("--write", flags->folder, "write all pages into the folder")
        ->type_name("DIR");
    reference->callback([flags, &chosen] {
        chosen.action = [flags](Interrupts&) {
            for (const ReferencePage& page : ReferencePages()) {
                if (page.name == flags->page) std::cout << page.text();
                if (flags->folder.empty()) continue;
                storage::LocalStore().Put(
                    (std::filesystem::absolute(flags->folder) / (page.name + ".md")).string(),
                    page.text());
            }
            return kDone;
        };
    });
}

}  // namespace tarn::cli
