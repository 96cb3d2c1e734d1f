#include "pipeline/change_flow_runner.h"

#include "base/error.h"
#include "base/text.h"
#include "pipeline/change_application.h"
#include "pipeline/change_steps.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

std::string Spelled(const std::vector<std::string>& parts) {
    std::vector<std::string> quoted;
    for (const std::string& part : parts) quoted.push_back(sql::QuoteIdentifier(part));
    return Join(quoted, ".");
}

// One run of one flow.
class FlowRun {
public:
    FlowRun(engine::Session& session, engine::TableDirectory& directory,
            const sql::ChangeFlow& flow)
        : session_(session),
          flow_(flow),
          writer_(session, directory),
          application_(session, directory),
          target_(session.ResolveName(Spelled(flow.target))),
          source_(session.ResolveName(Spelled(flow.source))),
          app_("tarn:flow:" + AsciiLower(flow.name)) {
        const auto entry = directory.Find(source_);
        if (!entry) {
            throw Error(ErrorKind::kNotFound, "there is no {} to read changes from",
                        source_.ToString());
        }
        if (flow.is_stream && entry->kind != engine::EntryKind::kTable) {
            throw Error(ErrorKind::kInvalidInput, "{} is no table: it cannot be read as a STREAM",
                        source_.ToString());
        }
    }

    engine::FlowOutcome Run() {
        ChangeTask task{flow_.rules, "", {}, !application_.IsInStep(target_, flow_.rules)};
        task.write.table = target_;
        task.write.transaction = {app_, writer_.Committed(target_, app_).value_or(0) + 1};
        task.write.commit_info = {{"tarn.flow", flow_.name}};
        if (task.anew) CheckTarget(task);
        if (flow_.is_stream) {
            if (!ReadStream(task)) return {};
        } else {
            task.changes = "SELECT * FROM " + QuotedTable(source_);
        }
        const ChangeOutcome outcome = application_.Apply(std::move(task));
        return {outcome.changes, outcome.written.rows, outcome.written.version};
    }

private:
    // A target that was declared and is empty is kept as it was declared.
    void CheckTarget(ChangeTask& task) {
        const table::SnapshotPtr there = writer_.Find(target_);
        if (there == nullptr || there->Metadata().schema.fields.empty()) return;
        if (CountRows(session_, QuotedTable(target_)) > 0) {
            throw Error(ErrorKind::kInvalidInput,
                        "{} has rows that AUTO CDC did not bring: it needs a table of its own",
                        target_.ToString());
        }
        task.keeps_table = true;
    }

    // False: there is nothing new.
    bool ReadStream(ChangeTask& task) {
        const table::SnapshotPtr source = session_.Snapshot(source_);
        const int64_t up_to = source->AtVersion().number;
        const std::string mark = app_ + ":" + source->Metadata().id;
        const auto after = task.anew ? std::nullopt : writer_.Committed(target_, mark);
        if (after && *after >= up_to) return false;
        if (writer_.Committed(target_, mark) != up_to) task.write.offsets.push_back({mark, up_to});
        const std::string table = QuotedTable(source_);
        task.changes = after ? fmt::format(
                                   "SELECT * EXCLUDE (_change_type, _commit_version, "
                                   "_commit_timestamp) FROM table_appends({}, {}, {})",
                                   sql::QuoteLiteral(source_.ToString()), *after + 1, up_to)
                             : fmt::format("SELECT * FROM {} VERSION AS OF {}", table, up_to);
        return true;
    }

    engine::Session& session_;
    const sql::ChangeFlow& flow_;
    TableWriter writer_;
    ChangeApplication application_;
    const engine::TableName target_;
    const engine::TableName source_;
    const std::string app_;
};

}  // namespace

// Mistakes that the application finds are of the statement, at the place of its source: the
// engine's places are in texts that the user did not write.
engine::FlowOutcome ChangeFlowRunner::Run(engine::Session& session, const sql::ChangeFlow& flow) {
    try {
        return FlowRun(session, directory_, flow).Run();
    } catch (const Error& error) {
        throw Error(error).At(sql::SpotOf(flow.source_position));
    }
}

}  // namespace tarn::pipeline
