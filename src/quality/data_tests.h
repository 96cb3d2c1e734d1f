// Tests of a table as a whole, declared in a model's YAML: not_null, unique, accepted_values,
// relationships, and those that a project has as macros. Each becomes a SELECT of the rows that
// break it; no row means that it holds. Text only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/yaml.h"

namespace tarn::quality {

enum class Severity { kWarn, kError };
std::string_view NameOf(Severity severity);  // "warn"

enum class DataTestKind { kNotNull, kUnique, kAcceptedValues, kRelationships, kMacro };

// For the reference page, in the order of the kinds.
struct DataTestWord {
    std::string_view name;
    std::string_view meaning;
};
const std::vector<DataTestWord>& DataTestWords();

// What is made of the rows that break a test.
struct TestOptions {
    Severity severity = Severity::kError;
    std::string where;                   // only these rows are tested; empty: all
    std::optional<int64_t> limit;        // at most so many rows are counted
    std::string fail_calc = "count(*)";  // the number of failures, over the rows
    std::string warn_if = "!= 0";        // of that number: it warns
    std::string error_if = "!= 0";       // it fails, where the severity is error
    bool enabled = true;
    // Are the rows that break it kept as a table (or a view) of its name; nothing: as the run says.
    std::optional<bool> store_failures = {};
    bool store_as_view = false;
    std::string schema;  // where they are kept, behind the target's schema
    std::string alias;   // the table's name, where not the test's
};

struct DataTest {
    DataTestKind kind = DataTestKind::kNotNull;
    std::string column;               // empty for a test of a whole model
    bool column_is_sql = false;       // an expression over columns: `column_name: a || b`
    std::vector<std::string> values;  // accepted_values
    bool quote_values = true;         // accepted_values: are they texts
    std::string to;     // relationships: Jinja text that names the other table, "ref('airlines')"
    std::string field;  // relationships: the other table's column
    std::string macro;  // kMacro: "even" or "package.even"; the macro is test_even
    std::string arguments;  // a JSON object: what it is given beside the column
    std::vector<std::string> tags;
    TestOptions options;
    // As JSON objects: what its YAML says, and what is said below that for its whole folder.
    std::string said_options = "{}";
    std::string folder_options = "{}";
    std::string name;  // "not_null_flights_carrier", made as dbt makes it
    TextSpot spot;
};

// "not_null", "even", "package.even"
std::string WordOf(const DataTest& test);

// Reads one test of a column, or of a whole model (an empty column): a word ("not_null"), or
// {accepted_values: {values: [...]}} with the arguments of that test (also below `arguments`), plus
// name and options (also below `config`). A word that is none of ours is a macro's.
DataTest ParseDataTest(const YamlNode& node, const std::string& model, const std::string& column);
// `config:` of a test, or what config(...) in its SQL says, over `base`.
TestOptions ParseTestOptions(const YamlNode& node, TestOptions base = {});

// The options of a test: what its YAML says over what its macro says (a JSON object) over what is
// said for its folder. InvalidInput.
TestOptions OptionsOf(const DataTest& test, const std::string& in_macro);

// SELECT of the offending rows, of all kinds but kMacro. `table` is the tested table; `other` the
// table of a relationship, both as SQL.
std::string FailingRows(const DataTest& test, std::string_view table, std::string_view other);

}  // namespace tarn::quality
