// From a node of the graph to SQL for the engine: relations become names at the versions recorded
// for the run, ephemeral models become subqueries. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "pipeline/compiled_sql.h"
#include "pipeline/graph.h"

namespace tarn::pipeline {

// Up to where a run reads its inputs. Keys are ids ("bronze.flights").
struct ReadVersions {
    // A table that is not here is read as it is.
    std::map<std::string, int64_t> up_to;
    // Streams of an incremental run: only rows of later versions.
    std::map<std::string, int64_t> after;
    // false: something is read that has no version, such as a view that the project does not make.
    bool is_complete = true;
};

class NodeCompiler {
public:
    // Both outlive the compiler.
    NodeCompiler(const Graph& graph, ModelContext& context) : graph_(graph), context_(context) {}

    // InvalidInput with file, line and column.
    CompiledSql Compile(const Node& node, bool incremental, const ReadVersions& versions);

    // The tables that the node reads, itself or through ephemeral models, once each; views among
    // them.
    std::vector<SourceTable> TablesRead(const Node& node) const;
    // SQL for one input as the node's own SQL reads it, for counting its rows. `id` is a table or
    // model.
    std::string InputSql(const std::string& id, bool incremental, const ReadVersions& versions);

private:
    std::string RelationSql(const Relation& relation, bool streamed, bool incremental,
                            const ReadVersions& versions);
    // Renders the models that the node reads as subqueries; renders do not nest.
    void PrepareInlined(const Node& node, bool incremental, const ReadVersions& versions);

    const Graph& graph_;
    ModelContext& context_;
    std::map<std::string, std::string> inlined_;  // id to SQL, of the node at hand
};

}  // namespace tarn::pipeline
