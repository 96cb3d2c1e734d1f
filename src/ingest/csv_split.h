// One CSV record (RFC 4180) at the start of a text. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/source_config.h"

namespace tarn::ingest {

struct CsvField {
    size_t begin = 0;  // of the field's text within its record, without quotes
    size_t size = 0;
    bool is_quoted = false;
    bool has_doubled_quotes = false;
};

enum class CsvOutcome {
    kRecord,
    kNeedsMore,          // the text ends within the record
    kUnterminatedQuote,  // the text ends within a quoted field, and there is no more; `fault` is
                         // its opening quote
    kMalformedQuote,     // text after a closing quote, at `fault`; the record ends with the line
};

struct CsvRecord {
    size_t size = 0;          // without the line break
    size_t break_size = 0;    // 0: the text ended
    int64_t line_breaks = 0;  // within the record and at its end
    size_t fault = 0;
    bool is_inside_quotes = false;  // kNeedsMore: within a quoted field
    std::vector<CsvField> fields;
};

// `is_all`: nothing follows the text. An empty text gives kNeedsMore, or one empty field when it is
// all.
CsvOutcome SplitCsv(std::string_view text, bool is_all, const CsvOptions& options,
                    CsvRecord& record);

}  // namespace tarn::ingest
