#include "pipeline/dbt_names.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "pipeline/model_config.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

// JSON is an expression of a template, but for its null.
std::string Literal(const std::string& text) { return text.empty() ? "none" : Json(text).dump(); }

// What the macro makes of it, where the project has one.
std::string Named(const std::string& macro, const std::string& custom, const Model& model,
                  const Project& project, ModelContext& context, const std::string& otherwise) {
    if (!context.HasMacro(project.name, macro)) return otherwise;
    const Json node = {
        {"name", model.ref_name},
        {"resource_type", NameOf(model.resource)},
        {"package_name", project.name},
        {"schema", project.target.schema},
        {"path", model.file},
        {"original_file_path", model.file},
        {"tags", model.config.tags},
        {"fqn", model.folders},
        {"config", {{"schema", model.config.schema}, {"alias", model.config.alias}}}};
    RenderTask task;
    task.file = model.file;
    task.source = "{{ " + macro + "(" + Literal(custom) + ", " + node.dump() + ") }}";
    task.executing = true;
    task.model = &model;
    task.relation_sql = [](const Relation& relation, bool) { return relation.Id(); };
    RenderUse use;
    return std::string(Trim(context.Render(task, use)));
}

void NameTable(Model& model, const Project& project, ModelContext& context) {
    const std::string& custom = model.config.schema;
    const std::string& schema = project.target.schema;
    model.schema = Named("generate_schema_name", custom, model, project, context,
                         custom.empty() ? schema : schema + "_" + custom);
    model.name = Named("generate_alias_name", model.config.alias, model, project, context,
                       model.config.alias.empty() ? model.ref_name : model.config.alias);
}

void CheckUnique(const Project& project) {
    std::map<std::string, const Model*> tables;
    for (const Model& model : project.models) {
        if (model.config.materialized == Materialized::kEphemeral) continue;
        const auto [other, is_new] = tables.emplace(AsciiLower(model.Id()), &model);
        if (is_new) continue;
        throw Error(ErrorKind::kInvalidInput,
                    "{} and {} would both be the table {}: give one an `alias` or a `schema`",
                    other->second->file, model.file, model.Id())
            .At({model.file, 1, 1});
    }
}

}  // namespace

void NameTables(Project& project, ModelContext& context) {
    if (!project.is_dbt) return;
    for (Model& model : project.models) {
        const Json in_sql = model.resource == Resource::kSeed
                                ? Json::object()
                                : context.Discover(model.file, model.sql, &model, false).config;
        model.config = ConfigOf(model, in_sql, SettingRule::kDbt);
        NameTable(model, project, context);
    }
    std::erase_if(project.models, [](const Model& model) { return !model.config.enabled; });
    CheckUnique(project);
}

}  // namespace tarn::pipeline
