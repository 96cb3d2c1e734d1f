// What a project says: models, sources, tests, as its SQL and YAML files have them. Values only;
// nothing here has been rendered or run.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "pipeline/change_config.h"
#include "pipeline/exposure.h"
#include "pipeline/freshness.h"
#include "pipeline/semantic_layer.h"
#include "quality/data_tests.h"
#include "quality/expectation.h"
#include "quality/row_split.h"

namespace tarn::pipeline {

enum class Materialized {
    kTable,
    kIncremental,
    kStreaming,
    kAutoCdc,
    kHistory,
    kView,
    kMaterializedView,
    kEphemeral,
    kSnapshot,
    kCustom,  // by a macro of the project: {% materialization name %}
};
// Does a run bring what is new to the rows that are there.
inline bool IsIncremental(Materialized how) {
    return how == Materialized::kIncremental || how == Materialized::kStreaming ||
           how == Materialized::kAutoCdc || how == Materialized::kHistory;
}

// What a file of the project is: a SELECT, the rows of a table as CSV, or a SELECT of whose rows
// every state is kept.
enum class Resource { kModel, kSeed, kSnapshot };
std::string NameOf(Resource resource);  // "model"

// How an incremental model's new rows meet those that are there.
enum class IncrementalStrategy {
    kAppend,           // they are added
    kDeleteInsert,     // rows that have a key of theirs go, they are added
    kMerge,            // rows that have their key become them, the others are added
    kInsertOverwrite,  // the partitions that they touch are replaced whole
    kMicrobatch,       // those of an interval of time are replaced, interval by interval
    kReplaceWhere,     // the rows that meet a condition are replaced, which they must meet, too
};

// What an incremental model does when its SELECT has columns that its table lacks.
enum class SchemaChange {
    kFail,       // the default of a lake
    kIgnore,     // they are left out: dbt's default
    kAppendNew,  // the table gets them
    kSyncAll,    // that, and it loses those that the SELECT has not, and takes its types
};

// How a snapshot sees that a row changed: by a time in it, or by its values.
enum class SnapshotStrategy { kTimestamp, kCheck };
// What becomes of a row that is gone: nothing, it ends, or it ends and a row says so.
enum class HardDeletes { kIgnore, kInvalidate, kNewRecord };

struct SnapshotConfig {
    SnapshotStrategy strategy = SnapshotStrategy::kTimestamp;
    std::vector<std::string> unique_key;  // columns or expressions
    std::string updated_at;               // an expression; empty: when the snapshot is taken
    std::vector<std::string> check_cols;  // empty: all
    HardDeletes hard_deletes = HardDeletes::kIgnore;
    std::string valid_to_current;  // an expression, the end of what has none; empty: NULL
    std::string target_schema;     // where it lies, as it stands; empty: as a model
    // dbt's names of the columns that it adds, with the table's own.
    std::vector<std::pair<std::string, std::string>> names = {{"dbt_scd_id", "dbt_scd_id"},
                                                              {"dbt_updated_at", "dbt_updated_at"},
                                                              {"dbt_valid_from", "dbt_valid_from"},
                                                              {"dbt_valid_to", "dbt_valid_to"},
                                                              {"dbt_is_deleted", "dbt_is_deleted"}};
    const std::string& Name(std::string_view column) const;
};

enum class BatchSize { kHour, kDay, kMonth, kYear };

struct MicrobatchConfig {
    std::string event_time;  // the column by which rows belong to a batch
    std::string begin;       // of the first batch: "2024-01-01"
    BatchSize size = BatchSize::kDay;
    int64_t lookback = 1;  // batches that are made again by each run
};

// How far events may come behind the latest one before they count as late.
struct Watermark {
    std::string column;  // when a row's event was
    int64_t delay_s = 0;
};

// How the table of a materialized view is brought up to date.
enum class RefreshWish {
    kAuto,         // from what changed in its sources, where that can be and pays
    kIncremental,  // by that alone
    kFull,         // by making it again
};

// The settings of a model: from its YAML, laid over by config(...) in its SQL.
struct ModelConfig {
    Materialized materialized = Materialized::kTable;
    std::string custom;                           // of kCustom: what the project calls it
    std::optional<IncrementalStrategy> strategy;  // nothing: by its keys (StrategyOf)
    std::string strategy_macro;                   // of a dbt project's own: what it calls it
    std::vector<std::string> unique_key;
    std::vector<std::string> merge_update_columns;   // empty: all
    std::vector<std::string> merge_exclude_columns;  // of these the old values stay
    // Conditions of the meeting, over DBT_INTERNAL_DEST and DBT_INTERNAL_SOURCE.
    std::vector<std::string> predicates;
    std::optional<MicrobatchConfig> microbatch;
    std::string replace_where;
    std::optional<SchemaChange> on_schema_change;
    std::optional<Watermark> watermark;        // of kStreaming
    ChangeConfig changes;                      // of kAutoCdc
    RefreshWish refresh = RefreshWish::kAuto;  // of kMaterializedView
    std::vector<std::string> partition_by;
    std::vector<std::string> tags;
    std::vector<std::string> quarantine_columns;  // columns that only the quarantine keeps
    std::optional<bool> row_preserving;  // nothing: it is, when rows are judged or deduplicated
    std::optional<bool> strict;          // is nothing cast unasked; nothing: as its layer
    std::string rows_from;               // whose rows are counted as in; empty: its only input
    bool enabled = true;
    // Of a dbt project.
    std::string schema;                               // behind the target's schema; empty: that one
    std::string alias;                                // the table's name, where not the file's
    std::map<std::string, std::string> column_types;  // of a seed, by column
    std::string delimiter = ",";                      // of a seed
    std::optional<SnapshotConfig> snapshot;           // of a snapshot
    std::vector<std::string> pre_hooks;               // templates of SQL
    std::vector<std::string> post_hooks;
    bool contract = false;  // is what the YAML says of its columns held to
};

// What a contract says of a column, or of several: "not_null", "check", "unique", "primary_key",
// "foreign_key" or "custom".
struct Constraint {
    std::string type;
    std::string expression;            // of a check
    std::vector<std::string> columns;  // those that it is of
};

struct ModelColumn {
    std::string name;
    std::string description = {};
    std::vector<quality::DataTest> tests = {};
    std::string data_type = {};
    std::vector<Constraint> constraints = {};
    std::vector<std::string> tags = {};
    nlohmann::ordered_json meta = nlohmann::ordered_json::object();
    // What else its YAML says in a dbt project: words of packages.
    nlohmann::ordered_json further = nlohmann::ordered_json::object();
};

// Rows that a unit test gives or expects.
struct UnitRows {
    std::string format = "dict";                                    // or "csv", "sql"
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();  // of "dict"
    std::string text;                                               // of the others
    std::string fixture;                                            // a file that has it
    TextSpot spot;
};

struct UnitInput {
    std::string input;  // "ref('x')", "source('a', 'b')" or "this"
    UnitRows rows;
};

struct UnitTest {
    std::string name;
    std::string model;
    std::vector<UnitInput> given;
    UnitRows expect;
    bool incremental = false;
    nlohmann::ordered_json macros = nlohmann::ordered_json::object();  // what they give instead
    nlohmann::ordered_json vars = nlohmann::ordered_json::object();
    nlohmann::ordered_json env_vars = nlohmann::ordered_json::object();
    bool enabled = true;
    TextSpot spot;
};

struct Model {
    Resource resource = Resource::kModel;
    std::string package;  // whose files it is of: the project's own, or one that it uses
    std::string schema;
    std::string name;  // of its table
    std::string file;  // relative to the project: "models/silver/flights.sql"
    std::string sql;   // as written; of a seed: empty
    // What ref() says: the file's name.
    std::string ref_name;
    // Of one of several versions: its own, and which of them ref() means that names none.
    std::string version;
    std::string latest_version;
    // Folders below the one of its kind: {"silver", "deep"}.
    std::vector<std::string> folders;
    TextSpot yaml;  // where its YAML entry stands; an empty file when it has none
    std::string
        layer;  // "bronze", "silver", "gold", or empty: the first folder, unless YAML says so
    std::string description;
    std::string owner;
    std::string service_level;
    std::vector<std::string> consumers;
    std::vector<ModelColumn> columns;
    std::vector<Constraint> constraints;
    std::vector<quality::DataTest> tests;  // of the model as a whole
    std::vector<UnitTest> unit_tests;
    std::vector<quality::Expectation> expectations;
    quality::Deduplication deduplicate;
    nlohmann::ordered_json yaml_config = nlohmann::ordered_json::object();
    // Of a package: what the project says of it, which wins over all that the package says.
    nlohmann::ordered_json over_config = nlohmann::ordered_json::object();
    // In a dbt project: all that is set, by its SQL too, once that was rendered.
    nlohmann::ordered_json settings = nlohmann::ordered_json::object();
    ModelConfig config;  // of the YAML alone, until the graph has rendered the SQL

    std::string Id() const { return schema + "." + name; }
    // "model.shop.orders", as dbt names it; "model.shop.orders.v2".
    std::string UniqueId() const {
        return NameOf(resource) + "." + package + "." + ref_name +
               (version.empty() ? "" : ".v" + version);
    }
    // Its last words in the way to it: {"orders"}, {"orders", "v2"}.
    std::vector<std::string> Words() const {
        if (version.empty()) return {ref_name};
        return {ref_name, "v" + version};
    }
    // "orders", "orders_v2": what names of tests and of tables begin from.
    std::string FullName() const { return version.empty() ? ref_name : ref_name + "_v" + version; }
    // A setting, null where nothing says it; whole once the graph has rendered the SQL.
    nlohmann::ordered_json Setting(const std::string& key) const {
        const auto& all = settings.empty() ? yaml_config : settings;
        return all.contains(key) ? all[key] : nlohmann::ordered_json();
    }
    // Where mistakes in what is said of it are told: its YAML, or else its file.
    TextSpot Spot() const { return yaml.file.empty() ? TextSpot{file, 1, 1} : yaml; }
    // Those of its columns, then those of the whole.
    std::vector<const quality::DataTest*> AllTests() const {
        std::vector<const quality::DataTest*> all;
        for (const ModelColumn& column : columns) {
            for (const quality::DataTest& test : column.tests) all.push_back(&test);
        }
        for (const quality::DataTest& test : tests) all.push_back(&test);
        return all;
    }
    bool IsSplit() const { return !expectations.empty() || !deduplicate.keys.empty(); }
};

// A table that the project reads and does not build.
struct SourceTable {
    std::string schema;
    std::string name;
    // What source() says, where that is not the schema and the name.
    std::string said_source = {};
    std::string said_table = {};
    // Of one that YAML describes.
    std::string file = {};
    std::string description = {};
    std::string source_description = {};
    std::string loader = {};
    std::vector<std::string> tags = {};
    nlohmann::ordered_json meta = nlohmann::ordered_json::object();
    std::vector<ModelColumn> columns = {};
    Freshness freshness = {};
    std::string package = {};
    std::string event_time = {};  // the column that a microbatch filters it by
    std::string external = {};    // what stands in SQL for it where it is no table: a file's path
    std::string Id() const { return schema + "." + name; }
    std::string SaidId() const {
        return (said_source.empty() ? schema : said_source) + "." +
               (said_table.empty() ? name : said_table);
    }
};

// What a project is built for, as templates see it: `target.name`.
struct Target {
    std::string name = "tarn";
    // Names the macros that dispatch takes, `<type>__x`.
    std::string type = "duckdb";
    std::string schema = "main";
    int64_t threads = 1;
    std::string database = {};      // the lake's own name
    std::string profile_name = {};  // of profiles.yml
    // What else the output says that is no secret: `target.host`.
    nlohmann::ordered_json fields = nlohmann::ordered_json::object();
};

// A SELECT of rows that should not be: a file of tests/, or a test that YAML declares.
struct SingularTest {
    std::string name;
    std::string file;
    std::string sql;
    quality::TestOptions options = {};  // its own config(...) over it, where it has one
    std::string package = {};
    // Of one that YAML declares: what stands there, and the tested table as Jinja: "ref('orders')".
    std::optional<quality::DataTest> declared = {};
    std::string tested = {};
    const quality::SetCheck* check = nullptr;  // that it is; null: a macro's, or a file of tests/
};

// SQL around a whole build, as a template.
struct BuildHook {
    std::string package;
    std::string name;  // "shop-on-run-start-0"
    std::string sql;
};

// Whose models may be private.
struct Group {
    std::string name;
    std::string package;
    std::string file;
    nlohmann::ordered_json owner = nlohmann::ordered_json::object();
};

struct MacroFile {
    std::string package;
    std::string file;
    std::string source;
};

struct Project {
    std::string name;
    std::string root;     // absolute
    bool is_dbt = false;  // by a dbt_project.yml: dbt's rules hold where they differ
    Target target;
    std::string selectors;                    // the text of selectors.yml; empty: there is none
    std::map<std::string, std::string> docs;  // {% docs name %} blocks, by name
    std::vector<Model> models;
    std::vector<SourceTable> sources;
    std::vector<SingularTest> tests;
    std::vector<Exposure> exposures;
    std::vector<SemanticEntry> semantics;
    std::vector<Group> groups;
    std::set<std::string> disabled;    // models that are left out, as ref() names them
    std::vector<std::string> folders;  // where models, seeds and tests lie
    std::vector<MacroFile> macros;
    // What `materialized` may say beside our own words: those that files of it and of its packages
    // define, and dbt's.
    std::set<std::string> materializations = {"external"};
    nlohmann::ordered_json vars = nlohmann::ordered_json::object();
    // Of the packages that it uses, by their names.
    std::map<std::string, nlohmann::ordered_json> package_vars;
    // Where adapter.dispatch looks, by the namespace that it is asked for.
    std::map<std::string, std::vector<std::string>> dispatch;
    std::vector<std::string> fixture_paths;  // where rows of unit tests lie
    std::vector<BuildHook> on_run_start;
    std::vector<BuildHook> on_run_end;
    std::vector<std::string> notices;  // what is odd in the files and no mistake

    // Models that are not enabled are no part of it.
    void LeaveOutDisabled() {
        for (const Model& model : models) {
            if (!model.config.enabled) disabled.insert(model.ref_name);
        }
        std::erase_if(models, [](const Model& model) { return !model.config.enabled; });
    }
    const nlohmann::ordered_json& VarsOf(const std::string& package) const {
        const auto found = package_vars.find(package);
        return found == package_vars.end() ? vars : found->second;
    }
    bool HasPackage(const std::string& package) const {
        return package == name || package_vars.contains(package);
    }
};

}  // namespace tarn::pipeline
