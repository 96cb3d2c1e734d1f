#include "pipeline/model_context.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "pipeline/dbt_project.h"
#include "pipeline/model_config.h"
#include "pipeline/vocabulary.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

void AddOnce(std::vector<Relation>& relations, const Relation& relation) {
    const bool there = std::any_of(relations.begin(), relations.end(), [&](const Relation& other) {
        return other.Id() == relation.Id();
    });
    if (!there) relations.push_back(relation);
}

constexpr const char* kDbtPackage = "dbt";

std::string DidYouMean(const std::string& word, const std::vector<std::string>& known) {
    const auto nearest = NearestWord(word, known);
    return nearest ? fmt::format(": did you mean `{}`?", *nearest) : "";
}

Json Names(const Relation& relation) {
    return {{"schema", relation.schema}, {"identifier", relation.name}, {"name", relation.name}};
}

}  // namespace

ModelContext::ModelContext(const Project& project, TemplateSettings settings,
                           std::vector<SourceTable> known_tables)
    : project_(project),
      settings_(std::move(settings)),
      known_tables_(std::move(known_tables)),
      jinja_(*this, NamesOf(TemplateFunctions())) {
    if (project.is_dbt)
        jinja_.AddMacros(kDbtPackage, "dbt/macros.sql", JinjaEnvironment::DbtMacros());
    for (const MacroFile& macros : project.macros)
        jinja_.AddMacros(macros.package, macros.file, macros.source);
}

std::string ModelContext::Render(const RenderTask& task, RenderUse& use) {
    Check(task_ == nullptr, "renders do not nest");
    Json context = {{"execute", task.executing},
                    {"target", ToJson(project_.target)},
                    {"project_name", project_.name}};
    if (task.model != nullptr) {
        const Relation self{task.model->schema, task.model->name, task.model};
        const std::string text =
            sql::QuoteIdentifier(self.schema) + "." + sql::QuoteIdentifier(self.name);
        context["this"] = HostValue("relation", text, Names(self));
        context["model"] = {{"name", task.model->ref_name},
                            {"schema", self.schema},
                            {"alias", self.name},
                            {"unique_id", self.Id()}};
    }
    task_ = &task;
    use_ = &use;
    struct Reset {
        ModelContext& self;
        ~Reset() {
            self.task_ = nullptr;
            self.use_ = nullptr;
        }
    } reset{*this};
    return jinja_.Render(task.file, task.source, context);
}

RenderUse ModelContext::Discover(const std::string& file, const std::string& source,
                                 const Model* model, bool incremental) {
    RenderTask task;
    task.file = file;
    task.source = source;
    task.model = model;
    task.incremental = incremental;
    task.relation_sql = [](const Relation& relation, bool) { return relation.Id(); };
    RenderUse use;
    Render(task, use);
    return use;
}

bool ModelContext::HasMacro(const std::string& package, const std::string& name) const {
    return jinja_.HasMacro(package, name);
}

std::vector<std::string> ModelContext::MacroNames(const std::string& package) const {
    return jinja_.MacroNames(package);
}

const Model* ModelContext::FindModel(const std::string& name) const {
    const std::vector<Model>& models = project_.models;
    if (const size_t dot = name.find('.'); dot != std::string::npos) {
        const std::string_view schema = std::string_view(name).substr(0, dot);
        const std::string_view table = std::string_view(name).substr(dot + 1);
        for (const Model& model : models) {
            if (EqualsIgnoreCase(model.name, table) && EqualsIgnoreCase(model.schema, schema))
                return &model;
        }
    }
    if (indexed_models_ != models.size()) {
        by_name_.clear();
        for (size_t i = 0; i < models.size(); ++i)
            by_name_.emplace(AsciiLower(models[i].ref_name), i);
        indexed_models_ = models.size();
    }
    const auto [first, last] = by_name_.equal_range(AsciiLower(name));
    if (first == last) return nullptr;
    const Model& found = models[first->second];
    if (std::next(first) != last) {
        throw Error(ErrorKind::kInvalidInput, "several models are named {}: say `{}` or `{}`", name,
                    found.Id(), models[std::next(first)->second].Id());
    }
    return &found;
}

Json ModelContext::Call(const std::string& object, const std::string& member,
                        const Json& positional, const Json& named) {
    Check(task_ != nullptr && use_ != nullptr, "a template calls only while it is rendered");
    if (object == "ref" && member.empty()) return Ref(positional);
    if (object == "source" && member.empty()) return Source(positional);
    if (object == "stream" && member.empty()) return Stream(positional);
    if (object == "config") return Config(member, positional, named);
    if (object == "var" && member.empty())
        return VarOf(settings_, project_.vars, positional, named);
    if (object == "env_var" && member.empty()) return EnvVarOf(settings_, positional, named);
    if (object == "is_incremental" && member.empty()) {
        use_->asked_incremental = true;
        return task_->incremental;
    }
    if (object == "adapter") return Adapter(member, positional, named);
    if (object == "log" && member.empty()) {
        use_->log.push_back(TextArgument(positional, 0, "log"));
        return "";
    }
    if (object == "exceptions" && member == "raise_compiler_error") {
        throw Error(ErrorKind::kInvalidInput, "{}",
                    TextArgument(positional, 0, "raise_compiler_error"));
    }
    if (object == "exceptions" && member == "warn") {
        use_->log.push_back(TextArgument(positional, 0, "warn"));
        return "";
    }
    throw Error(ErrorKind::kInvalidInput, "there is no `{}{}{}`", object, member.empty() ? "" : ".",
                member);
}

Json ModelContext::Use(const Relation& relation) {
    AddOnce(use_->relations, relation);
    Json names = Names(relation);
    names["model"] = relation.model != nullptr;
    return HostValue("relation", task_->relation_sql(relation, false), names);
}

Json ModelContext::Ref(const Json& positional) {
    std::string name = TextArgument(positional, 0, "ref");
    // ref('package', 'model') and ref('schema', 'model').
    if (positional.size() > 1) {
        const std::string model = TextArgument(positional, 1, "ref");
        name = name == project_.name ? model : name + "." + model;
    }
    const Model* model = FindModel(name);
    if (model == nullptr) {
        std::vector<std::string> known;
        for (const Model& other : project_.models) {
            known.push_back(other.ref_name);
            known.push_back(other.Id());
        }
        throw Error(ErrorKind::kInvalidInput, "ref: there is no model `{}`{}", name,
                    DidYouMean(name, known));
    }
    return Use({model->schema, model->name, model});
}

Json ModelContext::Source(const Json& positional) {
    const std::string schema = TextArgument(positional, 0, "source");
    const std::string name = TextArgument(positional, 1, "source");
    const std::string id = schema + "." + name;
    const auto all = {&project_.sources, &std::as_const(known_tables_)};
    for (const auto* tables : all) {
        for (const SourceTable& table : *tables) {
            if (EqualsIgnoreCase(table.SaidId(), id))
                return Use({table.schema, table.name, nullptr});
        }
    }
    std::vector<std::string> known;
    for (const auto* tables : all) {
        for (const SourceTable& table : *tables) known.push_back(table.SaidId());
    }
    throw Error(ErrorKind::kInvalidInput,
                "source: nothing is known of `{}`{} (a source is what sources/*.yml land, what "
                "`sources:` in a YAML "
                "file beside the models names, or a table that is there)",
                id, DidYouMean(id, known));
}

Json ModelContext::Stream(const Json& positional) {
    if (positional.empty() || !positional[0].is_object() || !positional[0].contains("identifier")) {
        throw Error(ErrorKind::kInvalidInput,
                    "stream needs a relation: stream(source('bronze', 'flights'))");
    }
    const std::string schema = positional[0]["schema"];
    const std::string name = positional[0]["identifier"];
    const bool is_model = positional[0].value("model", false);
    const Relation relation{schema, name, is_model ? FindModel(schema + "." + name) : nullptr};
    if (relation.model != nullptr &&
        relation.model->config.materialized == Materialized::kEphemeral) {
        throw Error(ErrorKind::kInvalidInput,
                    "stream: {} is ephemeral, it has no versions to read from", relation.Id());
    }
    AddOnce(use_->streams, relation);
    return HostValue("relation", task_->relation_sql(relation, true), Names(relation));
}

Json ModelContext::Config(const std::string& member, const Json& positional, const Json& named) {
    if (member.empty()) {
        // config(materialized='table'), or config({'materialized': 'table'}).
        Json settings =
            positional.empty() || !positional[0].is_object() ? Json::object() : positional[0];
        settings.update(named);
        for (const auto& [key, value] : settings.items()) use_->config[key] = value;
        // A wrong setting is reported at the call, which the environment knows.
        if (task_->model != nullptr) ParseConfig(settings, RuleOf(project_));
        return "";
    }
    if (member != "get" && member != "require") {
        throw Error(ErrorKind::kInvalidInput, "config has `get` and `require`, not `{}`", member);
    }
    const std::string key = TextArgument(positional, 0, "config.get");
    if (use_->config.contains(key)) return use_->config[key];
    if (task_->model != nullptr && task_->model->yaml_config.contains(key))
        return task_->model->yaml_config[key];
    if (member == "require") throw Error(ErrorKind::kInvalidInput, "config: `{}` is not set", key);
    if (positional.size() > 1) return positional[1];
    return named.value("default", Json());
}

Json ModelContext::Adapter(const std::string& member, const Json& positional,
                           const Json& named) const {
    if (member != "dispatch")
        throw Error(ErrorKind::kInvalidInput, "adapter has `dispatch`, not `{}`", member);
    const std::string name = TextArgument(positional, 0, "adapter.dispatch");
    std::vector<std::string> packages = {project_.name};
    if (positional.size() > 1 && positional[1].is_string())
        packages.push_back(positional[1].get<std::string>());
    if (named.contains("macro_namespace"))
        packages.push_back(named["macro_namespace"].get<std::string>());
    packages.emplace_back(kDbtPackage);
    for (const std::string& package : packages) {
        for (const std::string& prefix :
             {std::string("tarn"), project_.target.type, std::string("default")}) {
            if (jinja_.HasMacro(package, prefix + "__" + name))
                return MacroValue(package, prefix + "__" + name);
        }
    }
    throw Error(ErrorKind::kInvalidInput,
                "adapter.dispatch: no tarn__{0}, {1}__{0} or default__{0} in {2}", name,
                project_.target.type, Join(packages, ", "));
}

}  // namespace tarn::pipeline
