#include "cli/result_writer.h"

#include "base/json_text.h"
#include "base/text.h"
#include "cli/arrow_writer.h"
#include "cli/text_table.h"

namespace tarn::cli {

namespace {

using engine::ColumnInfo;
using engine::TextRow;

// What an answer that is held back may take.
constexpr size_t kMaxAnswerBytes = size_t{1} << 30;

Error TooManyBytes() {
    return Error(ErrorKind::kLimitExceeded,
                 "the answer has more than {}: `--format csv` or `arrow` streams it",
                 HumanBytes(kMaxAnswerBytes));
}

Error TooManyRows(size_t limit) {
    return Error(ErrorKind::kLimitExceeded,
                 "the answer has more than {} rows: `--format csv` or `arrow` streams it; or raise "
                 "`--max-rows`, or add LIMIT",
                 limit);
}

// ", 2 files read (1.5 MB), 5 skipped, 3 row groups read, 4 skipped; main.t version 7" of a
// statement that read tables.
std::string WhatWasRead(const engine::StatementStats& stats) {
    if (stats.read.empty()) return {};
    std::string text =
        fmt::format(", {} files read ({}), {} skipped, {} row groups read, {} skipped",
                    stats.files_read, HumanBytes(stats.bytes_read), stats.files_skipped,
                    stats.row_groups_read, stats.row_groups_skipped);
    for (size_t i = 0; i < stats.read.size(); ++i) {
        text += fmt::format("{} {} version {}", i == 0 ? ";" : ",", stats.read[i].table.ToString(),
                            stats.read[i].version.number);
    }
    return text;
}

// {"main.t": 7}
std::string VersionsJson(const std::vector<engine::TableVersionUse>& uses) {
    std::string json = "{";
    for (size_t i = 0; i < uses.size(); ++i) {
        if (i > 0) json += ", ";
        AppendJsonString(json, uses[i].table.ToString());
        json += fmt::format(": {}", uses[i].version.number);
    }
    return json + "}";
}

class TableWriter final : public ResultWriter {
public:
    TableWriter(std::ostream& out, const WriterOptions& options) : out_(out), options_(options) {}

    void Begin(const std::vector<ColumnInfo>& columns, bool has_rows) override {
        columns_ = columns;
        has_rows_ = has_rows;
        rows_.clear();
        bytes_ = 0;
        cut_ = false;
    }

    bool Rows(std::vector<TextRow>& rows) override {
        for (TextRow& row : rows) {
            if (rows_.size() == options_.max_rows) {
                if (!options_.cut_long_answers) throw TooManyRows(options_.max_rows);
                cut_ = true;
                return false;
            }
            for (const auto& cell : row) bytes_ += cell ? cell->size() : 0;
            if (bytes_ > kMaxAnswerBytes) throw TooManyBytes();
            rows_.push_back(std::move(row));
        }
        return true;
    }

    void End(const StatementEnd& end) override {
        const std::string time = options_.show_time ? fmt::format(", {:.1f} ms{}", end.elapsed_ms,
                                                                  WhatWasRead(end.stats))
                                                    : "";
        if (has_rows_) {
            const auto count = static_cast<int64_t>(rows_.size());
            out_ << TextTable(columns_, rows_)
                 << fmt::format("({}{} {}{})\n", cut_ ? "first " : "", HumanCount(count),
                                count == 1 ? "row" : "rows", time);
            if (cut_) out_ << "there are more: add LIMIT, or use `tarn sql --format csv`\n";
        } else {
            const auto count = static_cast<int64_t>(end.stats.rows_affected);
            out_ << fmt::format("done ({} {} changed{})\n", HumanCount(count),
                                count == 1 ? "row" : "rows", time);
        }
        out_.flush();
    }

    void Fail(const Error&) override {}
    void Finish() override {}

private:
    std::ostream& out_;
    const WriterOptions options_;
    std::vector<ColumnInfo> columns_;
    std::vector<TextRow> rows_;
    size_t bytes_ = 0;
    bool has_rows_ = false;
    bool cut_ = false;
};

// RFC 4180, with "\n" as the line's end; NULL is nothing, an empty text is "".
class CsvWriter final : public ResultWriter {
public:
    explicit CsvWriter(std::ostream& out) : out_(out) {}

    void Begin(const std::vector<ColumnInfo>& columns, bool has_rows) override {
        if (!has_rows) return;
        if (any_) out_ << '\n';  // between the answers of two statements
        any_ = true;
        std::string line;
        for (const ColumnInfo& column : columns) AppendField(line, column.name);
        EndLine(line);
        out_ << line;
    }

    bool Rows(std::vector<TextRow>& rows) override {
        std::string lines;
        for (const TextRow& row : rows) {
            for (const auto& cell : row) {
                if (cell) {
                    AppendField(lines, *cell);
                } else {
                    lines += ',';
                }
            }
            EndLine(lines);
        }
        out_ << lines;
        return static_cast<bool>(out_);
    }

    void End(const StatementEnd&) override { out_.flush(); }
    void Fail(const Error&) override { out_.flush(); }
    void Finish() override { out_.flush(); }

private:
    static void AppendField(std::string& line, std::string_view text) {
        if (!text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos) {
            line += text;
        } else {
            line += '"';
            for (const char c : text) {
                if (c == '"') line += '"';
                line += c;
            }
            line += '"';
        }
        line += ',';
    }

    static void EndLine(std::string& line) { line.back() = '\n'; }

    std::ostream& out_;
    bool any_ = false;
};

// One object a statement: a line each (jsonl), or all in one array (json).
class JsonWriter final : public ResultWriter {
public:
    JsonWriter(std::ostream& out, const WriterOptions& options) : out_(out), options_(options) {}

    void Begin(const std::vector<ColumnInfo>& columns, bool) override {
        Open();
        text_ += ", \"columns\": [";
        for (size_t i = 0; i < columns.size(); ++i) {
            text_ += i > 0 ? ", {\"name\": " : "{\"name\": ";
            AppendJsonString(text_, columns[i].name);
            text_ += ", \"type\": ";
            AppendJsonString(text_, columns[i].type);
            text_ += '}';
        }
        text_ += "], \"rows\": [";
        rows_ = 0;
    }

    bool Rows(std::vector<TextRow>& rows) override {
        if (rows_ + rows.size() > options_.max_rows) throw TooManyRows(options_.max_rows);
        for (const TextRow& row : rows) {
            text_ += rows_++ > 0 ? ", [" : "[";
            for (size_t i = 0; i < row.size(); ++i) {
                if (i > 0) text_ += ", ";
                if (row[i]) {
                    AppendJsonString(text_, *row[i]);
                } else {
                    text_ += "null";
                }
            }
            text_ += ']';
        }
        if (text_.size() > kMaxAnswerBytes) throw TooManyBytes();
        return true;
    }

    void End(const StatementEnd& end) override {
        text_ += fmt::format(
            "], \"rows_affected\": {}, \"stats\": {{\"files_read\": {}, \"files_skipped\": {}, "
            "\"row_groups_read\": {}, \"row_groups_skipped\": {}, \"bytes_read\": {}, "
            "\"read_versions\": {}, \"written_versions\": {}, "
            "\"ms\": {:.3f}}}",
            end.stats.rows_affected, end.stats.files_read, end.stats.files_skipped,
            end.stats.row_groups_read, end.stats.row_groups_skipped, end.stats.bytes_read,
            VersionsJson(end.stats.read), VersionsJson(end.stats.written), end.elapsed_ms);
        for (size_t i = 0; i < end.notices.size(); ++i) {
            text_ += i > 0 ? ", " : ", \"notices\": [";
            AppendJsonString(text_, end.notices[i]);
        }
        text_ += end.notices.empty() ? "}" : "]}";
        Close();
    }

    void Fail(const Error& error) override {
        if (text_.empty()) ++statement_;
        Reopen();
        text_ += ", \"error\": {\"kind\": ";
        AppendJsonString(text_, TraitsOf(error.kind()).name);
        text_ += ", \"message\": ";
        AppendJsonString(text_, error.message());
        const TextSpot& spot = error.spot();
        text_ += spot.line > 0
                     ? fmt::format(", \"line\": {}, \"column\": {}", spot.line, spot.column)
                     : ", \"line\": null, \"column\": null";
        if (!error.context().empty()) {
            text_ += ", \"context\": {";
            for (size_t i = 0; i < error.context().size(); ++i) {
                if (i > 0) text_ += ", ";
                AppendJsonString(text_, error.context()[i].first);
                text_ += ": ";
                AppendJsonString(text_, error.context()[i].second);
            }
            text_ += '}';
        }
        text_ += "}}";
        Close();
    }

    void Finish() override {
        if (options_.format != OutputFormat::kJson) return;
        out_ << (written_ > 0 ? "\n]\n" : "[]\n");
        out_.flush();
    }

private:
    void Open() {
        ++statement_;
        Reopen();
    }
    void Reopen() { text_ = fmt::format("{{\"statement\": {}", statement_); }

    void Close() {
        if (options_.format == OutputFormat::kJson) {
            out_ << (written_++ > 0 ? ",\n" : "[\n") << text_;
        } else {
            out_ << text_ << '\n';
        }
        out_.flush();
        text_.clear();
        text_.shrink_to_fit();
    }

    std::ostream& out_;
    const WriterOptions options_;
    std::string text_;  // the object being written
    size_t statement_ = 0;
    size_t written_ = 0;
    size_t rows_ = 0;
};

}  // namespace

void ResultWriter::Take(engine::Result& result) {
    std::vector<TextRow> rows;
    bool more = true;
    while (more) {
        more = result.NextText(rows);
        if (!rows.empty() && !Rows(rows)) more = false;
        rows.clear();
    }
}

std::unique_ptr<ResultWriter> MakeResultWriter(std::ostream& out, const WriterOptions& options) {
    switch (options.format) {
        case OutputFormat::kTable:
            return std::make_unique<TableWriter>(out, options);
        case OutputFormat::kCsv:
            return std::make_unique<CsvWriter>(out);
        case OutputFormat::kArrow:
            return MakeArrowWriter(out);
        case OutputFormat::kJson:
        case OutputFormat::kJsonl:
            break;
    }
    return std::make_unique<JsonWriter>(out, options);
}

}  // namespace tarn::cli
