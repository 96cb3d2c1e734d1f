// What a template may call, in dbt's words: ref, source, config, var, env_var, this,
// is_incremental, adapter, exceptions, log, target, graph; and Tarn's own stream(relation), which
// reads only the rows that are new in an append-only table. Not thread-safe.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <nlohmann/json.hpp>

#include "pipeline/adapter_calls.h"
#include "pipeline/jinja_environment.h"
#include "pipeline/model.h"
#include "pipeline/template_settings.h"

namespace tarn::pipeline {

// Whose macros are those that dbt gives to every project.
inline constexpr const char* kDbtPackage = "dbt";

// One table that a template names.
struct Relation {
    std::string schema;
    std::string name;
    const Model* model = nullptr;  // set: a model of the project
    std::string event_time = {};   // the column that a microbatch filters it by
    std::string external = {};     // what stands for it where it is no table
    // What source() says, of a source: several may be of one table.
    std::string said_source = {};
    std::string said_table = {};
    std::string Id() const { return schema + "." + name; }
};

// How one render sees the world.
struct RenderTask {
    std::string file;                    // name in messages
    std::string source;                  // the template
    const Model* model = nullptr;        // whose SQL it is; null for a test
    const SingularTest* test = nullptr;  // whose SQL it is, where it is a test's
    bool incremental = false;            // what is_incremental() says
    bool executing = false;              // what `execute` says: false while the graph is made
    TemplateLake* lake = nullptr;        // null: who asks while executing is refused
    nlohmann::ordered_json batch;        // model.batch
    std::string compiled;                // what its materialization makes a table of
    // Laid over the variables and the environment: those of a unit test.
    const nlohmann::ordered_json* vars = nullptr;
    const nlohmann::ordered_json* env_vars = nullptr;
    // Further globals.
    nlohmann::ordered_json globals = nlohmann::ordered_json::object();
    // The SQL in place of a relation; `streamed`: only its new rows.
    std::function<std::string(const Relation& relation, bool streamed)> relation_sql;
};

// What a render called.
struct RenderUse {
    std::vector<Relation> relations;  // each once, in order of first use
    std::vector<Relation> streams;    // those given to stream()
    nlohmann::ordered_json config = nlohmann::ordered_json::object();
    bool asked_incremental = false;  // it looked at is_incremental()
    bool names_disabled = false;     // a test named a model that is left out
    bool asked = false;              // the lake was asked, or would have been, had there been one
};

// What models call on a first run, by their unique ids.
using Discoveries = std::unordered_map<std::string, RenderUse>;

class ModelContext final : public TemplateHost {
public:
    // `project` outlives the context. InvalidInput: a mistake in a macro file. `known_tables` are
    // tables beside the project's own sources that source() may name (what is ingested, what is
    // there).
    ModelContext(const Project& project, TemplateSettings settings,
                 std::vector<SourceTable> known_tables);

    // InvalidInput with file, line and column; an unknown ref or source names the nearest. `use` is
    // filled also where it throws.
    std::string Render(const RenderTask& task, RenderUse& use);

    // What a template calls, found by rendering it with names in the place of SQL and `execute`
    // false. InvalidInput: as Render.
    RenderUse Discover(const std::string& file, const std::string& source, const Model* model,
                       bool incremental, const SingularTest* test = nullptr);

    // What `graph` and `selected_resources` are from here on, while templates are executed.
    void ShowGraph(std::function<nlohmann::ordered_json()> graph) { graph_ = std::move(graph); }
    void ShowSelected(std::vector<std::string> ids) { selected_ = std::move(ids); }

    // "flights" or "silver.flights" to the model or seed, as the package's files see it; nothing
    // when there is none. InvalidInput: several have the name.
    const Model* FindModel(const std::string& name, const std::string& package = "",
                           const std::string& version = "") const;
    bool HasMacro(const std::string& package, const std::string& name) const;
    // Is another macro called in the place of this one of dbt's.
    bool IsRedirected(const std::string& name) const;
    std::vector<std::string> MacroNames(const std::string& package) const;
    // The package whose macro a file of `package` means by this name; nothing: nobody has it.
    std::optional<std::string> PackageOfMacro(const std::string& name,
                                              const std::string& package) const;

    // The macro of the project, of a package or of dbt's that makes what it calls so, as
    // "package.macro"; nothing: nobody has one.
    std::optional<std::string> FindMaterialization(const std::string& name) const;
    // What the project has a materialization of its own for is kCustom, also where it is called as
    // one of ours. InvalidInput: it is called as nothing is.
    void ResolveMaterialization(ModelConfig& config) const;

    nlohmann::ordered_json Call(const std::string& object, const std::string& member,
                                const nlohmann::ordered_json& positional,
                                const nlohmann::ordered_json& named) override;

private:
    using Json = nlohmann::ordered_json;
    using Answer = Json (ModelContext::*)(const std::string& member,
                                          const CallArguments& arguments);
    static const std::map<std::string, Answer>& Answers();

    void FindRedirects();
    Json Globals(const RenderTask& task) const;
    const std::string& Package() const;  // whose file is rendered

    Json Ref(const std::string& member, const CallArguments& arguments);
    // What is told of a name that no model has.
    Json RefToNone(const std::string& name, const std::string& version);
    Json Source(const std::string& member, const CallArguments& arguments);
    Json Stream(const std::string& member, const CallArguments& arguments);
    Json Config(const std::string& member, const CallArguments& arguments);
    Json Setting(const std::string& key) const;
    Json Var(const std::string& member, const CallArguments& arguments);
    Json EnvVar(const std::string& member, const CallArguments& arguments);
    Json IsIncremental(const std::string& member, const CallArguments& arguments);
    Json Adapter(const std::string& member, const CallArguments& arguments);
    Json Dispatch(const CallArguments& arguments) const;
    // The packages in which dispatch looks for macros of this namespace, the nearest first.
    std::vector<std::string> SearchOrder(const std::string& space) const;
    // The package and the macro that dispatch means by a name; nothing: nobody has one.
    std::optional<std::pair<std::string, std::string>> FindDispatched(
        const std::string& name, const std::vector<std::string>& packages,
        const std::vector<std::string>& prefixes) const;
    // What a macro for one engine begins with, the nearest first: "duckdb", "default".
    std::vector<std::string> EnginePrefixes() const;
    Json Log(const std::string& member, const CallArguments& arguments);
    Json Tell(const std::string& member, const CallArguments& arguments);
    Json Exceptions(const std::string& member, const CallArguments& arguments);
    Json FromYaml(const std::string& member, const CallArguments& arguments);
    Json Clock(const std::string& member, const CallArguments& arguments);
    Json Graph(const std::string& member, const CallArguments& arguments);
    Json Use(const Relation& relation);
    // Of the name that ref() says, in any package; of several versions the wanted one, which is the
    // latest where none is said.
    std::vector<const Model*> ModelsNamed(const std::string& name,
                                          const std::string& version = "") const;

    const Project& project_;
    TemplateSettings settings_;
    std::vector<SourceTable> known_tables_;
    JinjaEnvironment jinja_;
    // What macros of dbt's are called in the place of, as globals that the bridge knows.
    Json redirects_ = Json::object();
    std::function<nlohmann::ordered_json()> graph_;
    std::vector<std::string> selected_;
    const RenderTask* task_ = nullptr;  // of the render that runs
    RenderUse* use_ = nullptr;
    // Places in Project::models by what ref() says, folded; made anew when models are left out.
    mutable std::unordered_multimap<std::string, size_t> by_name_;
    mutable size_t indexed_models_ = 0;
};

}  // namespace tarn::pipeline
