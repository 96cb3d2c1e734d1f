#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/project_flags.h"
#include "cli/result_writer.h"
#include "cli/run.h"
#include "cli/statement_runner.h"
#include "pipeline/column_lineage.h"
#include "pipeline/target_folder.h"

namespace tarn::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kCompileExamples =
    R"(Renders models and tests to SQL, into target/compiled; nothing runs. target/ then has the
manifest, and in column_lineage.json where each column comes from, by the models' bound plans.
What is selected is printed too, and so is a text given by --inline.

Examples:
  tarn compile
  tarn compile -s orders
  tarn compile --inline "select * from {{ ref('orders') }}"
)";

constexpr const char* kShowExamples =
    R"(Shows the first rows of a model's SELECT, or of a text, over the tables as they are.

Examples:
  tarn show -s orders --limit 20
  tarn show --inline "select count(*) from {{ ref('orders') }}" --output json
)";

constexpr const char* kParseExamples =
    R"(Reads the project, checks it, and writes target/manifest.json; nothing runs.

Examples:
  tarn parse
  tarn parse --target-path build/artifacts
)";

const std::vector<std::string>& CompiledTypes() {
    static const std::vector<std::string> types = {"model", "snapshot", "test"};
    return types;
}

struct CompileFlags : ProjectFlags {
    std::string inline_text;
    bool full_refresh = false;
    std::string output = "text";
    int64_t limit = 5;
};

struct CompiledItem {
    const pipeline::Item* item = nullptr;
    std::string code;
};

// A model that is there is compiled as its next run is.
bool IsThere(const OpenProject& project, const pipeline::Node& node) {
    return node.model != nullptr &&
           project.lake->catalog().Find({node.model->schema, node.model->name}).has_value();
}

std::vector<CompiledItem> CompileSelected(const OpenProject& project, bool full_refresh) {
    std::vector<CompiledItem> compiled;
    for (const size_t index : project.loaded->Select(project.request)) {
        const pipeline::Item& item = project.loaded->inventory().Items()[index];
        const pipeline::Node& node = project.loaded->graph().Nodes()[*item.node];
        const bool incremental = pipeline::IsIncremental(node.config.materialized) &&
                                 !full_refresh && IsThere(project, node);
        compiled.push_back({&item, project.loaded->compiler().Compile(node, incremental, {}).text});
    }
    return compiled;
}

void WriteCompiled(const OpenProject& project, const std::vector<CompiledItem>& compiled) {
    const pipeline::TargetFolder target(project.loaded->target_folder());
    std::map<std::string, std::string> code;
    for (const CompiledItem& one : compiled) {
        target.Write("compiled/" + pipeline::SqlPath(*one.item), one.code);
        code[one.item->unique_id] = one.code;
    }
    target.WriteJson("manifest.json",
                     pipeline::Manifest(*project.loaded, project.Invoked("compile"), code));
    target.WriteJson(
        "column_lineage.json",
        pipeline::ColumnLineage(*project.loaded, *project.session, project.lake->catalog())
            .Read(code));
}

void Print(const CompileFlags& flags, const std::string& name, const std::string& code) {
    if (flags.output == "json") {
        std::cout << Json{{"node", name}, {"compiled", code}}.dump() << "\n";
    } else {
        std::cout << fmt::format("Compiled node '{}' is:\n{}\n\n", name, code);
    }
}

// What the selection names itself, without the tests that come along.
std::set<std::string> AskedFor(const OpenProject& project) {
    pipeline::SelectionRequest request = project.request;
    std::set<std::string> asked;
    if (request.select.empty()) return asked;
    request.indirect = pipeline::IndirectSelection::kEmpty;
    for (const size_t index : project.loaded->Select(request))
        asked.insert(project.loaded->inventory().Items()[index].unique_id);
    return asked;
}

int RunCompile(const CompileFlags& flags) {
    const OpenProject project(flags, CompiledTypes(), "compile");
    return RefuseBeforeWork([&] {
        if (!flags.inline_text.empty()) {
            const auto sql = project.loaded->CompileInline(flags.inline_text);
            Print(flags, "inline_query", sql.text);
            return kDone;
        }
        const std::vector<CompiledItem> compiled = CompileSelected(project, flags.full_refresh);
        WriteCompiled(project, compiled);
        const std::set<std::string> printed = AskedFor(project);
        for (const CompiledItem& one : compiled) {
            if (printed.count(one.item->unique_id) > 0) Print(flags, one.item->name, one.code);
        }
        if (printed.empty()) {
            std::cout << fmt::format("{} nodes compiled into {}/compiled\n", compiled.size(),
                                     project.loaded->target_folder());
        }
        return kDone;
    });
}

// The one SELECT that is shown.
std::string ShownSql(const CompileFlags& flags, const OpenProject& project) {
    if (!flags.inline_text.empty()) return project.loaded->CompileInline(flags.inline_text).text;
    const std::vector<CompiledItem> compiled = CompileSelected(project, false);
    if (compiled.size() != 1) {
        throw Error(ErrorKind::kInvalidInput,
                    "the selection means {} nodes: `tarn show` shows one (-s NAME), or a text "
                    "(--inline SQL)",
                    compiled.size());
    }
    return compiled.front().code;
}

int RunShow(const CompileFlags& flags, Interrupts& interrupts) {
    const OpenProject project(flags, CompiledTypes(), "show");
    const std::string sql = RefuseBeforeWork([&] { return ShownSql(flags, project); });
    const auto writer = MakeResultWriter(
        std::cout, {.format = flags.output == "json" ? OutputFormat::kJson : OutputFormat::kTable});
    StatementRunner runner(
        *project.session, *writer, interrupts, project.lake->clock(), std::cerr,
        {.errors_in_answer = flags.output == "json", .progress = isatty(STDERR_FILENO) != 0});
    const std::string limit = flags.limit < 0 ? "" : fmt::format(" LIMIT {}", flags.limit);
    if (runner.Feed("SELECT * FROM (\n" + sql + "\n)" + limit)) runner.Finish();
    writer->Finish();
    return runner.ExitCode();
}

int RunParse(const ProjectFlags& flags) {
    const OpenProject project(flags, {}, "parse");
    const pipeline::TargetFolder target(project.loaded->target_folder());
    target.WriteJson("manifest.json",
                     pipeline::Manifest(*project.loaded, project.Invoked("parse"), {}));
    std::map<std::string, int64_t> counts;
    for (const pipeline::Item& item : project.loaded->inventory().Items()) ++counts[item.type];
    std::vector<std::string> words;
    for (const auto& [type, count] : counts)
        words.push_back(fmt::format("{} {}{}", count, type, count == 1 ? "" : "s"));
    std::cout << fmt::format("Found {}; {}/manifest.json\n",
                             words.empty() ? "nothing" : Join(words, ", "), target.path());
    return kDone;
}

void AddInline(CLI::App& command, CompileFlags& flags) {
    command.add_option("--inline", flags.inline_text, "a SELECT with Jinja, in place of a node")
        ->type_name("SQL");
    command.add_option("--output", flags.output, "text or json")
        ->check(CLI::IsMember({"text", "json"}).description(""))
        ->type_name("HOW")
        ->capture_default_str();
}

}  // namespace

void AddCompileCommands(CLI::App& app, Chosen& chosen) {
    auto flags = std::make_shared<CompileFlags>();
    CLI::App* compile = app.add_subcommand("compile", "Render models and tests to SQL");
    compile->footer(kCompileExamples);
    AddProjectOptions(*compile, *flags);
    AddSelectionOptions(*compile, *flags);
    AddTypeOptions(*compile, *flags, CompiledTypes());
    compile->add_flag("-f,--full-refresh", flags->full_refresh,
                      "incremental models as for a first run");
    AddInline(*compile, *flags);
    compile->callback(
        [flags, &chosen] { chosen.action = [flags](Interrupts&) { return RunCompile(*flags); }; });

    auto shown = std::make_shared<CompileFlags>();
    CLI::App* show = app.add_subcommand("show", "Show the first rows of a model or a SELECT");
    show->footer(kShowExamples);
    // Of a node alone: its tests are no part of it.
    shown->indirect = "empty";
    AddProjectOptions(*show, *shown);
    AddSelectionOptions(*show, *shown);
    AddInline(*show, *shown);
    show->add_option("--limit", shown->limit, "so many rows; -1: all")
        ->type_name("N")
        ->capture_default_str();
    show->callback([shown, &chosen] {
        chosen.action = [shown](Interrupts& interrupts) { return RunShow(*shown, interrupts); };
    });

    auto parsed = std::make_shared<ProjectFlags>();
    CLI::App* parse = app.add_subcommand("parse", "Read and check the project");
    parse->footer(kParseExamples);
    AddProjectOptions(*parse, *parsed);
    parse->callback(
        [parsed, &chosen] { chosen.action = [parsed](Interrupts&) { return RunParse(*parsed); }; });
}

}  // namespace tarn::cli
