#include "pipeline/model_config.h"

#include <algorithm>

#include "base/text.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> Texts(const std::string& key, const Json& value) {
    if (value.is_null()) return {};
    if (value.is_string()) return {value.get<std::string>()};
    std::vector<std::string> texts;
    const bool is_texts =
        value.is_array() &&
        std::all_of(value.begin(), value.end(), [](const Json& item) { return item.is_string(); });
    if (!is_texts) throw Error(ErrorKind::kInvalidInput, "`{}` is a text or a list of texts", key);
    for (const Json& item : value) texts.push_back(item.get<std::string>());
    return texts;
}

std::string Text(const std::string& key, const Json& value) {
    if (!value.is_string()) throw Error(ErrorKind::kInvalidInput, "`{}` is a text", key);
    return value.get<std::string>();
}

bool Truth(const std::string& key, const Json& value) {
    if (!value.is_boolean()) throw Error(ErrorKind::kInvalidInput, "`{}` is true or false", key);
    return value.get<bool>();
}

[[noreturn]] void NotOneOf(const std::string& key, const std::string& word,
                           const std::vector<std::string>& allowed) {
    const auto nearest = NearestWord(word, allowed);
    throw Error(ErrorKind::kInvalidInput, "`{}: {}` is not one of {}{}", key, word,
                Join(allowed, ", "), nearest ? ": did you mean `" + *nearest + "`?" : "");
}

Materialized ParseMaterialized(const std::string& word) {
    if (word == "table") return Materialized::kTable;
    if (word == "incremental") return Materialized::kIncremental;
    if (word == "view") return Materialized::kView;
    if (word == "ephemeral") return Materialized::kEphemeral;
    if (word == "materialized_view" || word == "snapshot" || word == "streaming") {
        throw Error(ErrorKind::kUnsupported, "`materialized: {}` is not built by this version",
                    word);
    }
    NotOneOf("materialized", word, {"table", "incremental", "view", "ephemeral"});
}

IncrementalStrategy ParseStrategy(const std::string& word) {
    if (word == "append") return IncrementalStrategy::kAppend;
    if (word == "insert_overwrite") return IncrementalStrategy::kInsertOverwrite;
    if (word == "merge" || word == "delete+insert" || word == "replace_where" ||
        word == "microbatch") {
        throw Error(ErrorKind::kUnsupported,
                    "`incremental_strategy: {}` is not built by this version", word);
    }
    NotOneOf("incremental_strategy", word, {"append", "insert_overwrite"});
}

void Apply(const std::string& key, const Json& value, ModelConfig& config) {
    if (key == "materialized") {
        config.materialized = ParseMaterialized(Text(key, value));
    } else if (key == "incremental_strategy") {
        config.strategy = ParseStrategy(Text(key, value));
    } else if (key == "unique_key") {
        config.unique_key = Texts(key, value);
    } else if (key == "partition_by") {
        config.partition_by = Texts(key, value);
    } else if (key == "tags") {
        config.tags = Texts(key, value);
    } else if (key == "quarantine_columns") {
        config.quarantine_columns = Texts(key, value);
    } else if (key == "row_preserving") {
        config.row_preserving = Truth(key, value);
    } else if (key == "rows_from") {
        config.rows_from = Text(key, value);
    } else if (key == "enabled") {
        config.enabled = Truth(key, value);
    } else {
        const auto nearest = NearestWord(key, ConfigKeyNames());
        throw Error(ErrorKind::kInvalidInput, "unknown setting `{}`{}", key,
                    nearest ? ": did you mean `" + *nearest + "`?"
                            : ": known are " + Join(ConfigKeyNames(), ", "));
    }
}

}  // namespace

const std::vector<ConfigKey>& ConfigKeys() {
    static const std::vector<ConfigKey> keys = {
        {"materialized", "table (default), incremental, view or ephemeral"},
        {"incremental_strategy",
         "append (default) or insert_overwrite: the touched partitions are replaced whole"},
        {"unique_key",
         "columns whose values are unique; new rows with a key that is there are duplicates"},
        {"partition_by", "columns by whose values the table's files are split"},
        {"tags", "words for selection (-s tag:word)"},
        {"quarantine_columns",
         "columns of the SELECT that only the quarantine keeps (the record as received)"},
        {"row_preserving",
         "true: the law of rows is checked; the default where rows are judged or deduplicated"},
        {"rows_from",
         "the input whose rows are counted as in, when there are several: schema.table"},
        {"enabled", "false: the model is left out"},
        {"meta", "free words for people and tools"},
    };
    return keys;
}

std::vector<std::string> ConfigKeyNames() {
    std::vector<std::string> names;
    for (const ConfigKey& key : ConfigKeys()) names.emplace_back(key.name);
    return names;
}

ModelConfig ParseConfig(const Json& json) {
    ModelConfig config;
    for (const auto& [key, value] : json.items()) {
        if (key != "meta") Apply(key, value, config);
    }
    if (config.strategy == IncrementalStrategy::kInsertOverwrite && config.partition_by.empty()) {
        throw Error(ErrorKind::kInvalidInput,
                    "`incremental_strategy: insert_overwrite` needs `partition_by`");
    }
    return config;
}

}  // namespace tarn::pipeline
