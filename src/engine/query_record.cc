#include "engine/query_record.h"

namespace tarn::engine {

namespace {

class RecordedResult final : public Result {
public:
    RecordedResult(std::unique_ptr<Result> result, std::unique_ptr<QueryRecord> record)
        : result_(std::move(result)), record_(std::move(record)) {}
    // The rest of the rows is not wanted.
    ~RecordedResult() override {
        if (record_) record_->Cancel(result_->Stats());
    }

    const std::vector<ColumnInfo>& Columns() const override { return result_->Columns(); }
    bool HasRows() const override { return result_->HasRows(); }
    void GetArrowSchema(ArrowSchema* out) override { result_->GetArrowSchema(out); }
    bool NextArrow(ArrowArray* out) override {
        return Next([&] { return result_->NextArrow(out); });
    }
    bool NextText(std::vector<TextRow>& rows) override {
        return Next([&] { return result_->NextText(rows); });
    }
    const StatementStats& Stats() const override { return result_->Stats(); }
    const std::vector<std::string>& Notices() const override { return result_->Notices(); }

private:
    template <typename Read>
    bool Next(Read read) {
        try {
            const bool has_more = read();
            if (!has_more && record_) std::exchange(record_, nullptr)->Succeed(result_->Stats());
            return has_more;
        } catch (const Error& error) {
            if (record_) std::exchange(record_, nullptr)->Fail(error, result_->Stats());
            throw;
        }
    }

    const std::unique_ptr<Result> result_;
    std::unique_ptr<QueryRecord> record_;
};

}  // namespace

QueryRecord::QueryRecord(QueryHistory& history, QueryStart start)
    : history_(history), queue_ms_(start.queue_ms), query_(history.Start(std::move(start))) {}

QueryRecord::~QueryRecord() {
    if (!has_ended_) Cancel({});
}

void QueryRecord::Fail(const Error& error, StatementStats stats) {
    const bool is_cancelled = error.kind() == ErrorKind::kCancelled;
    End({is_cancelled ? QueryOutcome::kCancelled : QueryOutcome::kFailed,
         std::string(TraitsOf(error.kind()).name), error.message(), std::move(stats)});
}

void QueryRecord::End(QueryEnd end) {
    has_ended_ = true;
    end.stats.queue_ms = queue_ms_;
    history_.Finish(query_, std::move(end));
}

std::unique_ptr<Result> Recorded(std::unique_ptr<Result> result,
                                 std::unique_ptr<QueryRecord> record) {
    if (result->HasRows()) {
        return std::make_unique<RecordedResult>(std::move(result), std::move(record));
    }
    record->Succeed(result->Stats());
    return result;
}

}  // namespace tarn::engine
