#include "pipeline/semantic_layer.h"

#include <algorithm>

#include "base/text.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;
using Texts = std::vector<std::string>;

// Those of its keys, where they say something.
Json Picked(const Json& from, const Texts& keys) {
    Json picked = Json::object();
    if (!from.is_object()) return picked;
    for (const std::string& key : keys) {
        if (from.contains(key) && !from[key].is_null()) picked[key] = from[key];
    }
    return picked;
}

void AsText(Json& json, const char* key) {
    if (json.contains(key) && !json[key].is_string()) json[key] = json[key].dump();
}

Json ListOf(const Json& json, const char* key) {
    const Json list = json.value(key, Json::array());
    return list.is_array() ? list : Json::array({list});
}

// A condition, or a list of them.
Json Filter(const Json& said) {
    if (said.is_null()) return nullptr;
    Json filters = Json::array();
    for (const Json& one : said.is_array() ? said : Json::array({said}))
        filters.push_back({{"where_sql_template", one.is_string() ? one : Json(one.dump())}});
    return {{"where_filters", std::move(filters)}};
}

// "7 days"
Json Window(const Json& said) {
    const Texts words = said.is_string() ? Split(said.get<std::string>(), ' ') : Texts{};
    const auto count = words.empty() ? std::nullopt : ParseInt(words.front());
    if (!count || words.size() < 2) return nullptr;
    std::string granularity = words[1];
    if (granularity.ends_with('s')) granularity.pop_back();
    return {{"count", *count}, {"granularity", granularity}};
}

// A measure or a metric that another is made from: its name, or a map with it.
Json Input(const Json& said, const Texts& keys) {
    if (said.is_string()) return {{"name", said}};
    Json input = Picked(said, keys);
    if (input.contains("filter")) input["filter"] = Filter(input["filter"]);
    if (input.contains("offset_window")) input["offset_window"] = Window(input["offset_window"]);
    return input;
}

Json MeasureInput(const Json& said) {
    return Input(said, {"name", "filter", "alias", "join_to_timespine", "fill_nulls_with"});
}

Json MetricInput(const Json& said) {
    return Input(said, {"name", "filter", "alias", "offset_window", "offset_to_grain"});
}

void AddName(const Json& input, Texts& names) {
    const std::string name = input.value("name", "");
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(name);
}

Json Settings(const Json& json) {
    Json config = json.value("config", Json::object());
    if (!config.is_object()) config = Json::object();
    config["enabled"] = config.value("enabled", Json(true));
    if (json.contains("meta") && !config.contains("meta")) config["meta"] = json["meta"];
    return config;
}

SemanticEntry EntryOf(const char* type, const YamlNode& node, const std::string& file) {
    SemanticEntry entry;
    entry.type = type;
    entry.name = node.At("name").AsString();
    entry.file = file;
    entry.spot = node.Spot();
    if (const auto tags = node.Find("tags")) entry.tags = tags->AsStrings();
    const Json json = Json::parse(node.ToJson());
    entry.body["config"] = Settings(json);
    entry.enabled = entry.body["config"]["enabled"] != Json(false);
    for (const char* key : {"description", "label"}) {
        if (json.contains(key) && json[key].is_string()) entry.body[key] = json[key];
    }
    return entry;
}

Json Parts(const Json& json, const char* key, const Texts& keys) {
    Json parts = Json::array();
    for (const Json& one : ListOf(json, key)) {
        Json part = Picked(one, keys);
        for (const char* text : {"expr", "description", "label"}) AsText(part, text);
        if (part.contains("config")) part["config"] = Picked(part["config"], {"meta"});
        if (part.contains("agg")) part["agg"] = AsciiLower(part["agg"].get<std::string>());
        if (part.contains("type_params"))
            part["type_params"] =
                Picked(part["type_params"], {"time_granularity", "validity_params"});
        parts.push_back(std::move(part));
    }
    return parts;
}

// By what it is made from.
Json TypeParams(const Json& said, SemanticEntry& entry) {
    Json params = Picked(said, {"expr", "grain_to_date"});
    AsText(params, "expr");
    if (said.contains("window")) params["window"] = Window(said["window"]);
    if (said.contains("measure")) {
        params["measure"] = MeasureInput(said["measure"]);
        params["input_measures"] = Json::array({params["measure"]});
        AddName(params["measure"], entry.measures);
    }
    for (const char* part : {"numerator", "denominator"}) {
        if (!said.contains(part)) continue;
        params[part] = MetricInput(said[part]);
        AddName(params[part], entry.metrics);
    }
    if (said.contains("metrics")) {
        params["metrics"] = Json::array();
        for (const Json& one : ListOf(said, "metrics")) {
            params["metrics"].push_back(MetricInput(one));
            AddName(params["metrics"].back(), entry.metrics);
        }
    }
    if (said.contains("cumulative_type_params")) {
        const Json& inner = said["cumulative_type_params"];
        Json cumulative = Picked(inner, {"grain_to_date", "period_agg"});
        if (inner.contains("window")) cumulative["window"] = Window(inner["window"]);
        if (inner.contains("metric")) {
            cumulative["metric"] = MetricInput(inner["metric"]);
            AddName(cumulative["metric"], entry.metrics);
        }
        params["cumulative_type_params"] = std::move(cumulative);
    }
    if (said.contains("conversion_type_params")) {
        const Json& inner = said["conversion_type_params"];
        Json conversion = Picked(inner, {"entity", "calculation", "constant_properties"});
        if (inner.contains("window")) conversion["window"] = Window(inner["window"]);
        for (const char* part : {"base_measure", "conversion_measure"}) {
            conversion[part] = MeasureInput(inner.value(part, Json()));
            AddName(conversion[part], entry.measures);
        }
        params["conversion_type_params"] = std::move(conversion);
    }
    return params;
}

}  // namespace

std::vector<SemanticEntry> ReadSemanticModel(const YamlNode& node, const std::string& file) {
    SemanticEntry entry = EntryOf("semantic_model", node, file);
    entry.model = node.At("model").AsString();
    const Json json = Json::parse(node.ToJson());
    Json& body = entry.body;
    body["model"] = entry.model;
    body["defaults"] =
        json.contains("defaults") ? Picked(json["defaults"], {"agg_time_dimension"}) : Json();
    body["entities"] =
        Parts(json, "entities", {"name", "type", "description", "label", "role", "expr", "config"});
    body["measures"] =
        Parts(json, "measures",
              {"name", "agg", "description", "label", "create_metric", "expr", "agg_params",
               "non_additive_dimension", "agg_time_dimension", "config"});
    body["dimensions"] = Parts(
        json, "dimensions",
        {"name", "type", "description", "label", "is_partition", "type_params", "expr", "config"});
    if (json.contains("primary_entity")) body["primary_entity"] = json["primary_entity"];
    std::vector<SemanticEntry> all;
    for (const Json& measure : body["measures"]) {
        AddName(measure, entry.own_measures);
        if (measure.value("create_metric", Json()) != Json(true)) continue;
        SemanticEntry metric;
        metric.type = "metric";
        metric.name = measure.value("name", "");
        metric.file = file;
        metric.spot = entry.spot;
        metric.measures = {metric.name};
        metric.body = {{"description", measure.value("description", "")},
                       {"label", measure.value("label", metric.name)},
                       {"type", "simple"},
                       {"type_params", {{"measure", {{"name", metric.name}}}}},
                       {"config", {{"enabled", true}}}};
        all.push_back(std::move(metric));
    }
    all.insert(all.begin(), std::move(entry));
    return all;
}

SemanticEntry ReadMetric(const YamlNode& node, const std::string& file) {
    SemanticEntry entry = EntryOf("metric", node, file);
    const Json json = Json::parse(node.ToJson());
    Json& body = entry.body;
    if (!body.contains("description")) body["description"] = "";
    if (!body.contains("label")) body["label"] = entry.name;
    body["type"] =
        node.At("type").AsOneOf({"simple", "ratio", "cumulative", "derived", "conversion"});
    body["type_params"] = TypeParams(json.value("type_params", Json::object()), entry);
    body["filter"] = Filter(json.value("filter", Json()));
    body["meta"] = body["config"].value("meta", Json::object());
    for (const char* key : {"time_granularity", "group"}) {
        if (json.contains(key)) body[key] = json[key];
    }
    return entry;
}

SemanticEntry ReadSavedQuery(const YamlNode& node, const std::string& file) {
    SemanticEntry entry = EntryOf("saved_query", node, file);
    const Json json = Json::parse(node.ToJson());
    const Json params = Json::parse(node.At("query_params").ToJson());
    Json query = {{"metrics", ListOf(params, "metrics")},
                  {"group_by", ListOf(params, "group_by")},
                  {"where", Filter(params.value("where", Json()))}};
    query.update(Picked(params, {"order_by", "limit"}));
    for (const Json& metric : query["metrics"]) {
        if (metric.is_string()) entry.metrics.push_back(metric.get<std::string>());
    }
    entry.body["query_params"] = std::move(query);
    entry.body["exports"] = Json::array();
    for (const Json& one : ListOf(json, "exports")) {
        const Json config = one.value("config", Json::object());
        Json shown = Picked(config, {"export_as", "schema_name", "alias", "database"});
        if (config.contains("schema")) shown["schema_name"] = config["schema"];
        if (!shown.contains("export_as")) shown["export_as"] = "table";
        entry.body["exports"].push_back(
            {{"name", one.value("name", "")}, {"config", std::move(shown)}});
    }
    return entry;
}

}  // namespace tarn::pipeline
