#include "quality/data_tests.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "sql/quote.h"

namespace tarn::quality {
namespace {

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

// What it is given beside options, as JSON.
void ReadAllArguments(const YamlNode& body, DataTest& test) {
    auto arguments = nlohmann::ordered_json::object();
    const auto read = [&](const YamlNode& node) {
        for (const auto& [key, value] : node.Entries()) {
            if (IsOneOf(OptionKeys(), key) || IsOneOf(OtherKeys(), key)) continue;
            arguments[key] = nlohmann::ordered_json::parse(value.ToJson());
            test.argument_spots[key] = value.Spot();
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

std::string NameFor(const DataTest& test, const std::string& model) {
    std::string word = test.word;
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
}

// "row_condition, mostly"
std::string NamesOf(const SetCheck& check) {
    std::vector<std::string> names;
    for (const CheckArgument& argument : check.arguments) names.emplace_back(argument.name);
    return names.empty() ? "none" : Join(names, ", ");
}

Error MistakeAt(const DataTest& test, const std::string& argument, const std::string& message) {
    const auto spot = test.argument_spots.find(argument);
    return Error(ErrorKind::kInvalidInput, "{}: {}", test.word, message)
        .At(spot == test.argument_spots.end() ? test.spot : spot->second);
}

constexpr const char* kColumnName = "column_name";

// An expression, where the arguments say one.
std::string ColumnOf(const DataTest& test) {
    const auto given = nlohmann::ordered_json::parse(test.arguments);
    const auto said = given.find(kColumnName);
    if (said != given.end() && said->is_string()) return "(" + said->get<std::string>() + ")";
    return test.column.empty() ? "" : sql::QuoteIdentifier(test.column);
}

void CheckColumn(const SetCheck& check, const DataTest& test) {
    const bool has_column = !ColumnOf(test).empty();
    if (check.subject == CheckSubject::kColumn && !has_column)
        throw MistakeAt(test, "", "is a test of a column: it stands below one");
    if (check.subject == CheckSubject::kTable && has_column)
        throw MistakeAt(test, kColumnName,
                        "is a test of a table as a whole: it stands below the table, not below a "
                        "column");
}

}  // namespace

std::string_view NameOf(Severity severity) {
    return severity == Severity::kWarn ? "warn" : "error";
}

TestOptions ParseTestOptions(const YamlNode& node, TestOptions base) {
    ReadOptions(node, base);
    return base;
}

DataTest ParseDataTest(const YamlNode& node, const std::string& model, const std::string& column) {
    DataTest test;
    test.column = column;
    test.spot = node.Spot();
    std::optional<YamlNode> body;
    if (node.IsScalar()) {
        test.word = node.AsString();
    } else {
        // {not_null: {...}}, or dbt's older {test_name: not_null, ...}.
        const auto named = node.Find("test_name");
        const auto entries = node.Entries();
        if (!named && entries.size() != 1)
            throw node.Mistake("expected one test here: a word, or `word:` with its arguments");
        test.word = named ? named->AsString() : entries.front().first;
        body = named ? node : entries.front().second;
    }
    if (body && !body->IsNull()) {
        ReadBody(*body, test);
        test.name = body->StringOr("name", "");
    }
    if (test.name.empty()) test.name = NameFor(test, model);
    return test;
}

TestOptions OptionsOf(const DataTest& test, const std::string& in_macro) {
    TestOptions options;
    for (const std::string& said : {test.folder_options, in_macro, test.said_options})
        options = ParseTestOptions(YamlNode::Parse(said, test.spot.file), options);
    return options;
}

void CheckArguments(const SetCheck& check, const DataTest& test) {
    CheckColumn(check, test);
    const auto given = nlohmann::ordered_json::parse(test.arguments);
    std::set<std::string_view> said;
    for (const auto& [word, value] : given.items()) {
        if (word == kColumnName) continue;
        const CheckArgument* argument = FindArgument(check, word);
        if (argument == nullptr) {
            std::vector<std::string> known;
            for (const CheckArgument& one : check.arguments) {
                known.emplace_back(one.name);
                for (std::string& also : WordsIn(one.also)) known.push_back(std::move(also));
            }
            const auto nearest = NearestWord(word, known);
            throw MistakeAt(test, word,
                            fmt::format("there is no argument `{}`{}", word,
                                        nearest ? ": did you mean `" + *nearest + "`?"
                                                : "; its arguments are " + NamesOf(check)));
        }
        const std::string mistake = ArgumentMistake(*argument, value);
        if (!mistake.empty()) throw MistakeAt(test, word, mistake);
        if (!value.is_null()) said.insert(argument->name);
    }
    for (const CheckArgument& argument : check.arguments) {
        if (argument.is_required && !said.contains(argument.name))
            throw MistakeAt(test, "", fmt::format("needs `{}`", argument.name));
    }
    const std::vector<std::string> needs = WordsIn(check.needs);
    const bool has_one = std::any_of(needs.begin(), needs.end(),
                                     [&](const std::string& one) { return said.contains(one); });
    if (!needs.empty() && !has_one)
        throw MistakeAt(test, "", fmt::format("needs one of {}", Join(needs, ", ")));
}

std::string TestedRows(const DataTest& test, std::string_view table) {
    return Where(std::string(table), test.options.where);
}

CheckCall CallOf(const SetCheck& check, const DataTest& test, std::string_view table,
                 const TestWriting& writing) {
    CheckInput input{TestedRows(test, table), ColumnOf(test),
                     nlohmann::ordered_json::parse(test.arguments), writing.literal, writing.table};
    return CheckCall(check, std::move(input));
}

std::string FailingRows(const SetCheck& check, const DataTest& test, std::string_view table,
                        const TestWriting& writing) {
    return check.sql(CallOf(check, test, table, writing));
}

}  // namespace tarn::quality
