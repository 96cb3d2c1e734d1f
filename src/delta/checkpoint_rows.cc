#include "delta/checkpoint_rows.h"

#include <algorithm>
#include <deque>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "delta/arrow_append.h"
#include "delta/checkpoint_schema.h"

namespace tarn::delta {
namespace {

using Columns = CheckpointColumns;

constexpr int64_t kRowsPerBatch = 8192;
constexpr uint32_t kFilesPerRead = 1 << 15;
// A stored chunk decodes whole row groups: larger pieces read each once.
constexpr uint32_t kStoredFilesPerRead = 1 << 17;

struct FileFields {
    AddFields add;
    RemoveFields remove;
};

void AppendVector(const ArrowColumn& file, int64_t place, const DeletionVector* vector,
                  std::string_view path) {
    if (place == 0) {
        if (vector == nullptr) return;
        throw Error(ErrorKind::kCorrupt,
                    "the file {} has a deletion vector, but its table's protocol has no feature "
                    "deletionVectors",
                    path);
    }
    const ArrowColumn column = file.Child(place);
    if (vector == nullptr) return column.Null();
    column.Child(0).Text(std::string_view(&vector->storage_type, 1));
    column.Child(1).Text(std::string_view(vector->path_or_inline));
    column.Child(2).Int(vector->offset);
    column.Child(3).Int(vector->size_bytes);
    column.Child(4).Int(vector->cardinality);
    column.Finish();
}

int64_t ColumnOf(const FileView&) { return Columns::kAdd; }
int64_t ColumnOf(const Remove&) { return Columns::kRemove; }
int64_t ColumnOf(const Transaction&) { return Columns::kTxn; }
int64_t ColumnOf(const Metadata&) { return Columns::kMetadata; }
int64_t ColumnOf(const Protocol&) { return Columns::kProtocol; }
int64_t ColumnOf(const DomainMetadata&) { return Columns::kDomain; }

// Appends actions to their columns of one batch.
class RowAppender {
public:
    RowAppender(ArrowArray* root, const FileFields& fields, ParsedColumns* parsed)
        : root_(root), fields_(fields), parsed_(parsed) {}

    void operator()(const FileView& file) const {
        static const PartitionTexts kNone;
        const PartitionTexts& partition = file.partition_values ? *file.partition_values : kNone;
        const ArrowColumn column = root_.Child(ColumnOf(file));
        column.Child(0).Text(file.path);
        column.Child(1).TextMap(partition);
        column.Child(2).Int(file.size_bytes);
        column.Child(3).Int(file.modification_time_ms);
        column.Child(4).Bool(false);
        AppendExtras(column, file.extras);
        AppendVector(column, fields_.add.deletion_vector, file.deletion_vector, file.path);
        AppendStatistics(column, file.stats);
        if (fields_.add.partitions_parsed > 0) {
            parsed_->AppendPartitions(column.Child(fields_.add.partitions_parsed), partition);
        }
        column.Finish();
    }
    void operator()(const Remove& remove) const {
        const ArrowColumn column = root_.Child(ColumnOf(remove));
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
        AppendVector(column, fields_.remove.deletion_vector,
                     remove.deletion_vector ? &*remove.deletion_vector : nullptr, remove.path);
        AppendRowIds(column, fields_.remove.base_row_id, remove.extras);
        column.Finish();
    }
    void operator()(const Transaction& txn) const {
        const ArrowColumn column = root_.Child(ColumnOf(txn));
        column.Child(0).Text(std::string_view(txn.app_id));
        column.Child(1).Int(txn.version);
        column.Child(2).Int(txn.last_updated_ms);
        column.Finish();
    }
    void operator()(const Metadata& metadata) const {
        const ArrowColumn column = root_.Child(ColumnOf(metadata));
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
    }
    void operator()(const Protocol& protocol) const {
        const ArrowColumn column = root_.Child(ColumnOf(protocol));
        column.Child(0).Int(static_cast<int64_t>(protocol.min_reader_version));
        column.Child(1).Int(static_cast<int64_t>(protocol.min_writer_version));
        int64_t next = 2;
        if (protocol.reader_features) column.Child(next++).TextList(*protocol.reader_features);
        if (protocol.writer_features) column.Child(next).TextList(*protocol.writer_features);
        column.Finish();
    }
    void operator()(const DomainMetadata& domain) const {
        const ArrowColumn column = root_.Child(ColumnOf(domain));
        column.Child(0).Text(std::string_view(domain.domain));
        column.Child(1).Text(std::string_view(domain.configuration));
        column.Child(2).Bool(domain.removed);
        column.Finish();
    }

private:
    void AppendStatistics(const ArrowColumn& add, std::string_view stats) const {
        if (const int64_t field = fields_.add.stats; field > 0) {
            stats.empty() ? add.Child(field).Null() : add.Child(field).Text(stats);
        }
        if (fields_.add.stats_parsed > 0) {
            parsed_->AppendStatistics(add.Child(fields_.add.stats_parsed), stats);
        }
    }
    void AppendExtras(const ArrowColumn& add, const FileExtras* given) const {
        static const FileExtras kNone;
        const FileExtras& extras = given != nullptr ? *given : kNone;
        extras.tags.empty() ? add.Child(5).Null() : add.Child(5).TextMap(extras.tags);
        AppendRowIds(add, fields_.add.base_row_id, extras);
        if (const int64_t field = fields_.add.clustering_provider; field > 0) {
            add.Child(field).Text(extras.clustering_provider);
        }
    }
    static void AppendRowIds(const ArrowColumn& file, int64_t place, const FileExtras& extras) {
        if (place == 0) return;
        file.Child(place).Int(extras.base_row_id);
        file.Child(place + 1).Int(extras.default_row_commit_version);
    }

    ArrowColumn root_;
    const FileFields& fields_;
    ParsedColumns* const parsed_;
};

// One batch under construction; released when it is not handed on. Columns are null where their
// row is another action: told of several rows at once.
class Batch {
public:
    Batch(const ArrowSchema& schema, const FileFields& fields, ParsedColumns* parsed)
        : fields_(fields), parsed_(parsed) {
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
        const int64_t filled = ColumnOf(row);
        if (filled != column_) FillRun();
        column_ = filled;
        RowAppender(&array_, fields_, parsed_)(row);
        ++run_;
        ++array_.length;
    }
    int64_t Rows() const { return array_.length; }
    void HandOn(ArrowArray* out) {
        FillRun();
        CheckArrow(ArrowArrayFinishBuildingDefault(&array_, nullptr));
        ArrowArrayMove(&array_, out);
    }

private:
    void FillRun() {
        for (int64_t i = 0; i < array_.n_children; ++i) {
            if (i != column_ && run_ > 0) ArrowColumn(array_.children[i]).Nulls(run_);
        }
        run_ = 0;
    }

    const FileFields& fields_;
    ParsedColumns* const parsed_;
    ArrowArray array_{};
    int64_t column_ = 0;  // that the last rows have
    int64_t run_ = 0;     // how many they are
};

bool HasVectors(const std::vector<const Remove*>& removes) {
    return std::any_of(removes.begin(), removes.end(),
                       [](const Remove* remove) { return remove->deletion_vector.has_value(); });
}

class ActionRows final : public table::RowSource {
public:
    // `state` is null for a sidecar.
    ActionRows(const LogState* state, const Protocol& protocol, std::vector<FilePiece> files,
               std::vector<const Remove*> removes, const StatisticsForm& form)
        : state_(state),
          files_(std::move(files)),
          removes_(std::move(removes)),
          parsed_(form.as_struct != nullptr ? std::make_unique<ParsedColumns>(*form.as_struct)
                                            : nullptr),
          fields_{AddFields(protocol, form.as_json, parsed_.get()),
                  RemoveFields(protocol, HasVectors(removes_))} {
        Columns columns;
        if (state == nullptr) {
            columns.count = Columns::kOfSidecar;
        } else if (state->domains.empty()) {
            columns.count = Columns::kWithoutDomains;
        }
        SetCheckpointSchema(&schema_, columns, fields_.add, fields_.remove, parsed_.get(),
                            protocol);
    }
    ~ActionRows() override {
        if (schema_.release != nullptr) schema_.release(&schema_);
    }
    ActionRows(const ActionRows&) = delete;
    ActionRows& operator=(const ActionRows&) = delete;

    void GetSchema(ArrowSchema* out) override { CheckArrow(ArrowSchemaDeepCopy(&schema_, out)); }

    bool Next(ArrowArray* out) override {
        while (ready_.empty()) {
            if (!MakeSome()) {
                out->release = nullptr;
                return false;
            }
        }
        ready_.front()->HandOn(out);
        ready_.pop_front();
        return true;
    }

private:
    template <typename Row>
    void Append(const Row& row) {
        if (ready_.empty() || ready_.back()->Rows() >= kRowsPerBatch) {
            ready_.push_back(std::make_unique<Batch>(schema_, fields_, parsed_.get()));
        }
        ready_.back()->Append(row);
    }

    // Appends further rows; false when there are none.
    bool MakeSome() {
        if (state_ != nullptr && !std::exchange(has_begun_, true)) {
            Append(*state_->protocol);
            Append(*state_->metadata);
            for (const auto& [id, transaction] : state_->transactions) Append(transaction);
            for (const auto& [name, domain] : state_->domains) Append(domain);
            return true;
        }
        if (next_file_ < files_.size()) {
            Read(files_[next_file_++]);
            return true;
        }
        if (next_remove_ == removes_.size()) return false;
        const size_t end =
            std::min(removes_.size(), next_remove_ + static_cast<size_t>(kRowsPerBatch));
        while (next_remove_ < end) Append(*removes_[next_remove_++]);
        return true;
    }

    void Read(const FilePiece& piece) {
        std::vector<uint8_t> wanted(piece.part->chunk->Rows(), 0);
        for (uint32_t row = piece.first_row; row < piece.end_row; ++row) {
            wanted[row] = piece.part->IsLive(row) ? 1 : 0;
        }
        piece.part->chunk->Visit(wanted, [&](uint32_t, const FileView& file) { Append(file); });
    }

    const LogState* const state_;
    const std::vector<FilePiece> files_;
    const std::vector<const Remove*> removes_;
    const std::unique_ptr<ParsedColumns> parsed_;
    const FileFields fields_;
    ArrowSchema schema_{};
    std::deque<std::unique_ptr<Batch>> ready_;
    bool has_begun_ = false;
    size_t next_file_ = 0;
    size_t next_remove_ = 0;
};

}  // namespace

std::vector<FilePiece> PiecesOf(const FileSet& files) {
    std::vector<FilePiece> pieces;
    for (const FileSet::Part& part : files.Parts()) {
        const uint32_t rows = part.chunk->Rows();
        const uint32_t step = part.chunk->IsStored() ? kStoredFilesPerRead : kFilesPerRead;
        for (uint32_t first = 0; first < rows; first += step) {
            pieces.push_back({&part, first, std::min(rows, first + step)});
        }
    }
    return pieces;
}

std::unique_ptr<table::RowSource> CheckpointRows(const LogState& state,
                                                 const std::vector<const Remove*>& tombstones,
                                                 const StatisticsForm& form) {
    return std::make_unique<ActionRows>(&state, *state.protocol, PiecesOf(state.files), tombstones,
                                        form);
}

std::unique_ptr<table::RowSource> CheckpointRows(const LogState& state, int64_t oldest_remove_ms) {
    return CheckpointRows(state, LiveTombstones(state.tombstones, oldest_remove_ms), {});
}

std::unique_ptr<table::RowSource> SidecarRows(const Protocol& protocol,
                                              std::vector<FilePiece> files,
                                              const StatisticsForm& form) {
    return std::make_unique<ActionRows>(nullptr, protocol, std::move(files),
                                        std::vector<const Remove*>(), form);
}

std::unique_ptr<table::RowSource> SidecarRows(const Protocol& protocol,
                                              const std::vector<const Remove*>& tombstones) {
    return std::make_unique<ActionRows>(nullptr, protocol, std::vector<FilePiece>(), tombstones,
                                        StatisticsForm{});
}

}  // namespace tarn::delta
