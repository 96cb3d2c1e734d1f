// A landing file as records: nothing of its bytes is lost but line breaks, a byte order mark and a
// CSV's header; what cannot be parsed comes as a marked record (record.h). Streams with bounded
// memory. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ingest/byte_source.h"
#include "ingest/record.h"
#include "ingest/source_config.h"
#include "ingest/text_window.h"

namespace tarn::ingest {

// The longest record that is parsed; a longer one lands in pieces, marked.
constexpr size_t kMaxRecordBytes = 8 << 20;
// The size of the pieces in which bytes land that are not text.
constexpr size_t kBlockRecordBytes = 1 << 20;

struct ReadOptions {
    FileFormat format = FileFormat::kNdjson;
    CsvOptions csv = {};
    std::vector<std::string> fields = {};  // of a CSV without a header
    size_t max_record_bytes = kMaxRecordBytes;
};

class RecordReader {
public:
    virtual ~RecordReader() = default;
    // false at the end. The record's views hold until the next call.
    virtual bool Next(Record& record) = 0;
    // The names in the file's header, once it was read; null: it has none, or it could not be
    // understood.
    virtual const std::vector<std::string>* Header() const { return nullptr; }
};

// Newline-delimited JSON. Empty lines are no records.
std::unique_ptr<RecordReader> OpenNdjson(TextWindow& window, const ReadOptions& options);

// RFC 4180: quoted fields may hold delimiters, doubled quotes and line breaks; an empty field is
// NULL unless quoted. Empty lines are no records where a record has more than one field.
std::unique_ptr<RecordReader> OpenCsv(TextWindow& window, const ReadOptions& options);

// One stored file: decoding, encoding, damage and emptiness around one of the readers above.
class FileRecords final : public RecordReader {
public:
    FileRecords(std::unique_ptr<storage::ObjectReader> file, const ReadOptions& options);

    bool Next(Record& record) override;
    const std::vector<std::string>* Header() const override {
        return reader_ != nullptr ? reader_->Header() : nullptr;
    }
    // The file as it was when it was opened.
    const storage::ObjectInfo& Info() const { return stored_.Info(); }
    // Stored bytes read so far.
    uint64_t Position() const { return stored_.Position(); }
    // SHA-256 of the stored bytes; after the end, once.
    std::string FinishHash() { return stored_.FinishHash(); }

private:
    enum class Stage { kBegin, kRecords, kBlocks, kUndecoded, kEmptiness, kEnd };

    void Begin();
    bool NextRecord(Record& record);
    bool NextBlock(Record& record);
    bool NextUndecoded(Record& record);
    bool NextEmptiness(Record& record);

    StoredBytes stored_;
    std::unique_ptr<ByteSource> bytes_;
    TextWindow window_;
    ReadOptions options_;
    std::unique_ptr<RecordReader> reader_;
    Stage stage_ = Stage::kBegin;
    std::string encoding_;
    std::string block_;
    uint64_t undecoded_bytes_ = 0;  // given so far
    int64_t last_line_ = 0;
    bool gave_record_ = false;
};

}  // namespace tarn::ingest
