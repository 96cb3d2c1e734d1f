// A model's settings as a typed value, from the JSON that its YAML and config(...) give.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "pipeline/model.h"

namespace tarn::pipeline {

// kLake: only known settings, and a model is a table unless it says otherwise. kDbt: further ones
// are kept for config.get(), and a model is a view unless it says otherwise.
enum class SettingRule { kLake, kDbt };
inline SettingRule RuleOf(const Project& project) {
    return project.is_dbt ? SettingRule::kDbt : SettingRule::kLake;
}

std::string_view NameOf(Materialized materialized);  // "incremental"
// The same, and of kCustom the project's own word.
std::string MaterializedName(const ModelConfig& config);

// Lays settings over those that are there: tags and hooks add up, maps such as `meta` and
// `column_types` join, whatever else is said anew wins.
void LaySettings(const nlohmann::ordered_json& settings, nlohmann::ordered_json& under);

// Of a dbt project, a word of `materialized` that is none of ours is kCustom. InvalidInput for an
// unknown key (naming the nearest; kLake), a wrong type, or a value outside
// what a key allows; Unsupported for values that dbt knows and this version does not build.
ModelConfig ParseConfig(const nlohmann::ordered_json& config, SettingRule rule);
// A model's settings: what its SQL says over what its YAML says, below what the project says of a
// package's.
nlohmann::ordered_json AllSettings(const Model& model, const nlohmann::ordered_json& in_sql);
// What its YAML says alone, typed; a snapshot's own settings wait for its SQL.
ModelConfig YamlConfigOf(const Model& model, SettingRule rule);
// InvalidInput: it is kCustom by a word that no materialization has (the nearest is named).
void CheckMaterialized(const ModelConfig& config, const std::set<std::string>& known);
// `strategy_macro` is no strategy of ours: InvalidInput with the nearest, for one that no macro
// makes.
[[noreturn]] void RefuseStrategy(const ModelConfig& config);
// All that is set, typed. Mistakes are told at Model::Spot.
ModelConfig ConfigOf(const Model& model, const nlohmann::ordered_json& in_sql, SettingRule rule);

}  // namespace tarn::pipeline
