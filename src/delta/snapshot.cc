#include "delta/snapshot.h"

#include "base/check.h"
#include "base/error.h"
#include "base/text.h"
#include "delta/clustering.h"
#include "delta/commit_times.h"
#include "delta/deletion_vectors.h"
#include "delta/features.h"
#include "delta/file_pruning.h"
#include "delta/row_deletions.h"
#include "format/roaring_bitmap.h"

namespace tarn::delta {
namespace {

class BitmapRows final : public table::DeletedRows {
public:
    explicit BitmapRows(format::RoaringBitmap64 rows) : rows_(std::move(rows)) {}
    uint64_t Count() const override { return rows_.Cardinality(); }
    bool MarkIn(uint64_t first, std::span<bool> marks) const override {
        return rows_.MarkIn(first, marks);
    }

private:
    format::RoaringBitmap64 rows_;
};

}  // namespace

Snapshot::Snapshot(std::string root, LogState state, Origin origin, storage::ObjectStore& store)
    : state_(std::move(state)), origin_(std::move(origin)), store_(store) {
    CheckReadable(*state_.protocol);
    shape_ = TableShape::Of(std::move(root), *state_.protocol, *state_.metadata);
    description_ = DescribeTable(shape_, *state_.metadata, state_.domains);
    committed_ms_ =
        CommitTimeOf(InCommitTimestampsOf(state_.metadata->configuration), state_.version,
                     state_.in_commit_timestamp_ms, origin_.file_time_ms);
}

std::vector<std::pair<std::string, std::string>> Snapshot::Protocol() const {
    const delta::Protocol& protocol = *state_.protocol;
    std::vector<std::pair<std::string, std::string>> parts = {
        {"minReaderVersion", std::to_string(protocol.min_reader_version)},
        {"minWriterVersion", std::to_string(protocol.min_writer_version)}};
    if (protocol.reader_features) {
        parts.emplace_back("readerFeatures", Join(*protocol.reader_features, ","));
    }
    if (protocol.writer_features) {
        parts.emplace_back("writerFeatures", Join(*protocol.writer_features, ","));
    }
    return parts;
}

void Snapshot::CheckWritable(table::RowsThere rows) const {
    delta::CheckWritable(*state_.protocol, *state_.metadata, rows);
}

table::WriteRules Snapshot::Rules() const {
    const auto& configuration = state_.metadata->configuration;
    table::WriteRules rules;
    rules.hides_rows = HasWriterFeature(*state_.protocol, "deletionVectors") &&
                       IsEnabled(configuration, "delta.enableDeletionVectors");
    rules.records_changes = HasWriterFeature(*state_.protocol, "changeDataFeed") &&
                            IsEnabled(configuration, "delta.enableChangeDataFeed");
    const auto row_id = configuration.find("delta.rowTracking.materializedRowIdColumnName");
    const auto commit_version =
        configuration.find("delta.rowTracking.materializedRowCommitVersionColumnName");
    if (row_id != configuration.end() && commit_version != configuration.end()) {
        rules.row_tracking = {row_id->second, commit_version->second,
                              IsEnabled(configuration, "delta.enableRowTracking")};
    }
    rules.widens_types = IsEnabled(configuration, "delta.enableTypeWidening");
    const auto told = configuration.find("delta.vacuum.logging.enabled");
    rules.tells_of_vacuum = told == configuration.end() || EqualsIgnoreCase(told->second, "true");
    const auto compacts = configuration.find("delta.autoOptimize.autoCompact");
    if (compacts != configuration.end())
        rules.compacts_itself = !EqualsIgnoreCase(compacts->second, "false");
    return rules;
}

table::TableTotals Snapshot::Totals() const {
    return {state_.files.Count(), state_.files.SizeBytes()};
}

std::optional<uint64_t> Snapshot::LiveRows() const {
    std::call_once(live_rows_once_, [this] { live_rows_ = state_.files.LiveRows(); });
    return live_rows_;
}

std::optional<uint64_t> Snapshot::EstimatedRows() const { return state_.files.EstimatedRows(); }

table::ScanPlan Snapshot::Plan(const table::Predicate& predicate) const {
    table::ScanPlan plan;
    FilePruning pruning(shape_, predicate);
    uint64_t kept_bytes = 0;
    for (const FileSet::Part& part : state_.files.Parts()) {
        part.chunk->Visit(pruning.Candidates(part), [&](uint32_t, const FileView& file) {
            auto statistics = pruning.Judge(file);
            if (!statistics) return;
            kept_bytes += static_cast<uint64_t>(file.size_bytes);
            table::DataFile data =
                MakeDataFile(shape_, file, pruning.PartitionValues(*file.partition_values));
            if (statistics->record_count || !statistics->columns.empty()) {
                data.statistics =
                    std::make_shared<const table::FileStatistics>(*std::move(statistics));
            }
            plan.files.push_back(std::move(data));
        });
    }
    plan.files_skipped = state_.files.Count() - plan.files.size();
    plan.bytes_skipped = state_.files.SizeBytes() - kept_bytes;
    return plan;
}

bool Snapshot::MayHold(const FileView& file, const table::Predicate& predicate) const {
    return FilePruning(shape_, predicate).Judge(file).has_value();
}

std::optional<int64_t> Snapshot::TransactionVersion(const std::string& app_id) const {
    const auto found = state_.transactions.find(app_id);
    if (found == state_.transactions.end()) return std::nullopt;
    return found->second.version;
}

std::optional<std::string> Snapshot::DeletedRowsLocation(const table::DataFile& file) const {
    if (!file.deletion_vector) return std::nullopt;
    return VectorLocation(shape_.root, ParseVectorRef(*file.deletion_vector));
}

std::shared_ptr<const table::DeletedRows> Snapshot::LoadDeletedRows(
    const table::DataFile& file) const {
    Check(file.deletion_vector.has_value(), "LoadDeletedRows needs a file with a deletion vector");
    return std::make_shared<const BitmapRows>(
        ReadVector(store_, shape_.root, file.path, ParseVectorRef(*file.deletion_vector)));
}

std::shared_ptr<const table::Snapshot> Snapshot::WithStaged(const table::Change& change) const {
    LogState staged = state_;
    if (change.metadata) {
        staged.metadata = MakeMetadata(*change.metadata, &*state_.metadata);
        staged.protocol = RequiredProtocol(*state_.protocol, *change.metadata);
        auto clustering = ClusteringChange(state_.domains, *change.metadata);
        if (clustering) staged.domains[clustering->domain] = *std::move(clustering);
    }
    const TableShape shape = TableShape::Of(shape_.root, *staged.protocol, *staged.metadata);
    FileSet::Builder files(std::move(staged.files));
    files.BeginVersion();
    for (const table::DataFile& file : change.remove) {
        Remove remove;
        remove.path = file.path;
        if (file.deletion_vector) remove.deletion_vector = ParseVectorRef(*file.deletion_vector);
        files.Apply(remove);
    }
    for (const table::DataFile& file : change.add) files.Apply(MakeAdd(shape, file));
    for (const HiddenRows& hidden : FindHiddenRows(store_, *this, change)) {
        const FileRevision revision = ReviseFile(hidden, InlineVector(hidden.all), 0);
        files.Apply(revision.remove);
        if (revision.add) files.Apply(*revision.add);
    }
    staged.files = files.Build();
    for (const table::AppTransaction& transaction : change.transactions) {
        staged.transactions[transaction.app_id] = {transaction.app_id, transaction.version,
                                                   std::nullopt};
    }
    Origin origin = origin_;
    origin.is_staged = true;
    return std::make_shared<const Snapshot>(shape_.root, std::move(staged), origin, store_);
}

}  // namespace tarn::delta
