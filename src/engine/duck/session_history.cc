#include <algorithm>

#include "engine/duck/session.h"
#include "engine/duck/several_results.h"
#include "engine/query_record.h"
#include "sql/inserts_from.h"
#include "sql/shown_statement.h"

namespace tarn::engine::duck {
namespace {

// So much of a statement's text is kept in the history.
constexpr size_t kShownBytes = 4096;
constexpr std::string_view kOwnApp = "tarn:";

// A statement that lost to another writer is run again so often, and not once it took so long.
constexpr uint64_t kMostReruns = 30;
constexpr DurationUs kLongestTrying = std::chrono::minutes(10);
constexpr DurationUs kFirstPause = std::chrono::milliseconds(2);
constexpr DurationUs kLongestPause = std::chrono::milliseconds(250);

DurationUs PauseBefore(uint64_t rerun, Random& random) {
    const auto longest =
        std::min(DurationUs(kFirstPause * (1 << std::min<uint64_t>(rerun, 10))), kLongestPause);
    return DurationUs(
        static_cast<int64_t>(random.Below(static_cast<uint64_t>(longest.count()) + 1)));
}

// Ingest and models write with their node in the transaction's name.
std::string NodeOf(const ExecuteOptions& options) {
    if (!options.node.empty() || !options.transaction) return options.node;
    const std::string& app = options.transaction->app_id;
    return app.starts_with(kOwnApp) ? app.substr(kOwnApp.size()) : app;
}

// The run that the statement is a part of stands in its commit as well.
std::string RunOf(const ExecuteOptions& options) {
    const auto run = options.commit_info.find("tarn.run_id");
    return run == options.commit_info.end() ? "" : run->second;
}

}  // namespace

std::unique_ptr<Result> DuckSession::Execute(const sql::Statement& statement,
                                             const ExecuteOptions& options) {
    is_cancelled_ = false;
    const std::vector<sql::Statement> inserts = sql::InsertsFrom(statement, Speaks());
    return inserts.empty() ? ExecuteWhole(statement, options) : Insert(inserts, options);
}

std::unique_ptr<Result> DuckSession::ExecuteWhole(const sql::Statement& statement,
                                                  const ExecuteOptions& options) {
    started_ = core_.parts.clock.Monotonic();
    return WithHistory(statement.text, options, [&] { return ExecuteAgain(statement, options); });
}

// Each commits by itself, as in Spark; those behind one that fails are not begun.
std::unique_ptr<Result> DuckSession::Insert(const std::vector<sql::Statement>& inserts,
                                            const ExecuteOptions& options) {
    const bool is_one_commit =
        !connection_.IsAutoCommit() || options.transaction || !options.inputs.empty();
    if (inserts.size() > 1 && is_one_commit) {
        throw Error(ErrorKind::kUnsupported,
                    "FROM ... INSERT ... INSERT ... writes several tables, each by a commit of its "
                    "own, and no transaction holds them all: write them one by one, or COMMIT "
                    "first")
            .At(SpotOf(inserts[1].position()));
    }
    std::vector<std::unique_ptr<Result>> results;
    for (const sql::Statement& insert : inserts) {
        try {
            results.push_back(ExecuteWhole(insert, options));
        } catch (const Error& error) {
            // The words of one stand elsewhere in what the user wrote.
            if (error.spot().line == 0) throw;
            throw Error(error).At(SpotOf(insert.position()));
        }
    }
    return std::make_unique<SeveralResults>(std::move(results));
}

std::unique_ptr<Result> DuckSession::WithHistory(std::string_view text,
                                                 const ExecuteOptions& options, const Work& work) {
    if (core_.parts.history == nullptr) return work();
    state_->meter = std::make_shared<Meter>();
    const sql::StatementKind kind = sql::KindOf(text, Speaks());
    const std::string shown = sql::WithoutSecrets(text, kShownBytes, Speaks());
    auto record = std::make_unique<QueryRecord>(
        *core_.parts.history, QueryStart{state_->principal.name, NodeOf(options), kind.name, shown,
                                         kind.only_reads, options.queue_ms, RunOf(options)});
    try {
        auto result = work();
        return Recorded(std::move(result), std::move(record));
    } catch (const Error& error) {
        StatementStats stats;
        state_->meter->CopyTo(stats);
        record->Fail(error, std::move(stats));
        throw;
    }
}

// Nothing of a statement that met a conflict was committed: it is as if it had never run.
std::unique_ptr<Result> DuckSession::ExecuteAgain(const sql::Statement& statement,
                                                  const ExecuteOptions& options) {
    Clock& clock = core_.parts.clock;
    const bool may_run_again = connection_.IsAutoCommit() && options.inputs.empty();
    ExecuteOptions left = options;
    for (reruns_ = 0;; ++reruns_) {
        try {
            return ExecuteOnce(statement, left);
        } catch (const Error&) {
            if (!may_run_again || !MayRunAgain()) throw;
        }
        clock.Sleep(PauseBefore(reruns_, core_.parts.random));
        if (options.timeout_ms == 0) continue;
        const auto taken =
            std::chrono::duration_cast<std::chrono::milliseconds>(clock.Monotonic() - started_);
        left.timeout_ms = std::max<int64_t>(options.timeout_ms - taken.count(), 1);
    }
}

bool DuckSession::MayRunAgain() const {
    using Reason = table::ConflictReason;
    const auto& conflict = state_->conflict;
    // The others of these would only say the same again.
    const bool is_passing = conflict && *conflict != Reason::kTransaction &&
                            *conflict != Reason::kTooManyAttempts &&
                            *conflict != Reason::kTableExists;
    return is_passing && reruns_ < kMostReruns && !is_cancelled_ &&
           core_.parts.clock.Monotonic() - started_ < kLongestTrying;
}

}  // namespace tarn::engine::duck
