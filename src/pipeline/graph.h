// The graph of a project: what reads what, found by rendering every model; a total order to run in;
// and selections of it. Immutable once made.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "pipeline/model.h"
#include "pipeline/model_context.h"

namespace tarn::pipeline {

struct Node {
    std::string id;                // "silver.flights", "test.no_orphans"
    const Model* model = nullptr;  // one of the two is set
    const SingularTest* test = nullptr;
    ModelConfig config;                 // YAML with config(...) of the SQL over it
    quality::TestOptions test_options;  // of a test
    std::vector<size_t> parents;        // nodes it reads, as indices into Graph::Nodes()
    // Tests of the model that read what is made from it: nodes of their own, behind that.
    std::set<const quality::DataTest*> late_tests;
    std::vector<size_t> tested_with;   // nodes that its declared tests read: they run before it too
    std::vector<SourceTable> sources;  // tables it reads that no model builds
    std::vector<std::string> streams;  // ids of what it gives to stream()
    std::string File() const { return model != nullptr ? model->file : test->file; }
};

class Graph {
public:
    // Renders each model and test as a first run and as an incremental one, so that what
    // is_incremental() hides is found as well. InvalidInput with file, line and column: an unknown
    // ref or source, a wrong setting, a test that nobody has, a circle (naming its way round), a
    // test that reads what reads its model (in a dbt project it is a node of its own). `project`
    // outlives the graph.
    Graph(const Project& project, ModelContext& context);

    // In an order in which parents come first; equal ranks by id.
    const std::vector<Node>& Nodes() const { return nodes_; }
    // -1 when there is none.
    int Find(const std::string& id) const;

    // Which nodes the selectors mean, in run order; no selector means all. A selector is a name, an
    // id, a schema, a path ("models/silver" or a file) or `tag:word`; `+x` adds what x reads, `x+`
    // what reads it; `a,b` is what both mean. A test comes along when all that it reads is
    // selected. InvalidInput: a selector that means nothing (the nearest name is given).
    std::vector<size_t> Select(const std::vector<std::string>& selectors) const;

private:
    void FindTestedWith(const Project& project, ModelContext& context);
    // Is the node made from the other one, or that itself.
    bool IsBehind(size_t node, size_t other) const;
    void AddLateTest(size_t of, const quality::DataTest& test, std::vector<size_t> reads);
    void Order();
    // Parents first; those on a circle, and what waits for them, are left out.
    std::vector<size_t> RunOrder(bool with_tests) const;
    void ReportCycle(const std::vector<size_t>& order) const;
    std::set<size_t> Matches(const std::string& selector) const;
    std::set<size_t> MatchesTerm(const std::string& term) const;
    void AddParents(size_t node, std::set<size_t>& into) const;
    void AddChildren(size_t node, std::set<size_t>& into) const;

    std::vector<Node> nodes_;
    std::vector<std::unique_ptr<SingularTest>> late_tests_;
};

}  // namespace tarn::pipeline
