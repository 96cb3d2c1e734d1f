#include "quality/data_tests.h"

#include <algorithm>
#include <cctype>
#include <map>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "sql/quote.h"

namespace tarn::quality {
namespace {

DataTestKind KindOf(const std::string& word) {
    const auto& known = DataTestWords();
    for (size_t i = 0; i < known.size(); ++i) {
        if (known[i].name == word) return static_cast<DataTestKind>(i);
    }
    return DataTestKind::kMacro;
}

const std::vector<std::string>& OptionKeys() {
    static const std::vector<std::string> keys = {
        "severity", "where",  "limit",          "fail_calc", "warn_if",          "error_if",
        "enabled",  "schema", "store_failures", "alias",     "store_failures_as"};
    return keys;
}

// Of a test in dbt's form, and no argument of it.
const std::vector<std::string>& OtherKeys() {
    static const std::vector<std::string> keys = {"name", "config", "arguments", "description",
                                                  "tags", "meta",   "test_name", "database"};
    return keys;
}

bool IsOneOf(const std::vector<std::string>& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

void ReadOptions(const YamlNode& node, TestOptions& options) {
    if (const auto severity = node.Find("severity")) {
        const std::string word = AsciiLower(severity->AsString());
        if (word != "warn" && word != "error") (void)severity->AsOneOf({"warn", "error"});
        options.severity = word == "warn" ? Severity::kWarn : Severity::kError;
    }
    options.where = node.StringOr("where", options.where);
    if (const auto limit = node.Find("limit")) options.limit = limit->AsInt();
    options.fail_calc = node.StringOr("fail_calc", options.fail_calc);
    options.warn_if = node.StringOr("warn_if", options.warn_if);
    options.error_if = node.StringOr("error_if", options.error_if);
    options.enabled = node.BoolOr("enabled", options.enabled);
    if (const auto stored = node.Find("store_failures")) options.store_failures = stored->AsBool();
    if (const auto as = node.Find("store_failures_as")) {
        const std::string how = as->AsOneOf({"table", "view", "ephemeral"});
        options.store_failures = how != "ephemeral";
        options.store_as_view = how == "view";
    }
    options.schema = node.StringOr("schema", options.schema);
    options.alias = node.StringOr("alias", options.alias);
}

void ReadArguments(const YamlNode& node, DataTest& test) {
    if (const auto values = node.Find("values")) test.values = values->AsStrings();
    test.quote_values = node.BoolOr("quote", test.quote_values);
    test.to = node.StringOr("to", test.to);
    test.field = node.StringOr("field", test.field);
    if (const auto column = node.Find("column_name")) {
        test.column = column->AsString();
        test.column_is_sql = true;
    }
}

// What it is given beside options, as JSON.
void ReadAllArguments(const YamlNode& body, DataTest& test) {
    auto arguments = nlohmann::ordered_json::object();
    const auto read = [&](const YamlNode& node) {
        for (const auto& [key, value] : node.Entries()) {
            if (IsOneOf(OptionKeys(), key) || IsOneOf(OtherKeys(), key)) continue;
            arguments[key] = nlohmann::ordered_json::parse(value.ToJson());
        }
    };
    read(body);
    if (const auto further = body.Find("arguments")) read(*further);
    test.arguments = arguments.dump();
}

// As it stands in a test's name.
std::string PythonText(const nlohmann::ordered_json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
    return value.is_null() ? "None" : value.dump();
}

// Runs of what is no letter, digit or `_` become one `_`.
std::string Words(const std::string& text) {
    std::string words;
    bool in_gap = false;
    for (const char letter : text) {
        const bool is_word = std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_';
        if (is_word) words += letter;
        if (!is_word && !in_gap) words += '_';
        in_gap = !is_word;
    }
    return words;
}

// dbt's: the values of the arguments, in the order of their names.
std::string FlatArguments(const DataTest& test) {
    const auto given = nlohmann::ordered_json::parse(test.arguments);
    std::map<std::string, nlohmann::ordered_json> sorted;
    for (const auto& [key, value] : given.items()) sorted[key] = value;
    if (!test.column.empty()) sorted["column_name"] = test.column;
    std::vector<std::string> flat;
    for (const auto& [key, value] : sorted) {
        if (!value.is_structured()) {
            flat.push_back(Words(PythonText(value)));
        } else {
            for (const auto& part : value) flat.push_back(Words(PythonText(part)));
        }
    }
    return Join(flat, "__");
}

void CheckArguments(const YamlNode& node, const DataTest& test) {
    if (test.kind == DataTestKind::kAcceptedValues && test.values.empty()) {
        throw node.Mistake("accepted_values needs `values`");
    }
    if (test.kind == DataTestKind::kRelationships && (test.to.empty() || test.field.empty())) {
        throw node.Mistake("relationships needs `to` and `field`");
    }
}

std::vector<std::string> KnownKeys(DataTestKind kind) {
    std::vector<std::string> known = OptionKeys();
    known.insert(known.end(), OtherKeys().begin(), OtherKeys().end());
    known.emplace_back("column_name");
    if (kind == DataTestKind::kAcceptedValues) known.insert(known.end(), {"values", "quote"});
    if (kind == DataTestKind::kRelationships) known.insert(known.end(), {"to", "field"});
    return known;
}

std::string NameFor(const DataTest& test, const std::string& model) {
    std::string word = WordOf(test);
    std::replace(word.begin(), word.end(), '.', '_');
    return fmt::format("{}_{}_{}", word, model, FlatArguments(test));
}

void ReadTags(const YamlNode& node, DataTest& test) {
    const auto tags = node.Find("tags");
    if (!tags) return;
    for (const std::string& tag : tags->AsStrings()) test.tags.push_back(tag);
}

// As a JSON object, added to those that were said before.
std::string WithSaid(const std::string& said, const YamlNode& node) {
    auto options = nlohmann::ordered_json::parse(said);
    for (const auto& [key, value] : node.Entries()) {
        if (IsOneOf(OptionKeys(), key))
            options[key] = nlohmann::ordered_json::parse(value.ToJson());
    }
    return options.dump();
}

// A test's `config` may hold words of other tools; one that looks like a key of ours is refused.
void CheckConfigKeys(const YamlNode& config) {
    std::vector<std::string> known = OptionKeys();
    known.insert(known.end(), OtherKeys().begin(), OtherKeys().end());
    std::vector<std::string> let = known;
    for (const auto& [key, value] : config.Entries()) {
        if (!NearestWord(key, known)) let.push_back(key);
    }
    config.OnlyKeys(let);
}

void ReadBody(const YamlNode& body, DataTest& test) {
    ReadOptions(body, test.options);
    test.said_options = WithSaid(test.said_options, body);
    ReadTags(body, test);
    if (const auto config = body.Find("config")) {
        CheckConfigKeys(*config);
        ReadOptions(*config, test.options);
        test.said_options = WithSaid(test.said_options, *config);
        ReadTags(*config, test);
    }
    ReadAllArguments(body, test);
    if (test.kind == DataTestKind::kMacro) return;
    body.OnlyKeys(KnownKeys(test.kind));
    ReadArguments(body, test);
    if (const auto arguments = body.Find("arguments")) {
        arguments->OnlyKeys({"values", "quote", "to", "field", "column_name"});
        ReadArguments(*arguments, test);
    }
}

}  // namespace

const std::vector<DataTestWord>& DataTestWords() {
    static const std::vector<DataTestWord> words = {
        {"not_null", "no value of the column is NULL"},
        {"unique", "no value of the column stands twice; NULL does not count"},
        {"accepted_values", "every value is one of `values` (`quote: false` for numbers)"},
        {"relationships", "every value stands in the column `field` of `to`, such as ref('x')"},
    };
    return words;
}

std::string_view NameOf(Severity severity) {
    return severity == Severity::kWarn ? "warn" : "error";
}

std::string WordOf(const DataTest& test) {
    if (test.kind == DataTestKind::kMacro) return test.macro;
    return std::string(DataTestWords()[static_cast<size_t>(test.kind)].name);
}

TestOptions ParseTestOptions(const YamlNode& node, TestOptions base) {
    ReadOptions(node, base);
    return base;
}

DataTest ParseDataTest(const YamlNode& node, const std::string& model, const std::string& column) {
    DataTest test;
    test.column = column;
    test.spot = node.Spot();
    std::string word;
    std::optional<YamlNode> body;
    if (node.IsScalar()) {
        word = node.AsString();
    } else {
        // {not_null: {...}}, or dbt's older {test_name: not_null, ...}.
        const auto named = node.Find("test_name");
        const auto entries = node.Entries();
        if (!named && entries.size() != 1)
            throw node.Mistake("expected one test here: a word, or `word:` with its arguments");
        word = named ? named->AsString() : entries.front().first;
        body = named ? node : entries.front().second;
    }
    test.kind = KindOf(word);
    if (test.kind == DataTestKind::kMacro) test.macro = word;
    test.arguments = "{}";
    if (body && !body->IsNull()) {
        ReadBody(*body, test);
        test.name = body->StringOr("name", "");
    }
    if (test.name.empty()) test.name = NameFor(test, model);
    if (test.kind != DataTestKind::kMacro && test.column.empty())
        throw node.Mistake(fmt::format("the test {} is one of a column", word));
    CheckArguments(node, test);
    return test;
}

TestOptions OptionsOf(const DataTest& test, const std::string& in_macro) {
    TestOptions options;
    for (const std::string& said : {test.folder_options, in_macro, test.said_options})
        options = ParseTestOptions(YamlNode::Parse(said, test.spot.file), options);
    return options;
}

std::string FailingRows(const DataTest& test, std::string_view table, std::string_view other) {
    const std::string column =
        test.column_is_sql ? "(" + test.column + ")" : sql::QuoteIdentifier(test.column);
    const std::string rows =
        test.options.where.empty()
            ? fmt::format("(SELECT * FROM {})", table)
            : fmt::format("(SELECT * FROM {} WHERE {}\n)", table, test.options.where);
    switch (test.kind) {
        case DataTestKind::kNotNull:
            return fmt::format("SELECT * FROM {} WHERE {} IS NULL", rows, column);
        case DataTestKind::kUnique:
            return fmt::format(
                "SELECT {0} AS value, count(*) AS n FROM {1} WHERE {0} IS NOT NULL GROUP BY {0} "
                "HAVING count(*) > 1",
                column, rows);
        case DataTestKind::kAcceptedValues: {
            std::vector<std::string> values;
            for (const std::string& value : test.values) {
                values.push_back(test.quote_values ? sql::QuoteLiteral(value) : value);
            }
            return fmt::format(
                "SELECT {0} AS value, count(*) AS n FROM {1} WHERE {0} NOT IN ({2}) GROUP BY {0}",
                column, rows, Join(values, ", "));
        }
        case DataTestKind::kRelationships:
            return fmt::format(
                "SELECT child.value FROM (SELECT {0} AS value FROM {1}) AS child WHERE child.value "
                "IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {2} AS parent WHERE parent.{3} = "
                "child.value)",
                column, rows, other, sql::QuoteIdentifier(test.field));
        case DataTestKind::kMacro:
            break;
    }
    throw Error(ErrorKind::kInternal, "a test by macro has its SQL in the macro");
}

}  // namespace tarn::quality
