#include "pipeline/change_config.h"

#include <algorithm>

#include "base/error.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;
using sql::ColumnChoice;

std::vector<std::string> Names(const std::string& key, const Json& value) {
    if (value.is_string()) return {value.get<std::string>()};
    const bool is_list =
        value.is_array() &&
        std::all_of(value.begin(), value.end(), [](const Json& item) { return item.is_string(); });
    if (!is_list)
        throw Error(ErrorKind::kInvalidInput, "`{}` is a column or a list of columns", key);
    return value.get<std::vector<std::string>>();
}

std::string Condition(const std::string& key, const Json& value) {
    if (!value.is_string()) throw Error(ErrorKind::kInvalidInput, "`{}` is a condition", key);
    return value.get<std::string>();
}

bool Truth(const std::string& key, const Json& value) {
    if (!value.is_boolean()) throw Error(ErrorKind::kInvalidInput, "`{}` is true or false", key);
    return value.get<bool>();
}

ColumnChoice Choice(const std::string& key, const Json& value, ColumnChoice::Takes takes,
                    const ColumnChoice& said) {
    if (said.takes != ColumnChoice::Takes::kAll) {
        throw Error(ErrorKind::kInvalidInput,
                    "`{}` stands beside its opposite: columns are named, or all but some", key);
    }
    return {takes, Names(key, value)};
}

bool IsHistory(const Json& value) {
    const std::string type = value.is_string() ? value.get<std::string>() : value.dump();
    if (type == "1" || type == "2") return type == "2";
    throw Error(ErrorKind::kInvalidInput, "`stored_as_scd_type: {}` is not one of 1, 2", type);
}

ChangeFormat Format(const Json& value) {
    const std::string word = value.is_string() ? value.get<std::string>() : value.dump();
    if (word == "rows") return ChangeFormat::kRows;
    if (word == "debezium") return ChangeFormat::kDebezium;
    throw Error(ErrorKind::kInvalidInput, "`change_format: {}` is not one of rows, debezium", word);
}

std::vector<std::pair<std::string, std::string>> Captured(const Json& value) {
    std::vector<std::pair<std::string, std::string>> columns;
    const bool is_map =
        value.is_object() &&
        std::all_of(value.begin(), value.end(), [](const Json& type) { return type.is_string(); });
    if (!is_map) {
        throw Error(ErrorKind::kInvalidInput,
                    "`change_columns` is a map of types by the names of columns");
    }
    for (const auto& [name, type] : value.items()) columns.emplace_back(name, type);
    return columns;
}

bool ApplyColumns(const std::string& key, const Json& value, sql::ChangeRules& rules) {
    using Takes = ColumnChoice::Takes;
    if (key == "column_list") {
        rules.columns = Choice(key, value, Takes::kNamed, rules.columns);
    } else if (key == "except_column_list") {
        rules.columns = Choice(key, value, Takes::kAllBut, rules.columns);
    } else if (key == "track_history_column_list") {
        rules.tracked = Choice(key, value, Takes::kNamed, rules.tracked);
    } else if (key == "track_history_except_column_list") {
        rules.tracked = Choice(key, value, Takes::kAllBut, rules.tracked);
    } else {
        return false;
    }
    return true;
}

bool ApplyRule(const std::string& key, const Json& value, sql::ChangeRules& rules) {
    if (key == "keys") {
        rules.keys = Names(key, value);
    } else if (key == "sequence_by") {
        rules.sequence_by = Names(key, value);
    } else if (key == "apply_as_deletes") {
        rules.delete_when = Condition(key, value);
    } else if (key == "apply_as_truncates") {
        rules.truncate_when = Condition(key, value);
    } else if (key == "ignore_null_updates") {
        rules.ignore_null_updates = Truth(key, value);
    } else if (key == "stored_as_scd_type") {
        rules.keeps_history = IsHistory(value);
    } else if (key == "soft_deletes") {
        rules.soft_deletes = Truth(key, value);
    } else {
        return ApplyColumns(key, value, rules);
    }
    return true;
}

}  // namespace

bool ApplyChangeSetting(const std::string& key, const Json& value, ChangeConfig& config) {
    if (key == "change_format") {
        config.format = Format(value);
    } else if (key == "change_columns") {
        config.captured = Captured(value);
    } else if (!ApplyRule(key, value, config.rules)) {
        return false;
    }
    config.is_said = true;
    return true;
}

void CheckChangeConfig(const ChangeConfig& config) {
    const bool is_debezium = config.format == ChangeFormat::kDebezium;
    if (config.rules.keys.empty())
        throw Error(ErrorKind::kInvalidInput, "`materialized: auto_cdc` needs `keys`");
    if (config.rules.sequence_by.empty() && !is_debezium) {
        throw Error(ErrorKind::kInvalidInput,
                    "`materialized: auto_cdc` needs `sequence_by`, what orders the changes");
    }
    if (is_debezium == config.captured.empty()) {
        throw Error(ErrorKind::kInvalidInput,
                    "`change_format: debezium` and `change_columns`, the types of the captured "
                    "table's columns, go together");
    }
}

}  // namespace tarn::pipeline
