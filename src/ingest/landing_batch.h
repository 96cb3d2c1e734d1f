// The rows of one batch of landing files as Arrow, with the columns of a bronze table. Streams:
// memory is bounded by one Arrow batch and one record. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/error.h"
#include "ingest/discovery.h"
#include "ingest/field_schema.h"
#include "ingest/record_reader.h"
#include "storage/object_store.h"
#include "table/rows.h"

namespace tarn::ingest {

// What is the same in all rows of a batch.
struct BatchFacts {
    std::string source_system;
    std::string pipeline_version;
    int32_t schema_version = 1;
    std::string batch_id;
    TimestampUs started{};
};

// The first marked record of a file.
struct FirstMark {
    std::string error_class;
    int64_t line = 0;
    std::string detail;
};

// A file that was read to its end, as it was when it was read.
struct LandedFile {
    std::string path;
    uint64_t size_bytes = 0;
    std::string sha256;  // of the stored bytes
    std::string etag;
    int64_t modified_ms = 0;
    int64_t read_ms = 0;  // when its reading began
    int64_t rows = 0;
    int64_t rows_marked = 0;
    std::optional<FirstMark> first_mark;
};

struct LandingProgress {
    size_t files_done = 0;
    int64_t rows = 0;
    uint64_t bytes = 0;  // stored bytes read
};

// Builds Arrow batches of a bronze table from records.
class LandingBuilder {
public:
    // `rescues`: what fits no column is kept in _rescued_data; else Append throws InvalidInput.
    LandingBuilder(const FieldSchema& schema, BatchFacts facts, bool rescues);
    ~LandingBuilder();
    LandingBuilder(const LandingBuilder&) = delete;
    LandingBuilder& operator=(const LandingBuilder&) = delete;

    void GetSchema(ArrowSchema* out) const;
    void Append(const Record& record, const std::string& source_path);
    int64_t Rows() const { return rows_; }
    uint64_t Bytes() const { return bytes_; }
    // The rows so far; begins anew.
    void Finish(ArrowArray* out);

private:
    void Begin();
    void AppendFields(const Record& record);
    void AppendField(ArrowArray* column, const LandingField& field, const FieldValue& value);
    void AppendText(ArrowArray* column, std::string_view text);
    void AppendNull(ArrowArray* column);
    void Rescue(const FieldValue& value, std::string_view why);

    const FieldSchema& schema_;
    BatchFacts facts_;
    bool rescues_;
    int32_t date_;
    ArrowArray array_{};
    std::vector<const FieldValue*>
        values_;        // of the record being appended, one a field of the schema
    int64_t line_ = 0;  // of that record
    std::string rescued_;
    int64_t rows_ = 0;
    uint64_t bytes_ = 0;
};

struct LandingOptions {
    static constexpr int64_t kBatchRows = 8192;
    static constexpr uint64_t kBatchBytes = 16 << 20;
    ReadOptions read;
    // False: a file with a value that fits no column fails its batch.
    bool rescues = true;
    int64_t batch_rows = kBatchRows;
    uint64_t batch_bytes = kBatchBytes;
    CancelToken cancel;
    // Called after every Arrow batch.
    std::function<void(const LandingProgress&)> on_progress;
    // Called once, when all files were read and before the end is told: the last moment before a
    // commit.
    std::function<void(const std::vector<LandedFile>&)> on_end;
};

class LandingRows final : public table::RowSource {
public:
    // All of them outlive it.
    LandingRows(storage::ObjectStore& store, Clock& clock, const FieldSchema& schema,
                BatchFacts facts, std::vector<FoundFile> files, LandingOptions options);

    void GetSchema(ArrowSchema* out) override { builder_.GetSchema(out); }
    // Unavailable: a file changed while it was read. InvalidInput: a value fits no column, and none
    // is to be rescued. FailedFile tells which one threw.
    bool Next(ArrowArray* out) override;

    const std::vector<LandedFile>& Landed() const { return landed_; }
    // The path of the file that could not be read to its end, if that is why Next threw.
    const std::optional<std::string>& FailedFile() const { return failed_file_; }
    uint64_t BytesRead() const;

private:
    void Advance();
    void OpenFile(const FoundFile& file);
    void CloseFile(const FoundFile& file);

    storage::ObjectStore& store_;
    Clock& clock_;
    LandingBuilder builder_;
    std::vector<FoundFile> files_;
    LandingOptions options_;
    size_t next_file_ = 0;
    std::unique_ptr<FileRecords> records_;
    Record record_;
    LandedFile current_;
    std::vector<LandedFile> landed_;
    std::optional<std::string> failed_file_;
    std::optional<Error> failure_;  // of that file
    int64_t rows_ = 0;
    uint64_t bytes_closed_ = 0;
    bool ended_ = false;
};

// The fields of the files' first records, in the order they are first seen. At most kDiscoveryBytes
// of each file and kDiscoveryFiles files are looked at; a field seen later is rescued.
constexpr uint64_t kDiscoveryBytes = 1 << 20;
constexpr size_t kDiscoveryFiles = 2000;
FieldSchema DiscoverFields(storage::ObjectStore& store, const std::vector<FoundFile>& files,
                           const ReadOptions& options, bool infer_types);

}  // namespace tarn::ingest
