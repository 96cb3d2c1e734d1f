#include "delta/feature_drop.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "delta/checkpoint_writer.h"
#include "delta/commit_reader.h"
#include "delta/deletion_vectors.h"
#include "delta/features.h"
#include "delta/file_path.h"
#include "delta/log_path.h"
#include "delta/log_segment.h"
#include "delta/log_state.h"
#include "delta/row_tracking.h"
#include "delta/schema_json.h"
#include "table/schema_edit.h"

namespace tarn::delta {
namespace {

using table::FeatureDrop;
using table::FeatureTrace;
using table::Field;
using table::TableMetadata;

constexpr const char* kGuard = "checkpointProtection";
constexpr const char* kRetention = "delta.dropFeatureTruncateHistory.retentionDuration";
constexpr int64_t kDefaultRetentionMs = 86'400'000;
constexpr const char* kVectors = "delta.enableDeletionVectors";
constexpr const char* kWidening = "delta.enableTypeWidening";
constexpr const char* kPolicy = "delta.checkpointPolicy";
constexpr const char* kMode = "delta.columnMapping.mode";
constexpr const char* kMaxId = "delta.columnMapping.maxColumnId";
constexpr std::string_view kMappingPrefix = "delta.columnMapping.";
constexpr const char* kTypeChanges = "delta.typeChanges";
constexpr const char* kRowTracking = "delta.enableRowTracking";
constexpr const char* kSuspended = "delta.rowTrackingSuspended";

// Those that can go; the others stay with the table.
constexpr std::string_view kRemovable[] = {"checkConstraints",
                                           "columnMapping",
                                           "deletionVectors",
                                           "typeWidening",
                                           "v2Checkpoint",
                                           "vacuumProtocolCheck",
                                           "rowTracking",
                                           "domainMetadata",
                                           "typeWidening-preview",
                                           "inCommitTimestamp",
                                           kGuard};

// Properties that go with the last commit.
constexpr std::pair<std::string_view, const char*> kLastProperties[] = {
    {"rowTracking", kRowTracking},
    {"rowTracking", kSuspended},
    {"rowTracking", "delta.rowTracking.materializedRowIdColumnName"},
    {"rowTracking", "delta.rowTracking.materializedRowCommitVersionColumnName"},
    {"inCommitTimestamp", "delta.enableInCommitTimestamps"},
    {"inCommitTimestamp", "delta.inCommitTimestampEnablementVersion"},
    {"inCommitTimestamp", "delta.inCommitTimestampEnablementTimestamp"},
    {kGuard, kGuardedBefore},
};

bool IsTypeWidening(const std::string& feature) {
    return feature == "typeWidening" || feature == "typeWidening-preview";
}

bool IsPolicyV2(const std::map<std::string, std::string>& properties) {
    const auto found = properties.find(kPolicy);
    return found != properties.end() && !EqualsIgnoreCase(found->second, "classic");
}

// The feature's name as the table has it; refuses what cannot be dropped.
std::string Removable(const Snapshot& latest, const std::string& feature, bool truncates) {
    const Protocol& protocol = *latest.State().protocol;
    const std::vector<std::string> present = FeaturesOf(protocol);
    const auto found = std::find_if(present.begin(), present.end(), [&](const std::string& name) {
        return EqualsIgnoreCase(name, feature);
    });
    if (found == present.end()) {
        if (feature.starts_with("delta.")) {
            throw Error(ErrorKind::kInvalidInput,
                        "DROP FEATURE {}: that is a property, not a feature; ALTER TABLE ... UNSET "
                        "TBLPROPERTIES takes it away",
                        feature);
        }
        if (!KnownFeature(feature)) {
            throw Error(ErrorKind::kInvalidInput,
                        "DROP FEATURE {}: Tarn knows no feature of that name; the table has {}",
                        feature, Join(present, ", "));
        }
        throw Error(ErrorKind::kInvalidInput,
                    "DROP FEATURE {}: the table does not have it; it has {}", feature,
                    Join(present, ", "));
    }
    if (std::find(std::begin(kRemovable), std::end(kRemovable), *found) == std::end(kRemovable)) {
        throw Error(ErrorKind::kUnsupported,
                    "DROP FEATURE {}: this feature cannot be taken out of a table; write its rows "
                    "to another one with CREATE TABLE ... AS SELECT",
                    *found);
    }
    const auto dependents = DependentsOn(protocol, *found);
    if (!dependents.empty()) {
        throw Error(ErrorKind::kInvalidInput,
                    "DROP FEATURE {}: the table's feature {} stands on it; drop that first", *found,
                    Join(dependents, ", "));
    }
    if (truncates && !IsReaderFeature(*found) && *found != kGuard) {
        throw Error(ErrorKind::kInvalidInput,
                    "DROP FEATURE {} TRUNCATE HISTORY: only writers know this feature, older "
                    "versions may keep it; leave TRUNCATE HISTORY out",
                    *found);
    }
    if (!truncates && *found == kGuard) {
        throw Error(ErrorKind::kInvalidInput,
                    "DROP FEATURE {}: it guards versions that have features which were dropped; "
                    "it goes with them, by DROP FEATURE {} TRUNCATE HISTORY",
                    *found, *found);
    }
    return *found;
}

std::shared_ptr<const TableMetadata> WithProperties(
    const Snapshot& latest,
    const std::vector<std::pair<std::string, std::optional<std::string>>>& changed) {
    auto metadata = std::make_shared<TableMetadata>(latest.Metadata());
    for (const auto& [key, value] : changed) {
        metadata->properties.erase(key);
        if (value) metadata->properties[key] = *value;
    }
    metadata->file_rules = FileRulesOf(metadata->properties);
    return metadata;
}

// Takes keys out of the metadata of all fields; is any gone.
template <typename IsGone>
bool EraseKeys(std::vector<Field>& fields, IsGone&& is_gone) {
    size_t erased = 0;
    table::EditAllFields(fields, [&](Field& field) {
        erased +=
            std::erase_if(field.metadata, [&](const auto& entry) { return is_gone(entry.first); });
    });
    return erased > 0;
}

void TraceVectors(const Snapshot& latest, FeatureTrace& trace) {
    if (IsEnabled(latest.Metadata().properties, kVectors)) {
        trace.operation = "UNSET TBLPROPERTIES";
        trace.metadata = WithProperties(latest, {{kVectors, std::nullopt}});
        return;
    }
    trace.operation = "REORG";
    trace.files = latest.Plan({}).files;
    std::erase_if(trace.files, [](const auto& file) { return !file.deletion_vector; });
}

// Data files under their physical names are of no use to whoever does not know those.
void TraceMapping(const Snapshot& latest, FeatureTrace& trace) {
    auto metadata = std::make_shared<TableMetadata>(latest.Metadata());
    bool is_mapped = metadata->properties.erase(kMode) + metadata->properties.erase(kMaxId) > 0;
    is_mapped |= EraseKeys(metadata->schema.fields,
                           [](const std::string& key) { return key.starts_with(kMappingPrefix); });
    metadata->schema.by_id = false;
    table::EditAllFields(metadata->schema.fields, [&](Field& field) {
        if (NeedsMapping(field.name)) {
            throw Error(ErrorKind::kInvalidInput,
                        "DROP FEATURE columnMapping: the name of the column '{}' needs it; rename "
                        "the column first with ALTER TABLE ... RENAME COLUMN",
                        field.name);
        }
        is_mapped |= field.field_id > 0 || field.physical_name != field.name;
        field.field_id = 0;
        field.physical_name = field.name;
    });
    if (!is_mapped) return;
    trace.operation = "REMOVE COLUMN MAPPING";
    trace.metadata = std::move(metadata);
    trace.files = latest.Plan({}).files;
}

// Which files are of an earlier type nobody noted: all are written again.
void TraceWidening(const Snapshot& latest, FeatureTrace& trace) {
    if (IsEnabled(latest.Metadata().properties, kWidening)) {
        trace.operation = "UNSET TBLPROPERTIES";
        trace.metadata = WithProperties(latest, {{kWidening, std::nullopt}});
        return;
    }
    auto metadata = std::make_shared<TableMetadata>(latest.Metadata());
    if (!EraseKeys(metadata->schema.fields,
                   [](const std::string& key) { return key == kTypeChanges; })) {
        return;
    }
    trace.operation = "REORG";
    trace.metadata = std::move(metadata);
    trace.files = latest.Plan({}).files;
}

void TraceRowTracking(const Snapshot& latest, FeatureTrace& trace) {
    const auto& properties = latest.Metadata().properties;
    if (!IsEnabled(properties, kRowTracking) && IsEnabled(properties, kSuspended)) return;
    trace.operation = "SET TBLPROPERTIES";
    trace.metadata = WithProperties(latest, {{kRowTracking, "false"}, {kSuspended, "true"}});
}

void RefuseChecks(const Snapshot& latest) {
    std::vector<std::string> names;
    for (const table::RowCheck& check : latest.Metadata().checks) names.push_back(check.name);
    if (names.empty()) return;
    throw Error(ErrorKind::kInvalidInput,
                "DROP FEATURE checkConstraints: the table has the constraints {}; drop them first "
                "with ALTER TABLE ... DROP CONSTRAINT",
                Join(names, ", "));
}

// Files are added again without the numbers of their rows.
void AppendWithoutRowIds(const Snapshot& base, PreparedChange& prepared) {
    base.State().files.ForEach([&](const FileView& file) {
        if (file.extras == nullptr) return;
        if (!file.extras->base_row_id && !file.extras->default_row_commit_version) return;
        constexpr bool kDataChange = false;
        Add add = file.ToAdd(kDataChange);
        add.extras.base_row_id.reset();
        add.extras.default_row_commit_version.reset();
        prepared.actions.emplace_back(std::move(add));
        prepared.adds_files_again = true;
    });
}

void AppendEndOf(const DomainMetadata& domain, PreparedChange& prepared) {
    prepared.actions.emplace_back(DomainMetadata{domain.domain, domain.configuration, true});
}

bool HasVector(const Action& action) {
    if (const auto* add = std::get_if<Add>(&action)) return add->deletion_vector.has_value();
    const auto* remove = std::get_if<Remove>(&action);
    return remove != nullptr && remove->deletion_vector.has_value();
}

// Can the action of an older version only be read by those who know the feature.
bool UsesFeature(const std::string& feature, const Action& action) {
    const auto* metadata = std::get_if<Metadata>(&action);
    if (feature == "deletionVectors") {
        return metadata != nullptr ? IsEnabled(metadata->configuration, kVectors)
                                   : HasVector(action);
    }
    if (feature == "v2Checkpoint") {
        return metadata != nullptr ? IsPolicyV2(metadata->configuration)
                                   : std::holds_alternative<Sidecar>(action) ||
                                         std::holds_alternative<CheckpointMetadata>(action);
    }
    if (metadata == nullptr) return false;
    if (feature == "columnMapping")
        return ColumnMappingOf(metadata->configuration) != ColumnMapping::kNone;
    return IsTypeWidening(feature) &&
           metadata->schema_string.find(kTypeChanges) != std::string::npos;
}

bool CommitsUse(storage::ObjectStore& store, std::vector<CommitFile> commits,
                const std::string& feature) {
    std::vector<storage::ObjectInfo> files;
    for (CommitFile& commit : commits) files.push_back(std::move(commit.info));
    const size_t count = files.size();
    CommitReader reader(store, std::move(files));
    bool is_used = false;
    for (size_t i = 0; i < count && !is_used; ++i) {
        reader.Next([&](CommitActions&& actions) {
            for (const Action& action : actions.others) is_used |= UsesFeature(feature, action);
            FileRows::Reader adds(actions.adds);
            for (uint32_t row = 0; row < actions.adds.Count(); ++row)
                is_used |= feature == "deletionVectors" && adds.At(row).deletion_vector != nullptr;
        });
    }
    return is_used;
}

// What the first version that is left stands on, but for its removes.
bool FirstStateUses(storage::ObjectStore& store, table::ParquetFiles& parquet,
                    const std::string& root, table::Version first, const std::string& feature) {
    if (feature == "v2Checkpoint") {
        const auto segment = ListSegment(store, root, first);
        const bool has_sidecars = std::any_of(
            segment.checkpoint_files.begin(), segment.checkpoint_files.end(), [](const auto& file) {
                return ParseLogPath(storage::LastName(file.location)).kind ==
                       LogFileKind::kUuidCheckpoint;
            });
        if (has_sidecars) return true;
    }
    const auto read = ReadVersionOf(store, parquet, root, first);
    if (UsesFeature(feature, *read.state.metadata)) return true;
    bool has_vectors = false;
    read.state.files.ForEach(
        [&](const FileView& file) { has_vectors |= file.deletion_vector != nullptr; });
    return feature == "deletionVectors" && has_vectors;
}

}  // namespace

FeatureTrace FindTrace(const Snapshot& latest, const std::string& feature, bool truncates_history) {
    FeatureTrace trace;
    trace.drop.feature = Removable(latest, feature, truncates_history);
    trace.drop.truncates_history = truncates_history;
    trace.drop.is_in_history = IsReaderFeature(trace.drop.feature);
    const std::string& name = trace.drop.feature;
    if (name == "checkConstraints") RefuseChecks(latest);
    if (name == "deletionVectors") TraceVectors(latest, trace);
    if (name == "columnMapping") TraceMapping(latest, trace);
    if (IsTypeWidening(name)) TraceWidening(latest, trace);
    if (name == "rowTracking") TraceRowTracking(latest, trace);
    if (name == "v2Checkpoint" && IsPolicyV2(latest.Metadata().properties)) {
        trace.operation = "SET TBLPROPERTIES";
        trace.metadata = WithProperties(latest, {{kPolicy, "classic"}});
    }
    return trace;
}

std::vector<std::string> VectorsOfRemoves(const std::string& root,
                                          const std::vector<Remove>& removes) {
    std::set<std::string> vectors;
    for (const Remove& remove : removes) {
        if (!remove.deletion_vector) continue;
        if (auto location = VectorLocation(root, *remove.deletion_vector))
            vectors.insert(*std::move(location));
    }
    for (const Remove& remove : removes) {
        if (!remove.deletion_vector) vectors.erase(ResolveLocation(root, remove.path));
    }
    return {vectors.begin(), vectors.end()};
}

void ApplyDrop(const Snapshot& base, const FeatureDrop& drop, int64_t now_ms,
               PreparedChange& prepared) {
    if (!FindTrace(base, drop.feature, drop.truncates_history).IsClean()) {
        throw Error(ErrorKind::kInvalidInput, "DROP FEATURE {}: the table still uses it",
                    drop.feature);
    }
    std::vector<std::string> features = FeaturesOf(prepared.protocol);
    std::erase(features, drop.feature);
    auto& properties = prepared.metadata.configuration;
    for (const auto& [feature, key] : kLastProperties) {
        if (feature == drop.feature) properties.erase(key);
    }
    prepared.guards_history = drop.is_in_history && !drop.truncates_history;
    if (prepared.guards_history) {
        if (std::find(features.begin(), features.end(), kGuard) == features.end())
            features.emplace_back(kGuard);
        properties[kGuardedBefore] = std::to_string(base.AtVersion().Next().number);
    }
    prepared.protocol = WeakestProtocol(features);
    const auto& domains = base.State().domains;
    if (drop.feature == "rowTracking") {
        AppendWithoutRowIds(base, prepared);
        const auto domain = domains.find(kRowTrackingDomain);
        if (domain != domains.end()) AppendEndOf(domain->second, prepared);
    }
    if (drop.feature == "domainMetadata") {
        for (const auto& [name, domain] : domains) AppendEndOf(domain, prepared);
    }
    for (const std::string& location : drop.kept_locations) {
        Remove kept;
        kept.path = LogPathOf(base.Location(), location);
        kept.deletion_timestamp_ms = now_ms;
        kept.data_change = false;
        prepared.actions.emplace_back(std::move(kept));
    }
}

bool BringsBack(const FeatureDrop& drop, const WinningCommit& winner) {
    if (drop.feature == "domainMetadata") return !winner.domains.empty();
    return std::any_of(winner.adds.begin(), winner.adds.end(), [&](const auto& entry) {
        const Add& add = entry.second;
        return (drop.feature == "deletionVectors" && add.deletion_vector) ||
               (drop.feature == "rowTracking" && add.extras.base_row_id);
    });
}

void GuardHistory(table::Version version, std::vector<Action>& actions) {
    for (Action& action : actions) {
        auto* metadata = std::get_if<Metadata>(&action);
        if (metadata != nullptr)
            metadata->configuration[kGuardedBefore] = std::to_string(version.number);
    }
}

int64_t TruncatedRetentionMs(const Metadata& metadata) {
    const auto found = metadata.configuration.find(kRetention);
    if (found == metadata.configuration.end()) return kDefaultRetentionMs;
    const auto retention_ms = ParseInterval(found->second);
    if (retention_ms) return *retention_ms;
    throw Error(ErrorKind::kInvalidInput,
                "{} = '{}': expected a length of time, as 'interval 1 day'", kRetention,
                found->second);
}

void CheckForgotten(storage::ObjectStore& store, table::ParquetFiles& parquet,
                    const Snapshot& latest, const FeatureDrop& drop) {
    const std::string& root = latest.Location();
    const auto commits = ListCommits(store, root, {0});
    const table::Version first = commits.empty() ? latest.AtVersion() : commits.front().version;
    bool is_left = false;
    if (drop.feature == kGuard) {
        const auto& properties = latest.Metadata().properties;
        const auto before = properties.find(kGuardedBefore);
        is_left = before != properties.end() && first.number < ParseInt(before->second).value_or(0);
    } else {
        is_left = CommitsUse(store, commits, drop.feature) ||
                  FirstStateUses(store, parquet, root, first, drop.feature);
    }
    if (!is_left) return;
    throw Error(
        ErrorKind::kInvalidInput,
        "DROP FEATURE {} TRUNCATE HISTORY: the latest version no longer uses it, but versions "
        "from {} on that do are still in the log; run the statement again once they are "
        "older than {} hours (property {})",
        drop.feature, first.number, TruncatedRetentionMs(*latest.State().metadata) / 3'600'000,
        kRetention);
}

}  // namespace tarn::delta
