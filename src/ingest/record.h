// One record of a landing file as a reader gives it: its bytes, its place, and either its fields or
// why it has none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::ingest {

// Why a record could not be parsed. A marked record has no fields: its bytes are in raw_payload or
// raw_bytes.
enum class ErrorClass {
    kNone,
    kEmptyFile,
    kInvalidUtf8,
    kWrongEncoding,
    kRecordTooLong,
    kInvalidJson,
    kNotAnObject,
    kInvalidHeader,
    kFieldCount,
    kMalformedQuote,
    kUnterminatedQuote,
    kTruncatedGzip,
    kCorruptGzip,
};

struct ErrorClassRow {
    ErrorClass error;
    std::string_view name;     // as it stands in _error_class
    std::string_view meaning;  // one line, for the documentation
};
// All but kNone.
const std::vector<ErrorClassRow>& ErrorClasses();
std::string_view NameOf(ErrorClass error);

// Views hold until the reader's next call.
struct FieldValue {
    std::string_view name;
    bool is_null = false;
    std::string_view text;  // what lands in a STRING column
    std::string_view json;  // the value's own JSON text; empty: `text` is a plain string
};

struct Record {
    std::string_view raw;  // without the line break
    int64_t line = 0;      // on which it begins, from 1
    uint64_t offset = 0;   // of its first byte in the decoded file
    bool is_utf8 = true;
    bool has_break = true;  // false: the file ended before a line break did
    std::vector<FieldValue> fields;
    ErrorClass error = ErrorClass::kNone;
    std::string error_detail;

    bool IsMarked() const { return error != ErrorClass::kNone; }
    // Drops the fields and marks the record; `at` is a byte of the record, counted from 1 in the
    // words.
    void Mark(ErrorClass why, size_t at, std::string_view what);
    void Clear();
};

}  // namespace tarn::ingest
