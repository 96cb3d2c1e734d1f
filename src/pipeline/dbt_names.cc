#include "pipeline/dbt_names.h"

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>

#include "base/text.h"
#include "pipeline/dbt_ids.h"
#include "pipeline/model_config.h"
#include "pipeline/node_json.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

// The macro that names the tables of this model, as "package.macro": the one of its package, else
// the project's, or what dispatch finds there. Empty: nobody has one but dbt.
std::string NamingMacro(const std::string& macro, const Model& model, const Project& project,
                        const ModelContext& context) {
    for (const std::string& package : {model.package, project.name}) {
        if (context.HasMacro(package, macro)) return package + "." + macro;
    }
    return context.IsRedirected(macro) ? "dbt." + macro : "";
}

// What the macro makes of a name.
std::string Named(const std::string& macro, const std::string& custom, const Model& model,
                  const Json& node, ModelContext& context) {
    RenderTask task;
    task.file = model.file;
    task.source = "{{ " + macro + "(tarn_custom, tarn_node) }}";
    task.executing = true;
    task.model = &model;
    task.globals = {{"tarn_custom", custom.empty() ? Json() : Json(custom)}, {"tarn_node", node}};
    task.relation_sql = [](const Relation& relation, bool) { return relation.Id(); };
    RenderUse use;
    return std::string(Trim(context.Render(task, use)));
}

// "orders_v1_5" of version 1.5.
std::string TableNameOf(const Model& model) {
    std::string name = model.FullName();
    if (!model.version.empty()) std::replace(name.begin(), name.end(), '.', '_');
    return name;
}

void NameTable(Model& model, const Project& project, ModelContext& context) {
    Json node;  // as the macros see it, where there is one
    const auto named = [&](const char* word, const std::string& custom,
                           const std::string& otherwise) {
        const std::string macro = NamingMacro(word, model, project, context);
        if (macro.empty()) return otherwise;
        if (node.is_null()) node = NodeJson(model, project);
        node["schema"] = project.target.schema;
        node["relation_name"] = model.Id();
        return Named(macro, custom, model, node, context);
    };
    const std::string& custom = model.config.schema;
    const std::string& schema = project.target.schema;
    const bool is_placed = model.config.snapshot && !model.config.snapshot->target_schema.empty();
    model.schema = is_placed ? model.config.snapshot->target_schema
                             : named("generate_schema_name", custom,
                                     custom.empty() ? schema : schema + "_" + custom);
    model.name = named("generate_alias_name", model.config.alias,
                       model.config.alias.empty() ? TableNameOf(model) : model.config.alias);
}

// A type means what it means to the engine of the profile: FLOAT has eight bytes in most.
void SpeakAs(const std::string& engine, Model& seed) {
    constexpr std::array<std::string_view, 4> kWide = {"postgres", "redshift", "snowflake",
                                                       "bigquery"};
    if (std::find(kWide.begin(), kWide.end(), engine) == kWide.end()) return;
    for (auto& [column, type] : seed.config.column_types) {
        if (EqualsIgnoreCase(type, "float")) type = "double";
    }
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

void CheckGroups(const Project& project) {
    for (const Model& model : project.models) {
        const Json group = model.Setting("group");
        if (!group.is_string()) continue;
        std::vector<std::string> known;
        for (const Group& one : project.groups) known.push_back(one.name);
        if (std::find(known.begin(), known.end(), group.get<std::string>()) != known.end())
            continue;
        const auto nearest = NearestWord(group.get<std::string>(), known);
        throw Error(ErrorKind::kInvalidInput, "{}: there is no group `{}`{}", model.ref_name,
                    group.get<std::string>(),
                    nearest ? fmt::format(": did you mean `{}`?", *nearest) : "")
            .At(model.Spot());
    }
}

void TellOfGrants(Project& project) {
    const auto count =
        std::count_if(project.models.begin(), project.models.end(),
                      [](const Model& model) { return !model.Setting("grants").empty(); });
    if (count > 0) {
        project.notices.push_back(
            fmt::format("`grants` of {} models: not enforced by this version", count));
    }
}

// Does the template look at its own table.
bool SaysItsName(const std::string& sql) {
    return sql.find("this") != std::string::npos || sql.find("model") != std::string::npos;
}

// Models move when others are left out: what was found of them follows, under their new names. What
// reads one that is left out is found again, to be refused at its place.
void LeaveOutDisabled(Project& project, Discoveries& found) {
    std::unordered_map<const Model*, size_t> places;
    for (const Model& model : project.models) {
        if (model.config.enabled) places.emplace(&model, places.size());
    }
    for (const Model& model : project.models) {
        if (!model.config.enabled) found.erase(model.UniqueId());
    }
    const Model* const first = project.models.data();
    // To where they will be; false: one of them will not be.
    const auto follow = [&](std::vector<Relation>& relations) {
        for (Relation& relation : relations) {
            if (relation.model == nullptr) continue;
            const auto place = places.find(relation.model);
            if (place == places.end()) return false;
            relation.model = first + place->second;
        }
        return true;
    };
    for (auto entry = found.begin(); entry != found.end();) {
        const bool holds = follow(entry->second.relations) && follow(entry->second.streams);
        entry = holds ? std::next(entry) : found.erase(entry);
    }
    project.LeaveOutDisabled();
    for (auto& [id, use] : found) {
        for (auto* relations : {&use.relations, &use.streams}) {
            for (Relation& relation : *relations) {
                if (relation.model == nullptr) continue;
                relation.schema = relation.model->schema;
                relation.name = relation.model->name;
            }
        }
    }
}

}  // namespace

Discoveries NameTables(Project& project, ModelContext& context) {
    Discoveries found;
    if (!project.is_dbt) return found;
    for (Model& model : project.models) {
        Json in_sql = Json::object();
        const std::string before = model.Id();
        if (model.resource != Resource::kSeed) {
            RenderUse use = context.Discover(model.file, model.sql, &model, false);
            in_sql = use.config;
            found.emplace(model.UniqueId(), std::move(use));
        }
        model.settings = AllSettings(model, in_sql);
        model.config = ConfigOf(model, in_sql, SettingRule::kDbt);
        if (model.resource == Resource::kSeed) SpeakAs(project.target.type, model);
        NameTable(model, project, context);
        // What it reads may hang on its own name.
        if (model.Id() != before && SaysItsName(model.sql)) found.erase(model.UniqueId());
    }
    LeaveOutDisabled(project, found);
    CheckUnique(project);
    CheckGroups(project);
    TellOfGrants(project);
    return found;
}

engine::TableName FailuresTable(const Project& project, const std::string& test,
                                const quality::TestOptions& options) {
    return {
        project.target.schema + "_" + (options.schema.empty() ? "dbt_test__audit" : options.schema),
        options.alias.empty() ? test : options.alias};
}

}  // namespace tarn::pipeline
