#include "cli/run.h"

#include <iostream>

#include <CLI/CLI.hpp>

namespace tarn::cli {

int Run(int argc, char** argv) {
    CLI::App app("Tarn: a lakehouse in one binary.", "tarn");
    app.set_version_flag("--version", "tarn " TARN_VERSION);
    app.require_subcommand(0, 1);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error, std::cout, std::cerr) == 0 ? kDone : kRefused;
    }
    std::cout << app.help();
    return kDone;
}

}  // namespace tarn::cli
