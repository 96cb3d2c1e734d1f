#include "ingest/landing_batch.h"

#include <chrono>

#include "base/check.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/json_text.h"

namespace tarn::ingest {

namespace {

// Of the metadata columns, in the order of MetadataColumns().
enum MetadataIndex : size_t {
    kRawPayload,
    kRawBytes,
    kSourceSystem,
    kSourcePath,
    kSourceLine,
    kIngestionTimestamp,
    kIngestionDate,
    kPipelineVersion,
    kSchemaVersion,
    kChecksum,
    kBatchId,
    kRescuedData,
    kErrorClass,
    kErrorDetail,
};

// nanoarrow fails only for want of memory, or when a column of one batch passes 2 GiB.
void Arrow(ArrowErrorCode code) {
    if (code == NANOARROW_OK) [[likely]]
        return;
    throw Error(ErrorKind::kLimitExceeded,
                "a batch of landed rows does not fit into memory (Arrow code {})", code);
}

ArrowStringView View(std::string_view text) {
    return {text.data(), static_cast<int64_t>(text.size())};
}

std::string_view ArrowFormat(FieldType type) {
    switch (type) {
        case FieldType::kLong:
            return "l";
        case FieldType::kDouble:
            return "g";
        case FieldType::kBoolean:
            return "b";
        case FieldType::kString:
            break;
    }
    return "u";
}

}  // namespace

LandingBuilder::LandingBuilder(const FieldSchema& schema, BatchFacts facts, bool rescues)
    : schema_(schema),
      facts_(std::move(facts)),
      rescues_(rescues),
      date_(static_cast<int32_t>(
          std::chrono::floor<std::chrono::days>(facts_.started).time_since_epoch().count())) {
    Begin();
}

LandingBuilder::~LandingBuilder() {
    if (array_.release != nullptr) ArrowArrayRelease(&array_);
}

void LandingBuilder::GetSchema(ArrowSchema* out) const {
    const auto& fields = schema_.Fields();
    const auto& metadata = MetadataColumns();
    ArrowSchemaInit(out);
    Arrow(ArrowSchemaSetTypeStruct(out, static_cast<int64_t>(fields.size() + metadata.size())));
    const auto set = [&](size_t at, const std::string& name, std::string_view format) {
        Arrow(ArrowSchemaSetName(out->children[at], name.c_str()));
        Arrow(ArrowSchemaSetFormat(out->children[at], std::string(format).c_str()));
    };
    for (size_t i = 0; i < fields.size(); ++i)
        set(i, fields[i].column, ArrowFormat(fields[i].type));
    for (size_t i = 0; i < metadata.size(); ++i) {
        set(fields.size() + i, std::string(metadata[i].name), metadata[i].arrow_format);
    }
}

void LandingBuilder::Begin() {
    ArrowSchema schema{};
    GetSchema(&schema);
    const ArrowErrorCode code = ArrowArrayInitFromSchema(&array_, &schema, nullptr);
    ArrowSchemaRelease(&schema);
    Arrow(code);
    Arrow(ArrowArrayStartAppending(&array_));
    rows_ = 0;
    bytes_ = 0;
}

void LandingBuilder::Finish(ArrowArray* out) {
    Arrow(ArrowArrayFinishBuildingDefault(&array_, nullptr));
    ArrowArrayMove(&array_, out);
    Begin();
}

void LandingBuilder::AppendText(ArrowArray* column, std::string_view text) {
    Arrow(ArrowArrayAppendString(column, View(text)));
    bytes_ += text.size();
}

void LandingBuilder::AppendNull(ArrowArray* column) { Arrow(ArrowArrayAppendNull(column, 1)); }

void LandingBuilder::Rescue(const FieldValue& value, std::string_view why) {
    if (!rescues_) {
        throw Error(ErrorKind::kInvalidInput,
                    "line {}: the field `{}` {}: mend the file, or let `schema_policy` be accept "
                    "(fields get columns) or rescue (it is kept in _rescued_data)",
                    line_, value.name, why);
    }
    rescued_ += rescued_.empty() ? '{' : ',';
    AppendJsonString(rescued_, value.name);
    rescued_ += ':';
    if (!value.json.empty()) {
        rescued_ += value.json;
    } else if (value.is_null) {
        rescued_ += "null";
    } else {
        AppendJsonString(rescued_, value.text);
    }
}

void LandingBuilder::AppendField(ArrowArray* column, const LandingField& field,
                                 const FieldValue& value) {
    int64_t number = 0;
    double real = 0;
    bool truth = false;
    switch (field.type) {
        case FieldType::kString:
            AppendText(column, value.text);
            return;
        case FieldType::kLong:
            if (!ParseLong(value.text, number)) break;
            Arrow(ArrowArrayAppendInt(column, number));
            return;
        case FieldType::kDouble:
            if (!ParseDouble(value.text, real)) break;
            Arrow(ArrowArrayAppendDouble(column, real));
            return;
        case FieldType::kBoolean:
            if (!ParseBoolean(value.text, truth)) break;
            Arrow(ArrowArrayAppendInt(column, truth ? 1 : 0));
            return;
    }
    Rescue(value, "has a value that is not of its column's type");
    AppendNull(column);
}

void LandingBuilder::AppendFields(const Record& record) {
    const auto& fields = schema_.Fields();
    values_.assign(fields.size(), nullptr);
    rescued_.clear();
    size_t guess = 0;
    for (const FieldValue& value : record.fields) {
        const int at = schema_.Find(value.name, guess);
        if (at < 0 || values_[static_cast<size_t>(at)] != nullptr) {
            Rescue(value, at < 0 ? "has no column" : "stands twice");
            continue;
        }
        values_[static_cast<size_t>(at)] = &value;
        guess = static_cast<size_t>(at) + 1;
    }
    for (size_t i = 0; i < fields.size(); ++i) {
        if (values_[i] == nullptr || values_[i]->is_null) {
            AppendNull(array_.children[i]);
        } else {
            AppendField(array_.children[i], fields[i], *values_[i]);
        }
    }
}

void LandingBuilder::Append(const Record& record, const std::string& source_path) {
    line_ = record.line;
    AppendFields(record);
    ArrowArray** columns = array_.children + schema_.Fields().size();
    if (record.is_utf8) {
        AppendText(columns[kRawPayload], record.raw);
        AppendNull(columns[kRawBytes]);
    } else {
        AppendNull(columns[kRawPayload]);
        Arrow(ArrowArrayAppendBytes(
            columns[kRawBytes], {{record.raw.data()}, static_cast<int64_t>(record.raw.size())}));
        bytes_ += record.raw.size();
    }
    AppendText(columns[kSourceSystem], facts_.source_system);
    AppendText(columns[kSourcePath], source_path);
    Arrow(ArrowArrayAppendInt(columns[kSourceLine], record.line));
    Arrow(ArrowArrayAppendInt(columns[kIngestionTimestamp], ToUnixUs(facts_.started)));
    Arrow(ArrowArrayAppendInt(columns[kIngestionDate], date_));
    AppendText(columns[kPipelineVersion], facts_.pipeline_version);
    Arrow(ArrowArrayAppendInt(columns[kSchemaVersion], facts_.schema_version));
    AppendText(columns[kChecksum], Sha256Hex(record.raw));
    AppendText(columns[kBatchId], facts_.batch_id);
    if (rescued_.empty()) {
        AppendNull(columns[kRescuedData]);
    } else {
        AppendText(columns[kRescuedData], rescued_ += '}');
    }
    if (record.IsMarked()) {
        AppendText(columns[kErrorClass], NameOf(record.error));
        AppendText(columns[kErrorDetail], record.error_detail);
    } else {
        AppendNull(columns[kErrorClass]);
        AppendNull(columns[kErrorDetail]);
    }
    Arrow(ArrowArrayFinishElement(&array_));
    ++rows_;
}

LandingRows::LandingRows(storage::ObjectStore& store, Clock& clock, const FieldSchema& schema,
                         BatchFacts facts, std::vector<FoundFile> files, LandingOptions options)
    : store_(store),
      clock_(clock),
      builder_(schema, std::move(facts), options.rescues),
      files_(std::move(files)),
      options_(std::move(options)) {}

uint64_t LandingRows::BytesRead() const {
    return bytes_closed_ + (records_ ? records_->Position() : 0);
}

bool LandingRows::Next(ArrowArray* out) {
    out->release = nullptr;
    if (failure_) throw Error(*failure_);  // whoever asks once more
    while (next_file_ < files_.size() && builder_.Rows() < options_.batch_rows &&
           builder_.Bytes() < options_.batch_bytes) {
        options_.cancel.ThrowIfCancelled();
        try {
            Advance();
        } catch (const Error& error) {
            // What befalls one file is that file's matter; what befalls the process is not.
            const bool is_of_file = error.kind() == ErrorKind::kNotFound ||
                                    error.kind() == ErrorKind::kUnavailable ||
                                    error.kind() == ErrorKind::kPermissionDenied ||
                                    error.kind() == ErrorKind::kInvalidInput;
            if (is_of_file) {
                failed_file_ = files_[next_file_].path;
                failure_ = error;
            }
            throw;
        }
    }
    if (builder_.Rows() > 0) {
        builder_.Finish(out);
        if (options_.on_progress) options_.on_progress({landed_.size(), rows_, BytesRead()});
        return true;
    }
    if (!ended_) {
        ended_ = true;
        if (options_.on_end) options_.on_end(landed_);
    }
    return false;
}

// Appends records of the current file until the batch is full or the file ends.
void LandingRows::Advance() {
    const FoundFile& file = files_[next_file_];
    if (!records_) OpenFile(file);
    while (records_->Next(record_)) {
        builder_.Append(record_, file.path);
        ++rows_;
        ++current_.rows;
        if (record_.IsMarked()) {
            if (current_.rows_marked++ == 0) {
                current_.first_mark = FirstMark{std::string(NameOf(record_.error)), record_.line,
                                                record_.error_detail};
            }
        }
        if (builder_.Rows() >= options_.batch_rows || builder_.Bytes() >= options_.batch_bytes)
            return;
    }
    CloseFile(file);
    ++next_file_;
}

void LandingRows::OpenFile(const FoundFile& file) {
    current_ = LandedFile();
    current_.path = file.path;
    current_.read_ms = ToUnixMs(clock_.Now());
    records_ = std::make_unique<FileRecords>(store_.OpenReader(file.location), options_.read);
}

// What the ledger says of a file must be what was read, so a file that changed meanwhile fails the
// batch.
void LandingRows::CloseFile(const FoundFile& file) {
    const storage::ObjectInfo opened = records_->Info();
    const auto now = store_.Stat(file.location);
    if (!now || now->etag != opened.etag || now->size_bytes != opened.size_bytes) {
        throw Error(ErrorKind::kUnavailable, "{} changed while it was read; it will be tried again",
                    file.path);
    }
    current_.size_bytes = opened.size_bytes;
    current_.etag = opened.etag;
    current_.modified_ms = opened.modified_ms;
    current_.sha256 = records_->FinishHash();
    bytes_closed_ += opened.size_bytes;
    records_.reset();
    landed_.push_back(std::move(current_));
}

FieldSchema DiscoverFields(storage::ObjectStore& store, const std::vector<FoundFile>& files,
                           const ReadOptions& options, bool infer_types) {
    FieldDiscovery discovery(infer_types);
    for (size_t i = 0; i < std::min(files.size(), kDiscoveryFiles); ++i) {
        try {
            FileRecords records(store.OpenReader(files[i].location), options);
            Record record;
            while (records.Position() <= kDiscoveryBytes && records.Next(record)) {
                for (const FieldValue& value : record.fields) {
                    discovery.See(value.name, value.text, value.is_null);
                }
            }
            if (records.Header() != nullptr) {
                for (const std::string& name : *records.Header()) discovery.See(name, "", true);
            }
        } catch (const Error&) {
            // Landing meets the file again, and says what is wrong with it.
        }
    }
    return discovery.Finish();
}

}  // namespace tarn::ingest
