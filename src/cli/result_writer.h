// Writes what statements answer, in one of the formats of `tarn sql`. Not thread-safe.
#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/session.h"

namespace tarn::cli {

enum class OutputFormat { kTable, kCsv, kJson, kJsonl, kArrow };

struct WriterOptions {
    OutputFormat format = OutputFormat::kTable;
    // A whole answer is held back by table, json and jsonl: beyond this it is LimitExceeded. csv
    // and arrow stream.
    size_t max_rows = 100'000;
    // A shell shows the first max_rows instead and says that there are more.
    bool cut_long_answers = false;
    bool show_time = false;  // table: how long each statement took
};

struct StatementEnd {
    engine::StatementStats stats;
    double elapsed_ms = 0;
    std::vector<std::string> notices;
};

// For each statement, in order: Begin, Take, then End; or Fail at any point instead.
class ResultWriter {
public:
    virtual ~ResultWriter() = default;
    virtual void Begin(const std::vector<engine::ColumnInfo>& columns, bool has_rows) = 0;
    // Reads the result to its end, or as far as rows are wanted: by default as text, by Rows.
    virtual void Take(engine::Result& result);
    // Takes the rows. false: no more are wanted. LimitExceeded.
    virtual bool Rows(std::vector<engine::TextRow>& rows) = 0;
    virtual void End(const StatementEnd& end) = 0;
    // The statement failed. What the format has no place for goes to the error stream, by the
    // caller.
    virtual void Fail(const Error& error) = 0;
    // After the last statement.
    virtual void Finish() = 0;
};

// The stream outlives the writer.
std::unique_ptr<ResultWriter> MakeResultWriter(std::ostream& out, const WriterOptions& options);

}  // namespace tarn::cli
