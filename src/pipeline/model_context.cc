#include "pipeline/model_context.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "base/yaml.h"
#include "pipeline/dbt_project.h"
#include "pipeline/model_config.h"
#include "pipeline/node_json.h"
#include "pipeline/vocabulary.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

void AddOnce(std::vector<Relation>& relations, const Relation& relation) {
    const bool there = std::any_of(relations.begin(), relations.end(), [&](const Relation& other) {
        return other.Id() == relation.Id() && other.said_source == relation.said_source &&
               other.said_table == relation.said_table;
    });
    if (!there) relations.push_back(relation);
}

std::string DidYouMean(const std::string& word, const std::vector<std::string>& known) {
    const auto nearest = NearestWord(word, known);
    return nearest ? fmt::format(": did you mean `{}`?", *nearest) : "";
}

std::string TypeOf(const Model& model) {
    if (model.resource == Resource::kSeed) return "table";
    switch (model.config.materialized) {
        case Materialized::kView:
            return "view";
        case Materialized::kEphemeral:
            return "cte";
        default:
            return "table";
    }
}

Json ValueOf(const Relation& relation, const Target& target, const std::string& text) {
    Json value = {{"database", target.database},
                  {"schema", relation.schema},
                  {"identifier", relation.name},
                  {"model", relation.model != nullptr}};
    if (relation.model != nullptr) value["type"] = TypeOf(*relation.model);
    if (value.value("type", "") == "cte") value["identifier"] = "__dbt__cte__" + relation.name;
    if (!text.empty()) value["text"] = text;
    return RelationValue(std::move(value));
}

// ref('orders', v=2), ref('orders', version='2'); empty: the latest.
std::string VersionArgument(const Json& named) {
    for (const char* key : {"v", "version"}) {
        if (!named.contains(key) || named[key].is_null()) continue;
        return named[key].is_string() ? named[key].get<std::string>() : named[key].dump();
    }
    return "";
}

std::string EventTimeOf(const Model& model) {
    const Json column = model.settings.value("event_time", Json());
    return column.is_string() ? column.get<std::string>() : "";
}

// While the graph is made there is none.
Json NoBatch() {
    return {{"id", ""}, {"event_time_start", TimeValue(0)}, {"event_time_end", TimeValue(0)}};
}

// The macro whose SQL brings an incremental model's new rows to its table: "delete+insert".
std::string StrategyMacro(std::string strategy) {
    std::replace(strategy.begin(), strategy.end(), '+', '_');
    return "get_incremental_" + strategy + "_sql";
}

Json Arguments(const TemplateRun& run) {
    Json arguments = run.arguments.is_object() ? run.arguments : Json::object();
    arguments["which"] = run.command;
    arguments["invocation_command"] = "dbt " + run.command;
    return arguments;
}

Json Flags(const TemplateRun& run) {
    return {{"FULL_REFRESH", run.full_refresh},
            {"STORE_FAILURES", run.store_failures},
            {"WHICH", run.command},
            {"EMPTY", false},
            {"DEBUG", false},
            {"QUIET", false},
            {"FAIL_FAST", false},
            {"PARTIAL_PARSE", false},
            {"USE_COLORS", false},
            {"INTROSPECT", true},
            {"CACHE_SELECTED_ONLY", false},
            {"WARN_ERROR", false}};
}

// What every project may call, unless its own macros have the name.
constexpr const char* kOwnPackage = "tarn";
constexpr const char* kOwnMacros = R"(
{%- macro pii_hash(value, key) -%}
pii_hash({{ value }}, '{{ key | replace("'", "''") }}')
{%- endmacro %}
{%- macro pii_token(value, key) -%}
pii_token({{ value }}, '{{ key | replace("'", "''") }}')
{%- endmacro %}
{%- macro pii_partial(value, head, tail, least_length=8) -%}
pii_partial({{ value }}, {{ head }}, {{ tail }}, least_length := {{ least_length }})
{%- endmacro %})";

}  // namespace

ModelContext::ModelContext(const Project& project, TemplateSettings settings,
                           std::vector<SourceTable> known_tables)
    : project_(project),
      settings_(std::move(settings)),
      known_tables_(std::move(known_tables)),
      jinja_(*this, NamesOf(TemplateFunctions())) {
    jinja_.AddMacros(kOwnPackage, "tarn/macros.sql", kOwnMacros);
    if (project.is_dbt)
        jinja_.AddMacros(kDbtPackage, "dbt/macros.sql", JinjaEnvironment::DbtMacros());
    // Macros of packages have their package's name before them; the project's own have none.
    for (const bool own : {true, false}) {
        for (const MacroFile& macros : project.macros) {
            if ((macros.package == project.name) != own) continue;
            jinja_.AddMacros(macros.package, macros.file, macros.source, own);
        }
    }
    if (project.is_dbt) FindRedirects();
}

// dbt calls its own macros by dispatch: one of the project's, or of a package that `dispatch` names
// for `dbt`, is called in its place.
void ModelContext::FindRedirects() {
    const std::vector<std::string> packages = SearchOrder(kDbtPackage);
    const std::vector<std::string> prefixes = EnginePrefixes();
    for (const std::string& name : jinja_.MacroNames(kDbtPackage)) {
        const auto other = FindDispatched(name, packages, prefixes);
        if (other && other->first != kDbtPackage)
            redirects_["tarn_redirect:dbt." + name] = other->first + "." + other->second;
    }
}

Json ModelContext::Globals(const RenderTask& task) const {
    const TemplateRun& run = settings_.run;
    Json context = {{"execute", task.executing},
                    {"target", ToJson(project_.target)},
                    {"project_name", project_.name},
                    {"dbt_version", kDbtVersion},
                    {"invocation_id", run.id},
                    {"run_started_at", TimeValue(run.started_us)},
                    {"flags", Flags(run)},
                    {"invocation_args_dict", Arguments(run)},
                    {"thread_id", "main"},
                    {"dbt_metadata_envs", Json::object()},
                    {"selected_resources", task.executing ? Json(selected_) : Json::array()},
                    {"graph", AskedValue("graph")}};
    if (task.model != nullptr) {
        const Relation self{task.model->schema, task.model->name, task.model};
        const std::string text = task.vars == nullptr ? "" : task.relation_sql(self, false);
        context["this"] = ValueOf(self, project_.target, text);
        context["model"] = NodeJson(*task.model, project_);
        context["model"]["batch"] = task.batch.is_null() ? NoBatch() : task.batch;
    } else if (task.test != nullptr) {
        context["model"] = NodeJson(*task.test, project_);
        context["this"] = RelationOf(project_.target.database,
                                     {context["model"]["schema"], task.test->name}, "table");
    }
    if (!task.compiled.empty()) {
        for (const char* name : {"sql", "compiled_sql", "compiled_code"})
            context[name] = task.compiled;
        context["model"]["compiled_code"] = context["model"]["compiled_sql"] = task.compiled;
        // They run around it.
        context["pre_hooks"] = context["post_hooks"] = Json::array();
    }
    context.update(redirects_);
    context.update(task.globals);
    return context;
}

std::string ModelContext::Render(const RenderTask& task, RenderUse& use) {
    Check(task_ == nullptr, "renders do not nest");
    const Json context = Globals(task);
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
                                 const Model* model, bool incremental, const SingularTest* test) {
    RenderTask task;
    task.file = file;
    task.source = source;
    task.model = model;
    task.test = test;
    task.incremental = incremental;
    task.relation_sql = [](const Relation& relation, bool) { return relation.Id(); };
    RenderUse use;
    Render(task, use);
    return use;
}

bool ModelContext::HasMacro(const std::string& package, const std::string& name) const {
    return jinja_.HasMacro(package, name);
}

bool ModelContext::IsRedirected(const std::string& name) const {
    return redirects_.contains("tarn_redirect:dbt." + name);
}

std::vector<std::string> ModelContext::MacroNames(const std::string& package) const {
    return jinja_.MacroNames(package);
}

std::optional<std::string> ModelContext::PackageOfMacro(const std::string& name,
                                                        const std::string& package) const {
    for (const std::string& in : {project_.name, package, std::string(kDbtPackage)}) {
        if (jinja_.HasMacro(in, name)) return in;
    }
    for (const auto& [in, vars] : project_.package_vars) {
        if (jinja_.HasMacro(in, name)) return in;
    }
    return std::nullopt;
}

const std::string& ModelContext::Package() const {
    if (task_ != nullptr && task_->model != nullptr) return task_->model->package;
    if (task_ != nullptr && task_->test != nullptr) return task_->test->package;
    return project_.name;
}

std::vector<const Model*> ModelContext::ModelsNamed(const std::string& name,
                                                    const std::string& version) const {
    const std::vector<Model>& models = project_.models;
    if (indexed_models_ != models.size()) {
        by_name_.clear();
        for (size_t i = 0; i < models.size(); ++i)
            by_name_.emplace(AsciiLower(models[i].ref_name), i);
        indexed_models_ = models.size();
    }
    std::vector<const Model*> found;
    const auto [first, last] = by_name_.equal_range(AsciiLower(name));
    for (auto at = first; at != last; ++at) {
        const Model& model = models[at->second];
        const bool is_latest = version.empty() && model.version == model.latest_version;
        if (is_latest || (!version.empty() && model.version == version)) found.push_back(&model);
    }
    return found;
}

const Model* ModelContext::FindModel(const std::string& name, const std::string& package,
                                     const std::string& version) const {
    if (const size_t dot = name.find('.'); dot != std::string::npos) {
        const std::string_view schema = std::string_view(name).substr(0, dot);
        const std::string_view table = std::string_view(name).substr(dot + 1);
        for (const Model& model : project_.models) {
            if (EqualsIgnoreCase(model.name, table) && EqualsIgnoreCase(model.schema, schema))
                return &model;
        }
    }
    const std::vector<const Model*> found = ModelsNamed(name, version);
    // As dbt looks for a name: in the project, in the package that names it, anywhere.
    for (const std::string& in : {project_.name, package}) {
        for (const Model* model : found) {
            if (project_.is_dbt && model->package == in) return model;
        }
    }
    if (found.size() > 1) {
        throw Error(ErrorKind::kInvalidInput, "several models are named {}: say `{}` or `{}`", name,
                    found[0]->Id(), found[1]->Id());
    }
    return found.empty() ? nullptr : found.front();
}

const std::map<std::string, ModelContext::Answer>& ModelContext::Answers() {
    static const std::map<std::string, Answer> answers = {
        {"ref", &ModelContext::Ref},
        {"source", &ModelContext::Source},
        {"stream", &ModelContext::Stream},
        {"config", &ModelContext::Config},
        {"var", &ModelContext::Var},
        {"env_var", &ModelContext::EnvVar},
        {"is_incremental", &ModelContext::IsIncremental},
        {"adapter", &ModelContext::Adapter},
        {"log", &ModelContext::Log},
        {"print", &ModelContext::Tell},
        {"exceptions", &ModelContext::Exceptions},
        {"fromyaml", &ModelContext::FromYaml},
        {"tarn_clock", &ModelContext::Clock},
        {"graph", &ModelContext::Graph},
    };
    return answers;
}

Json ModelContext::Call(const std::string& object, const std::string& member,
                        const Json& positional, const Json& named) {
    Check(task_ != nullptr && use_ != nullptr, "a template calls only while it is rendered");
    const auto answer = Answers().find(object);
    const bool has_members =
        object == "config" || object == "adapter" || object == "exceptions" || object == "var";
    if (answer != Answers().end() && (member.empty() || has_members)) {
        const CallArguments arguments{positional, named};
        return (this->*answer->second)(member, arguments);
    }
    throw Error(ErrorKind::kInvalidInput, "there is no `{}{}{}`", object, member.empty() ? "" : ".",
                member);
}

Json ModelContext::Use(const Relation& relation) {
    AddOnce(use_->relations, relation);
    return ValueOf(relation, project_.target, task_->relation_sql(relation, false));
}

Json ModelContext::Ref(const std::string& /*member*/, const CallArguments& arguments) {
    const Json& positional = arguments.positional;
    std::string name = TextArgument(positional, 0, "ref");
    const std::string version = VersionArgument(arguments.named);
    const Model* model = nullptr;
    // ref('package', 'model') and ref('schema', 'model').
    if (positional.size() > 1) {
        const std::string in = name;
        const std::string wanted = TextArgument(positional, 1, "ref");
        name = in + "." + wanted;
        for (const Model* one : ModelsNamed(wanted, version)) {
            if (one->package == in) model = one;
        }
        if (model == nullptr && in == project_.name && !project_.is_dbt) name = wanted;
    }
    if (model == nullptr) model = FindModel(name, Package(), version);
    if (model == nullptr) return RefToNone(name, version);
    return Use({model->schema, model->name, model, EventTimeOf(*model)});
}

Json ModelContext::RefToNone(const std::string& name, const std::string& version) {
    const std::string last = name.substr(name.rfind('.') + 1);
    const bool is_disabled = project_.disabled.contains(last);
    if (is_disabled && task_->test != nullptr) {
        use_->names_disabled = true;
        return ValueOf({project_.target.schema, last}, project_.target, "");
    }
    if (is_disabled)
        throw Error(ErrorKind::kInvalidInput, "ref: the model `{}` is not enabled", name);
    if (!version.empty() && FindModel(name, Package()) != nullptr) {
        throw Error(ErrorKind::kInvalidInput, "ref: the model `{}` has no version {}", name,
                    version);
    }
    std::vector<std::string> known;
    for (const Model& other : project_.models) {
        known.push_back(other.ref_name);
        known.push_back(other.Id());
    }
    throw Error(ErrorKind::kInvalidInput, "ref: there is no model `{}`{}", name,
                DidYouMean(name, known));
}

Json ModelContext::Source(const std::string& /*member*/, const CallArguments& arguments) {
    const std::string schema = TextArgument(arguments.positional, 0, "source");
    const std::string name = TextArgument(arguments.positional, 1, "source");
    const std::string id = schema + "." + name;
    const auto all = {&project_.sources, &std::as_const(known_tables_)};
    for (const auto* tables : all) {
        for (const SourceTable& table : *tables) {
            if (EqualsIgnoreCase(table.SaidId(), id))
                return Use({table.schema, table.name, nullptr, table.event_time, table.external,
                            table.said_source, table.said_table});
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

Json ModelContext::Stream(const std::string& /*member*/, const CallArguments& arguments) {
    const Json& positional = arguments.positional;
    if (positional.empty() || !positional[0].is_object() || !positional[0].contains("identifier")) {
        throw Error(ErrorKind::kInvalidInput,
                    "stream needs a relation: stream(source('bronze', 'flights'))");
    }
    const std::string schema = positional[0]["schema"];
    const std::string name = positional[0]["identifier"];
    if (positional[0]["type"] == "cte") {
        throw Error(ErrorKind::kInvalidInput,
                    "stream: {}.{} is ephemeral, it has no versions to read from", schema, name);
    }
    const bool is_model = positional[0].value("model", false);
    const Relation relation{schema, name, is_model ? FindModel(schema + "." + name) : nullptr};
    AddOnce(use_->streams, relation);
    return ValueOf(relation, project_.target, task_->relation_sql(relation, true));
}

Json ModelContext::Setting(const std::string& key) const {
    const Json* own = task_->model == nullptr ? nullptr : &task_->model->over_config;
    if (own != nullptr && own->contains(key)) return (*own)[key];
    if (use_->config.contains(key)) return use_->config[key];
    if (own == nullptr) return nullptr;
    for (const Json* settings : {&task_->model->settings, &task_->model->yaml_config}) {
        if (settings->contains(key)) return (*settings)[key];
    }
    if (key == "materialized") return project_.is_dbt ? "view" : "table";
    return nullptr;
}

Json ModelContext::Config(const std::string& member, const CallArguments& arguments) {
    const Json& positional = arguments.positional;
    if (member.empty()) {
        // config(materialized='table'), or config({'materialized': 'table'}).
        Json settings =
            positional.empty() || !positional[0].is_object() ? Json::object() : positional[0];
        settings.update(arguments.named);
        for (const auto& [key, value] : settings.items()) use_->config[key] = value;
        // A wrong setting is reported at the call, which the environment knows.
        if (task_->model != nullptr) {
            ModelConfig config = ParseConfig(settings, RuleOf(project_));
            ResolveMaterialization(config);
        }
        return "";
    }
    if (member == "persist_relation_docs" || member == "persist_column_docs") return false;
    if (member == "set") {
        use_->config[arguments.TextAt(0, "name")] = arguments.At(1, "value");
        return "";
    }
    const bool is_meta = member == "meta_get" || member == "meta_require";
    const bool is_required = member == "require" || member == "meta_require";
    if (member != "get" && !is_required && !is_meta) {
        throw Error(ErrorKind::kInvalidInput, "config has `get` and `require`, not `{}`", member);
    }
    const std::string key = TextArgument(positional, 0, "config.get");
    Json value = is_meta ? Setting("meta") : Setting(key);
    if (is_meta) value = value.is_object() && value.contains(key) ? Json(value[key]) : Json();
    if (!value.is_null()) return value;
    if (is_required) throw Error(ErrorKind::kInvalidInput, "config: `{}` is not set", key);
    return arguments.At(1, "default");
}

Json ModelContext::Var(const std::string& member, const CallArguments& arguments) {
    const Json& vars = project_.VarsOf(Package());
    if (task_->vars != nullptr && !arguments.positional.empty()) {
        const std::string name = arguments.TextAt(0, "name");
        if (task_->vars->contains(name)) return member.empty() ? (*task_->vars)[name] : Json(true);
    }
    if (member == "has_var") {
        const std::string name = arguments.TextAt(0, "name");
        return settings_.vars.contains(name) || vars.contains(name);
    }
    if (!member.empty())
        throw Error(ErrorKind::kInvalidInput, "var has `has_var`, not `{}`", member);
    return VarOf(settings_, vars, arguments.positional, arguments.named);
}

Json ModelContext::EnvVar(const std::string& /*member*/, const CallArguments& arguments) {
    const std::string name = TextArgument(arguments.positional, 0, "env_var");
    if (task_->env_vars != nullptr && task_->env_vars->contains(name))
        return (*task_->env_vars)[name];
    return EnvVarOf(settings_, arguments.positional, arguments.named);
}

Json ModelContext::IsIncremental(const std::string& /*member*/,
                                 const CallArguments& /*arguments*/) {
    use_->asked_incremental = true;
    return task_->incremental;
}

Json ModelContext::Log(const std::string& member, const CallArguments& arguments) {
    // Without `info` dbt keeps it to its log file.
    if (project_.is_dbt && !arguments.TruthAt(1, "info", false)) return "";
    return Tell(member, arguments);
}

Json ModelContext::Tell(const std::string& /*member*/, const CallArguments& arguments) {
    const Json message = arguments.At(0, "msg");
    if (task_->executing && settings_.run.tell) {
        settings_.run.tell(message.is_string() ? message.get<std::string>() : message.dump());
    }
    return "";
}

Json ModelContext::Exceptions(const std::string& member, const CallArguments& arguments) {
    if (member == "warn" || member == "warn_or_error") return Tell(member, arguments);
    std::vector<std::string> words;
    for (const auto* values : {&arguments.positional, &arguments.named}) {
        for (const auto& [key, value] : values->items())
            words.push_back(value.is_string() ? value.get<std::string>() : value.dump());
    }
    throw Error(ErrorKind::kInvalidInput, "{}",
                words.empty() ? "the template raised `" + member + "`" : Join(words, " "));
}

Json ModelContext::FromYaml(const std::string& /*member*/, const CallArguments& arguments) {
    const std::string text = arguments.TextAt(0, "value");
    if (Trim(text).empty()) return arguments.At(1, "default");
    try {
        return Json::parse(YamlNode::Parse(text, task_->file).ToJson());
    } catch (const Error&) {
        const Json otherwise = arguments.At(1, "default");
        if (otherwise.is_null()) throw;
        return otherwise;
    }
}

Json ModelContext::Clock(const std::string& /*member*/, const CallArguments& /*arguments*/) {
    const TemplateRun& run = settings_.run;
    return run.now_us ? run.now_us() : run.started_us;
}

Json ModelContext::Graph(const std::string& /*member*/, const CallArguments& /*arguments*/) {
    if (task_->executing && graph_) return graph_();
    Json empty = Json::object();
    for (const char* key : {"nodes", "sources", "exposures", "metrics", "groups"})
        empty[key] = Json::object();
    return empty;
}

Json ModelContext::Adapter(const std::string& member, const CallArguments& arguments) {
    if (member == "dispatch") return Dispatch(arguments);
    if (member == "get_incremental_strategy_macro") {
        const std::string macro = StrategyMacro(arguments.TextAt(1, "strategy"));
        if (const auto package = PackageOfMacro(macro, Package()))
            return MacroValue(*package, macro);
        throw Error(ErrorKind::kInvalidInput, "adapter.{}: there is no macro {}", member, macro);
    }
    if (member == "warn_once") return Tell(member, arguments);
    if (AsksTheLake(member) && task_->executing) use_->asked = true;
    return CallAdapter({project_.target, task_->lake, task_->executing}, member, arguments);
}

std::vector<std::string> ModelContext::EnginePrefixes() const {
    std::vector<std::string> prefixes = {"tarn", project_.target.type};
    if (project_.target.type == "databricks") prefixes.emplace_back("spark");
    if (project_.target.type == "redshift") prefixes.emplace_back("postgres");
    prefixes.emplace_back("default");
    return prefixes;
}

std::optional<std::string> ModelContext::FindMaterialization(const std::string& name) const {
    for (const std::string& prefix : EnginePrefixes()) {
        const std::string macro = "materialization_" + name + "_" + prefix;
        if (const auto package = PackageOfMacro(macro, project_.name))
            return *package + "." + macro;
    }
    return std::nullopt;
}

void ModelContext::ResolveMaterialization(ModelConfig& config) const {
    CheckMaterialized(config, project_.materializations);
    if (!config.strategy_macro.empty() &&
        !PackageOfMacro(StrategyMacro(config.strategy_macro), project_.name))
        RefuseStrategy(config);
    const std::string name = MaterializedName(config);
    const auto own = FindMaterialization(name);
    const bool is_custom = config.materialized == Materialized::kCustom;
    if (is_custom && !own) {
        throw Error(ErrorKind::kInvalidInput, "`materialized: {}`: there is none for {}", name,
                    Join(EnginePrefixes(), ", "));
    }
    // One of ours gives way to the project's, not to a package's; a strategy that is a macro, to
    // what dbt gives.
    const bool is_by_macro =
        config.materialized == Materialized::kIncremental && !config.strategy_macro.empty();
    const bool is_own = own && own->starts_with(project_.name + ".");
    if (is_custom || (!is_own && !is_by_macro)) return;
    config.materialized = Materialized::kCustom;
    config.custom = name;
}

std::vector<std::string> ModelContext::SearchOrder(const std::string& space) const {
    std::vector<std::string> packages = {project_.name};
    if (const auto order = project_.dispatch.find(space); order != project_.dispatch.end()) {
        packages = order->second;
    } else {
        packages.push_back(space.empty() ? Package() : space);
    }
    packages.emplace_back(kDbtPackage);
    return packages;
}

std::optional<std::pair<std::string, std::string>> ModelContext::FindDispatched(
    const std::string& name, const std::vector<std::string>& packages,
    const std::vector<std::string>& prefixes) const {
    for (const std::string& package : packages) {
        for (const std::string& prefix : prefixes) {
            const std::string macro = prefix + "__" + name;
            if (jinja_.HasMacro(package, macro)) return std::pair(package, macro);
        }
        // What dbt gives is one for all engines; by this name it is dbt's own, whoever overrides
        // it.
        if (package == kDbtPackage && jinja_.HasMacro(package, name))
            return std::pair(package, "default__" + name);
    }
    return std::nullopt;
}

Json ModelContext::Dispatch(const CallArguments& arguments) const {
    const std::string name = TextArgument(arguments.positional, 0, "adapter.dispatch");
    const Json given = arguments.At(1, "macro_namespace");
    const std::string space = given.is_string() ? given.get<std::string>() : "";
    const std::vector<std::string> packages = SearchOrder(space);
    const std::vector<std::string> prefixes = EnginePrefixes();
    if (const auto found = FindDispatched(name, packages, prefixes))
        return MacroValue(found->first, found->second);
    throw Error(ErrorKind::kInvalidInput, "adapter.dispatch: no {} of {} in {}",
                Join(prefixes, "__, ") + "__", name, Join(packages, ", "));
}

}  // namespace tarn::pipeline
