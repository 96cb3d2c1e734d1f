// The columns of a V1 checkpoint ("Checkpoint Schema") and the rows that a state makes of them.
#include <algorithm>
#include <cerrno>

#include "delta/arrow_append.h"
#include "delta/checkpoint_writer.h"

namespace tarn::delta {
namespace {

constexpr int64_t kRowsPerBatch = 8192;
constexpr uint32_t kFilesPerRead = 1 << 17;

enum Column : int64_t { kTxn, kAdd, kRemove, kMetadata, kProtocol, kDomain, kColumns };

void SetVector(ArrowSchema* schema) {
    SetStruct(schema, "deletionVector", 5);
    SetPrimitive(schema->children[0], "storageType", NANOARROW_TYPE_STRING);
    SetPrimitive(schema->children[1], "pathOrInlineDv", NANOARROW_TYPE_STRING);
    SetPrimitive(schema->children[2], "offset", NANOARROW_TYPE_INT32);
    SetPrimitive(schema->children[3], "sizeInBytes", NANOARROW_TYPE_INT32);
    SetPrimitive(schema->children[4], "cardinality", NANOARROW_TYPE_INT64);
}

void SetAdd(ArrowSchema* schema) {
    SetStruct(schema, "add", 11);
    SetPrimitive(schema->children[0], "path", NANOARROW_TYPE_STRING);
    SetTextMap(schema->children[1], "partitionValues");
    SetPrimitive(schema->children[2], "size", NANOARROW_TYPE_INT64);
    SetPrimitive(schema->children[3], "modificationTime", NANOARROW_TYPE_INT64);
    SetPrimitive(schema->children[4], "dataChange", NANOARROW_TYPE_BOOL);
    SetPrimitive(schema->children[5], "stats", NANOARROW_TYPE_STRING);
    SetTextMap(schema->children[6], "tags");
    SetVector(schema->children[7]);
    SetPrimitive(schema->children[8], "baseRowId", NANOARROW_TYPE_INT64);
    SetPrimitive(schema->children[9], "defaultRowCommitVersion", NANOARROW_TYPE_INT64);
    SetPrimitive(schema->children[10], "clusteringProvider", NANOARROW_TYPE_STRING);
}

void SetRemove(ArrowSchema* schema) {
    SetStruct(schema, "remove", 9);
    SetPrimitive(schema->children[0], "path", NANOARROW_TYPE_STRING);
    SetPrimitive(schema->children[1], "deletionTimestamp", NANOARROW_TYPE_INT64);
    SetPrimitive(schema->children[2], "dataChange", NANOARROW_TYPE_BOOL);
    SetPrimitive(schema->children[3], "extendedFileMetadata", NANOARROW_TYPE_BOOL);
    SetTextMap(schema->children[4], "partitionValues");
    SetPrimitive(schema->children[5], "size", NANOARROW_TYPE_INT64);
    SetVector(schema->children[6]);
    SetPrimitive(schema->children[7], "baseRowId", NANOARROW_TYPE_INT64);
    SetPrimitive(schema->children[8], "defaultRowCommitVersion", NANOARROW_TYPE_INT64);
}

void SetMetadata(ArrowSchema* schema) {
    SetStruct(schema, "metaData", 8);
    SetPrimitive(schema->children[0], "id", NANOARROW_TYPE_STRING);
    SetPrimitive(schema->children[1], "name", NANOARROW_TYPE_STRING);
    SetPrimitive(schema->children[2], "description", NANOARROW_TYPE_STRING);
    SetStruct(schema->children[3], "format", 2);
    SetPrimitive(schema->children[3]->children[0], "provider", NANOARROW_TYPE_STRING);
    SetTextMap(schema->children[3]->children[1], "options");
    SetPrimitive(schema->children[4], "schemaString", NANOARROW_TYPE_STRING);
    SetTextList(schema->children[5], "partitionColumns");
    SetPrimitive(schema->children[6], "createdTime", NANOARROW_TYPE_INT64);
    SetTextMap(schema->children[7], "configuration");
}

// Features are columns only where the protocol has them: empty lists elsewhere would be wrong.
void SetProtocol(ArrowSchema* schema, const Protocol& protocol) {
    const int64_t lists = (protocol.reader_features ? 1 : 0) + (protocol.writer_features ? 1 : 0);
    SetStruct(schema, "protocol", 2 + lists);
    SetPrimitive(schema->children[0], "minReaderVersion", NANOARROW_TYPE_INT32);
    SetPrimitive(schema->children[1], "minWriterVersion", NANOARROW_TYPE_INT32);
    int64_t next = 2;
    if (protocol.reader_features) SetTextList(schema->children[next++], "readerFeatures");
    if (protocol.writer_features) SetTextList(schema->children[next], "writerFeatures");
}

void SetSchema(ArrowSchema* schema, const Protocol& protocol) {
    ArrowSchemaInit(schema);
    CheckArrow(ArrowSchemaSetTypeStruct(schema, kColumns));
    SetStruct(schema->children[kTxn], "txn", 3);
    SetPrimitive(schema->children[kTxn]->children[0], "appId", NANOARROW_TYPE_STRING);
    SetPrimitive(schema->children[kTxn]->children[1], "version", NANOARROW_TYPE_INT64);
    SetPrimitive(schema->children[kTxn]->children[2], "lastUpdated", NANOARROW_TYPE_INT64);
    SetAdd(schema->children[kAdd]);
    SetRemove(schema->children[kRemove]);
    SetMetadata(schema->children[kMetadata]);
    SetProtocol(schema->children[kProtocol], protocol);
    SetStruct(schema->children[kDomain], "domainMetadata", 3);
    SetPrimitive(schema->children[kDomain]->children[0], "domain", NANOARROW_TYPE_STRING);
    SetPrimitive(schema->children[kDomain]->children[1], "configuration", NANOARROW_TYPE_STRING);
    SetPrimitive(schema->children[kDomain]->children[2], "removed", NANOARROW_TYPE_BOOL);
}

void AppendVector(const ArrowColumn& column, const std::optional<DeletionVector>& vector) {
    if (!vector) return column.Null();
    column.Child(0).Text(std::string_view(&vector->storage_type, 1));
    column.Child(1).Text(std::string_view(vector->path_or_inline));
    column.Child(2).Int(vector->offset);
    column.Child(3).Int(vector->size_bytes);
    column.Child(4).Int(vector->cardinality);
    column.Finish();
}

struct RowAppender {
    ArrowColumn root;

    int64_t operator()(const Transaction& txn) const {
        const ArrowColumn column = root.Child(kTxn);
        column.Child(0).Text(std::string_view(txn.app_id));
        column.Child(1).Int(txn.version);
        column.Child(2).Int(txn.last_updated_ms);
        column.Finish();
        return kTxn;
    }
    int64_t operator()(const Add& add) const {
        const ArrowColumn column = root.Child(kAdd);
        column.Child(0).Text(std::string_view(add.path));
        column.Child(1).TextMap(add.partition_values);
        column.Child(2).Int(add.size_bytes);
        column.Child(3).Int(add.modification_time_ms);
        column.Child(4).Bool(false);
        column.Child(5).Text(add.stats.empty() ? std::nullopt : std::optional(add.stats));
        if (add.extras.tags.empty()) {
            column.Child(6).Null();
        } else {
            column.Child(6).TextMap(add.extras.tags);
        }
        AppendVector(column.Child(7), add.deletion_vector);
        column.Child(8).Int(add.extras.base_row_id);
        column.Child(9).Int(add.extras.default_row_commit_version);
        column.Child(10).Text(add.extras.clustering_provider);
        column.Finish();
        return kAdd;
    }
    int64_t operator()(const Remove& remove) const {
        const ArrowColumn column = root.Child(kRemove);
        column.Child(0).Text(std::string_view(remove.path));
        column.Child(1).Int(remove.deletion_timestamp_ms);
        column.Child(2).Bool(false);
        column.Child(3).Bool(remove.has_file_metadata);
        if (remove.has_file_metadata) {
            column.Child(4).TextMap(remove.partition_values);
            column.Child(5).Int(remove.size_bytes);
        } else {
            column.Child(4).Null();
            column.Child(5).Null();
        }
        AppendVector(column.Child(6), remove.deletion_vector);
        column.Child(7).Int(remove.extras.base_row_id);
        column.Child(8).Int(remove.extras.default_row_commit_version);
        column.Finish();
        return kRemove;
    }
    int64_t operator()(const Metadata& metadata) const {
        const ArrowColumn column = root.Child(kMetadata);
        column.Child(0).Text(std::string_view(metadata.id));
        column.Child(1).Text(metadata.name);
        column.Child(2).Text(metadata.description);
        column.Child(3).Child(0).Text(std::string_view(metadata.format_provider));
        column.Child(3).Child(1).TextMap(metadata.format_options);
        column.Child(3).Finish();
        column.Child(4).Text(std::string_view(metadata.schema_string));
        column.Child(5).TextList(metadata.partition_columns);
        column.Child(6).Int(metadata.created_time_ms);
        column.Child(7).TextMap(metadata.configuration);
        column.Finish();
        return kMetadata;
    }
    int64_t operator()(const Protocol& protocol) const {
        const ArrowColumn column = root.Child(kProtocol);
        column.Child(0).Int(static_cast<int64_t>(protocol.min_reader_version));
        column.Child(1).Int(static_cast<int64_t>(protocol.min_writer_version));
        int64_t next = 2;
        if (protocol.reader_features) column.Child(next++).TextList(*protocol.reader_features);
        if (protocol.writer_features) column.Child(next).TextList(*protocol.writer_features);
        column.Finish();
        return kProtocol;
    }
    int64_t operator()(const DomainMetadata& domain) const {
        const ArrowColumn column = root.Child(kDomain);
        column.Child(0).Text(std::string_view(domain.domain));
        column.Child(1).Text(std::string_view(domain.configuration));
        column.Child(2).Bool(domain.removed);
        column.Finish();
        return kDomain;
    }
};

// One batch under construction; released when it is not handed on.
class Batch {
public:
    explicit Batch(const ArrowSchema& schema) {
        CheckArrow(ArrowArrayInitFromSchema(&array_, &schema, nullptr));
        CheckArrow(ArrowArrayStartAppending(&array_));
    }
    ~Batch() {
        if (array_.release != nullptr) array_.release(&array_);
    }
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;

    template <typename Row>
    void Append(const Row& row) {
        const int64_t filled = RowAppender{ArrowColumn(&array_)}(row);
        for (int64_t i = 0; i < kColumns; ++i) {
            if (i != filled) ArrowColumn(array_.children[i]).Null();
        }
        ArrowColumn(&array_).Finish();
    }
    int64_t Rows() const { return array_.length; }
    void HandOn(ArrowArray* out) {
        CheckArrow(ArrowArrayFinishBuildingDefault(&array_, nullptr));
        ArrowArrayMove(&array_, out);
    }

private:
    ArrowArray array_{};
};

class StateRows final : public table::RowSource {
public:
    StateRows(const LogState& state, int64_t oldest_remove_ms)
        : state_(state), oldest_remove_ms_(oldest_remove_ms) {
        SetSchema(&schema_, *state.protocol);
    }
    ~StateRows() override { ArrowSchemaRelease(&schema_); }
    StateRows(const StateRows&) = delete;
    StateRows& operator=(const StateRows&) = delete;

    void GetSchema(ArrowSchema* out) override { CheckArrow(ArrowSchemaDeepCopy(&schema_, out)); }

    bool Next(ArrowArray* out) override {
        Batch batch(schema_);
        if (!has_begun_) {
            has_begun_ = true;
            batch.Append(*state_.protocol);
            batch.Append(*state_.metadata);
            for (const auto& [id, transaction] : state_.transactions) batch.Append(transaction);
            for (const auto& [name, domain] : state_.domains) batch.Append(domain);
        }
        while (batch.Rows() < kRowsPerBatch && HasFile()) batch.Append(files_[next_file_++]);
        for (; next_remove_ < state_.tombstones.size() && batch.Rows() < kRowsPerBatch;
             ++next_remove_) {
            const Remove& remove = state_.tombstones[next_remove_];
            if (remove.deletion_timestamp_ms.value_or(0) >= oldest_remove_ms_) batch.Append(remove);
        }
        if (batch.Rows() == 0) {
            out->release = nullptr;
            return false;
        }
        batch.HandOn(out);
        return true;
    }

private:
    static void ArrowSchemaRelease(ArrowSchema* schema) {
        if (schema->release != nullptr) schema->release(schema);
    }

    // Files come from their chunk some at a time: it may lie on disk itself.
    bool HasFile() {
        while (next_file_ == files_.size()) {
            if (part_ == state_.files.Parts().size()) return false;
            files_.clear();
            next_file_ = 0;
            ReadFiles();
        }
        return true;
    }

    void ReadFiles() {
        const FileSet::Part& part = state_.files.Parts()[part_];
        const uint32_t rows = part.chunk->Rows();
        const uint32_t last = std::min(rows, first_row_ + kFilesPerRead);
        std::vector<uint8_t> wanted(rows, 0);
        for (uint32_t row = first_row_; row < last; ++row) wanted[row] = part.IsLive(row) ? 1 : 0;
        part.chunk->Visit(
            wanted, [&](uint32_t, const FileView& file) { files_.push_back(file.ToAdd(false)); });
        first_row_ = last;
        if (last < rows) return;
        first_row_ = 0;
        ++part_;
    }

    const LogState& state_;
    int64_t oldest_remove_ms_;
    ArrowSchema schema_{};
    size_t part_ = 0;
    uint32_t first_row_ = 0;
    std::vector<Add> files_;
    bool has_begun_ = false;
    size_t next_file_ = 0;
    size_t next_remove_ = 0;
};

}  // namespace

std::unique_ptr<table::RowSource> CheckpointRows(const LogState& state, int64_t oldest_remove_ms) {
    return std::make_unique<StateRows>(state, oldest_remove_ms);
}

}  // namespace tarn::delta
