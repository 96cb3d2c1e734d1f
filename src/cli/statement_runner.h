// Runs statements one after another in a session and writes their answers. Not thread-safe.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "cli/interrupt.h"
#include "cli/result_writer.h"
#include "engine/session.h"
#include "sql/splitter.h"

namespace tarn::cli {

struct RunnerOptions {
    bool keep_going = false;        // after a failed statement
    bool errors_in_answer = false;  // the format has a place for errors (json, jsonl)
    bool colour = false;
    bool progress = false;  // of long statements, on stderr
    std::string file{};     // names the input in messages
};

class StatementRunner {
public:
    StatementRunner(engine::Session& session, ResultWriter& writer, Interrupts& interrupts,
                    Clock& clock, std::ostream& errors, RunnerOptions options);

    // Feeds text and runs every statement that is whole. false: stop, as one failed or was
    // cancelled.
    bool Feed(std::string_view text);
    // The input has ended: runs what is left.
    bool Finish();
    // Runs one statement, whatever came before; false when it failed.
    bool RunOne(const sql::Statement& statement);

    bool IsInStatement() const { return splitter_.IsInStatement(); }
    // Forgets a statement that is half typed.
    void Discard() { splitter_ = sql::StatementSplitter(session_.Speaks()); }
    int ExitCode() const { return exit_code_; }

private:
    bool RunWhole(const std::function<std::optional<sql::Statement>()>& next);
    void Execute(const sql::Statement& statement);
    void Report(const Error& error, const sql::Statement& statement);
    void Note(ErrorKind kind);

    engine::Session& session_;
    ResultWriter& writer_;
    Interrupts& interrupts_;
    Clock& clock_;
    std::ostream& errors_;
    const RunnerOptions options_;
    sql::StatementSplitter splitter_;
    int exit_code_ = 0;
};

}  // namespace tarn::cli
