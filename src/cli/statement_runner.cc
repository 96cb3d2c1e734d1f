#include "cli/statement_runner.h"

#include <optional>
#include <vector>

#include "cli/error_text.h"
#include "cli/run.h"

namespace tarn::cli {

StatementRunner::StatementRunner(engine::Session& session, ResultWriter& writer,
                                 Interrupts& interrupts, Clock& clock, std::ostream& errors,
                                 RunnerOptions options)
    : session_(session),
      writer_(writer),
      interrupts_(interrupts),
      clock_(clock),
      errors_(errors),
      options_(std::move(options)),
      splitter_(session.Speaks()) {}

bool StatementRunner::Feed(std::string_view text) {
    splitter_.Feed(text);
    return RunWhole([this] { return splitter_.Next(); });
}

bool StatementRunner::Finish() {
    return RunWhole([this] { return splitter_.Finish(); });
}

bool StatementRunner::RunWhole(const std::function<std::optional<sql::Statement>()>& next) {
    while (true) {
        std::optional<sql::Statement> statement;
        try {
            statement = next();
        } catch (const Error& error) {
            // The input cannot be cut into statements from here on; its places are those of the
            // whole input.
            sql::Statement nothing;
            Report(error, nothing);
            return false;
        }
        if (!statement) return true;
        const bool is_done = RunOne(*statement);
        splitter_.Speak(session_.Speaks());  // the statement may have set it
        if (!is_done && (!options_.keep_going || exit_code_ == kCancelled)) return false;
    }
}

bool StatementRunner::RunOne(const sql::Statement& statement) {
    try {
        Execute(statement);
        return true;
    } catch (const Error& error) {
        Report(error, statement);
        return false;
    }
}

void StatementRunner::Execute(const sql::Statement& statement) {
    const DurationUs started = clock_.Monotonic();
    WatchOptions watch{.on_interrupt = [this] { session_.Cancel(); }};
    if (options_.progress) watch.progress = [this] { return session_.Progress(); };
    std::optional<WorkWatch> watching(std::in_place, interrupts_, std::move(watch));
    try {
        // Alone, so that places in errors count from the statement's own begin.
        const sql::Statement alone{statement.text, 1, 1, 0};
        const auto result = session_.Execute(alone, {});
        writer_.Begin(result->Columns(), result->HasRows());
        writer_.Take(*result);
        watching.reset();
        const std::chrono::duration<double, std::milli> elapsed = clock_.Monotonic() - started;
        writer_.End({result->Stats(), elapsed.count(), result->Notices()});
        if (options_.errors_in_answer) return;
        for (const std::string& notice : result->Notices())
            errors_ << "notice: " << notice << std::endl;
    } catch (const Error& error) {
        const bool interrupted = watching && watching->IsInterrupted();
        if (interrupted && error.kind() != ErrorKind::kCancelled) {
            throw Error(ErrorKind::kCancelled, "the statement was cancelled");
        }
        throw;
    }
}

void StatementRunner::Report(const Error& error, const sql::Statement& statement) {
    Note(error.kind());
    writer_.Fail(error);
    if (options_.errors_in_answer) return;
    // The caret counts in the statement, the place shown in the whole input.
    errors_ << ErrorText(error, {.source = statement.text,
                                 .shown_place = SpotInInput(error.spot(), statement, options_.file),
                                 .colour = options_.colour})
            << std::flush;
}

void StatementRunner::Note(ErrorKind kind) {
    exit_code_ = kind == ErrorKind::kCancelled ? kCancelled : kFailed;
}

}  // namespace tarn::cli
