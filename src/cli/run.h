// The whole command line: parses, runs one command, turns failures into one line and an exit code.
#pragma once

namespace tarn::cli {

// Exit codes (DESIGN section 7).
constexpr int kDone = 0;
constexpr int kFailed = 1;   // the work failed
constexpr int kRefused = 2;  // wrong flags, or a project's YAML or SQL refused before anything ran
constexpr int kCancelled = 130;

int Run(int argc, char** argv);

}  // namespace tarn::cli
