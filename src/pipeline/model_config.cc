#include "pipeline/model_config.h"

#include <algorithm>

#include "base/text.h"
#include "pipeline/vocabulary.h"

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
        const auto nearest = NearestWord(key, NamesOf(ConfigKeys()));
        throw Error(ErrorKind::kInvalidInput, "unknown setting `{}`{}", key,
                    nearest ? ": did you mean `" + *nearest + "`?"
                            : ": known are " + Join(NamesOf(ConfigKeys()), ", "));
    }
}

}  // namespace

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
