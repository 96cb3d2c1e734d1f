#include "ingest/record.h"

#include <fmt/core.h>

namespace tarn::ingest {

const std::vector<ErrorClassRow>& ErrorClasses() {
    static const std::vector<ErrorClassRow> rows = {
        {ErrorClass::kEmptyFile, "empty_file",
         "the file holds no record, or only line breaks; one row stands for it"},
        {ErrorClass::kInvalidUtf8, "invalid_utf8",
         "the record is not UTF-8; its bytes are in raw_bytes"},
        {ErrorClass::kWrongEncoding, "wrong_encoding",
         "the file begins with a UTF-16 or UTF-32 mark; it lands in blocks"},
        {ErrorClass::kRecordTooLong, "record_too_long",
         "a record beyond the limit; it lands in pieces of that size"},
        {ErrorClass::kInvalidJson, "invalid_json", "the line is not JSON"},
        {ErrorClass::kNotAnObject, "not_an_object",
         "the line is JSON, but no object: an array, a number, a text"},
        {ErrorClass::kInvalidHeader, "invalid_header",
         "the header of the CSV cannot be read, so no record has fields"},
        {ErrorClass::kFieldCount, "field_count",
         "the record has more or fewer fields than the header"},
        {ErrorClass::kMalformedQuote, "malformed_quote",
         "text stands between a closing quote and the next delimiter"},
        {ErrorClass::kUnterminatedQuote, "unterminated_quote",
         "a quote is never closed; reading goes on with the next line"},
        {ErrorClass::kTruncatedGzip, "truncated_gzip",
         "the gzip stream ends too early; what was decoded has landed, and the compressed bytes of "
         "the rest in raw_bytes"},
        {ErrorClass::kCorruptGzip, "corrupt_gzip",
         "the gzip stream is damaged; what was decoded has landed, and the compressed bytes of the "
         "rest in raw_bytes"},
    };
    return rows;
}

std::string_view NameOf(ErrorClass error) {
    for (const ErrorClassRow& row : ErrorClasses()) {
        if (row.error == error) return row.name;
    }
    return "";
}

void Record::Mark(ErrorClass why, size_t at, std::string_view what) {
    fields.clear();
    error = why;
    error_detail = fmt::format("byte {} of the record, byte {} of the file: {}", at + 1,
                               offset + at + 1, what);
}

void Record::Clear() {
    raw = {};
    is_utf8 = true;
    has_break = true;
    fields.clear();
    error = ErrorClass::kNone;
    error_detail.clear();
}

}  // namespace tarn::ingest
