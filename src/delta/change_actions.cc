#include "delta/change_actions.h"

#include <algorithm>
#include <set>

#include "base/check.h"
#include "base/error.h"
#include "delta/clustering.h"
#include "delta/deletion_vectors.h"
#include "delta/feature_drop.h"
#include "delta/features.h"
#include "delta/file_path.h"
#include "delta/iceberg_compat.h"
#include "delta/row_tracking.h"
#include "table/copied_location.h"

namespace tarn::delta {
namespace {

constexpr const char* kEngineInfo = "Tarn/0.1.0";
constexpr const char* kInCommitTimestamps = "delta.enableInCommitTimestamps";
constexpr const char* kTimesSinceVersion = "delta.inCommitTimestampEnablementVersion";
constexpr const char* kTimesSince = "delta.inCommitTimestampEnablementTimestamp";

CommitInfo MakeInfo(const table::Change& change) {
    CommitInfo info;
    info.operation = change.operation;
    info.parameters = change.parameters;
    info.metrics = change.metrics;
    info.is_blind_append = change.remove.empty() && change.delete_rows.empty() &&
                           change.reads.IsBlind() && !change.metadata && !change.drop;
    info.others = change.commit_info;
    info.others["engineInfo"] = kEngineInfo;
    return info;
}

const Protocol& ProtocolOf(const table::Snapshot& origin) {
    const auto* ours = dynamic_cast<const Snapshot*>(&origin);
    Check(ours != nullptr, "files come from a Delta table");
    return *ours->State().protocol;
}

LogicalFile KeyOf(const table::DataFile& file) {
    return {file.path, file.deletion_vector ? file.deletion_vector->unique_id : std::string()};
}

// A deletion vector of another table as this one names it.
DeletionVector VectorFrom(const Snapshot& origin, const std::string& root, const Add& file,
                          const std::string& location, DeletionVector vector) {
    const auto at = VectorLocation(origin.Location(), vector);
    if (!at) return vector;
    const bool is_copied = location != ResolveLocation(origin.Location(), file.path);
    // Its place below the root is the same.
    if (is_copied && vector.storage_type == 'u') return vector;
    vector.storage_type = 'p';
    vector.path_or_inline =
        AbsoluteLogPath(is_copied ? table::CopiedLocation(origin.Location(), root, *at) : *at);
    return vector;
}

// What another version says of files that are added from there.
std::vector<Add> AddsOf(const std::string& root, const table::Change& change) {
    const auto* origin = dynamic_cast<const Snapshot*>(change.origin.get());
    Check(origin != nullptr, "files come from a Delta table");
    std::vector<LogicalFile> wanted;
    for (const table::DataFile& file : change.add) wanted.push_back(KeyOf(file));
    const bool is_other = origin->Location() != root;
    std::vector<Add> adds;
    for (auto& found : origin->State().files.Find(wanted)) {
        Check(found.has_value(), "the added files are live where they come from");
        const std::string& location = change.add[adds.size()].location;
        if (is_other && found->deletion_vector) {
            found->deletion_vector =
                VectorFrom(*origin, root, *found, location, *std::move(found->deletion_vector));
        }
        if (is_other) found->path = LogPathOf(root, location);
        found->data_change = true;
        adds.push_back(*std::move(found));
    }
    return adds;
}

// The ids that another table gave to rows that come from there are not given again.
void PassRowIds(const table::Change& change, const Domains& own, PreparedChange& prepared) {
    const auto* origin = dynamic_cast<const Snapshot*>(change.origin.get());
    if (origin == nullptr || !AssignsRowIds(prepared.protocol, prepared.metadata.configuration))
        return;
    const int64_t theirs = RowIdHighWater(origin->State().domains);
    if (theirs > RowIdHighWater(own)) prepared.actions.emplace_back(RowIdDomain(theirs));
}

void AppendAdds(const TableShape& shape, const table::Change& change,
                std::vector<Action>& actions) {
    std::vector<Add> adds;
    if (change.origin) {
        adds = AddsOf(shape.root, change);
    } else {
        for (const table::DataFile& file : change.add) adds.push_back(MakeAdd(shape, file));
    }
    std::set<std::string> paths;
    for (Add& add : adds) {
        if (!paths.insert(PathKey(add.path)).second) {
            throw Error(ErrorKind::kInvalidInput, "the file {} is added twice in one commit",
                        add.path);
        }
        actions.emplace_back(std::move(add));
    }
}

void AppendRemoves(const Snapshot& base, const table::Change& change, int64_t now_ms,
                   std::vector<Action>& actions) {
    std::vector<LogicalFile> wanted;
    for (const table::DataFile& file : change.remove) wanted.push_back(KeyOf(file));
    const auto found = base.State().files.Find(wanted);
    std::set<std::string> paths;
    for (size_t i = 0; i < wanted.size(); ++i) {
        const table::DataFile& file = change.remove[i];
        if (!found[i]) {
            throw Error(ErrorKind::kInvalidInput, "the file {} is not in version {} of {}",
                        file.path, base.AtVersion().number, base.Location());
        }
        if (!paths.insert(PathKey(file.path)).second) {
            throw Error(ErrorKind::kInvalidInput, "the file {} is removed twice in one commit",
                        file.path);
        }
        actions.emplace_back(MakeRemove(*found[i], file.data_change, now_ms));
    }
}

void AppendChangeData(const TableShape& shape, const table::Change& change,
                      std::vector<Action>& actions) {
    for (const table::ChangeDataFile& file : change.change_data) {
        ChangeDataFile recorded;
        recorded.path = LogPathOf(shape.root, file.location);
        recorded.partition_values = PartitionTextsOf(shape, file.partition_values);
        recorded.size_bytes = static_cast<int64_t>(file.size_bytes);
        actions.emplace_back(std::move(recorded));
    }
}

void AppendTransactions(const table::Change& change, int64_t now_ms, std::vector<Action>& actions) {
    std::set<std::string> ids;
    for (const table::AppTransaction& transaction : change.transactions) {
        if (!ids.insert(transaction.app_id).second) {
            throw Error(ErrorKind::kInvalidInput, "the application '{}' stands twice in one commit",
                        transaction.app_id);
        }
        actions.emplace_back(Transaction{transaction.app_id, transaction.version, now_ms});
    }
}

// Files that were there before the table tracked its rows are added again, to be numbered; those
// that the change touches are its own affair.
void AppendUnnumbered(const Snapshot& base, std::vector<Action>& actions) {
    std::set<std::string> touched;
    for (const Action& action : actions) {
        if (const auto* remove = std::get_if<Remove>(&action))
            touched.insert(PathKey(remove->path));
    }
    base.State().files.ForEach([&](const FileView& file) {
        const bool is_numbered = file.extras != nullptr && file.extras->base_row_id;
        if (is_numbered || touched.contains(PathKey(std::string(file.path)))) return;
        constexpr bool kDataChange = false;
        actions.emplace_back(file.ToAdd(kDataChange));
    });
}

// Files, and the marks in the metadata, of features that this commit switches on.
void StartFeatures(const Snapshot& base, PreparedChange& prepared) {
    const LogState& state = base.State();
    const auto& before = state.metadata->configuration;
    const auto& after = prepared.metadata.configuration;
    prepared.starts_commit_times =
        IsEnabled(after, kInCommitTimestamps) && !IsEnabled(before, kInCommitTimestamps);
    prepared.adds_files_again =
        AssignsRowIds(prepared.protocol, after) && !AssignsRowIds(*state.protocol, before);
    if (prepared.adds_files_again) AppendUnnumbered(base, prepared.actions);
}

// What the table's row tracking asks of a commit.
void FinishRows(PreparedChange& prepared) {
    const auto& properties = prepared.metadata.configuration;
    if (!AssignsRowIds(prepared.protocol, properties)) return;
    CheckRowsAreCounted(prepared.actions);
    // Whoever moves rows takes their identity along (table::WriteRules).
    if (IsEnabled(properties, "delta.enableRowTracking")) {
        prepared.info.others["tags"] = R"({"delta.rowTracking.preserved":"true"})";
    }
}

void MarkTimesStart(table::Version version, int64_t unix_ms, std::vector<Action>& actions) {
    for (Action& action : actions) {
        auto* metadata = std::get_if<Metadata>(&action);
        if (metadata == nullptr) continue;
        metadata->configuration[kTimesSinceVersion] = std::to_string(version.number);
        metadata->configuration[kTimesSince] = std::to_string(unix_ms);
    }
}

// What the change does to the rows that are there.
table::RowsThere RowsThereIn(const table::Change& change) {
    const bool loses_rows =
        !change.delete_rows.empty() ||
        std::any_of(change.remove.begin(), change.remove.end(),
                    [](const table::DataFile& file) { return file.data_change; });
    return loses_rows ? table::RowsThere::kChange : table::RowsThere::kStay;
}

}  // namespace

PreparedChange PrepareChange(const Snapshot& base, const table::Change& change, int64_t now_ms) {
    const LogState& state = base.State();
    CheckWritable(*state.protocol, *state.metadata, RowsThereIn(change));
    PreparedChange prepared;
    prepared.protocol = *state.protocol;
    prepared.metadata = *state.metadata;
    prepared.info = MakeInfo(change);
    if (change.metadata) {
        CheckColumns(*change.metadata);
        prepared.metadata = MakeMetadata(*change.metadata, &*state.metadata);
        prepared.protocol = RequiredProtocol(*state.protocol, *change.metadata);
        // The features under which its files were written may have been dropped since.
        if (change.origin) {
            prepared.protocol =
                WithFeaturesOf(std::move(prepared.protocol), ProtocolOf(*change.origin));
        }
        CheckWritable(prepared.protocol, prepared.metadata, table::RowsThere::kStay);
    }
    if (change.drop) ApplyDrop(base, *change.drop, now_ms, prepared);
    if (prepared.protocol != *state.protocol) prepared.actions.emplace_back(prepared.protocol);
    if (prepared.metadata != *state.metadata) prepared.actions.emplace_back(prepared.metadata);
    if (change.metadata) {
        auto clustering = ClusteringChange(state.domains, *change.metadata);
        if (clustering) prepared.actions.emplace_back(*std::move(clustering));
    }
    const TableShape shape = TableShape::Of(base.Location(), prepared.protocol, prepared.metadata);
    AppendTransactions(change, now_ms, prepared.actions);
    AppendRemoves(base, change, now_ms, prepared.actions);
    AppendAdds(shape, change, prepared.actions);
    PassRowIds(change, state.domains, prepared);
    AppendChangeData(shape, change, prepared.actions);
    if (change.metadata) StartFeatures(base, prepared);
    FinishForIceberg(&base, change, change.metadata ? *change.metadata : base.Metadata(), prepared);
    FinishRows(prepared);
    return prepared;
}

PreparedChange PrepareTable(const std::string& root, const table::TableMetadata& description,
                            const table::Change& change, const std::string& table_id,
                            int64_t now_ms) {
    CheckColumns(description);
    if (!change.remove.empty() || !change.delete_rows.empty() || !change.change_data.empty()) {
        throw Error(ErrorKind::kInvalidInput, "a new table at {} has no rows to change", root);
    }
    PreparedChange prepared;
    prepared.metadata = MakeMetadata(description, nullptr);
    if (prepared.metadata.id.empty()) prepared.metadata.id = table_id;
    if (!prepared.metadata.created_time_ms) prepared.metadata.created_time_ms = now_ms;
    prepared.protocol = RequiredProtocol(PlainProtocol(), description);
    if (change.origin) {
        prepared.protocol =
            WithFeaturesOf(std::move(prepared.protocol), ProtocolOf(*change.origin));
    }
    CheckWritable(prepared.protocol, prepared.metadata, table::RowsThere::kStay);
    prepared.info = MakeInfo(change);
    prepared.actions.emplace_back(prepared.protocol);
    prepared.actions.emplace_back(prepared.metadata);
    if (auto clustering = ClusteringChange({}, description))
        prepared.actions.emplace_back(*std::move(clustering));
    AppendTransactions(change, now_ms, prepared.actions);
    AppendAdds(TableShape::Of(root, prepared.protocol, prepared.metadata), change,
               prepared.actions);
    PassRowIds(change, {}, prepared);
    FinishForIceberg(nullptr, change, description, prepared);
    FinishRows(prepared);
    return prepared;
}

std::string RenderCommit(const std::vector<const PreparedChange*>& changes, CommitInfo info,
                         const CommitPlace& place, int64_t now_ms) {
    const Protocol& protocol = changes.front()->protocol;
    const auto& properties = changes.front()->metadata.configuration;
    info.timestamp_ms = now_ms;
    if (HasWriterFeature(protocol, "inCommitTimestamp") &&
        IsEnabled(properties, kInCommitTimestamps)) {
        info.in_commit_timestamp_ms = std::max(now_ms, place.previous_ms + 1);
    }
    std::vector<Action> actions;
    for (const PreparedChange* change : changes) {
        actions.insert(actions.end(), change->actions.begin(), change->actions.end());
        actions.insert(actions.end(), change->revisions.begin(), change->revisions.end());
    }
    if (changes.front()->starts_commit_times) {
        MarkTimesStart(place.version, *info.in_commit_timestamp_ms, actions);
    }
    if (changes.front()->guards_history) GuardHistory(place.version, actions);
    if (AssignsRowIds(protocol, properties)) {
        const int64_t high = AssignRowIds(actions, place.version, place.row_id_high_water);
        if (high > place.row_id_high_water) actions.emplace_back(RowIdDomain(high));
    }
    std::string bytes = SerializeAction(info) + "\n";
    for (const Action& action : actions) bytes += SerializeAction(action) + "\n";
    return bytes;
}

}  // namespace tarn::delta
