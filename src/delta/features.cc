#include "delta/features.h"

#include <algorithm>
#include <functional>
#include <set>

#include "base/error.h"
#include "base/text.h"

namespace tarn::delta {
namespace {

using table::Field;
using table::Type;
using table::TypeKind;

enum class Writes { kYes, kNo };

struct Feature {
    std::string_view name;
    bool is_reader_feature;
    bool can_read;
    Writes writes;
    int legacy_reader_version;  // the versions that imply it; 0: none does
    int legacy_writer_version;
};

constexpr Feature kFeatures[] = {
    {"appendOnly", false, true, Writes::kYes, 0, 2},
    {"invariants", false, true, Writes::kYes, 0, 2},
    {"checkConstraints", false, true, Writes::kYes, 0, 3},
    {"changeDataFeed", false, true, Writes::kYes, 0, 4},
    {"generatedColumns", false, true, Writes::kYes, 0, 4},
    {"columnMapping", true, true, Writes::kYes, 2, 5},
    {"identityColumns", false, true, Writes::kYes, 0, 6},
    {"allowColumnDefaults", false, true, Writes::kYes, 0, 0},
    {"timestampNtz", true, true, Writes::kYes, 0, 0},
    {"deletionVectors", true, true, Writes::kYes, 0, 0},
    {"v2Checkpoint", true, true, Writes::kYes, 0, 0},
    {"vacuumProtocolCheck", true, true, Writes::kYes, 0, 0},
    {"typeWidening", true, true, Writes::kYes, 0, 0},
    {"typeWidening-preview", true, true, Writes::kYes, 0, 0},
    {"domainMetadata", false, true, Writes::kYes, 0, 0},
    {"clustering", false, true, Writes::kYes, 0, 0},
    {"inCommitTimestamp", false, true, Writes::kYes, 0, 0},
    {"inCommitTimestamp-preview", false, true, Writes::kNo, 0, 0},
    {"checkpointProtection", false, true, Writes::kYes, 0, 0},
    {"rowTracking", false, true, Writes::kYes, 0, 0},
    {"icebergCompatV1", false, true, Writes::kYes, 0, 0},
    {"icebergCompatV2", false, true, Writes::kYes, 0, 0},
    {"icebergCompatV3", false, true, Writes::kNo, 0, 0},
    {"icebergWriterCompatV1", false, true, Writes::kNo, 0, 0},
    {"icebergWriterCompatV3", false, true, Writes::kNo, 0, 0},
    {"materializePartitionColumns", false, true, Writes::kNo, 0, 0},
    {"variantType", true, true, Writes::kYes, 0, 0},
    {"variantType-preview", true, true, Writes::kYes, 0, 0},
    {"variantShredding", true, true, Writes::kYes, 0, 0},
    {"variantShredding-preview", true, true, Writes::kYes, 0, 0},
    {"geospatial", true, true, Writes::kNo, 0, 0},
    {"geospatial-preview", true, true, Writes::kNo, 0, 0},
    {"catalogManaged", true, false, Writes::kNo, 0, 0},
    {"catalogOwned-preview", true, false, Writes::kNo, 0, 0},
};

constexpr int kFeatureReaderVersion = 3;
constexpr int kFeatureWriterVersion = 7;
constexpr int kMappingWriterVersion = 5;
constexpr int kPlainWriterVersion = 2;  // what new tables have

const Feature* FindFeature(std::string_view name) {
    for (const Feature& feature : kFeatures) {
        if (feature.name == name) return &feature;
    }
    return nullptr;
}

// Features that versions without lists imply.
std::vector<std::string> ImpliedBy(int reader_version, int writer_version) {
    std::vector<std::string> implied;
    for (const Feature& feature : kFeatures) {
        const bool is_implied = feature.legacy_writer_version > 0 &&
                                feature.legacy_writer_version <= writer_version &&
                                feature.legacy_reader_version <= reader_version;
        if (is_implied) implied.emplace_back(feature.name);
    }
    return implied;
}

// Is some field, nested ones included, as asked.
bool AnyField(const std::vector<Field>& fields, const std::function<bool(const Field&)>& asked) {
    return std::any_of(fields.begin(), fields.end(), [&](const Field& field) {
        return asked(field) || AnyField(field.type.children(), asked);
    });
}

// Is there a column, or a field within structs, that holds no NULL.
bool AnyHoldsNoNull(const std::vector<Field>& fields) {
    return std::any_of(fields.begin(), fields.end(), [](const Field& field) {
        return !field.nullable ||
               (field.type.kind() == TypeKind::kStruct && AnyHoldsNoNull(field.type.children()));
    });
}

// What the user can do about a feature that Tarn lacks.
std::string_view RemedyFor(std::string_view feature) {
    if (feature == "catalogManaged" || feature == "catalogOwned-preview") {
        return " by path: only the table's catalog knows its latest version; read it through that "
               "catalog, or from a copy (DEEP CLONE) that no catalog manages";
    }
    return "";
}

[[noreturn]] void RefuseWrite(std::string_view feature) {
    throw Error(
        ErrorKind::kUnsupported,
        "the table needs the writer feature '{}', which Tarn cannot write; where its engine "
        "can drop features, use ALTER TABLE ... DROP FEATURE {} there",
        feature, feature);
}

void AddFeature(Protocol& protocol, const std::string& name, bool is_reader_feature) {
    if (HasWriterFeature(protocol, name) &&
        (!is_reader_feature || HasReaderFeature(protocol, name))) {
        return;
    }
    const Feature* feature = FindFeature(name);
    if (!protocol.writer_features && feature != nullptr &&
        feature->legacy_writer_version == kPlainWriterVersion) {
        protocol.min_writer_version = kPlainWriterVersion;  // it was below
        return;
    }
    if (!protocol.writer_features) {
        protocol.writer_features = WriterFeatures(protocol);
        protocol.min_writer_version = kFeatureWriterVersion;
    }
    if (is_reader_feature && !protocol.reader_features) {
        protocol.reader_features = std::vector<std::string>{};
        if (protocol.min_reader_version == 2) protocol.reader_features->push_back("columnMapping");
        protocol.min_reader_version = kFeatureReaderVersion;
    }
    const auto add = [&](std::vector<std::string>& features) {
        if (std::find(features.begin(), features.end(), name) == features.end()) {
            features.push_back(name);
        }
    };
    add(*protocol.writer_features);
    if (is_reader_feature) add(*protocol.reader_features);
}

// A table that has a feature under its first name does not need it under the last.
bool HasPreviewOf(const Protocol& protocol, const std::string& name) {
    return HasWriterFeature(protocol, name + "-preview");
}

// Properties that switch a feature on, and the value that leaves it off.
struct Switch {
    std::string_view property;
    std::string_view off;
    std::string_view feature;
};
constexpr Switch kSwitches[] = {
    {"delta.appendOnly", "false", "appendOnly"},
    {"delta.enableDeletionVectors", "false", "deletionVectors"},
    {"delta.enableChangeDataFeed", "false", "changeDataFeed"},
    {"delta.columnMapping.mode", "none", "columnMapping"},
    {"delta.enableRowTracking", "false", "rowTracking"},
    {"delta.enableInCommitTimestamps", "false", "inCommitTimestamp"},
    {"delta.enableIcebergCompatV1", "false", "icebergCompatV1"},
    {"delta.enableIcebergCompatV2", "false", "icebergCompatV2"},
    {"delta.enableIcebergCompatV3", "false", "icebergCompatV3"},
    {"delta.enableTypeWidening", "false", "typeWidening"},
    {"delta.enableVariantShredding", "false", "variantShredding"},
    {"delta.checkpointPolicy", "classic", "v2Checkpoint"},
};

// What another feature stands on (PROTOCOL.md names them with each feature).
constexpr std::pair<std::string_view, std::string_view> kRequirements[] = {
    {"rowTracking", "domainMetadata"},    {"clustering", "domainMetadata"},
    {"variantShredding", "variantType"},  {"variantShredding-preview", "variantType"},
    {"icebergCompatV1", "columnMapping"}, {"icebergCompatV2", "columnMapping"},
};

// With what it stands on. Unsupported when Tarn cannot write it.
void SwitchOn(Protocol& protocol, const std::string& name) {
    const Feature* feature = FindFeature(name);
    if (feature == nullptr || !feature->can_read || feature->writes == Writes::kNo)
        RefuseWrite(name);
    for (const auto& [by, required] : kRequirements) {
        if (by == name) SwitchOn(protocol, std::string(required));
    }
    AddFeature(protocol, name, feature->is_reader_feature);
}

int VersionIn(const std::string& key, const std::string& value, int highest) {
    const auto version = ParseInt(value);
    if (!version || *version < 1 || *version > highest) {
        throw Error(ErrorKind::kInvalidInput, "{} = '{}': expected a number from 1 to {}", key,
                    value, highest);
    }
    return static_cast<int>(*version);
}

// The versions that are asked for, never lower ones.
void RaiseVersions(Protocol& protocol, const std::map<std::string, std::string>& properties) {
    const auto asked = [&](const std::string& key, int now, int highest) {
        const auto found = properties.find(key);
        if (found == properties.end()) return now;
        const int version = VersionIn(key, found->second, highest);
        if (version >= now) return version;
        // Of features it says nothing: those of an older version are there already, or asked for
        // by what needs them.
        if (now == highest) return now;
        throw Error(ErrorKind::kInvalidInput,
                    "{} = {}: the table is at version {}, and a protocol is only raised; ALTER "
                    "TABLE ... DROP FEATURE takes features out",
                    key, version, now);
    };
    const int reader =
        asked("delta.minReaderVersion", protocol.min_reader_version, kFeatureReaderVersion);
    const int writer =
        asked("delta.minWriterVersion", protocol.min_writer_version, kFeatureWriterVersion);
    if (writer > protocol.min_writer_version) {
        if (writer == kFeatureWriterVersion) protocol.writer_features = WriterFeatures(protocol);
        protocol.min_writer_version = writer;
    }
    if (reader <= protocol.min_reader_version) return;
    if (reader == kFeatureReaderVersion) {
        if (protocol.min_writer_version < kFeatureWriterVersion) {
            throw Error(ErrorKind::kInvalidInput,
                        "delta.minReaderVersion = {} needs delta.minWriterVersion = {}", reader,
                        kFeatureWriterVersion);
        }
        protocol.reader_features = std::vector<std::string>{};
        if (HasWriterFeature(protocol, "columnMapping"))
            protocol.reader_features->push_back("columnMapping");
        protocol.min_reader_version = reader;
        return;
    }
    // Reader version 2 means column mapping.
    if (protocol.min_writer_version < kMappingWriterVersion) {
        throw Error(ErrorKind::kInvalidInput,
                    "delta.minReaderVersion = {} needs delta.minWriterVersion = {}", reader,
                    kMappingWriterVersion);
    }
    if (protocol.min_writer_version == kFeatureWriterVersion) {
        AddFeature(protocol, "columnMapping", false);
    }
    protocol.min_reader_version = reader;
}

void AddSwitchedFeature(Protocol& protocol, const std::string& key, const std::string& value) {
    for (const Switch& item : kSwitches) {
        if (item.property != key || EqualsIgnoreCase(value, item.off)) continue;
        const std::string name(item.feature);
        if (HasWriterFeature(protocol, name) || HasPreviewOf(protocol, name)) return;
        SwitchOn(protocol, name);
        return;
    }
    constexpr std::string_view kFeaturePrefix = "delta.feature.";
    if (key.starts_with("delta.constraints.")) {
        throw Error(ErrorKind::kInvalidInput,
                    "{} is no property to set: write CHECK (...) in CREATE TABLE, or ALTER TABLE "
                    "... ADD CONSTRAINT",
                    key);
    }
    if (!key.starts_with(kFeaturePrefix)) return;
    const std::string name = key.substr(kFeaturePrefix.size());
    if (!EqualsIgnoreCase(value, "supported") && !EqualsIgnoreCase(value, "enabled")) {
        throw Error(ErrorKind::kInvalidInput, "{} = '{}': expected 'supported'", key, value);
    }
    SwitchOn(protocol, name);
}

}  // namespace

bool IsEnabled(const std::map<std::string, std::string>& configuration, const std::string& key) {
    const auto found = configuration.find(key);
    return found != configuration.end() && EqualsIgnoreCase(found->second, "true");
}

bool IsProtocolProperty(const std::string& key) {
    return key == "delta.minReaderVersion" || key == "delta.minWriterVersion" ||
           key.starts_with("delta.feature.");
}

Protocol PlainProtocol() { return {}; }

std::vector<std::string> WriterFeatures(const Protocol& protocol) {
    if (protocol.min_writer_version >= kFeatureWriterVersion) {
        return protocol.writer_features.value_or(std::vector<std::string>{});
    }
    return ImpliedBy(kFeatureReaderVersion, protocol.min_writer_version);
}

bool HasWriterFeature(const Protocol& protocol, const std::string& name) {
    const auto features = WriterFeatures(protocol);
    return std::find(features.begin(), features.end(), name) != features.end();
}

bool HasReaderFeature(const Protocol& protocol, const std::string& name) {
    if (protocol.min_reader_version < kFeatureReaderVersion) {
        return name == "columnMapping" && protocol.min_reader_version == 2;
    }
    if (!protocol.reader_features) return false;
    const auto& features = *protocol.reader_features;
    return std::find(features.begin(), features.end(), name) != features.end();
}

std::optional<std::string> KnownFeature(const std::string& name) {
    for (const Feature& feature : kFeatures) {
        if (EqualsIgnoreCase(feature.name, name)) return std::string(feature.name);
    }
    return std::nullopt;
}

bool IsReaderFeature(const std::string& name) {
    const Feature* feature = FindFeature(name);
    return feature != nullptr && feature->is_reader_feature;
}

std::vector<std::string> FeaturesOf(const Protocol& protocol) {
    if (protocol.min_writer_version >= kFeatureWriterVersion) return WriterFeatures(protocol);
    return ImpliedBy(protocol.min_reader_version, protocol.min_writer_version);
}

std::vector<std::string> DependentsOn(const Protocol& protocol, const std::string& name) {
    std::vector<std::string> dependents;
    for (const auto& [by, required] : kRequirements) {
        if (required == name && HasWriterFeature(protocol, std::string(by)))
            dependents.emplace_back(by);
    }
    return dependents;
}

Protocol WithFeaturesOf(Protocol protocol, const Protocol& other) {
    for (const std::string& name : FeaturesOf(other)) {
        AddFeature(protocol, name, HasReaderFeature(other, name));
    }
    return protocol;
}

Protocol WeakestProtocol(const std::vector<std::string>& features) {
    Protocol weakest{1, 1, std::nullopt, std::nullopt};
    std::vector<std::string> for_readers;
    bool is_listed = false;
    for (const std::string& name : features) {
        const Feature* feature = FindFeature(name);
        const bool is_legacy = feature != nullptr && feature->legacy_writer_version > 0;
        is_listed |= !is_legacy;
        if (is_legacy) {
            weakest.min_reader_version =
                std::max({weakest.min_reader_version, feature->legacy_reader_version, 1});
            weakest.min_writer_version =
                std::max(weakest.min_writer_version, feature->legacy_writer_version);
        } else if (feature != nullptr && feature->is_reader_feature) {
            weakest.min_reader_version = kFeatureReaderVersion;
        }
        if (feature != nullptr && feature->is_reader_feature) for_readers.push_back(name);
    }
    const auto implied = ImpliedBy(weakest.min_reader_version, weakest.min_writer_version);
    is_listed |=
        std::set(implied.begin(), implied.end()) != std::set(features.begin(), features.end());
    if (!is_listed) return weakest;
    weakest.min_writer_version = kFeatureWriterVersion;
    weakest.writer_features = features;
    if (weakest.min_reader_version == kFeatureReaderVersion) weakest.reader_features = for_readers;
    return weakest;
}

void CheckReadable(const Protocol& protocol) {
    if (protocol.min_reader_version > kFeatureReaderVersion) {
        throw Error(ErrorKind::kUnsupported,
                    "the table needs reader version {}; Tarn knows up to {}",
                    protocol.min_reader_version, kFeatureReaderVersion);
    }
    if (!protocol.reader_features) {
        if (protocol.min_reader_version < kFeatureReaderVersion) return;
        throw Error(ErrorKind::kCorrupt,
                    "the table needs reader version {}, but lists no readerFeatures",
                    protocol.min_reader_version);
    }
    for (const std::string& name : *protocol.reader_features) {
        const Feature* feature = FindFeature(name);
        if (feature != nullptr && feature->can_read) continue;
        throw Error(ErrorKind::kUnsupported,
                    "the table needs the reader feature '{}', which Tarn cannot read{}", name,
                    RemedyFor(name));
    }
}

void CheckWritable(const Protocol& protocol, const Metadata& metadata, table::RowsThere rows) {
    CheckReadable(protocol);
    if (protocol.min_writer_version > kFeatureWriterVersion) {
        throw Error(ErrorKind::kUnsupported,
                    "the table needs writer version {}; Tarn knows up to {}",
                    protocol.min_writer_version, kFeatureWriterVersion);
    }
    for (const std::string& name : WriterFeatures(protocol)) {
        const Feature* feature = FindFeature(name);
        if (feature == nullptr || feature->writes == Writes::kNo) RefuseWrite(name);
    }
    if (metadata.format_provider != "parquet") {
        throw Error(ErrorKind::kUnsupported, "the table's files are of format '{}', not parquet",
                    metadata.format_provider);
    }
    const bool is_append_only = IsEnabled(metadata.configuration, "delta.appendOnly") &&
                                HasWriterFeature(protocol, "appendOnly");
    if (!is_append_only || rows == table::RowsThere::kStay) return;
    throw Error(
        ErrorKind::kInvalidInput,
        "the table is append-only (feature appendOnly): no row of it is changed or deleted; "
        "ALTER TABLE ... SET TBLPROPERTIES ('delta.appendOnly' = 'false') allows it");
}

Protocol RequiredProtocol(const Protocol& current, const table::TableMetadata& description) {
    Protocol required = current;
    RaiseVersions(required, description.properties);
    const std::vector<Field>& fields = description.schema.fields;
    const auto is_of = [](TypeKind kind) {
        return [kind](const Field& field) { return field.type.kind() == kind; };
    };
    if (AnyField(fields, is_of(TypeKind::kVariant)) && !HasPreviewOf(required, "variantType"))
        AddFeature(required, "variantType", true);
    if (AnyField(fields, is_of(TypeKind::kTimestampNtz)))
        AddFeature(required, "timestampNtz", true);
    if (!description.clustering_columns.empty()) {
        AddFeature(required, "domainMetadata", false);
        AddFeature(required, "clustering", false);
    }
    if (!description.checks.empty()) AddFeature(required, "checkConstraints", false);
    const auto has = [&](const auto& rule) {
        return AnyField(fields, [&](const Field& field) { return rule(field.rules); });
    };
    using table::ColumnRules;
    // Spark opens no table with a NOT NULL that its protocol does not know.
    if (AnyHoldsNoNull(fields) ||
        has([](const ColumnRules& rules) { return rules.invariant.has_value(); }))
        AddFeature(required, "invariants", false);
    if (has([](const ColumnRules& rules) { return rules.generated_as.has_value(); }))
        AddFeature(required, "generatedColumns", false);
    if (has([](const ColumnRules& rules) { return rules.default_value.has_value(); }))
        AddFeature(required, "allowColumnDefaults", false);
    if (has([](const ColumnRules& rules) { return rules.identity.has_value(); }))
        AddFeature(required, "identityColumns", false);
    for (const auto& [key, value] : description.properties)
        AddSwitchedFeature(required, key, value);
    return required;
}

}  // namespace tarn::delta
