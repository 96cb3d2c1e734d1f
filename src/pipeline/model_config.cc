#include "pipeline/model_config.h"

#include <algorithm>

#include "base/text.h"
#include "pipeline/freshness.h"
#include "pipeline/hooks.h"
#include "pipeline/microbatch.h"
#include "pipeline/snapshot.h"
#include "pipeline/vocabulary.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> Texts(const std::string& key, const Json& value) {
    if (value.is_null() || value == "") return {};
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

void CheckOneOf(const std::string& key, const std::string& word,
                const std::vector<std::string>& allowed) {
    if (std::find(allowed.begin(), allowed.end(), word) == allowed.end())
        NotOneOf(key, word, allowed);
}

// A word that a project may mean something of its own by.
bool IsCustom(const std::string& word) {
    static const std::vector<std::string> kOwn = {
        "table",     "incremental",       "auto_cdc", "history",  "view",     "seed",
        "ephemeral", "materialized_view", "test",     "snapshot", "streaming"};
    return std::find(kOwn.begin(), kOwn.end(), word) == kOwn.end();
}

Materialized ParseMaterialized(const std::string& word) {
    if (word == "table") return Materialized::kTable;
    if (word == "incremental") return Materialized::kIncremental;
    if (word == "streaming" || word == "streaming_table") return Materialized::kStreaming;
    if (word == "auto_cdc") return Materialized::kAutoCdc;
    if (word == "history") return Materialized::kHistory;
    if (word == "view") return Materialized::kView;
    if (word == "ephemeral") return Materialized::kEphemeral;
    if (word == "materialized_view") return Materialized::kMaterializedView;
    if (word == "snapshot") {
        throw Error(ErrorKind::kUnsupported, "`materialized: {}` is not built by this version",
                    word);
    }
    NotOneOf("materialized", word,
             {"table", "incremental", "streaming", "auto_cdc", "history", "view",
              "materialized_view", "ephemeral"});
}

// Ours, in the order of IncrementalStrategy.
const std::vector<std::string>& StrategyWords() {
    static const std::vector<std::string> words = {
        "append", "delete+insert", "merge", "insert_overwrite", "microbatch", "replace_where"};
    return words;
}

bool IsStrategy(const std::string& word) {
    const auto& words = StrategyWords();
    return std::find(words.begin(), words.end(), word) != words.end();
}

IncrementalStrategy ParseStrategy(const std::string& word) {
    if (!IsStrategy(word)) NotOneOf("incremental_strategy", word, StrategyWords());
    const auto& words = StrategyWords();
    return static_cast<IncrementalStrategy>(std::find(words.begin(), words.end(), word) -
                                            words.begin());
}

// A template gives `none` where its engine has no such setting; other engines' ways to part a table
// are maps, which say nothing here.
bool SaysNothing(const std::string& key, const Json& value) {
    return value.is_null() || (key == "partition_by" && value.is_object());
}

Watermark ParseWatermark(const Json& value) {
    const auto text = [&](const char* key) {
        const auto found = value.is_object() ? value.find(key) : value.end();
        if (found == value.end() || !found->is_string()) {
            throw Error(ErrorKind::kInvalidInput,
                        "`watermark` is {{column: occurred_at, delay: 10 minutes}}");
        }
        return found->get<std::string>();
    };
    const auto delay = ParseSpanSeconds(text("delay"));
    if (!delay) {
        throw Error(ErrorKind::kInvalidInput, "`delay: {}` is no span of time like `10 minutes`",
                    text("delay"));
    }
    return {text("column"), *delay};
}

RefreshWish ParseRefresh(const std::string& word) {
    if (word == "auto") return RefreshWish::kAuto;
    if (word == "incremental") return RefreshWish::kIncremental;
    if (word == "full") return RefreshWish::kFull;
    NotOneOf("refresh", word, {"auto", "incremental", "full"});
}

SchemaChange ParseSchemaChange(const std::string& word) {
    if (word == "ignore") return SchemaChange::kIgnore;
    if (word == "fail") return SchemaChange::kFail;
    if (word == "append_new_columns") return SchemaChange::kAppendNew;
    if (word == "sync_all_columns") return SchemaChange::kSyncAll;
    NotOneOf("on_schema_change", word,
             {"ignore", "fail", "append_new_columns", "sync_all_columns"});
}

std::map<std::string, std::string> TextByName(const std::string& key, const Json& value) {
    if (!value.is_object())
        throw Error(ErrorKind::kInvalidInput, "`{}` is a map of texts by name", key);
    std::map<std::string, std::string> texts;
    for (const auto& [name, text] : value.items()) texts[name] = Text(key, text);
    return texts;
}

// A key that is none of ours means something to the project, or to another tool.
void ApplyDbt(const std::string& key, const Json& value, ModelConfig& config) {
    if (key == "schema") {
        config.schema = value.is_null() ? "" : Text(key, value);
    } else if (key == "alias") {
        config.alias = value.is_null() ? "" : Text(key, value);
    } else if (key == "column_types") {
        config.column_types = TextByName(key, value);
    } else if (IsHookKey(key)) {
        auto& hooks = key.starts_with("pre") ? config.pre_hooks : config.post_hooks;
        for (std::string& hook : ParseHooks(key, value)) hooks.push_back(std::move(hook));
    } else if (key == "contract") {
        config.contract = value.is_object() && value.value("enforced", Json()) == Json(true);
    } else if (key == "access") {
        if (!value.is_null()) CheckOneOf(key, Text(key, value), {"private", "protected", "public"});
    } else if (key == "delimiter") {
        config.delimiter = Text(key, value);
    }
}

// False: the key is none of ours.
bool Apply(const std::string& key, const Json& value, ModelConfig& config) {
    if (key == "materialized") {
        config.materialized = ParseMaterialized(Text(key, value));
    } else if (key == "incremental_strategy") {
        config.strategy = ParseStrategy(Text(key, value));
    } else if (key == "unique_key") {
        config.unique_key = Texts(key, value);
    } else if (key == "merge_update_columns") {
        config.merge_update_columns = Texts(key, value);
    } else if (key == "merge_exclude_columns") {
        config.merge_exclude_columns = Texts(key, value);
    } else if (key == "incremental_predicates" || key == "predicates") {
        config.predicates = Texts(key, value);
    } else if (key == "replace_where") {
        config.replace_where = Text(key, value);
    } else if (key == "on_schema_change") {
        config.on_schema_change = ParseSchemaChange(Text(key, value));
    } else if (key == "partition_by") {
        config.partition_by = Texts(key, value);
    } else if (key == "tags") {
        config.tags = Texts(key, value);
    } else if (key == "quarantine_columns") {
        config.quarantine_columns = Texts(key, value);
    } else if (key == "row_preserving") {
        config.row_preserving = Truth(key, value);
    } else if (key == "strict") {
        config.strict = Truth(key, value);
    } else if (key == "rows_from") {
        config.rows_from = Text(key, value);
    } else if (key == "enabled") {
        config.enabled = Truth(key, value);
    } else if (key == "refresh") {
        config.refresh = ParseRefresh(Text(key, value));
    } else if (key == "watermark") {
        config.watermark = ParseWatermark(value);
    } else if (key == "event_time" || key == "begin" || key == "batch_size" || key == "lookback") {
        return true;  // ParseMicrobatch reads them, when all are known
    } else {
        return false;
    }
    return true;
}

[[noreturn]] void RefuseUnknown(const std::string& key) {
    const auto nearest = NearestWord(key, NamesOf(ConfigKeys()));
    throw Error(ErrorKind::kInvalidInput, "unknown setting `{}`{}", key,
                nearest ? ": did you mean `" + *nearest + "`?"
                        : ": known are " + Join(NamesOf(ConfigKeys()), ", "));
}

}  // namespace

std::string_view NameOf(Materialized materialized) {
    switch (materialized) {
        case Materialized::kTable:
            return "table";
        case Materialized::kIncremental:
            return "incremental";
        case Materialized::kStreaming:
            return "streaming";
        case Materialized::kAutoCdc:
            return "auto_cdc";
        case Materialized::kHistory:
            return "history";
        case Materialized::kView:
            return "view";
        case Materialized::kMaterializedView:
            return "materialized_view";
        case Materialized::kEphemeral:
            return "ephemeral";
        case Materialized::kSnapshot:
            return "snapshot";
        case Materialized::kCustom:
            return "custom";
    }
    return "";
}

std::string NameOf(Resource resource) {
    switch (resource) {
        case Resource::kModel:
            return "model";
        case Resource::kSeed:
            return "seed";
        case Resource::kSnapshot:
            return "snapshot";
    }
    return "";
}

std::string MaterializedName(const ModelConfig& config) {
    return config.materialized == Materialized::kCustom ? config.custom
                                                        : std::string(NameOf(config.materialized));
}

void RefuseStrategy(const ModelConfig& config) {
    NotOneOf("incremental_strategy", config.strategy_macro, StrategyWords());
}

void CheckMaterialized(const ModelConfig& config, const std::set<std::string>& known) {
    if (config.materialized != Materialized::kCustom || known.contains(config.custom)) return;
    std::vector<std::string> words = {"table", "view", "incremental", "ephemeral",
                                      "materialized_view"};
    words.insert(words.end(), known.begin(), known.end());
    NotOneOf("materialized", config.custom, words);
}

ModelConfig ParseConfig(const Json& json, SettingRule rule) {
    ModelConfig config;
    const bool is_dbt = rule == SettingRule::kDbt;
    if (is_dbt) config.materialized = Materialized::kView;
    for (const auto& [key, value] : json.items()) {
        if (is_dbt && SaysNothing(key, value)) continue;
        // Elsewhere a dbt project's own word.
        if (is_dbt && key == "refresh" && json.value("materialized", "") != "materialized_view")
            continue;
        if (is_dbt && key == "incremental_strategy" && !IsStrategy(Text(key, value))) {
            config.strategy_macro = Text(key, value);
            continue;
        }
        if (is_dbt && key == "materialized" && IsCustom(Text(key, value))) {
            config.materialized = Materialized::kCustom;
            config.custom = Text(key, value);
            continue;
        }
        if (key == "meta" || Apply(key, value, config)) continue;
        if (ApplyChangeSetting(key, value, config.changes)) continue;
        if (!is_dbt) RefuseUnknown(key);
        ApplyDbt(key, value, config);
    }
    if (config.strategy == IncrementalStrategy::kInsertOverwrite && config.partition_by.empty()) {
        throw Error(ErrorKind::kInvalidInput,
                    "`incremental_strategy: insert_overwrite` needs `partition_by`");
    }
    if (config.watermark && config.materialized != Materialized::kStreaming)
        throw Error(ErrorKind::kInvalidInput, "`watermark` goes with `materialized: streaming`");
    if (config.materialized == Materialized::kStreaming &&
        config.strategy.value_or(IncrementalStrategy::kAppend) != IncrementalStrategy::kAppend) {
        throw Error(ErrorKind::kInvalidInput,
                    "a streaming table is only added to: `incremental_strategy` goes with "
                    "`materialized: incremental`");
    }
    if ((config.strategy == IncrementalStrategy::kReplaceWhere) != !config.replace_where.empty()) {
        throw Error(ErrorKind::kInvalidInput,
                    "`incremental_strategy: replace_where` and `replace_where`, the condition, go "
                    "together");
    }
    return config;
}

namespace {

// Maps whose keys add up, from the widest folder to the model itself.
bool IsJoined(const std::string& key) {
    static const std::vector<std::string> kJoined = {"meta", "column_types", "persist_docs", "docs",
                                                     "quoting"};
    return std::find(kJoined.begin(), kJoined.end(), key) != kJoined.end();
}

}  // namespace

void LaySettings(const Json& settings, Json& under) {
    for (const auto& [key, value] : settings.items()) {
        if ((key == "tags" || IsHookKey(key)) && under.contains(key)) {
            Json& all = under[key];
            if (!all.is_array()) all = Json::array({all});
            for (const Json& one : value.is_array() ? value : Json::array({value}))
                all.push_back(one);
        } else if (IsJoined(key) && value.is_object() && under.contains(key) &&
                   under[key].is_object()) {
            under[key].update(value);
        } else {
            under[key] = value;
        }
    }
}

Json AllSettings(const Model& model, const Json& in_sql) {
    Json all = model.yaml_config;
    LaySettings(in_sql, all);
    LaySettings(model.over_config, all);
    return all;
}

namespace {

ModelConfig Typed(const Model& model, Json all, SettingRule rule, bool is_whole) {
    const bool is_snapshot = model.resource == Resource::kSnapshot;
    if (is_snapshot) all.erase("materialized");
    try {
        ModelConfig config = ParseConfig(all, rule);
        if (is_snapshot) config.materialized = Materialized::kSnapshot;
        if (is_snapshot && is_whole) config.snapshot = ParseSnapshot(all, config.unique_key);
        if (config.strategy == IncrementalStrategy::kMicrobatch && is_whole)
            config.microbatch = ParseMicrobatch(all);
        return config;
    } catch (const Error& error) {
        throw Error(error).At(model.Spot());
    }
}

}  // namespace

ModelConfig ConfigOf(const Model& model, const Json& in_sql, SettingRule rule) {
    return Typed(model, AllSettings(model, in_sql), rule, true);
}

ModelConfig YamlConfigOf(const Model& model, SettingRule rule) {
    return Typed(model, AllSettings(model, Json::object()), rule, false);
}

}  // namespace tarn::pipeline
