// Landing files of any bytes: nothing is thrown, every record is bounded and whole, and no byte is
// lost but line breaks, a byte order mark and a header. The first byte chooses format and limits.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/text.h"
#include "ingest/landing_batch.h"
#include "ingest/record_reader.h"
#include "storage/memory_store.h"

namespace {

using tarn::ingest::CsvOptions;
using tarn::ingest::FieldSchema;
using tarn::ingest::FileFormat;
using tarn::ingest::ReadOptions;

void Require(bool holds) {
    if (!holds) std::abort();
}

ReadOptions OptionsOf(uint8_t choice) {
    ReadOptions options;
    options.format = (choice & 1) != 0 ? FileFormat::kCsv : FileFormat::kNdjson;
    options.csv.has_header = (choice & 2) == 0;
    if ((choice & 4) != 0) options.csv.delimiter = ';';
    if ((choice & 8) != 0) options.csv.quote = '\0';
    if ((choice & 16) != 0) options.max_record_bytes = 16;
    options.fields = {"a", "b"};
    return options;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const ReadOptions options = OptionsOf(data[0]);
    const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    tarn::ManualClock clock{tarn::TimestampUs{}};
    tarn::storage::MemoryStore store(clock);
    store.Put("mem://fuzz/file", bytes);
    const FieldSchema schema(
        {{"a", "a", tarn::ingest::FieldType::kString}, {"b", "b", tarn::ingest::FieldType::kLong}});
    tarn::ingest::LandingBuilder builder(schema, {"fuzz", "0", 1, "batch", tarn::TimestampUs{}},
                                         true);
    tarn::ingest::FileRecords records(store.OpenReader("mem://fuzz/file"), options);
    tarn::ingest::Record record;
    int64_t line = 1;
    size_t seen = 0;
    while (records.Next(record)) {
        Require(record.line >= line);
        line = record.line;
        Require(!record.is_utf8 || !tarn::FirstInvalidUtf8(record.raw).has_value());
        Require(!record.IsMarked() || record.fields.empty());
        builder.Append(record, "file");
        seen += record.raw.size();
    }
    Require(records.Header() != nullptr || builder.Rows() > 0);
    const bool is_gzip = bytes.size() > 1 && bytes[0] == '\x1f' && bytes[1] == '\x8b';
    if (records.Header() == nullptr && !is_gzip) {
        size_t breaks = 3;  // a byte order mark
        for (const char c : bytes) breaks += c == '\n' || c == '\r' ? 1 : 0;
        Require(seen <= bytes.size() && seen + breaks >= bytes.size());
    }
    ArrowArray batch{};
    builder.Finish(&batch);
    ArrowArrayRelease(&batch);
    return 0;
}
