// The graph of a project: what reads what, found by rendering every model, and a total order to run
// in. Every test is a node of its own: those of tests/, and those that YAML declares. Immutable
// once made.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <nlohmann/json.hpp>

#include "pipeline/model.h"
#include "pipeline/model_context.h"

namespace tarn::pipeline {

struct Node {
    std::string id;                // "silver.flights", "test.no_orphans"
    const Model* model = nullptr;  // one of the three is set
    const SingularTest* test = nullptr;
    const UnitTest* unit = nullptr;
    ModelConfig config;  // YAML with config(...) of the SQL over it
    nlohmann::ordered_json settings = nlohmann::ordered_json::object();  // the same as written
    quality::TestOptions test_options;                                   // of a test
    std::vector<size_t> parents;  // nodes it reads, as indices into Graph::Nodes()
    // Tests of what it reads, and its unit tests: they must hold before it runs.
    std::vector<size_t> gates;
    std::vector<SourceTable> sources;   // tables it reads that no model builds
    std::vector<std::string> streams;   // ids of what it gives to stream()
    bool streams_its_input = false;     // a streaming table that gives nothing to stream()
    std::optional<size_t> tested_node;  // of a test that a model's YAML declares: that model
    bool IsTest() const { return model == nullptr; }
    std::string File() const {
        if (unit != nullptr) return unit->spot.file;
        return model != nullptr ? model->file : test->file;
    }
};

class Graph {
public:
    // Renders each model and test as a first run, and one that asks is_incremental() as a later one
    // too, so that what that hides is found as well. InvalidInput with file, line and column: an
    // unknown ref or source, a wrong setting, a test that nobody has, a circle (naming its way
    // round). `project` outlives the graph. What is `known` already is not rendered again.
    Graph(const Project& project, ModelContext& context, const Discoveries& known = {});

    // In an order in which parents and gates come first; seeds first, equal ranks by id.
    const std::vector<Node>& Nodes() const { return nodes_; }
    // -1 when there is none. Case does not matter.
    int Find(const std::string& id) const;

private:
    // Of a node that was added: ids of what it reads, once all are known.
    using Reads = std::vector<std::vector<std::string>>;

    void Add(Node node, const RenderUse& found, Reads& reads);
    void AddModel(const Project& project, const Model& model, ModelContext& context,
                  const Discoveries& known, Reads& reads);
    void AddDeclaredTests(const Project& project, const Model& model, ModelContext& context,
                          Reads& reads);
    // Each behind what its model reads, whose columns it asks.
    void AddUnitTests();
    void AddTest(const Project& project, const SingularTest& test, ModelContext& context,
                 Reads& reads);
    void FindGates();
    void Order();
    // Those on a circle, and what waits for them, are left out.
    std::vector<size_t> RunOrder() const;
    void ReportCycle(const std::vector<size_t>& order) const;
    void IndexIds();

    std::vector<Node> nodes_;
    std::unordered_map<std::string, size_t> by_id_;  // folded
    std::vector<std::unique_ptr<SingularTest>> declared_tests_;
};

}  // namespace tarn::pipeline
