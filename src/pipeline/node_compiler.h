// From a node of the graph to SQL for the engine: relations become names at the versions recorded
// for the run, ephemeral models become subqueries. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/compiled_sql.h"
#include "pipeline/graph.h"
#include "pipeline/microbatch.h"

namespace tarn::pipeline {

// Up to where a run reads its inputs. Keys are ids ("bronze.flights").
struct ReadVersions {
    // A table that is not here is read as it is.
    std::map<std::string, int64_t> up_to;
    // Streams of an incremental run: only rows of later versions.
    std::map<std::string, int64_t> after;
    // What stands in the place of a table: a SELECT.
    std::map<std::string, std::string> instead = {};
    // Of a microbatch: inputs that have an event time give its rows alone.
    std::optional<Batch> batch = {};
    // false: something is read that has no version, such as a view that the project does not make.
    bool is_complete = true;
};

// How a unit test sees its model.
struct UnitRender {
    const Model& model;
    bool incremental = false;
    const nlohmann::ordered_json& vars;
    const nlohmann::ordered_json& env_vars;
    const nlohmann::ordered_json& macros;            // what they give instead
    std::map<std::string, std::string> inputs = {};  // a SELECT in the place of each table, by id
};

class NodeCompiler {
public:
    // Both outlive the compiler.
    NodeCompiler(const Graph& graph, ModelContext& context) : graph_(graph), context_(context) {}

    // From here on templates may ask the lake, which outlives the compiler.
    void Ask(TemplateLake& lake) { lake_ = &lake; }
    // As Compile, without any lake; nothing when the template asks one.
    std::optional<CompiledSql> CompileUnasked(const Node& node, bool incremental);

    // InvalidInput with file, line and column.
    CompiledSql Compile(const Node& node, bool incremental, const ReadVersions& versions);

    // Further SQL of a test's own, over tables as they are: what its `source` comes to.
    std::string CompileBeside(const Node& node, const std::string& source);

    // What a model is, over tables as they are, for a materialization of the project's own; and the
    // call of that, which runs what it asks for.
    std::string CompileBody(const Node& node, bool incremental);
    void Materialize(const Node& node, const std::string& body);

    // A hook of the model, or of the build: whatever SQL it comes to, over tables as they are.
    std::string CompileHook(const std::string& text, const Model* model,
                            const nlohmann::ordered_json& globals);

    // A model's SQL for a unit test.
    CompiledSql CompileUnit(const UnitRender& render);
    // What an input of a unit test names: "ref('x')", "this".
    Relation RelationNamed(const std::string& input, const Model& model, const TextSpot& spot);

    // The tables that the node reads, itself or through ephemeral models, once each; views among
    // them.
    std::vector<SourceTable> TablesRead(const Node& node) const;
    // SQL for one input as the node's own SQL reads it, for counting its rows. `id` is a table or
    // model.
    std::string InputSql(const std::string& id, bool incremental, const ReadVersions& versions);

private:
    std::string RelationSql(const Relation& relation, bool streamed, bool incremental,
                            const ReadVersions& versions);
    std::string WholeSql(const Relation& relation, bool streamed, bool incremental,
                         const ReadVersions& versions);
    std::string Render(RenderTask task);
    // The node's own text, or another in its place.
    std::string RenderNode(const Node& node, const std::string& source, bool incremental,
                           const ReadVersions& versions);
    // Renders the models that the node reads as subqueries; renders do not nest.
    void PrepareInlined(const Node& node, bool incremental, const ReadVersions& versions);

    const Graph& graph_;
    ModelContext& context_;
    TemplateLake* lake_ = nullptr;
    bool asked_ = false;                          // the lake, by what was compiled last
    std::string header_;                          // of what was compiled last
    std::map<std::string, std::string> inlined_;  // id to SQL, of the node at hand
};

}  // namespace tarn::pipeline
