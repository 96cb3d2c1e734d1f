#include "pipeline/job_verbs.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

// The commands that run nodes of the project, with dbt's flags.
const std::vector<std::string>& NodeVerbs() {
    static const std::vector<std::string> verbs{"build", "run", "test", "seed", "snapshot"};
    return verbs;
}
const std::vector<std::string>& NodeKeys() {
    static const std::vector<std::string> keys{
        "select",       "exclude",   "selector",         "target",        "vars",
        "full_refresh", "fail_fast", "event_time_start", "event_time_end"};
    return keys;
}

bool IsNodeVerb(const std::string& verb) {
    const auto& verbs = NodeVerbs();
    return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

// `all` or nothing: an empty list.
Json NamesOf(const YamlNode& node) {
    Json names = Json::array();
    for (const std::string& name : node.IsNull() ? std::vector<std::string>() : node.AsStrings()) {
        if (name != "all") names.push_back(name);
    }
    return names;
}

Json ReadNodes(const YamlNode& node) {
    if (!node.IsMap()) return Json{{"select", NamesOf(node)}};
    node.OnlyKeys(NodeKeys());
    Json saying = Json::object();
    for (const char* key : {"select", "exclude"}) {
        if (const auto words = node.Find(key)) saying[key] = NamesOf(*words);
    }
    for (const char* key : {"selector", "target", "event_time_start", "event_time_end"}) {
        if (const auto word = node.Find(key)) saying[key] = word->AsString();
    }
    for (const char* key : {"full_refresh", "fail_fast"}) {
        if (node.BoolOr(key, false)) saying[key] = true;
    }
    if (const auto vars = node.Find("vars")) {
        if (!vars->IsMap()) throw vars->Mistake("`vars` is a map of names and values");
        saying["vars"] = Json::parse(vars->ToJson());
    }
    return saying;
}

Json ReadCommand(const YamlNode& node) {
    if (!node.IsList()) {
        if (Trim(node.AsString()).empty()) throw node.Mistake("the command is empty");
        return node.AsString();
    }
    Json words = Json::array();
    for (const std::string& word : node.AsStrings()) words.push_back(word);
    if (words.empty()) throw node.Mistake("the command is empty");
    return words;
}

Json ReadExport(const YamlNode& node) {
    node.OnlyKeys({"table", "query", "to", "format"});
    if (node.Has("table") == node.Has("query"))
        throw node.Mistake("an export has either a `table` or a `query`");
    Json saying{{"to", node.At("to").AsString()}};
    for (const char* key : {"table", "query"}) {
        if (const auto text = node.Find(key)) saying[key] = text->AsString();
    }
    if (const auto format = node.Find("format"))
        saying["format"] = format->AsOneOf({"parquet", "csv", "json"});
    return saying;
}

Json ReadOperation(const YamlNode& node) {
    if (!node.IsMap()) return Json{{"macro", node.AsString()}};
    node.OnlyKeys({"macro", "args"});
    Json saying{{"macro", node.At("macro").AsString()}};
    if (const auto given = node.Find("args")) saying["args"] = Json::parse(given->ToJson());
    return saying;
}

void AddAll(std::vector<std::string>& arguments, const Json& words) {
    for (const Json& word : words) arguments.push_back(word.get<std::string>());
}

std::vector<std::string> NodeArguments(const std::string& verb, const Json& saying) {
    std::vector<std::string> arguments{verb};
    for (const char* key : {"select", "exclude"}) {
        if (!saying.contains(key) || saying[key].empty()) continue;
        arguments.push_back(std::string("--") + key);
        AddAll(arguments, saying[key]);
    }
    for (const auto& [key, flag] : {std::pair{"selector", "--selector"},
                                    {"target", "--target"},
                                    {"event_time_start", "--event-time-start"},
                                    {"event_time_end", "--event-time-end"}}) {
        if (saying.contains(key)) {
            arguments.emplace_back(flag);
            arguments.push_back(saying[key].get<std::string>());
        }
    }
    if (saying.contains("full_refresh")) arguments.emplace_back("--full-refresh");
    if (saying.contains("fail_fast")) arguments.emplace_back("--fail-fast");
    if (saying.contains("vars")) {
        arguments.emplace_back("--vars");
        arguments.push_back(saying["vars"].dump());
    }
    return arguments;
}

std::string ExportStatement(const Json& saying) {
    const std::string rows = saying.contains("table") ? "FROM " + saying["table"].get<std::string>()
                                                      : saying["query"].get<std::string>();
    const std::string to = saying["to"];
    std::string format = saying.value("format", "");
    if (format.empty())
        format = to.ends_with(".csv") ? "csv" : to.ends_with(".json") ? "json" : "parquet";
    return fmt::format("COPY ({}) TO {} (FORMAT {});", rows, sql::QuoteLiteral(to), format);
}

}  // namespace

const std::vector<JobVerb>& JobVerbs() {
    static const std::vector<JobVerb> verbs{
        {"build",
         "a selection, a list of them, or a map: select, exclude, selector, target, vars, "
         "full_refresh, fail_fast, event_time_start, event_time_end; `all`",
         "`tarn build`"},
        {"run", "as build", "`tarn run`: models without their tests"},
        {"test", "as build", "`tarn test`"},
        {"seed", "as build", "`tarn seed`"},
        {"snapshot", "as build", "`tarn snapshot`"},
        {"ingest", "names of sources, or `all`", "`tarn ingest`"},
        {"sql", "statements, each ended by `;`", "`tarn sql`: the first that fails ends it"},
        {"maintain", "names of tables, or `all`", "`tarn table maintain`"},
        {"contract_check", "names of contracts, or `all`",
         "`tarn contract check`: a broken promise is a failure"},
        {"source_freshness", "selections of sources, or `all`", "`tarn source freshness`"},
        {"operation", "the name of a macro, or {macro, args}", "`tarn run-operation`"},
        {"export", "{table or query, to, format: parquet, csv or json}",
         "writes rows as one file; the format is the ending's where none is said"},
        {"tarn", "a list of words", "any other command of Tarn: `tarn: [docs, generate]`"},
        {"command", "a line for /bin/sh, or a program with its arguments as a list",
         "a program of yours, in the lake's folder"},
    };
    return verbs;
}

std::vector<std::string> JobVerbNames() {
    std::vector<std::string> names;
    for (const JobVerb& verb : JobVerbs()) names.emplace_back(verb.name);
    return names;
}

Json ReadVerb(const std::string& verb, const YamlNode& saying) {
    if (IsNodeVerb(verb)) return ReadNodes(saying);
    if (verb == "sql") {
        if (Trim(saying.AsString()).empty()) throw saying.Mistake("there is no statement");
        return saying.AsString();
    }
    if (verb == "command") return ReadCommand(saying);
    if (verb == "export") return ReadExport(saying);
    if (verb == "operation") return ReadOperation(saying);
    Json names = NamesOf(saying);
    if (verb == "tarn" && names.empty()) throw saying.Mistake("the command is empty");
    return names;
}

TaskProgram ProgramOf(const std::string& verb, const Json& saying) {
    TaskProgram program;
    if (IsNodeVerb(verb)) {
        program.arguments = NodeArguments(verb, saying);
    } else if (verb == "command") {
        program.is_tarn = false;
        program.is_shell = saying.is_string();
        program.arguments = saying.is_string() ? std::vector{saying.get<std::string>()}
                                               : saying.get<std::vector<std::string>>();
    } else if (verb == "sql" || verb == "export") {
        program.arguments = {"sql", "-"};
        program.input = verb == "sql" ? saying.get<std::string>() : ExportStatement(saying);
        if (!Trim(program.input).ends_with(';')) program.input += "\n;";
        program.input += '\n';
    } else if (verb == "operation") {
        program.arguments = {"run-operation", saying["macro"].get<std::string>()};
        if (saying.contains("args")) {
            program.arguments.emplace_back("--args");
            program.arguments.push_back(saying["args"].dump());
        }
    } else {
        if (verb == "ingest") program.arguments = {"ingest"};
        if (verb == "maintain") program.arguments = {"table", "maintain"};
        if (verb == "contract_check") program.arguments = {"contract", "check"};
        if (verb == "source_freshness") program.arguments = {"source", "freshness"};
        if (verb == "source_freshness" && !saying.empty()) program.arguments.emplace_back("-s");
        AddAll(program.arguments, saying);
    }
    Check(!program.arguments.empty(), "a task of a job has no program");
    return program;
}

}  // namespace tarn::pipeline
