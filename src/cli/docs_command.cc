#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/project_flags.h"
#include "cli/run.h"
#include "pipeline/catalog_artifact.h"
#include "pipeline/column_lineage.h"
#include "pipeline/docs_site.h"
#include "pipeline/source_freshness.h"
#include "pipeline/target_folder.h"

namespace tarn::cli {

namespace {

constexpr const char* kDocsExamples =
    R"(Writes target/index.html, one page with every model, its columns, SQL and graph, that needs
no network and no server; beside it manifest.json, catalog.json and column_lineage.json. A click on
a column shows where it comes from and where it goes, by the bound plans of the models.

Examples:
  tarn docs generate
  tarn docs generate --target-path site
)";

constexpr const char* kFreshnessExamples =
    R"(Asks every source with `freshness:` how old its newest row is, and writes
target/sources.json. By `loaded_at_field` or `loaded_at_query`; where neither is said, by the
table's last commit.

Examples:
  tarn source freshness
  tarn source freshness -s source:shop.orders
)";

struct DocsFlags : ProjectFlags {
    bool no_compile = false;
};

struct FreshnessFlags : ProjectFlags {
    std::string output;
};

// What does not compile now is shown as it is written.
std::map<std::string, std::string> Compiled(const OpenProject& project) {
    std::map<std::string, std::string> compiled;
    for (const pipeline::Item& item : project.loaded->inventory().Items()) {
        if (!item.node || item.type == "seed" || item.type == "unit_test") continue;
        const pipeline::Node& node = project.loaded->graph().Nodes()[*item.node];
        try {
            compiled[item.unique_id] = project.loaded->compiler().Compile(node, false, {}).text;
        } catch (const Error&) {
            continue;
        }
    }
    return compiled;
}

int RunGenerate(const DocsFlags& flags) {
    const OpenProject project(flags, {}, "docs generate");
    const pipeline::TargetFolder target(project.loaded->target_folder());
    const auto compiled =
        flags.no_compile ? std::map<std::string, std::string>{} : Compiled(project);
    const pipeline::Invocation invocation = project.Invoked("generate");
    const auto manifest = pipeline::Manifest(*project.loaded, invocation, compiled);
    const auto catalog = pipeline::CatalogArtifact(*project.loaded, project.lake->catalog(),
                                                   *project.session, invocation);
    target.WriteJson("manifest.json", manifest);
    target.WriteJson("catalog.json", catalog);
    const auto lineage =
        flags.no_compile
            ? nlohmann::ordered_json::object()
            : pipeline::ColumnLineage(*project.loaded, *project.session, project.lake->catalog())
                  .Read(compiled);
    target.WriteJson("column_lineage.json", lineage);
    target.Write("index.html", pipeline::DocsSite(manifest, catalog, lineage));
    std::cout << fmt::format("{} items, {} tables of them there; {}/index.html\n",
                             project.loaded->inventory().Items().size(),
                             catalog["nodes"].size() + catalog["sources"].size(), target.path());
    return kDone;
}

int RunFreshness(const FreshnessFlags& flags) {
    const OpenProject project(flags, {"source"}, "source freshness");
    const auto chosen = RefuseBeforeWork([&] { return project.loaded->Select(project.request); });
    const auto reports =
        pipeline::CheckFreshness(*project.loaded, chosen, *project.session, project.lake->clock());
    bool is_stale = false;
    for (const pipeline::FreshnessReport& report : reports) {
        is_stale = is_stale || report.status == "error" || report.status == "runtime error";
        std::cout << fmt::format(
            "{:<13} {}  {}\n", report.status, report.name,
            report.loaded ? fmt::format("{:.0f} s old", report.age_s) : report.message);
    }
    if (reports.empty())
        std::cout << "Nothing to do: no source of the selection has `freshness`.\n";
    const std::filesystem::path file =
        flags.output.empty()
            ? std::filesystem::path(project.loaded->target_folder()) / "sources.json"
            : std::filesystem::absolute(flags.output);
    pipeline::TargetFolder(file.parent_path().string())
        .WriteJson(
            file.filename().string(),
            pipeline::SourcesArtifact(*project.loaded, reports, project.Invoked("freshness")));
    return is_stale ? kFailed : kDone;
}

}  // namespace

void AddDocsCommands(CLI::App& app, Chosen& chosen) {
    auto docs_flags = std::make_shared<DocsFlags>();
    CLI::App* docs = app.add_subcommand("docs", "Documentation of the project");
    docs->require_subcommand(1);
    CLI::App* generate = docs->add_subcommand("generate", "Write the documentation as one page");
    generate->footer(kDocsExamples);
    AddProjectOptions(*generate, *docs_flags);
    generate->add_flag("--no-compile", docs_flags->no_compile, "without compiled SQL");
    generate->callback([docs_flags, &chosen] {
        chosen.action = [docs_flags](Interrupts&) { return RunGenerate(*docs_flags); };
    });

    auto flags = std::make_shared<FreshnessFlags>();
    CLI::App* source = app.add_subcommand("source", "What is known of sources");
    source->require_subcommand(1);
    CLI::App* freshness = source->add_subcommand("freshness", "How old the rows of sources are");
    freshness->footer(kFreshnessExamples);
    AddProjectOptions(*freshness, *flags);
    AddSelectionOptions(*freshness, *flags);
    freshness
        ->add_option("-o,--output", flags->output, "where the results go (default: sources.json)")
        ->type_name("FILE");
    freshness->callback([flags, &chosen] {
        chosen.action = [flags](Interrupts&) { return RunFreshness(*flags); };
    });
}

}  // namespace tarn::cli
