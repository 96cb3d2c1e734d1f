#include "engine/duck/spark_settings.h"

#include <algorithm>

#include "base/text.h"
#include "duckdb/common/string_util.hpp"
#include "engine/duck/errors.h"

namespace tarn::engine::duck {
namespace {

constexpr std::string_view kDefaults = "spark.databricks.delta.properties.defaults.";
constexpr double kLooksLike = 0.9;

struct KnownSwitch {
    SparkSwitch which;
    const char* name;
    bool usual;
};
constexpr KnownSwitch kSwitches[] = {
    {SparkSwitch::kMergeSchema, "spark.databricks.delta.schema.autoMerge.enabled", false},
    {SparkSwitch::kRetentionCheck, "spark.databricks.delta.retentionDurationCheck.enabled", true},
    {SparkSwitch::kOptimizeWrite, "spark.databricks.delta.optimizeWrite.enabled", true},
    {SparkSwitch::kAutoCompact, "spark.databricks.delta.autoCompact.enabled", false},
    {SparkSwitch::kResetVersion, "spark.databricks.delta.write.txnVersion.autoReset.enabled",
     false},
};
constexpr std::string_view kAppId = "spark.databricks.delta.write.txnappid";
constexpr std::string_view kOverwriteMode = "spark.sql.sources.partitionoverwritemode";
constexpr std::string_view kAppVersion = "spark.databricks.delta.write.txnversion";

const KnownSwitch* FindSwitch(const std::string& name) {
    const auto* const found =
        std::find_if(std::begin(kSwitches), std::end(kSwitches),
                     [&](const KnownSwitch& one) { return EqualsIgnoreCase(one.name, name); });
    return found == std::end(kSwitches) ? nullptr : found;
}

std::string NoticeOf(const std::string& name) {
    const KnownSwitch* nearest = nullptr;
    double best = kLooksLike;
    for (const KnownSwitch& one : kSwitches) {
        const double score = duckdb::StringUtil::SimilarityRating(one.name, name);
        if (score < best) continue;
        best = score;
        nearest = &one;
    }
    if (nearest == nullptr) return name + " is kept; it changes nothing here";
    return name + " is kept; it changes nothing here. Did you mean " + nearest->name + "?";
}

}  // namespace

void SetSparkSetting(ClientState& state, const sql::SparkSetting& setting) {
    const std::string key = AsciiLower(setting.name);
    if (setting.is_reset) {
        state.spark_settings.erase(key);
        if (key.empty()) state.spark_settings.clear();
        return;
    }
    const KnownSwitch* known = FindSwitch(setting.name);
    const bool is_truth =
        EqualsIgnoreCase(*setting.value, "true") || EqualsIgnoreCase(*setting.value, "false");
    if (known != nullptr && !is_truth) {
        throw Error(ErrorKind::kInvalidInput, "{} is true or false, not {}", known->name,
                    *setting.value);
    }
    if (key == kAppVersion && !ParseInt(*setting.value)) {
        throw Error(ErrorKind::kInvalidInput, "{} is a whole number, not {}", setting.name,
                    *setting.value);
    }
    if (key == kOverwriteMode && !EqualsIgnoreCase(*setting.value, "static") &&
        !EqualsIgnoreCase(*setting.value, "dynamic")) {
        throw Error(ErrorKind::kInvalidInput, "{} is static or dynamic, not {}", setting.name,
                    *setting.value);
    }
    const bool is_known =
        known != nullptr || key == kAppId || key == kAppVersion || key == kOverwriteMode;
    if (!is_known && !key.starts_with(AsciiLower(kDefaults)))
        state.meter->AddNotice(NoticeOf(setting.name));
    // A property's name keeps its case.
    state.spark_settings[key] = key.starts_with(AsciiLower(kDefaults))
                                    ? setting.name.substr(kDefaults.size()) + "=" + *setting.value
                                    : *setting.value;
}

std::string SparkSettingNamed(const ClientState& state, const std::string& name) {
    const auto found = state.spark_settings.find(AsciiLower(name));
    if (found != state.spark_settings.end()) {
        const bool is_default = found->first.starts_with(AsciiLower(kDefaults));
        return is_default ? found->second.substr(found->second.find('=') + 1) : found->second;
    }
    const KnownSwitch* known = FindSwitch(name);
    if (known == nullptr) return EqualsIgnoreCase(name, kOverwriteMode) ? "static" : "";
    return known->usual ? "true" : "false";
}

std::map<std::string, std::string> SparkSettings(const ClientState& state) {
    std::map<std::string, std::string> settings;
    for (const KnownSwitch& known : kSwitches)
        settings[known.name] = SparkSettingNamed(state, known.name);
    for (const auto& [key, value] : state.spark_settings) {
        if (FindSwitch(key) != nullptr) continue;
        const bool is_default = key.starts_with(AsciiLower(kDefaults));
        settings[is_default ? std::string(kDefaults) + value.substr(0, value.find('=')) : key] =
            SparkSettingNamed(state, key);
    }
    return settings;
}

bool IsSwitchedOn(const ClientState& state, SparkSwitch which) {
    const auto* const known =
        std::find_if(std::begin(kSwitches), std::end(kSwitches),
                     [&](const KnownSwitch& one) { return one.which == which; });
    return EqualsIgnoreCase(SparkSettingNamed(state, known->name), "true");
}

bool OverwritesTouched(const ClientState& state) {
    return EqualsIgnoreCase(SparkSettingNamed(state, std::string(kOverwriteMode)), "dynamic");
}

std::optional<table::AppTransaction> TransactionNamed(const ClientState& state) {
    const auto app = state.spark_settings.find(std::string(kAppId));
    const auto version = state.spark_settings.find(std::string(kAppVersion));
    if (app == state.spark_settings.end() || version == state.spark_settings.end())
        return std::nullopt;
    return table::AppTransaction{app->second, *ParseInt(version->second)};
}

void ForgetTransaction(ClientState& state) {
    if (IsSwitchedOn(state, SparkSwitch::kResetVersion))
        state.spark_settings.erase(std::string(kAppVersion));
}

void AddSessionDefaults(const ClientState& state, table::TableMetadata& metadata) {
    for (const auto& [key, value] : state.spark_settings) {
        if (!key.starts_with(AsciiLower(kDefaults))) continue;
        const size_t end = value.find('=');
        metadata.properties.try_emplace("delta." + value.substr(0, end), value.substr(end + 1));
    }
}

}  // namespace tarn::engine::duck
