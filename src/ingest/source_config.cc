#include "ingest/source_config.h"

#include <algorithm>
#include <limits>
#include <set>

#include "base/text.h"
#include "base/yaml.h"
#include "ingest/field_schema.h"
#include "ingest/path_pattern.h"
#include "ingest/yaml_folder.h"

namespace tarn::ingest {

namespace {

constexpr uint64_t kMaxConfigBytes = 1 << 20;
const char* const kSourcesFolder = "sources";

bool IsWord(std::string_view text) {
    if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
    return text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") ==
           std::string_view::npos;
}

std::string ParseWord(const YamlNode& node, std::string_view what) {
    std::string word = node.AsString();
    if (IsWord(word)) return word;
    throw node.Mistake(fmt::format(
        "`{}` cannot be {}: expected a-z, 0-9 and _, not beginning with a digit", word, what));
}

std::string ParseTableName(const YamlNode& node) {
    const std::string name = node.AsString();
    const std::vector<std::string> parts = Split(name, '.');
    if (parts.size() == 2 && IsWord(parts[0]) && IsWord(parts[1])) return name;
    throw node.Mistake(fmt::format(
        "`{}` is no table name: expected `schema.table`, as in `bronze.flights`", name));
}

std::vector<std::string> ParsePatterns(const YamlNode& node) {
    const std::vector<std::string> patterns = node.AsStrings();
    if (patterns.empty()) throw node.Mistake("expected a path, as in `landing/*.ndjson`");
    for (const std::string& pattern : patterns) {
        if (const auto mistake = PathPattern::Mistake(pattern)) throw node.Mistake(*mistake);
    }
    return patterns;
}

// One byte, or a name for one that is hard to see.
char ParseByte(const YamlNode& node, std::string_view what) {
    const std::string text = node.AsString();
    if (text == "tab" || text == "\\t") return '\t';
    const bool usable = text.size() == 1 && text[0] != '\n' && text[0] != '\r' && text[0] != '\0' &&
                        static_cast<unsigned char>(text[0]) < 0x80;
    if (usable) return text[0];
    throw node.Mistake(fmt::format("the {} must be one ASCII character, or `tab`", what));
}

CsvOptions ParseCsv(const YamlNode& node) {
    node.OnlyKeys(KeysAt(SourceSettings(), "tables[].csv"));
    CsvOptions csv;
    if (const auto delimiter = node.Find("delimiter"))
        csv.delimiter = ParseByte(*delimiter, "delimiter");
    if (const auto quote = node.Find("quote")) {
        csv.quote = quote->AsString() == "none" ? '\0' : ParseByte(*quote, "quote");
    }
    csv.has_header = node.BoolOr("header", true);
    if (csv.quote == csv.delimiter)
        throw node.Mistake("delimiter and quote are the same character");
    return csv;
}

int64_t ParseCount(const YamlNode& node, int64_t most) {
    const int64_t value = node.AsInt();
    if (value >= 1 && value <= most) return value;
    throw node.Mistake(fmt::format("expected a whole number from 1 to {}", most));
}

BatchLimits ParseBatch(const YamlNode& node) {
    node.OnlyKeys(KeysAt(SourceSettings(), "tables[].batch"));
    BatchLimits limits;
    if (const auto files = node.Find("max_files")) limits.max_files = ParseCount(*files, 1'000'000);
    if (const auto bytes = node.Find("max_bytes"))
        limits.max_bytes = ParseCount(*bytes, int64_t{1} << 40);
    return limits;
}

std::vector<std::string> ParseFields(const YamlNode& node) {
    const std::vector<std::string> fields = node.AsStrings();
    std::set<std::string> seen;
    for (const std::string& field : fields) {
        if (!IsColumnName(field))
            throw node.Mistake(fmt::format("`{}` cannot be the name of a field", field));
        if (!seen.insert(AsciiLower(ColumnOf(field))).second)
            throw node.Mistake(fmt::format("the field `{}` stands twice", field));
    }
    if (fields.size() > FieldSchema::kMaxFields) {
        throw node.Mistake(fmt::format("more than {} fields", FieldSchema::kMaxFields));
    }
    return fields;
}

ReloadPolicy ParseReload(const YamlNode& node) {
    const std::string text = node.AsOneOf({"never", "append", "error"});
    if (text == "never") return ReloadPolicy::kNever;
    return text == "append" ? ReloadPolicy::kAppend : ReloadPolicy::kError;
}

ContractPolicy ParseContractPolicy(const YamlNode& node) {
    const std::string text = node.AsOneOf({"refuse", "quarantine", "warn"});
    if (text == "quarantine") return ContractPolicy::kQuarantine;
    return text == "warn" ? ContractPolicy::kWarn : ContractPolicy::kRefuse;
}

SchemaPolicy ParseSchemaPolicy(const YamlNode& node) {
    const std::string text = node.AsOneOf({"rescue", "accept", "reject"});
    if (text == "accept") return SchemaPolicy::kAccept;
    return text == "reject" ? SchemaPolicy::kReject : SchemaPolicy::kRescue;
}

// What a source says for all of its tables.
struct SourceDefaults {
    std::string source_system;
    SchemaPolicy schema_policy = SchemaPolicy::kRescue;
};

TableConfig ParseTable(const YamlNode& node, const SourceDefaults& defaults) {
    node.OnlyKeys(KeysAt(SourceSettings(), "tables[]"));
    TableConfig config;
    config.table = ParseTableName(node.At("table"));
    config.patterns = ParsePatterns(node.At("path"));
    config.format = node.At("format").AsOneOf({"ndjson", "csv"}) == "csv" ? FileFormat::kCsv
                                                                          : FileFormat::kNdjson;
    if (const auto csv = node.Find("csv")) {
        if (config.format != FileFormat::kCsv) throw csv->Mistake("`csv` goes with `format: csv`");
        config.csv = ParseCsv(*csv);
    }
    if (const auto reload = node.Find("reload")) config.reload = ParseReload(*reload);
    if (const auto policy = node.Find("on_broken_contract"))
        config.on_broken_contract = ParseContractPolicy(*policy);
    config.infer_types = node.BoolOr("infer_types", false);
    config.schema_policy = defaults.schema_policy;
    if (const auto policy = node.Find("schema_policy"))
        config.schema_policy = ParseSchemaPolicy(*policy);
    if (const auto schema = node.Find("schema")) {
        config.fields = ParseFields(*schema);
        if (config.schema_policy == SchemaPolicy::kAccept) {
            throw schema->Mistake(
                "`schema` names all fields that get columns, `schema_policy: accept` gives further "
                "ones a column: leave one of them out");
        }
    }
    if (!config.csv.has_header && config.fields.empty()) {
        throw node.Mistake("a CSV without a header needs `schema`, the list of its fields");
    }
    config.source_system = node.StringOr("source_system", defaults.source_system);
    if (config.source_system.empty()) throw node.Mistake("source_system is empty");
    if (const auto version = node.Find("schema_version")) {
        config.schema_version =
            static_cast<int32_t>(ParseCount(*version, std::numeric_limits<int32_t>::max()));
    }
    if (const auto batch = node.Find("batch")) config.batch = ParseBatch(*batch);
    return config;
}

bool IsWholeLocation(std::string_view text) {
    return text.starts_with('/') || text.find("://") != std::string_view::npos;
}

std::string ParseRoot(const YamlNode& node, const std::string& lake_root) {
    std::string root = node.AsString();
    while (root.size() > 1 && root.ends_with('/')) root.pop_back();
    if (root.empty())
        throw node.Mistake("expected a folder: relative to the lake, or a whole location");
    if (IsWholeLocation(root)) return root;
    if (root == ".") return lake_root;
    for (const std::string& part : Split(root, '/')) {
        if (part.empty() || part == "." || part == "..") {
            throw node.Mistake(fmt::format(
                "`{}` has a part `{}`: name the folder within the lake, or its whole location",
                root, part));
        }
    }
    return storage::JoinLocation(lake_root, root);
}

}  // namespace

std::string_view NameOf(FileFormat format) { return format == FileFormat::kCsv ? "csv" : "ndjson"; }

std::string_view NameOf(ReloadPolicy policy) {
    switch (policy) {
        case ReloadPolicy::kNever:
            return "never";
        case ReloadPolicy::kAppend:
            return "append";
        case ReloadPolicy::kError:
            break;
    }
    return "error";
}

const std::vector<Setting>& SourceSettings() {
    static const std::vector<Setting> settings = {
        {"name", "word", "required",
         "a-z, 0-9 and _; a part of the source's identity: another name lands all files anew"},
        {"root", "folder", "the lake",
         "what paths are relative to: within the lake, or a whole location"},
        {"source_system", "text", "name", "written into each row"},
        {"schema_policy", "rescue, accept, reject", "rescue",
         "a field that the table has no column for, or a value that is not of its column's type: "
         "keep it in _rescued_data, give the field a column, or refuse its file (exit code 1)"},
        {"tables[].table", "schema.table", "required",
         "made on first use, partitioned by source_system and ingestion_date, append-only"},
        {"tables[].path", "path or list of paths", "required",
         "relative to root: `*` and `?` within a name, `**` over folders; names that begin with a "
         "dot match only a pattern that does"},
        {"tables[].format", "ndjson, csv", "required",
         "gzip is recognised by its first bytes, whatever the file is called"},
        {"tables[].csv.delimiter", "one character, tab", ",", "between two fields"},
        {"tables[].csv.quote", "one character, none", "\"",
         "around a field; within it a quote is doubled"},
        {"tables[].csv.header", "true, false", "true",
         "does the first record name the fields; without a header `schema` is needed"},
        {"tables[].reload", "error, never, append", "error",
         "a file whose path is known and whose content changed: refuse it (exit code 1), keep the "
         "old one, or land it as a further file"},
        {"tables[].on_broken_contract", "refuse, quarantine, warn", "refuse",
         "a batch that breaks the published contract of its table: land nothing of it (exit code "
         "1), set the rows that break a promise aside in `quarantine.<schema>_<table>`, or land it "
         "and say so"},
        {"tables[].schema_policy", "rescue, accept, reject", "the source's",
         "`accept` finds new fields as `schema` says of the first ones, batch by batch"},
        {"tables[].infer_types", "true, false", "false",
         "BIGINT, DOUBLE or BOOLEAN where all values seen in the first batch fit; what does not "
         "fit later is rescued"},
        {"tables[].schema", "list of names", "found",
         "the fields that get columns; without it those in the first batch (the first 1 MiB of "
         "each of at most 2,000 files)"},
        {"tables[].source_system", "text", "the source's", "written into each row"},
        {"tables[].schema_version", "whole number", "1", "written into each row"},
        {"tables[].batch.max_files", "whole number", "10000", "the most files of one commit"},
        {"tables[].batch.max_bytes", "whole number", "1073741824",
         "the most stored bytes of one commit; a file is never split"},
    };
    return settings;
}

std::string SourceConfig::AppId(const TableConfig& table) const {
    return fmt::format("tarn:ingest:{}.{}", name, table.table);
}

SourceConfig SourceConfig::Parse(std::string_view text, const std::string& file,
                                 const std::string& lake_root) {
    const YamlNode document = YamlNode::Parse(text, file);
    if (!document.IsMap())
        throw document.Mistake("expected a source: `name: ...` and `tables: [...]`");
    document.OnlyKeys(KeysAt(SourceSettings(), ""));
    SourceConfig source;
    source.file = file;
    source.name = ParseWord(document.At("name"), "the name of a source");
    const auto root = document.Find("root");
    source.root = root ? ParseRoot(*root, lake_root) : lake_root;
    SourceDefaults defaults{document.StringOr("source_system", source.name)};
    if (const auto policy = document.Find("schema_policy"))
        defaults.schema_policy = ParseSchemaPolicy(*policy);
    const YamlNode tables = document.At("tables");
    for (const YamlNode& entry : tables.Items()) {
        TableConfig table = ParseTable(entry, defaults);
        const auto same = [&](const TableConfig& other) { return other.table == table.table; };
        if (std::any_of(source.tables.begin(), source.tables.end(), same)) {
            throw entry.Mistake(
                fmt::format("{} stands twice: give one entry a list of paths", table.table));
        }
        source.tables.push_back(std::move(table));
    }
    if (source.tables.empty()) throw tables.Mistake("a source needs at least one table");
    return source;
}

std::vector<SourceConfig> LoadSources(storage::ObjectStore& store, const std::string& lake_root) {
    std::vector<SourceConfig> sources;
    for (const YamlFile& file : ReadYamlFolder(store, lake_root, kSourcesFolder, kMaxConfigBytes))
        sources.push_back(SourceConfig::Parse(file.text, file.name, lake_root));
    for (size_t i = 0; i < sources.size(); ++i) {
        for (size_t j = 0; j < i; ++j) {
            if (sources[i].name != sources[j].name) continue;
            throw Error(ErrorKind::kInvalidInput, "two sources are called `{}`: {} and {}",
                        sources[i].name, sources[j].file, sources[i].file)
                .At({sources[i].file, 1, 1});
        }
    }
    return sources;
}

}  // namespace tarn::ingest
