// A project, read and understood: its models rendered once each, the graph of what reads what, and
// all of it under dbt's ids. What every command begins with. Not thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "catalog/catalog.h"
#include "engine/session.h"
#include "pipeline/graph.h"
#include "pipeline/inventory.h"
#include "pipeline/model.h"
#include "pipeline/model_context.h"
#include "pipeline/node_compiler.h"
#include "pipeline/selection.h"
#include "pipeline/template_lake.h"
#include "storage/object_store.h"

namespace tarn::pipeline {

using Environment = std::function<std::optional<std::string>(const std::string&)>;

struct ProjectRequest : SelectionRequest {
    nlohmann::ordered_json vars = nlohmann::ordered_json::object();
    std::string target;           // an output of the profile; empty: the profile's own choice
    std::string profiles_folder;  // ProjectOptions
    std::string profile;          // ProjectOptions
    std::string target_folder;    // of artifacts; empty: as DBT_TARGET_PATH or the project says
    std::optional<int64_t> threads = std::nullopt;  // what target.threads says
};

// What a project is read from; all of it outlives what is loaded.
struct ProjectParts {
    catalog::Catalog& catalog;
    engine::Session& session;
    storage::ObjectStore& store;
    Environment environment;  // for env_var
    TemplateRun run = {};     // what templates are told of
};

// Where the project in `root` keeps its artifacts, absolute; nothing of it is read but what says
// so.
std::string TargetFolderOf(const ProjectRequest& request, const std::string& root,
                           const Environment& environment);

class LoadedProject {
public:
    // Reads the lake's project. InvalidInput with file, line and column for a mistake in it,
    // Unsupported for what this version does not build.
    LoadedProject(const ProjectRequest& request, const ProjectParts& parts);
    LoadedProject(const LoadedProject&) = delete;
    LoadedProject& operator=(const LoadedProject&) = delete;

    const Project& project() const { return project_; }
    const Graph& graph() const { return graph_; }
    const Inventory& inventory() const { return inventory_; }
    NodeCompiler& compiler() { return compiler_; }
    ModelContext& context() { return context_; }
    // What templates ask.
    TemplateLake& lake() { return lake_; }
    // The lake's name, which stands in front of schemas.
    const std::string& database() const { return database_; }
    // Absolute.
    const std::string& target_folder() const { return target_folder_; }

    // Items of the inventory. InvalidInput: Select.
    std::vector<size_t> Select(const SelectionRequest& request) const;
    // A SELECT with Jinja that is no file of the project, over the tables as they are.
    // InvalidInput with its place in the text.
    CompiledSql CompileInline(const std::string& text);
    // "name" or "package.name" to a macro that is there, as "package.name". InvalidInput: nobody
    // has it (the nearest is named).
    std::string FindMacro(const std::string& macro) const;
    // Calls what FindMacro found with the fields of `arguments` by their names, as dbt's
    // run-operation does: what it asks of the lake is run. Errors: its own.
    void CallMacro(const std::string& macro, const nlohmann::ordered_json& arguments);

private:
    const std::string database_;
    TemplateSettings settings_;
    Project project_;
    ModelContext context_;
    Graph graph_;
    Inventory inventory_;
    SessionLake lake_;
    NodeCompiler compiler_;
    std::string target_folder_;
};

}  // namespace tarn::pipeline
