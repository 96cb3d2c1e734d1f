#include "serve/endpoint_config.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/hash.h"
#include "base/text.h"
#include "base/yaml.h"
#include "serve/endpoint_settings.h"
#include "sql/lexer.h"

namespace tarn::serve {

namespace {

constexpr size_t kMaxEndpointFileBytes = 1024 * 1024;
constexpr size_t kMaxNameBytes = 100;

bool IsWordText(std::string_view text, std::string_view further) {
    if (text.empty() || text.size() > kMaxNameBytes || text.front() < 'a' || text.front() > 'z')
        return false;
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               further.find(c) != std::string_view::npos;
    });
}

std::string ReadWord(const YamlNode& node, std::string_view what) {
    const std::string text = node.AsString();
    if (!IsWordText(text, "_")) {
        throw node.Mistake(fmt::format(
            "{} is of lower-case letters, digits and _, and begins with a letter", what));
    }
    return text;
}

std::string ReadVersion(const YamlNode& node) {
    const std::string text = node.AsString();
    const auto number = text.starts_with("v") ? ParseInt(text.substr(1)) : std::nullopt;
    if (!number || *number < 1 || *number > 9999 || text != fmt::format("v{}", *number)) {
        throw node.Mistake("a version is v1, v2 and so on");
    }
    return text;
}

std::string ReadPath(const YamlNode& node, const std::string& version) {
    const std::string path = node.AsString();
    const std::string prefix = "/" + version + "/";
    bool good = path.starts_with(prefix) && path.size() <= kMaxNameBytes;
    if (good) {
        for (const std::string& segment : Split(path.substr(prefix.size()), '/')) {
            good = good && IsWordText(segment, "-_");
        }
    }
    if (!good) {
        throw node.Mistake(
            fmt::format("a path is `{}` and words of lower-case letters, digits, - and _", prefix));
    }
    return path;
}

// "90s", "30m", "26h", "7d" in seconds.
int64_t ReadDuration(const YamlNode& node) {
    const std::string text = node.AsString();
    static constexpr std::string_view kUnits = "smhd";
    static constexpr int64_t kSeconds[] = {1, 60, 3600, 86400};
    const size_t unit = text.empty() ? std::string::npos : kUnits.find(text.back());
    const auto number =
        unit == std::string::npos ? std::nullopt : ParseInt(text.substr(0, text.size() - 1));
    if (!number || *number < 1 || *number > 1'000'000)
        throw node.Mistake("expected a time like 90s, 30m, 26h or 7d");
    return *number * kSeconds[unit];
}

ApiType ReadType(const YamlNode& node) { return ApiTypeOf(node.AsOneOf(ApiTypeNames())); }

EndpointSource ReadSource(const YamlNode& node) {
    node.OnlyKeys(KeysAt(EndpointSettings(), "source"));
    EndpointSource source;
    source.spot = node.Spot();
    if (node.Has("table") == node.Has("sql"))
        throw node.Mistake("a source is either `table` or `sql`");
    if (const auto table = node.Find("table")) {
        if (node.Has("tables"))
            throw node.At("tables").Mistake("`tables` belongs to a source of `sql`");
        source.tables.emplace_back("source", table->AsString());
        source.table_spots.push_back(table->Spot());
        return source;
    }
    source.sql = node.At("sql").AsString();
    source.spot = node.At("sql").Spot();
    for (const auto& [alias, table] : node.At("tables").Entries()) {
        if (!IsWordText(alias, "_"))
            throw table.Mistake(fmt::format("the alias `{}` is no plain word", alias));
        source.tables.emplace_back(alias, table.AsString());
        source.table_spots.push_back(table.Spot());
    }
    if (source.tables.empty())
        throw node.At("tables").Mistake(
            "name the tables that the SQL reads: `alias: schema.table`");
    return source;
}

std::vector<EndpointColumn> ReadColumns(const YamlNode& list) {
    std::vector<EndpointColumn> columns;
    std::set<std::string> seen;
    for (const YamlNode& node : list.Items()) {
        node.OnlyKeys(KeysAt(EndpointSettings(), "columns[]"));
        EndpointColumn column{node.At("name").AsString(), ReadType(node.At("type")),
                              node.StringOr("description", ""), node.At("name").Spot()};
        if (!seen.insert(AsciiLower(column.name)).second) {
            throw node.At("name").Mistake(fmt::format("the column `{}` stands twice", column.name));
        }
        columns.push_back(std::move(column));
    }
    if (columns.empty()) throw list.Mistake("an endpoint has at least one column");
    return columns;
}

void CheckParameterValue(const EndpointParameter& parameter, const YamlNode& node) {
    try {
        ParseApiValue(parameter.type, node.AsString());
    } catch (const Error& error) {
        throw node.Mistake(fmt::format("not a value of `{}`: {}", parameter.name, error.message()));
    }
    const auto& allowed = parameter.allowed;
    if (!allowed.empty() &&
        std::find(allowed.begin(), allowed.end(), node.AsString()) == allowed.end()) {
        throw node.Mistake(
            fmt::format("the default of `{}` is not among its allowed values", parameter.name));
    }
}

FilterOperator ReadFilter(const YamlNode& node) {
    std::vector<std::string> names;
    for (int i = 0; i <= static_cast<int>(FilterOperator::kIn); ++i) {
        names.emplace_back(NameOf(static_cast<FilterOperator>(i)));
    }
    const std::string name = node.AsOneOf(names);
    return static_cast<FilterOperator>(std::find(names.begin(), names.end(), name) - names.begin());
}

EndpointParameter ReadParameter(const YamlNode& node, const Endpoint& endpoint) {
    node.OnlyKeys(KeysAt(EndpointSettings(), "parameters[]"));
    EndpointParameter parameter;
    parameter.name = ReadWord(node.At("name"), "a parameter's name");
    parameter.spot = node.At("name").Spot();
    const auto& reserved = ReservedParameters();
    if (std::find(reserved.begin(), reserved.end(), parameter.name) != reserved.end()) {
        throw node.At("name").Mistake(
            fmt::format("`{}` is kept for the door itself", parameter.name));
    }
    if (endpoint.FindParameter(parameter.name) != nullptr) {
        throw node.At("name").Mistake(
            fmt::format("the parameter `{}` stands twice", parameter.name));
    }
    parameter.type = ReadType(node.At("type"));
    parameter.column = node.StringOr("column", "");
    if (const auto filter = node.Find("operator")) parameter.filter = ReadFilter(*filter);
    if (parameter.column.empty() && (endpoint.source.sql.empty() || node.Has("operator"))) {
        throw node.Mistake(
            endpoint.source.sql.empty()
                ? fmt::format("the parameter `{}` needs the `column` that it filters",
                              parameter.name)
                : fmt::format("the operator of `{}` needs a `column`", parameter.name));
    }
    parameter.required = node.BoolOr("required", false);
    parameter.description = node.StringOr("description", "");
    if (const auto allowed = node.Find("allowed")) {
        for (const YamlNode& item : allowed->Items()) CheckParameterValue(parameter, item);
        parameter.allowed = allowed->AsStrings();
    }
    if (const auto fallback = node.Find("default")) {
        if (parameter.required) throw fallback->Mistake("a required parameter has no default");
        CheckParameterValue(parameter, *fallback);
        parameter.fallback = fallback->AsString();
    }
    return parameter;
}

SortColumn ReadSort(const YamlNode& node) {
    if (node.IsScalar()) return {node.AsString(), false, false, node.Spot()};
    node.OnlyKeys(KeysAt(EndpointSettings(), "order.by[]"));
    SortColumn sort{node.At("column").AsString(), false, false, node.At("column").Spot()};
    if (const auto direction = node.Find("direction"))
        sort.descending = direction->AsOneOf({"asc", "desc"}) == "desc";
    if (const auto nulls = node.Find("nulls"))
        sort.nulls_first = nulls->AsOneOf({"first", "last"}) == "first";
    return sort;
}

void AddSort(SortColumn sort, const YamlNode& node, Endpoint& endpoint) {
    const EndpointColumn* column = endpoint.FindColumn(sort.column);
    if (column == nullptr) {
        std::vector<std::string> names;
        for (const EndpointColumn& known : endpoint.columns) names.push_back(known.name);
        const auto nearest = NearestWord(sort.column, names);
        throw node.Mistake(
            fmt::format("the order's column `{}` is not among the endpoint's columns{}",
                        sort.column, nearest ? fmt::format(": did you mean `{}`?", *nearest) : ""));
    }
    endpoint.order.push_back(std::move(sort));
}

void ReadOrder(const YamlNode& node, Endpoint& endpoint) {
    node.OnlyKeys(KeysAt(EndpointSettings(), "order"));
    const auto find = [&](const std::string& column) {
        return std::any_of(endpoint.order.begin(), endpoint.order.end(),
                           [&](const SortColumn& sort) { return sort.column == column; });
    };
    if (const auto by = node.Find("by")) {
        for (const YamlNode& item : by->Items()) {
            SortColumn sort = ReadSort(item);
            if (find(sort.column))
                throw item.Mistake(fmt::format("the order has `{}` twice", sort.column));
            AddSort(std::move(sort), item, endpoint);
        }
    }
    const YamlNode unique = node.At("unique");
    if (unique.Items().empty()) throw unique.Mistake("name the columns that together are unique");
    for (const YamlNode& item : unique.Items()) {
        if (!find(item.AsString()))
            AddSort({item.AsString(), false, false, item.Spot()}, item, endpoint);
    }
}

int64_t ReadRows(const YamlNode& page, std::string_view key, int64_t fallback, int64_t largest) {
    const int64_t rows = page.IntOr(key, fallback);
    if (rows < 1 || rows > largest)
        throw page.At(key).Mistake(fmt::format("expected 1 to {} rows", largest));
    return rows;
}

void ReadPage(const std::optional<YamlNode>& page, Endpoint& endpoint) {
    endpoint.page_default = kDefaultPageRows;
    endpoint.page_largest = kDefaultLargestPageRows;
    if (!page) return;
    page->OnlyKeys(KeysAt(EndpointSettings(), "page"));
    endpoint.page_largest = ReadRows(*page, "largest", kDefaultLargestPageRows, kLargestPageRows);
    const int64_t fallback = std::min(kDefaultPageRows, endpoint.page_largest);
    endpoint.page_default = ReadRows(*page, "default", fallback, endpoint.page_largest);
}

// Every $name of the SQL is a parameter without column, and the other way round.
void CheckSqlParameters(const Endpoint& endpoint) {
    std::set<std::string> used;
    if (!endpoint.source.sql.empty()) {
        for (const sql::Token& token : sql::Lex(endpoint.source.sql)) {
            if (token.kind == sql::TokenKind::kParameter) used.emplace(token.text.substr(1));
        }
    }
    for (const std::string& name : used) {
        const EndpointParameter* parameter = endpoint.FindParameter(name);
        if (parameter != nullptr && parameter->column.empty()) continue;
        throw Error(ErrorKind::kInvalidInput,
                    "the SQL has `${}`: declare a parameter `{}` without `column`", name, name)
            .At(endpoint.source.spot);
    }
    for (const EndpointParameter& parameter : endpoint.parameters) {
        if (!parameter.column.empty() || used.contains(parameter.name)) continue;
        throw Error(ErrorKind::kInvalidInput, "the SQL does not use `${}`", parameter.name)
            .At(parameter.spot);
    }
}

std::string ReadFile(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) throw Error(ErrorKind::kUnavailable, "cannot read {}", path.string());
    if (text.view().size() > kMaxEndpointFileBytes) {
        throw Error(ErrorKind::kLimitExceeded, "{} is over the limit of {} bytes for an endpoint",
                    path.string(), kMaxEndpointFileBytes);
    }
    return text.str();
}

}  // namespace

const std::vector<std::string>& ReservedParameters() {
    static const std::vector<std::string> names{"limit",  "cursor", "offset", "select", "order",
                                                "format", "or",     "and",    "not",    "count"};
    return names;
}

Endpoint ParseEndpoint(std::string_view text, const std::string& file) {
    const YamlNode root = YamlNode::Parse(text, file);
    root.OnlyKeys(KeysAt(EndpointSettings(), ""));
    Endpoint endpoint;
    endpoint.spot = root.Spot();
    endpoint.name = ReadWord(root.At("name"), "an endpoint's name");
    endpoint.version = ReadVersion(root.At("version"));
    endpoint.path = ReadPath(root.At("path"), endpoint.version);
    endpoint.description = root.StringOr("description", "");
    endpoint.owner = root.At("owner").AsString();
    if (const auto consumers = root.Find("consumers")) endpoint.consumers = consumers->AsStrings();
    if (const auto freshness = root.Find("freshness")) {
        freshness->OnlyKeys(KeysAt(EndpointSettings(), "freshness"));
        endpoint.max_age_s = ReadDuration(freshness->At("max_age"));
    }
    endpoint.source = ReadSource(root.At("source"));
    endpoint.columns = ReadColumns(root.At("columns"));
    if (const auto parameters = root.Find("parameters")) {
        for (const YamlNode& node : parameters->Items())
            endpoint.parameters.push_back(ReadParameter(node, endpoint));
    }
    ReadOrder(root.At("order"), endpoint);
    ReadPage(root.Find("page"), endpoint);
    CheckSqlParameters(endpoint);
    endpoint.fingerprint = Sha256Hex(root.ToJson());
    return endpoint;
}

std::vector<Endpoint> LoadEndpoints(const std::string& folder) {
    namespace fs = std::filesystem;
    std::vector<fs::path> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        const std::string extension = entry.path().extension().string();
        if (entry.is_regular_file() && (extension == ".yml" || extension == ".yaml"))
            files.push_back(entry.path());
    }
    if (error && error != std::errc::no_such_file_or_directory) {
        throw Error(ErrorKind::kUnavailable, "cannot list {}: {}", folder, error.message());
    }
    if (files.size() > kMaxEndpointFiles) {
        throw Error(ErrorKind::kLimitExceeded, "{} has more than {} endpoints", folder,
                    kMaxEndpointFiles);
    }
    std::sort(files.begin(), files.end());
    std::vector<Endpoint> endpoints;
    for (const fs::path& path : files) {
        Endpoint endpoint = ParseEndpoint(ReadFile(path), path.string());
        for (const Endpoint& other : endpoints) {
            if (other.path != endpoint.path && other.Label() != endpoint.Label()) continue;
            throw Error(ErrorKind::kInvalidInput, "{} has the path `{}` and the name `{}` already",
                        other.spot.file, other.path, other.Label())
                .At(endpoint.spot);
        }
        endpoints.push_back(std::move(endpoint));
    }
    return endpoints;
}

}  // namespace tarn::serve
