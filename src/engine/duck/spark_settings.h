// Spark's settings of a session, as far as they mean something here: SET spark.databricks.delta....
// Others are kept, so that a script runs and can ask for them, with a notice.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "engine/duck/client_state.h"
#include "table/change.h"
#include "table/snapshot.h"

namespace tarn::engine::duck {

enum class SparkSwitch {
    kMergeSchema,
    kRetentionCheck,
    kOptimizeWrite,
    kAutoCompact,
    kResetVersion,
};

// InvalidInput for a switch that is neither true nor false, for a txnVersion that is no number, and
// for a partitionOverwriteMode that is neither static nor dynamic.
void SetSparkSetting(ClientState& state, const sql::SparkSetting& setting);
// The value, or what stands where nothing was set; empty when nobody knows it.
std::string SparkSettingNamed(const ClientState& state, const std::string& name);
// All that are set, and the switches, by their names.
std::map<std::string, std::string> SparkSettings(const ClientState& state);
bool IsSwitchedOn(const ClientState& state, SparkSwitch which);

// Does INSERT OVERWRITE replace only the partitions that its rows touch:
// spark.sql.sources.partitionOverwriteMode is dynamic. Spark's own is static: all of the table.
bool OverwritesTouched(const ClientState& state);

// The application's transaction that spark.databricks.delta.write.txnAppId and txnVersion name,
// which each statement that changes rows then commits with; nothing where one of them is not set.
std::optional<table::AppTransaction> TransactionNamed(const ClientState& state);
// Behind such a statement: txnVersion is forgotten where txnVersion.autoReset.enabled says so.
void ForgetTransaction(ClientState& state);

// Gives a new table the properties of spark.databricks.delta.properties.defaults.* that its
// statement does not set.
void AddSessionDefaults(const ClientState& state, table::TableMetadata& metadata);

}  // namespace tarn::engine::duck
