// A data contract: what the producer of tables promises to those who read them, as values. Read
// from the short form (`contract:` with schema, sla and breaking_change_policy) and from the Open
// Data Contract Standard 3 (`kind: DataContract`). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/yaml.h"

namespace tarn::quality {

// One column. What is not said is not promised.
struct ContractField {
    std::string name;
    std::string type;  // as it was said: "string", "decimal(10,2)"; empty: any
    bool nullable = true;
    bool unique = false;
    int primary_key = 0;                      // its place in the key, from 1; 0: not in it
    std::vector<std::string> allowed_values;  // empty: all
    std::optional<int64_t> min_length = {};
    std::optional<int64_t> max_length = {};
    std::string pattern;  // a regular expression that values match
    std::string minimum;  // as SQL of the column's type; empty: none
    std::string maximum;
    bool excludes_minimum = false;
    bool excludes_maximum = false;
    std::optional<double> max_null_rate_pct = {};
    std::string description;
    std::string classification;
    TextSpot spot;
};

// A promise about a table as a whole that is counted or asked in SQL.
struct ContractRule {
    std::string name;
    std::string metric;  // rowCount, nullValues, missingValues, invalidValues, duplicateValues; or
    std::string query;   // SQL that answers one number; `{table}` and `{column}` stand for theirs
    std::string column;  // empty: of the table
    std::vector<std::string> columns;              // duplicateValues of several
    std::vector<std::string> valid_values;         // invalidValues
    std::string pattern;                           // invalidValues
    std::vector<std::string> missing_values = {};  // missingValues: count as missing beside NULL
    // What the number must be: an operator of SQL and its operands, "BETWEEN" has two.
    std::string must_be;  // "= 0", "BETWEEN 1 AND 5"
    bool in_percent = false;
    bool only_warns = false;
    TextSpot spot;
};

struct ContractTable {
    std::string name;   // as the contract says
    std::string table;  // as the lake says: "bronze.events", or a name alone in any schema
    std::vector<ContractField> fields;
    std::vector<ContractRule> rules;
};

struct ServiceLevel {
    std::optional<int64_t> max_delay_seconds = {};  // from the time in `delay_column`, or a commit
    std::string delay_column;                       // empty: the last commit's time counts
    std::optional<int64_t> min_daily_volume = {};   // rows
    std::optional<double> max_null_rate_pct = {};   // of each column that may not be NULL
};

struct BreakingChangePolicy {
    int64_t notice_days = 0;
    std::vector<std::string> approval_required_from;
    bool migration_support = false;
};

struct Contract {
    std::string name;
    std::string version;
    std::string owner;
    std::string status;          // "active"; empty: not said
    std::string effective_date;  // "2026-01-01"; empty: not said
    std::vector<ContractTable> tables;
    ServiceLevel service;
    BreakingChangePolicy policy;
    std::vector<std::string> approved_by;
    std::string file;

    const ContractTable* Find(std::string_view table) const;
};

// Reads either form. InvalidInput at the mistake: an unknown key of the short form (names the
// nearest), a missing one, a name that stands twice, a value of the wrong type. Keys of the
// standard that promise nothing a lake can hold (price, team, servers, support) are passed over.
Contract ParseContract(std::string_view text, const std::string& file);

// The reading of the standard alone; `root` is its document.
Contract ParseStandardContract(const YamlNode& root, const std::string& file);

}  // namespace tarn::quality
