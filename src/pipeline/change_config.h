// The settings of a model whose rows are changes (`materialized: auto_cdc`).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "sql/change_rules.h"

namespace tarn::pipeline {

enum class ChangeFormat {
    kRows,      // the model's columns are the changes'
    kDebezium,  // the model's rows hold Debezium's envelopes
};

struct ChangeConfig {
    sql::ChangeRules rules;
    ChangeFormat format = ChangeFormat::kRows;
    // Of Debezium's: name and SQL type of each column of the table that was captured.
    std::vector<std::pair<std::string, std::string>> captured;
    bool is_said = false;  // some setting of this kind stands in the model
};

// False: the key is none of these. InvalidInput: a wrong type or value.
bool ApplyChangeSetting(const std::string& key, const nlohmann::ordered_json& value,
                        ChangeConfig& config);
// InvalidInput: what changes need is not said.
void CheckChangeConfig(const ChangeConfig& config);

}  // namespace tarn::pipeline
