// Tests of a table, declared in YAML: checks by their names (set_check.h), and those that a project
// has as macros. Each becomes a SELECT of the rows that break it; no row means that it holds. Text
// only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/yaml.h"
#include "quality/set_check.h"

namespace tarn::quality {

enum class Severity { kWarn, kError };
std::string_view NameOf(Severity severity);  // "warn"

// What is made of the rows that break a test.
struct TestOptions {
    Severity severity = Severity::kError;
    std::string where;                   // only these rows are tested; empty: all
    std::optional<int64_t> limit;        // at most so many rows are counted
    std::string fail_calc = "count(*)";  // the number of failures, over the rows
    // Of that number it warns, it fails where the severity is error; `> 5%` is of a hundred rows
    // that are tested.
    std::string warn_if = "!= 0";
    std::string error_if = "!= 0";
    bool enabled = true;
    // Are the rows that break it kept as a table (or a view) of its name; nothing: as the run says.
    std::optional<bool> store_failures = {};
    bool store_as_view = false;
    std::string schema;  // where they are kept, behind the target's schema
    std::string alias;   // the table's name, where not the test's
};

struct DataTest {
    std::string word;    // "not_null", "dbt_utils.recency", "even": the macro of that is test_even
    std::string column;  // that it stands below; empty for a test of a whole table
    std::string arguments = "{}";  // a JSON object: what it is given beside the column
    std::map<std::string, TextSpot> argument_spots;
    std::vector<std::string> tags;
    TestOptions options;
    // As JSON objects: what its YAML says, and what is said below that for its whole folder.
    std::string said_options = "{}";
    std::string folder_options = "{}";
    std::string name;  // "not_null_flights_carrier", made as dbt makes it
    TextSpot spot;
};

// Reads one test of a column, or of a whole table (an empty column): a word ("not_null"), or
// {accepted_values: {values: [...]}} with the arguments of that test (also below `arguments`), plus
// name and options (also below `config`). Whose word it is, and whether it has such arguments, is
// not looked at.
DataTest ParseDataTest(const YamlNode& node, const std::string& model, const std::string& column);
// `config:` of a test, or what config(...) in its SQL says, over `base`.
TestOptions ParseTestOptions(const YamlNode& node, TestOptions base = {});

// The options of a test: what its YAML says over what its macro says (a JSON object) over what is
// said for its folder. InvalidInput.
TestOptions OptionsOf(const DataTest& test, const std::string& in_macro);

// Is the test one that the check can be. InvalidInput at its place: an argument that the check has
// not (the nearest is named), one that it lacks or of another kind, a column too many or missing.
void CheckArguments(const SetCheck& check, const DataTest& test);

// How the values of a test become SQL.
struct TestWriting {
    std::function<std::string(const std::string&)> literal;  // a text
    std::function<std::string(const std::string&)> table;    // what names another table
};

// SELECT of the rows that break the check. `table`: the tested one as SQL. InvalidInput: what only
// the SQL finds out about its arguments.
std::string FailingRows(const SetCheck& check, const DataTest& test, std::string_view table,
                        const TestWriting& writing = {});
// The check with the arguments that the test gives to it.
CheckCall CallOf(const SetCheck& check, const DataTest& test, std::string_view table,
                 const TestWriting& writing = {});
// The rows that are tested, as what a FROM may name.
std::string TestedRows(const DataTest& test, std::string_view table);

}  // namespace tarn::quality
