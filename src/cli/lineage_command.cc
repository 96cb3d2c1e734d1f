#include <iostream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/compose.h"
#include "cli/lineage_text.h"
#include "cli/run.h"

namespace tarn::cli {

namespace {

constexpr const char* kExamples =
    R"(Shows what a table or a column is made of and what is made of it, by the statements that ran
(ops.lineage). Behind each step stands how: IDENTITY, TRANSFORMATION, AGGREGATION for values;
FILTER, JOIN, GROUP_BY, SORT, WINDOW, CONDITIONAL for what only decides. Downstream ends with what
breaks when it is dropped.

Examples:
  tarn lineage gold.delay_by_route                 tables, both ways
  tarn lineage silver.flights.dep_delay --downstream
  tarn lineage gold.delay_by_route.mean_delay --upstream --depth 1
  tarn lineage silver.flights --downstream --json
)";

struct LineageFlags {
    std::string lake;
    std::string what;
    bool upstream = false;
    bool downstream = false;
    bool json = false;
    int depth = catalog::LineageGraph::kMostDepth;
};

int RunLineage(const LineageFlags& flags) {
    using catalog::LineageDirection;
    const auto lake = Lake::Open(FindLake(flags.lake));
    const catalog::LineageGraph graph(lake->catalog().Lineage().Edges());
    LineageWalks walks;
    walks.from = graph.Find(flags.what);
    const bool both = flags.upstream == flags.downstream;
    if (both || flags.upstream)
        walks.upstream = graph.Walk(walks.from, LineageDirection::kUpstream, flags.depth);
    if (both || flags.downstream)
        walks.downstream = graph.Walk(walks.from, LineageDirection::kDownstream, flags.depth);
    std::cout << (flags.json ? LineageJson(walks).dump(2) + "\n" : LineageText(walks));
    return kDone;
}

}  // namespace

void AddLineageCommand(CLI::App& app, Chosen& chosen) {
    auto flags = std::make_shared<LineageFlags>();
    CLI::App* lineage =
        app.add_subcommand("lineage", "Show what a table or column is made of, and what of it");
    lineage->footer(kExamples);
    lineage->add_option("WHAT", flags->what, "TABLE or TABLE.COLUMN")->type_name("")->required();
    AddLakeOption(*lineage, flags->lake);
    lineage->add_flag("--upstream", flags->upstream, "only what it is made of");
    lineage->add_flag("--downstream", flags->downstream, "only what is made of it");
    lineage->add_option("--depth", flags->depth, "so many steps at most")
        ->type_name("N")
        ->check(CLI::Range(1, catalog::LineageGraph::kMostDepth).description(""))
        ->capture_default_str();
    lineage->add_flag("--json", flags->json, "as JSON");
    lineage->callback(
        [flags, &chosen] { chosen.action = [flags](Interrupts&) { return RunLineage(*flags); }; });
}

}  // namespace tarn::cli
