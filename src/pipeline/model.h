// What a project says: models, sources, tests, as its SQL and YAML files have them. Values only;
// nothing here has been rendered or run.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "quality/data_tests.h"
#include "quality/expectation.h"
#include "quality/row_split.h"

namespace tarn::pipeline {

enum class Materialized { kTable, kIncremental, kView, kEphemeral };

// How an incremental model's new rows meet those that are there.
enum class IncrementalStrategy {
    kAppend,           // they are added; a key that is there already makes a new row a duplicate
    kInsertOverwrite,  // the partitions that they touch are replaced whole
};

// The settings of a model: from its YAML, laid over by config(...) in its SQL.
struct ModelConfig {
    Materialized materialized = Materialized::kTable;
    IncrementalStrategy strategy = IncrementalStrategy::kAppend;
    std::vector<std::string> unique_key;
    std::vector<std::string> partition_by;
    std::vector<std::string> tags;
    std::vector<std::string> quarantine_columns;  // columns that only the quarantine keeps
    std::optional<bool> row_preserving;  // nothing: it is, when rows are judged or deduplicated
    std::string rows_from;               // whose rows are counted as in; empty: its only input
    bool enabled = true;
};

struct ModelColumn {
    std::string name;
    std::string description;
    std::vector<quality::DataTest> tests;
};

struct Model {
    std::string schema;
    std::string name;
    std::string file;  // relative to the project: "models/silver/flights.sql"
    std::string sql;   // as written
    TextSpot yaml;     // where its YAML entry stands; an empty file when it has none
    std::string
        layer;  // "bronze", "silver", "gold", or empty: the first folder, unless YAML says so
    std::string description;
    std::string owner;
    std::string service_level;
    std::vector<std::string> consumers;
    std::vector<ModelColumn> columns;
    std::vector<quality::Expectation> expectations;
    quality::Deduplication deduplicate;
    nlohmann::ordered_json yaml_config = nlohmann::ordered_json::object();
    ModelConfig config;  // of the YAML alone, until the graph has rendered the SQL

    std::string Id() const { return schema + "." + name; }
    bool IsSplit() const { return !expectations.empty() || !deduplicate.keys.empty(); }
};

// A table that the project reads and does not build.
struct SourceTable {
    std::string schema;
    std::string name;
    std::string Id() const { return schema + "." + name; }
};

// tests/*.sql: a SELECT of rows that should not be.
struct SingularTest {
    std::string name;
    std::string file;
    std::string sql;
};

struct MacroFile {
    std::string package;
    std::string file;
    std::string source;
};

struct Project {
    std::string name;
    std::string root;  // absolute
    std::vector<Model> models;
    std::vector<SourceTable> sources;
    std::vector<SingularTest> tests;
    std::vector<MacroFile> macros;
    nlohmann::ordered_json vars = nlohmann::ordered_json::object();
};

}  // namespace tarn::pipeline
