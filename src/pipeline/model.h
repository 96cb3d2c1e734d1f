// What a project says: models, sources, tests, as its SQL and YAML files have them. Values only;
// nothing here has been rendered or run.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "pipeline/change_config.h"
#include "pipeline/exposure.h"
#include "pipeline/freshness.h"
#include "quality/data_tests.h"
#include "quality/expectation.h"
#include "quality/row_split.h"

namespace tarn::pipeline {

enum class Materialized { kTable, kIncremental, kAutoCdc, kHistory, kView, kEphemeral };
// Does a run bring what is new to the rows that are there.
inline bool IsIncremental(Materialized how) {
    return how == Materialized::kIncremental || how == Materialized::kAutoCdc ||
           how == Materialized::kHistory;
}

// What a file of the project is: a SELECT, or the rows of a table as CSV.
enum class Resource { kModel, kSeed };
inline std::string NameOf(Resource resource) {
    return resource == Resource::kSeed ? "seed" : "model";
}

// How an incremental model's new rows meet those that are there.
enum class IncrementalStrategy {
    kAppend,           // they are added
    kDeleteInsert,     // rows that have a key of theirs go, they are added
    kMerge,            // rows that have their key become them, the others are added
    kInsertOverwrite,  // the partitions that they touch are replaced whole
    kReplaceWhere,     // the rows that meet a condition are replaced, which they must meet, too
};

// What an incremental model does when its SELECT has columns that its table lacks.
enum class SchemaChange {
    kFail,       // the default of a lake
    kIgnore,     // they are left out: dbt's default
    kAppendNew,  // the table gets them
};

// The settings of a model: from its YAML, laid over by config(...) in its SQL.
struct ModelConfig {
    Materialized materialized = Materialized::kTable;
    std::optional<IncrementalStrategy> strategy;  // nothing: by its keys (StrategyOf)
    std::vector<std::string> unique_key;
    std::vector<std::string> merge_update_columns;  // empty: all
    std::string replace_where;
    std::optional<SchemaChange> on_schema_change;
    ChangeConfig changes;  // of kAutoCdc
    std::vector<std::string> partition_by;
    std::vector<std::string> tags;
    std::vector<std::string> quarantine_columns;  // columns that only the quarantine keeps
    std::optional<bool> row_preserving;  // nothing: it is, when rows are judged or deduplicated
    std::string rows_from;               // whose rows are counted as in; empty: its only input
    bool enabled = true;
    // Of a dbt project.
    std::string schema;                               // behind the target's schema; empty: that one
    std::string alias;                                // the table's name, where not the file's
    std::map<std::string, std::string> column_types;  // of a seed, by column
    std::string delimiter = ",";                      // of a seed
};

struct ModelColumn {
    std::string name;
    std::string description;
    std::vector<quality::DataTest> tests;
};

struct Model {
    Resource resource = Resource::kModel;
    std::string schema;
    std::string name;  // of its table
    std::string file;  // relative to the project: "models/silver/flights.sql"
    std::string sql;   // as written; of a seed: empty
    // What ref() says: the file's name.
    std::string ref_name;
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
    std::vector<quality::DataTest> tests;  // of the model as a whole
    std::vector<quality::Expectation> expectations;
    quality::Deduplication deduplicate;
    nlohmann::ordered_json yaml_config = nlohmann::ordered_json::object();
    ModelConfig config;  // of the YAML alone, until the graph has rendered the SQL

    std::string Id() const { return schema + "." + name; }
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
};

// A SELECT of rows that should not be: a file of tests/, or a test that YAML declares.
struct SingularTest {
    std::string name;
    std::string file;
    std::string sql;
    quality::TestOptions options = {};  // its own config(...) over it, where it has one
    // Of one that YAML declares: what stands there, and the tested table as Jinja: "ref('orders')".
    std::optional<quality::DataTest> declared = {};
    std::string tested = {};
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
    std::vector<std::string> folders;  // where models, seeds and tests lie
    std::vector<MacroFile> macros;
    nlohmann::ordered_json vars = nlohmann::ordered_json::object();
};

}  // namespace tarn::pipeline
