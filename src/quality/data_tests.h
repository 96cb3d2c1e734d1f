// Tests of a table as a whole, declared in a model's YAML: not_null, unique, accepted_values,
// relationships. Each becomes a SELECT of the rows that break it; no row means that it holds. Text
// only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/yaml.h"

namespace tarn::quality {

enum class Severity { kWarn, kError };
std::string_view NameOf(Severity severity);  // "warn"

enum class DataTestKind { kNotNull, kUnique, kAcceptedValues, kRelationships };

// For the reference page, in the order of the kinds.
struct DataTestWord {
    std::string_view name;
    std::string_view meaning;
};
const std::vector<DataTestWord>& DataTestWords();

struct DataTest {
    DataTestKind kind = DataTestKind::kNotNull;
    std::string column;               // empty for a test of several columns
    std::vector<std::string> values;  // accepted_values
    bool quote_values = true;         // accepted_values: are they texts
    std::string to;     // relationships: Jinja text that names the other table, "ref('airlines')"
    std::string field;  // relationships: the other table's column
    std::string where;  // only these rows are tested; empty: all
    Severity severity = Severity::kError;
    std::string name;  // "not_null_flights_carrier"
    TextSpot spot;
};

// Reads one test of a column: a word ("not_null"), or {accepted_values: {values: [...]}} with the
// keys of that test, plus name, severity, where (also below `config`, and arguments below
// `arguments`).
DataTest ParseDataTest(const YamlNode& node, const std::string& model, const std::string& column);

// SELECT of the offending rows. `table` is the tested table; `other` the table of a relationship,
// both as SQL.
std::string FailingRows(const DataTest& test, std::string_view table, std::string_view other);

}  // namespace tarn::quality
