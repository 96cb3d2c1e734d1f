#include "catalog/lake_config.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/error.h"
#include "base/text.h"
#include "base/yaml.h"
#include "catalog/names.h"

namespace tarn::catalog {

namespace {

namespace fs = std::filesystem;

constexpr int kMaxPort = 65535;
constexpr int kMaxThreads = 1024;
constexpr int kMaxKeepDays = 36'500;
constexpr uint64_t kMinMemoryBytes = 64ULL << 20;

int64_t IntWithin(const YamlNode& map, std::string_view key, int64_t fallback, int64_t low,
                  int64_t high) {
    const auto node = map.Find(key);
    if (!node) return fallback;
    const int64_t value = node->AsInt();
    if (value < low || value > high)
        throw node->Mistake(fmt::format("{} must lie in {} to {}", key, low, high));
    return value;
}

// "4GB", "512 MiB", "1048576": GB and GiB both mean 1024 cubed, as the engine takes them.
uint64_t SizeOf(const YamlNode& node) {
    const std::string text = AsciiLower(node.AsString());
    const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = ParseInt(text.substr(0, digits));
    const std::string unit(Trim(std::string_view(text).substr(digits)));
    static const std::vector<std::pair<std::string, int>> units{
        {"", 0},     {"b", 0},   {"kb", 10},  {"kib", 10}, {"mb", 20},
        {"mib", 20}, {"gb", 30}, {"gib", 30}, {"tb", 40},  {"tib", 40}};
    const auto found = std::find_if(units.begin(), units.end(),
                                    [&](const auto& entry) { return entry.first == unit; });
    constexpr int64_t kMostUnits = 1 << 20;
    if (!number || found == units.end() || (found->second > 0 && *number > kMostUnits)) {
        throw node.Mistake("expected a size like 4GB or 512MB");
    }
    const uint64_t bytes = static_cast<uint64_t>(*number) << found->second;
    if (bytes < kMinMemoryBytes) throw node.Mistake("less than 64MB is too little to work with");
    return bytes;
}

// "02:30" is 150; "off" is nothing.
std::optional<int> MinuteOf(const YamlNode& node) {
    const std::string text = node.AsString();
    if (text == "off" || text == "false") return std::nullopt;
    const std::vector<std::string> parts = Split(text, ':');
    const auto hour = parts.size() == 2 ? ParseInt(parts[0]) : std::nullopt;
    const auto minute = parts.size() == 2 ? ParseInt(parts[1]) : std::nullopt;
    const bool is_time = hour && minute && *hour >= 0 && *hour < 24 && *minute >= 0 && *minute < 60;
    if (!is_time) throw node.Mistake("expected a time of day like \"02:00\", or off");
    return static_cast<int>(*hour * 60 + *minute);
}

std::string AbsoluteFolder(const std::string& folder) {
    std::string path = fs::absolute(folder).lexically_normal().string();
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    return path;
}

// A location with a scheme stays as it is; a path is taken from the lake's folder.
std::string LocationFrom(const std::string& root, const YamlNode& node) {
    std::string text = node.AsString();
    if (text.empty()) throw node.Mistake("expected a folder or a location here");
    if (text.find("://") == std::string::npos)
        return AbsoluteFolder((fs::path(root) / text).string());
    while (text.back() == '/') text.pop_back();
    return text;
}

void ReadNames(const YamlNode& root, LakeConfig& config) {
    const auto name_of = [](const YamlNode& node) {
        try {
            return LakeName(node.AsString());
        } catch (const Error& error) {
            if (error.spot().line > 0) throw;
            throw node.Mistake(error.message());
        }
    };
    if (const auto name = root.Find("name")) config.name = name_of(*name);
    if (const auto aliases = root.Find("aliases")) {
        const auto nodes = aliases->IsList() ? aliases->Items() : std::vector<YamlNode>{*aliases};
        for (const YamlNode& alias : nodes) config.aliases.push_back(name_of(alias));
    }
}

void ReadLayers(const YamlNode& root, LakeConfig& config) {
    const auto layers = root.Find("strict_layers");
    if (!layers) return;
    for (const std::string& layer : layers->AsStrings()) {
        if (layer != "bronze" && layer != "silver" && layer != "gold")
            throw layers->Mistake(fmt::format("`{}` is none of bronze, silver, gold", layer));
        config.strict_layers.push_back(layer);
    }
}

void ReadLineage(const YamlNode& root, LakeConfig& config) {
    const auto lineage = root.Find("lineage");
    if (!lineage) return;
    lineage->OnlyKeys(KeysAt(LakeSettings(), "lineage"));
    config.lineage_of_queries = lineage->BoolOr("queries", false);
    const auto told = lineage->Find("openlineage");
    if (!told) return;
    told->OnlyKeys(KeysAt(LakeSettings(), "lineage.openlineage"));
    OpenLineageConfig& to = config.openlineage;
    to.url = told->StringOr("url", "");
    to.endpoint = told->StringOr("endpoint", to.endpoint);
    to.job_namespace = told->StringOr("namespace", "");
    to.api_key_env = told->StringOr("api_key_env", to.api_key_env);
    if (const auto file = told->Find("file")) to.file = LocationFrom(config.root, *file);
    if (to.url.empty() && to.file.empty())
        throw told->Mistake("expected a `url` or a `file` that events go to");
}

}  // namespace

const std::vector<Setting>& LakeSettings() {
    static const std::vector<Setting> settings{
        {"name", "text", "lake",
         "the lake's name, and its catalog's in SQL: letters a-z, digits, `_` (`-` becomes `_`)"},
        {"aliases", "list of text", "", "further names of the catalog, as the same"},
        {"warehouse", "folder or location", ".tarn/warehouse",
         "where managed tables lie; a path is taken from the lake's folder"},
        {"table_defaults", "map of text", "",
         "properties that every new table is given, as in TBLPROPERTIES"},
        {"dialect", "tarn or spark", "tarn",
         "how `tarn sql` reads statements until told otherwise (SET dialect, --dialect)"},
        {"strict_layers", "list of bronze, silver, gold", "",
         "the layers whose models are strict: what they select must have the types that their "
         "YAML declares and their tables have, without a cast that nobody wrote"},
        {"serve.port", "number", "8787", "the port of `tarn serve` on 127.0.0.1"},
        {"maintenance.at", "HH:MM or off", "02:00",
         "when `tarn serve` maintains the tables each day, UTC (`tarn table maintain`)"},
        {"maintenance.budget", "size", "10GB", "how many bytes one night writes again at most"},
        {"engine.memory", "size", "three quarters of the machine's",
         "the budget of queries, as 4GB"},
        {"engine.threads", "number", "all cores", "how many cores a query may use"},
        {"lineage.queries", "true or false", "false",
         "whether ops.lineage knows what statements read that came by a door and write nothing"},
        {"lineage.openlineage.url", "address", "",
         "a server that is told of builds as OpenLineage events: http://localhost:5000 "
         "(OPENLINEAGE_URL goes before it)"},
        {"lineage.openlineage.endpoint", "text", "api/v1/lineage",
         "where below the address events go (OPENLINEAGE_ENDPOINT)"},
        {"lineage.openlineage.file", "file", "",
         "a file that events are appended to, one a line; a path is taken from the lake's folder"},
        {"lineage.openlineage.namespace", "text", "the lake's name",
         "the namespace of jobs (OPENLINEAGE_NAMESPACE)"},
        {"lineage.openlineage.api_key_env", "text", "OPENLINEAGE_API_KEY",
         "the environment variable that holds the server's key"},
        {"retention.runs_days", "number", "90",
         "how long ops.runs, ops.quality and ops.job_runs keep their rows"},
        {"retention.queries_days", "number", "30",
         "how long ops.queries keeps its rows, at most the last 100,000"},
        {"retention.lineage_days", "number", "90",
         "how long ops.lineage keeps what statements did that were not seen again"},
        {"retention.dropped_days", "number", "7",
         "how long the files of a dropped managed table stay"},
    };
    return settings;
}

std::string LakeName(std::string_view text) {
    std::string name(text);
    std::replace(name.begin(), name.end(), '-', '_');
    const auto good = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    const bool digit_first = !name.empty() && name[0] >= '0' && name[0] <= '9';
    if (name.empty() || digit_first || !std::all_of(name.begin(), name.end(), good)) {
        throw Error(ErrorKind::kInvalidInput,
                    "`{}` cannot name a lake: use letters a-z, digits and `_`, and no digit first",
                    text);
    }
    if (IsReservedSchema(name)) {
        throw Error(ErrorKind::kInvalidInput,
                    "`{}` cannot name a lake: the engine keeps that name for itself", text);
    }
    return name;
}

LakeConfig LakeConfig::Parse(std::string_view text, const std::string& folder) {
    LakeConfig config;
    config.root = AbsoluteFolder(folder);
    config.state = config.root + "/" + kStateFolder;
    config.warehouse = config.state + "/warehouse";
    config.has_file = true;
    const YamlNode root =
        YamlNode::Parse(text, (fs::path(folder) / kFileName).lexically_normal().string());
    root.OnlyKeys(KeysAt(LakeSettings(), ""));
    ReadNames(root, config);
    if (const auto warehouse = root.Find("warehouse"))
        config.warehouse = LocationFrom(config.root, *warehouse);
    if (const auto defaults = root.Find("table_defaults")) {
        for (const auto& [key, value] : defaults->Entries())
            config.table_defaults[key] = value.AsString();
    }
    if (const auto dialect = root.Find("dialect")) {
        try {
            config.dialect = sql::DialectNamed(dialect->AsString());
        } catch (const Error& error) {
            if (error.spot().line > 0) throw;
            throw dialect->Mistake(error.message());
        }
    }
    ReadLayers(root, config);
    ReadLineage(root, config);
    if (const auto serve = root.Find("serve")) {
        serve->OnlyKeys(KeysAt(LakeSettings(), "serve"));
        config.port = static_cast<int>(IntWithin(*serve, "port", config.port, 0, kMaxPort));
    }
    if (const auto maintenance = root.Find("maintenance")) {
        maintenance->OnlyKeys(KeysAt(LakeSettings(), "maintenance"));
        if (const auto at = maintenance->Find("at")) config.maintenance_minute = MinuteOf(*at);
        if (const auto budget = maintenance->Find("budget"))
            config.maintenance_bytes = SizeOf(*budget);
    }
    if (const auto engine = root.Find("engine")) {
        engine->OnlyKeys(KeysAt(LakeSettings(), "engine"));
        if (const auto memory = engine->Find("memory")) config.memory_limit_bytes = SizeOf(*memory);
        config.threads = static_cast<int>(IntWithin(*engine, "threads", 0, 0, kMaxThreads));
    }
    if (const auto retention = root.Find("retention")) {
        retention->OnlyKeys(KeysAt(LakeSettings(), "retention"));
        config.keep_runs_days = static_cast<int>(
            IntWithin(*retention, "runs_days", config.keep_runs_days, 1, kMaxKeepDays));
        config.keep_queries_days = static_cast<int>(
            IntWithin(*retention, "queries_days", config.keep_queries_days, 1, kMaxKeepDays));
        config.keep_lineage_days = static_cast<int>(
            IntWithin(*retention, "lineage_days", config.keep_lineage_days, 1, kMaxKeepDays));
        config.keep_dropped_days = static_cast<int>(
            IntWithin(*retention, "dropped_days", config.keep_dropped_days, 0, kMaxKeepDays));
    }
    return config;
}

LakeConfig LakeConfig::Load(const std::string& folder) {
    const std::string root = AbsoluteFolder(folder);
    if (!fs::is_directory(root)) {
        throw Error(ErrorKind::kNotFound,
                    "there is no folder {}: a lake is a folder; `tarn init` makes one", folder);
    }
    const fs::path file = fs::path(root) / kFileName;
    if (!fs::exists(file)) {
        LakeConfig config = Parse("", root);
        config.has_file = false;
        return config;
    }
    std::ifstream in(file, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    if (!in) throw Error(ErrorKind::kUnavailable, "cannot read {}", file.string());
    return Parse(text.str(), root);
}

std::optional<std::string> FindLakeFolder(const std::string& start) {
    fs::path folder = AbsoluteFolder(start);
    while (true) {
        if (fs::exists(folder / LakeConfig::kFileName)) return folder.string();
        if (!folder.has_parent_path() || folder.parent_path() == folder) return std::nullopt;
        folder = folder.parent_path();
    }
}

}  // namespace tarn::catalog
