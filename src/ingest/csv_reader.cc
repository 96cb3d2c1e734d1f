// CSV records with the names of the file's header, or of the source's schema.
#include <algorithm>

#include <simdjson.h>

#include "base/error.h"
#include "base/text.h"
#include "ingest/csv_split.h"
#include "ingest/line_reader.h"
#include "ingest/record_reader.h"

namespace tarn::ingest {

namespace {

class CsvReader final : public RecordReader {
public:
    CsvReader(TextWindow& window, const ReadOptions& options)
        : window_(window),
          lines_(window, options.max_record_bytes),
          options_(options),
          state_(options.csv.has_header ? State::kHeader : State::kRecords),
          names_(options.fields) {}

    bool Next(Record& record) override {
        record.Clear();
        if (state_ == State::kHeader) {
            if (!ReadRecord(record)) return false;
            TakeHeader(record);
            if (record.IsMarked()) return true;
            record.Clear();
        }
        if (state_ == State::kNoHeader)
            return NextLine(record, ErrorClass::kInvalidHeader, 0, kNoHeader);
        if (!ReadRecord(record)) return false;
        if (!record.IsMarked()) TakeFields(record);
        return true;
    }

    const std::vector<std::string>* Header() const override {
        return has_header_ ? &names_ : nullptr;
    }

private:
    enum class State { kHeader, kRecords, kNoHeader };
    static constexpr std::string_view kNoHeader = "the file's header could not be read";

    // The next record's bytes and split_; marked when it could not be split.
    bool ReadRecord(Record& record) {
        if (lines_.IsInsideLine()) {
            return NextLine(record, ErrorClass::kRecordTooLong, 0,
                            "a part of a line beyond the limit");
        }
        while (true) {
            if (window_.Unread().empty() && !window_.Fill()) return false;
            const CsvOutcome outcome =
                SplitCsv(window_.Unread(), window_.AtEnd(), options_.csv, split_);
            if (outcome == CsvOutcome::kUnterminatedQuote) return NextUnterminated(record);
            if (outcome == CsvOutcome::kNeedsMore) {
                if (window_.Unread().size() <= options_.max_record_bytes) {
                    window_.Fill();
                    continue;
                }
                if (split_.is_inside_quotes) return NextUnterminated(record);
                return NextLine(record, ErrorClass::kRecordTooLong, 0,
                                "a part of a line beyond the limit");
            }
            if (IsBlank()) {
                lines_.Advance(split_.size + split_.break_size, split_.line_breaks);
                continue;
            }
            Take(record);
            if (outcome == CsvOutcome::kMalformedQuote && record.is_utf8) {
                record.Mark(ErrorClass::kMalformedQuote, split_.fault,
                            "expected a delimiter or a line break");
            }
            return true;
        }
    }

    bool IsBlank() const {
        return split_.size == 0 && (state_ == State::kHeader || names_.size() != 1);
    }

    void Take(Record& record) {
        record.raw = window_.Unread().substr(0, split_.size);
        record.line = lines_.NextNumber();
        record.offset = window_.Offset();
        record.has_break = split_.break_size > 0;
        record.is_utf8 = simdjson::validate_utf8(record.raw.data(), record.raw.size());
        lines_.Advance(split_.size + split_.break_size, split_.line_breaks);
        if (!record.is_utf8) {
            record.Mark(ErrorClass::kInvalidUtf8, FirstInvalidUtf8(record.raw).value_or(0),
                        "expected UTF-8");
        }
    }

    // A stray quote would swallow the rest of the file, so only its first line is given up.
    bool NextUnterminated(Record& record) {
        return NextLine(record, ErrorClass::kUnterminatedQuote, split_.fault,
                        "this quote is never closed");
    }

    // The next physical line, marked; `at` is a byte of the record, which may lie beyond its first
    // line.
    bool NextLine(Record& record, ErrorClass error, size_t at, std::string_view what) {
        Line line;
        do {
            if (!lines_.Next(line)) return false;
        } while (line.text.empty());
        record.raw = line.text;
        record.line = line.number;
        record.offset = line.offset;
        record.has_break = line.has_break;
        record.is_utf8 = simdjson::validate_utf8(line.text.data(), line.text.size());
        record.Mark(line.is_piece ? ErrorClass::kRecordTooLong : error, at, what);
        return true;
    }

    void TakeHeader(Record& record) {
        state_ = State::kNoHeader;
        if (record.IsMarked()) {
            record.error = ErrorClass::kInvalidHeader;
            return;
        }
        // A control character in a name means that this is no text, or that its lines end in a lone
        // CR.
        for (const CsvField& field : split_.fields) {
            const std::string_view text = record.raw.substr(field.begin, field.size);
            const auto is_control = [](char c) {
                return static_cast<unsigned char>(c) < 0x20 && c != '\t';
            };
            const auto found = std::find_if(text.begin(), text.end(), is_control);
            if (found == text.end() || (field.is_quoted && *found != '\0')) continue;
            record.Mark(ErrorClass::kInvalidHeader, static_cast<size_t>(found - record.raw.begin()),
                        "expected names without control characters, and lines that end in LF");
            return;
        }
        // Cut short by damage: the last name may be a part of one.
        if (!record.has_break && window_.IsDamaged()) {
            record.Mark(ErrorClass::kInvalidHeader, record.raw.size(), "the header is cut off");
            return;
        }
        names_.clear();
        for (const CsvField& field : split_.fields) names_.emplace_back(TextOf(record.raw, field));
        has_header_ = true;
        state_ = State::kRecords;
    }

    void TakeFields(Record& record) {
        if (split_.fields.size() != names_.size()) {
            record.Mark(
                ErrorClass::kFieldCount, 0,
                fmt::format("expected {} fields, found {}", names_.size(), split_.fields.size()));
            return;
        }
        // Reserved at once, so that views into it hold while it grows.
        unescaped_.clear();
        unescaped_.reserve(record.raw.size());
        for (size_t i = 0; i < names_.size(); ++i) {
            const CsvField& field = split_.fields[i];
            FieldValue& value = record.fields.emplace_back();
            value.name = names_[i];
            value.is_null = field.size == 0 && !field.is_quoted;
            value.text = TextOf(record.raw, field);
        }
    }

    std::string_view TextOf(std::string_view raw, const CsvField& field) {
        const std::string_view text = raw.substr(field.begin, field.size);
        if (!field.has_doubled_quotes) return text;
        unescaped_.reserve(raw.size());
        const size_t begin = unescaped_.size();
        for (size_t i = 0; i < text.size(); ++i) {
            unescaped_ += text[i];
            if (text[i] == options_.csv.quote) ++i;
        }
        return std::string_view(unescaped_).substr(begin);
    }

    TextWindow& window_;
    LineReader lines_;
    ReadOptions options_;
    State state_;
    std::vector<std::string> names_;
    bool has_header_ = false;
    CsvRecord split_;
    std::string unescaped_;
};

}  // namespace

std::unique_ptr<RecordReader> OpenCsv(TextWindow& window, const ReadOptions& options) {
    return std::make_unique<CsvReader>(window, options);
}

}  // namespace tarn::ingest
