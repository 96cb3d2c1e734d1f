#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/project_flags.h"
#include "cli/run.h"
#include "pipeline/manifest.h"

namespace tarn::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kExamples =
    R"(Lists what a selection means, a line an item. Nothing runs.

Examples:
  tarn ls                             everything
  tarn ls -s +orders --output name
  tarn ls --resource-type source
  tarn ls -s tag:nightly --output json
)";

const std::vector<std::string>& ListedTypes() {
    static const std::vector<std::string> types = {
        "model",    "seed",   "snapshot",       "test",        "source",
        "exposure", "metric", "semantic_model", "saved_query", "unit_test"};
    return types;
}

struct ListFlags : ProjectFlags {
    std::string output = "selector";
    std::vector<std::string> keys;
};

// As --select takes it.
std::string SelectorOf(const pipeline::Item& item) {
    const std::string way = Join(item.fqn, ".");
    if (item.type == "source") {
        return "source:" + item.package + "." + item.fqn[item.fqn.size() - 2] + "." + item.name;
    }
    if (item.exposure != nullptr || item.semantic != nullptr || item.type == "unit_test")
        return item.type + ":" + item.package + "." + item.name;
    return way;
}

std::string NameOf(const pipeline::Item& item) {
    return item.type == "source" ? item.fqn[item.fqn.size() - 2] + "." + item.name : item.name;
}

Json JsonOf(const pipeline::LoadedProject& loaded, const pipeline::Item& item,
            const std::vector<std::string>& keys) {
    Json reads = Json::array();
    for (const size_t parent : item.parents)
        reads.push_back(loaded.inventory().Items()[parent].unique_id);
    Json all = {{"name", item.name},
                {"resource_type", item.type},
                {"package_name", item.package},
                {"original_file_path", item.file},
                {"unique_id", item.unique_id},
                {"relation_name", pipeline::RelationName(loaded, item)},
                {"config", item.config},
                {"tags", item.tags},
                {"fqn", item.fqn},
                {"depends_on", {{"macros", Json::array()}, {"nodes", std::move(reads)}}}};
    if (item.type == "source") all["source_name"] = item.fqn[item.fqn.size() - 2];
    if (item.node) {
        const pipeline::Node& node = loaded.graph().Nodes()[*item.node];
        all["alias"] = node.model != nullptr ? node.model->name : item.name;
    }
    if (keys.empty()) return all;
    Json some = Json::object();
    for (const std::string& key : keys) {
        for (const std::string& one : Split(key, ' ')) {
            if (all.contains(one)) some[one] = all[one];
        }
    }
    return some;
}

int RunList(const ListFlags& flags) {
    const OpenProject project(flags, ListedTypes(), "ls");
    const auto& items = project.loaded->inventory().Items();
    auto chosen = RefuseBeforeWork([&] { return project.loaded->Select(project.request); });
    std::sort(chosen.begin(), chosen.end(),
              [&](size_t a, size_t b) { return items[a].unique_id < items[b].unique_id; });
    for (const size_t index : chosen) {
        const pipeline::Item& item = items[index];
        std::string line = SelectorOf(item);
        if (flags.output == "name") line = NameOf(item);
        if (flags.output == "path") line = item.file;
        if (flags.output == "json") line = JsonOf(*project.loaded, item, flags.keys).dump();
        std::cout << line << "\n";
    }
    return kDone;
}

}  // namespace

void AddListCommand(CLI::App& app, Chosen& chosen) {
    auto flags = std::make_shared<ListFlags>();
    CLI::App* list = app.add_subcommand("ls", "List what a selection means");
    list->alias("list");
    list->footer(kExamples);
    AddProjectOptions(*list, *flags);
    AddSelectionOptions(*list, *flags);
    AddTypeOptions(*list, *flags, ListedTypes());
    list->add_option("--output", flags->output, "selector, name, path or json (a line an item)")
        ->check(CLI::IsMember({"selector", "name", "path", "json"}).description(""))
        ->type_name("HOW")
        ->capture_default_str();
    list->add_option("--output-keys", flags->keys, "of json: only these keys")->type_name("KEY");
    list->callback(
        [flags, &chosen] { chosen.action = [flags](Interrupts&) { return RunList(*flags); }; });
}

}  // namespace tarn::cli
