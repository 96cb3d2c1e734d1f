#include "delta/property_values.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "delta/byte_size.h"
#include "delta/checkpoint_writer.h"

namespace tarn::delta {
namespace {

using Properties = std::map<std::string, std::string>;

bool IsBoolean(std::string_view value) {
    return EqualsIgnoreCase(value, "true") || EqualsIgnoreCase(value, "false");
}
bool IsPositive(std::string_view value) { return ParseInt(value).value_or(0) > 0; }
bool IsColumnCount(std::string_view value) { return ParseInt(value).value_or(-2) >= -1; }
bool IsLength(std::string_view value) { return ParseInterval(value).value_or(-1) >= 0; }
bool IsSize(std::string_view value) { return ParseByteSize(value).has_value(); }
bool IsCompaction(std::string_view value) {
    return IsBoolean(value) || EqualsIgnoreCase(value, "auto") || EqualsIgnoreCase(value, "legacy");
}
bool IsIsolation(std::string_view value) {
    return EqualsIgnoreCase(value, "Serializable") || EqualsIgnoreCase(value, "WriteSerializable");
}
bool IsPolicy(std::string_view value) {
    return EqualsIgnoreCase(value, "classic") || EqualsIgnoreCase(value, "v2");
}

struct Rule {
    std::string_view property;
    bool (*is_value)(std::string_view);
    std::string_view expected;
};

constexpr std::string_view kBoolean = "true or false";
constexpr std::string_view kLength = "a length of time, as 'interval 7 days'";

constexpr Rule kRules[] = {
    {"delta.appendOnly", IsBoolean, kBoolean},
    {"delta.autoOptimize.autoCompact", IsCompaction, "true, false or auto"},
    {"delta.autoOptimize.optimizeWrite", IsBoolean, kBoolean},
    {"delta.checkpoint.writeStatsAsJson", IsBoolean, kBoolean},
    {"delta.checkpoint.writeStatsAsStruct", IsBoolean, kBoolean},
    {"delta.checkpointInterval", IsPositive, "a number of commits, at least 1"},
    {"delta.checkpointPolicy", IsPolicy, "classic or v2"},
    {"delta.dataSkippingNumIndexedCols", IsColumnCount, "a number of columns; -1 means all"},
    {"delta.deletedFileRetentionDuration", IsLength, kLength},
    {"delta.dropFeatureTruncateHistory.retentionDuration", IsLength, kLength},
    {"delta.enableChangeDataFeed", IsBoolean, kBoolean},
    {"delta.enableDeletionVectors", IsBoolean, kBoolean},
    {"delta.enableExpiredLogCleanup", IsBoolean, kBoolean},
    {"delta.enableIcebergCompatV1", IsBoolean, kBoolean},
    {"delta.enableIcebergCompatV2", IsBoolean, kBoolean},
    {"delta.enableInCommitTimestamps", IsBoolean, kBoolean},
    {"delta.enableRowTracking", IsBoolean, kBoolean},
    {"delta.enableTypeWidening", IsBoolean, kBoolean},
    {"delta.enableVariantShredding", IsBoolean, kBoolean},
    {"delta.isolationLevel", IsIsolation, "Serializable or WriteSerializable"},
    {"delta.logRetentionDuration", IsLength, kLength},
    {"delta.rowTrackingSuspended", IsBoolean, kBoolean},
    {"delta.setTransactionRetentionDuration", IsLength, kLength},
    {"delta.targetFileSize", IsSize, "a size, as '128mb' or a number of bytes"},
    {"delta.vacuum.logging.enabled", IsBoolean, kBoolean},
};

// What only the table itself writes; another value would make rows unreadable or histories wrong.
constexpr std::string_view kOwn[] = {
    "delta.columnMapping.maxColumnId",
    "delta.inCommitTimestampEnablementTimestamp",
    "delta.inCommitTimestampEnablementVersion",
    "delta.requireCheckpointProtectionBeforeVersion",
    "delta.rowTracking.materializedRowCommitVersionColumnName",
    "delta.rowTracking.materializedRowIdColumnName",
};

// Any value will do here, or another part of the format reads them.
constexpr std::string_view kOthers[] = {
    "delta.columnMapping.mode",       "delta.compatibility.symlinkFormatManifest.enabled",
    "delta.dataSkippingStatsColumns", "delta.enableIcebergCompatV3",
    "delta.logCompactionInterval",    "delta.minReaderVersion",
    "delta.minWriterVersion",         "delta.parquet.compression.codec",
    "delta.randomPrefixLength",       "delta.randomizeFilePrefixes",
    "delta.tuneFileSizesForRewrites", "delta.universalFormat.enabledFormats",
};

constexpr std::string_view kPrefix = "delta.";
// What follows is a name of the user's, or of a feature.
constexpr std::string_view kFamilies[] = {"delta.constraints.", "delta.feature."};

const std::vector<std::string>& KnownProperties() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const Rule& rule : kRules) all.emplace_back(rule.property);
        all.insert(all.end(), std::begin(kOwn), std::end(kOwn));
        all.insert(all.end(), std::begin(kOthers), std::end(kOthers));
        return all;
    }();
    return names;
}

const std::string* ValueOf(const Properties& properties, std::string_view key) {
    const auto found = properties.find(std::string(key));
    return found == properties.end() ? nullptr : &found->second;
}

bool IsSame(const std::string* one, const std::string* other) {
    return one == nullptr || other == nullptr ? one == other : *one == *other;
}

}  // namespace

void CheckPropertyValues(const table::TableMetadata& wanted, const table::TableMetadata* base,
                         table::Definition definition) {
    const Properties none;
    const Properties& before = base != nullptr ? base->properties : none;
    for (const Rule& rule : kRules) {
        const std::string* value = ValueOf(wanted.properties, rule.property);
        if (value == nullptr || IsSame(value, ValueOf(before, rule.property))) continue;
        if (rule.is_value(*value)) continue;
        throw Error(ErrorKind::kInvalidInput, "the property {} cannot be '{}': expected {}",
                    rule.property, *value, rule.expected);
    }
    for (const std::string_view key : kOwn) {
        const std::string* value = ValueOf(wanted.properties, key);
        // CREATE gives none; it does not take over those of a table that it replaces.
        const bool is_left = definition == table::Definition::kAlters
                                 ? IsSame(value, ValueOf(before, key))
                                 : value == nullptr || IsSame(value, ValueOf(before, key));
        if (is_left) continue;
        throw Error(ErrorKind::kInvalidInput,
                    "the property {} is the table's own: leave it as it is", key);
    }
}

std::optional<std::string> PropertyMeant(const std::string& name) {
    const std::vector<std::string>& known = KnownProperties();
    if (std::find(known.begin(), known.end(), name) != known.end()) return std::nullopt;
    for (const std::string_view family : kFamilies) {
        if (name.starts_with(family)) return std::nullopt;
    }
    const bool is_deltas = AsciiLower(name.substr(0, kPrefix.size())) == kPrefix;
    if (is_deltas) return NearestWord(name, known);
    const std::string with_prefix = std::string(kPrefix) + name;
    for (const std::string& one : known) {
        if (EqualsIgnoreCase(one, with_prefix)) return one;
    }
    return std::nullopt;
}

}  // namespace tarn::delta
