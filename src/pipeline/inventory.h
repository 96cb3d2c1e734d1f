// All that a project has, under the ids and in the words that dbt gives it: models, seeds, tests,
// sources and exposures, and what reads what. Selections, lists and artifacts speak of its items.
// Immutable once made.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <nlohmann/json.hpp>

#include "pipeline/graph.h"
#include "pipeline/model.h"
#include "pipeline/model_context.h"

namespace tarn::pipeline {

struct Item {
    // "model", "seed", "snapshot", "test", "unit_test", "source", "exposure", "semantic_model",
    // "metric", "saved_query"
    std::string type;
    std::string unique_id;  // "model.shop.orders"
    std::string name;
    std::string package;
    std::string file;              // "models/staging/orders.sql"; of a declared test: its YAML's
    std::vector<std::string> fqn;  // package, folders, name
    std::vector<std::string> tags;
    nlohmann::ordered_json config = nlohmann::ordered_json::object();
    std::vector<size_t> parents;   // items that it reads
    std::vector<size_t> children;  // items that read it
    std::optional<size_t> node;    // what a build runs of it, as an index into Graph::Nodes()
    std::string node_id;           // that one's id: "silver.flights"
    const SourceTable* source = nullptr;      // of a source
    const Exposure* exposure = nullptr;       // of an exposure
    const SemanticEntry* semantic = nullptr;  // of what the semantic layer has
    std::string patch_file;                   // the YAML that describes it
    std::string test_word;                    // of a declared test: "unique"
    bool is_of_root = true;                   // not of a package
    bool is_version = false;  // of one of several of a model: "v2" is the end of `fqn`
};

class Inventory {
public:
    // All outlive the inventory. InvalidInput with its place: an exposure that depends on what is
    // not there.
    Inventory(const Project& project, const Graph& graph, ModelContext& context);
    Inventory(const Inventory&) = delete;
    Inventory& operator=(const Inventory&) = delete;

    // Nodes of the graph in run order, then sources, then the semantic layer, then exposures.
    const std::vector<Item>& Items() const { return items_; }
    const Item& OfNode(size_t node) const { return items_[node]; }
    // Nothing when there is none.
    std::optional<size_t> Find(const std::string& unique_id) const;

private:
    void AddNodes(const Project& project, const Graph& graph);
    void AddSources(const Project& project, const Graph& graph);
    void AddSemantics(const Project& project, const Graph& graph, ModelContext& context);
    // What a call such as "ref('orders')" or "metric('revenue')" names.
    void AddParents(const Project& project, const Graph& graph, ModelContext& context,
                    const std::pair<std::string, TextSpot>& call, Item& item);
    void AddExposures(const Project& project, const Graph& graph, ModelContext& context);
    size_t SourceItem(const Project& project, const SourceTable& table);
    // InvalidInput at the spot: there is none (the nearest is named).
    size_t Named(const std::string& type, const std::string& name, const TextSpot& spot) const;
    void Add(Item item);

    std::vector<Item> items_;
    std::unordered_map<std::string, size_t> by_id_;
    std::unordered_map<std::string, size_t> source_by_said_;  // as source() says it, folded
    std::deque<SourceTable> found_sources_;                   // that only exposures name
};

}  // namespace tarn::pipeline
