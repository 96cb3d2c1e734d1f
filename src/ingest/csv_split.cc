#include "ingest/csv_split.h"

#include <algorithm>

namespace tarn::ingest {

namespace {

class Splitter {
public:
    Splitter(std::string_view text, bool is_all, const CsvOptions& options, CsvRecord& record)
        : text_(text), is_all_(is_all), options_(options), record_(record) {}

    CsvOutcome Run() {
        while (true) {
            const bool is_quoted =
                options_.quote != '\0' && at_ < text_.size() && text_[at_] == options_.quote;
            const Step step = is_quoted ? Quoted() : Plain();
            if (step == Step::kStop) return stop_;
            if (step == Step::kRecordEnd) return CsvOutcome::kRecord;
        }
    }

private:
    enum class Step { kNextField, kRecordEnd, kStop };

    Step Stop(CsvOutcome outcome) {
        stop_ = outcome;
        return Step::kStop;
    }

    Step Plain() {
        const size_t begin = at_;
        while (at_ < text_.size() && text_[at_] != options_.delimiter && text_[at_] != '\n') ++at_;
        if (at_ == text_.size() && !is_all_) return Stop(CsvOutcome::kNeedsMore);
        size_t end = at_;
        const bool ends_line = at_ < text_.size() && text_[at_] == '\n';
        if (ends_line && end > begin && text_[end - 1] == '\r') --end;
        record_.fields.push_back({begin, end - begin, false, false});
        if (at_ < text_.size() && !ends_line) {
            ++at_;
            return Step::kNextField;
        }
        return EndRecord(end);
    }

    Step Quoted() {
        CsvField field{at_ + 1, 0, true, false};
        size_t scan = at_ + 1;
        while (true) {
            const size_t quote = text_.find(options_.quote, scan);
            if (quote == std::string_view::npos || (quote + 1 == text_.size() && !is_all_)) {
                record_.fault = at_;
                record_.is_inside_quotes = true;
                return Stop(is_all_ ? CsvOutcome::kUnterminatedQuote : CsvOutcome::kNeedsMore);
            }
            if (quote + 1 < text_.size() && text_[quote + 1] == options_.quote) {
                field.has_doubled_quotes = true;
                scan = quote + 2;
                continue;
            }
            field.size = quote - field.begin;
            record_.line_breaks += std::count(text_.data() + at_, text_.data() + quote, '\n');
            at_ = quote + 1;
            record_.fields.push_back(field);
            return AfterQuote();
        }
    }

    Step AfterQuote() {
        if (at_ == text_.size()) return EndRecord(at_);
        if (text_[at_] == options_.delimiter) {
            ++at_;
            return Step::kNextField;
        }
        const size_t end = at_;
        if (text_[at_] == '\r') {
            if (at_ + 1 == text_.size() && !is_all_) return Stop(CsvOutcome::kNeedsMore);
            if (at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++at_;
        }
        if (text_[at_] == '\n') return EndRecord(end);
        record_.fault = end;
        at_ = std::min(text_.find('\n', at_), text_.size());
        if (at_ == text_.size() && !is_all_) return Stop(CsvOutcome::kNeedsMore);
        EndRecord(at_ > 0 && at_ < text_.size() && text_[at_ - 1] == '\r' ? at_ - 1 : at_);
        return Stop(CsvOutcome::kMalformedQuote);
    }

    // at_ stands on the LF that ends the record, or at the end of all text.
    Step EndRecord(size_t end) {
        record_.size = end;
        record_.break_size = at_ < text_.size() ? at_ + 1 - end : 0;
        if (at_ < text_.size()) ++record_.line_breaks;
        return Step::kRecordEnd;
    }

    std::string_view text_;
    bool is_all_;
    const CsvOptions& options_;
    CsvRecord& record_;
    size_t at_ = 0;
    CsvOutcome stop_ = CsvOutcome::kNeedsMore;
};

}  // namespace

CsvOutcome SplitCsv(std::string_view text, bool is_all, const CsvOptions& options,
                    CsvRecord& record) {
    record = CsvRecord{.fields = std::move(record.fields)};
    record.fields.clear();
    return Splitter(text, is_all, options, record).Run();
}

}  // namespace tarn::ingest
