#include "pipeline/loaded_project.h"

#include <filesystem>

#include "base/text.h"
#include "base/yaml.h"
#include "ingest/source_config.h"
#include "pipeline/dbt_names.h"
#include "pipeline/dbt_project.h"
#include "pipeline/file_text.h"
#include "pipeline/node_json.h"
#include "pipeline/project.h"

namespace tarn::pipeline {
namespace {

// What source() may name beside the project's own: what the lake ingests and what is there.
std::vector<SourceTable> KnownTables(const ProjectParts& parts) {
    std::vector<SourceTable> tables;
    for (const ingest::SourceConfig& source :
         ingest::LoadSources(parts.store, parts.catalog.Config().root)) {
        for (const ingest::TableConfig& table : source.tables) {
            const engine::TableName name = parts.session.ResolveName(table.table);
            tables.push_back({name.schema, name.name});
        }
    }
    for (const engine::SchemaEntry& schema : parts.catalog.Schemas()) {
        for (const engine::DirectoryEntry& entry : parts.catalog.List(schema.name)) {
            tables.push_back({entry.name.schema, entry.name.name});
        }
    }
    return tables;
}

Project Read(const ProjectRequest& request, const TemplateSettings& settings,
             const catalog::LakeConfig& config) {
    Project project =
        LoadProject(config.root, config.name,
                    {settings, request.target, request.profiles_folder, request.profile});
    if (request.threads) project.target.threads = *request.threads;
    return project;
}

}  // namespace

std::string TargetFolderOf(const ProjectRequest& request, const std::string& root,
                           const Environment& environment) {
    const std::filesystem::path project = root;
    std::string folder = request.target_folder;
    if (folder.empty() && environment) folder = environment("DBT_TARGET_PATH").value_or("");
    if (folder.empty()) {
        const std::string text = TextOfFile(project / kDbtProjectFile).value_or("{}");
        folder = YamlNode::Parse(text.empty() ? "{}" : text, kDbtProjectFile)
                     .StringOr("target-path", "target");
    }
    return (project / folder).lexically_normal().string();
}

LoadedProject::LoadedProject(const ProjectRequest& request, const ProjectParts& parts)
    : database_(parts.catalog.Config().name),
      settings_{request.vars, parts.environment, parts.run},
      project_(Read(request, settings_, parts.catalog.Config())),
      context_(project_, settings_, KnownTables(parts)),
      graph_(project_, context_, NameTables(project_, context_)),
      inventory_(project_, graph_, context_),
      lake_(parts.session, parts.catalog),
      compiler_(graph_, context_),
      target_folder_(TargetFolderOf(request, project_.root, parts.environment)) {
    compiler_.Ask(lake_);
    context_.ShowGraph([this] { return GraphJson(project_, graph_, inventory_); });
}

std::vector<size_t> LoadedProject::Select(const SelectionRequest& request) const {
    NamedSelections named;
    if (!project_.selectors.empty())
        named = NamedSelections::Parse(project_.selectors, kSelectorsFile, request.indirect);
    return pipeline::Select(inventory_, request, named);
}

CompiledSql LoadedProject::CompileInline(const std::string& text) {
    SingularTest query;
    query.name = query.file = "--inline";
    query.sql = text;
    query.package = project_.name;
    Node node;
    node.test = &query;
    const RenderUse use = context_.Discover(query.file, text, nullptr, false);
    for (const Relation& relation : use.relations) {
        if (relation.model != nullptr)
            node.parents.push_back(static_cast<size_t>(graph_.Find(relation.Id())));
    }
    return compiler_.Compile(node, false, {});
}

std::string LoadedProject::FindMacro(const std::string& macro) const {
    const size_t dot = macro.find('.');
    const std::string name = dot == std::string::npos ? macro : macro.substr(dot + 1);
    if (dot == std::string::npos) {
        if (const auto package = context_.PackageOfMacro(name, project_.name))
            return *package + "." + name;
    } else if (context_.HasMacro(macro.substr(0, dot), name)) {
        return macro;
    }
    const auto nearest = NearestWord(name, context_.MacroNames(project_.name));
    throw Error(ErrorKind::kInvalidInput, "there is no macro `{}`{}", macro,
                nearest ? fmt::format(": did you mean `{}`?", *nearest) : "");
}

void LoadedProject::CallMacro(const std::string& macro, const nlohmann::ordered_json& arguments) {
    compiler_.CompileHook("{{ " + macro + "(**tarn_arguments) }}", nullptr,
                          {{"tarn_arguments", arguments}});
}

}  // namespace tarn::pipeline
