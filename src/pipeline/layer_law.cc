#include "pipeline/layer_law.h"

namespace tarn::pipeline {
namespace {

[[noreturn]] void Break(const Node& node, std::string_view law, const std::string& words) {
    throw Error(ErrorKind::kInvalidInput, "{} breaks the law {}: {}", node.id, law, words)
        .At(node.model->Spot())
        .With("rule", std::string(law));
}

// The bronze table that the node reads: itself, or through what has no table of its own.
std::string BronzeBehind(const Graph& graph, const Node& node) {
    for (const SourceTable& source : node.sources) {
        if (source.schema == "bronze") return source.Id();
    }
    for (const size_t index : node.parents) {
        const Node& parent = graph.Nodes()[index];
        if (parent.model->layer == "bronze") return parent.id;
        const Materialized how = parent.config.materialized;
        if (parent.model->layer.empty() &&
            (how == Materialized::kEphemeral || how == Materialized::kView)) {
            const std::string behind = BronzeBehind(graph, parent);
            if (!behind.empty()) return behind;
        }
    }
    return "";
}

}  // namespace

void CheckLayerLaws(const Graph& graph) {
    for (const Node& node : graph.Nodes()) {
        if (node.model == nullptr || node.model->layer != "gold") continue;
        const Model& model = *node.model;
        if (model.owner.empty()) Break(node, "gold_has_owner", "its YAML needs `owner`");
        if (model.service_level.empty())
            Break(node, "gold_has_service_level", "its YAML needs `service_level`");
        if (model.consumers.empty())
            Break(node, "gold_has_consumers", "its YAML needs `consumers`");
        if (model.description.empty())
            Break(node, "gold_has_description", "its YAML needs `description`");
        const std::string bronze = BronzeBehind(graph, node);
        if (!bronze.empty()) Break(node, "gold_reads_no_bronze", "it reads " + bronze);
    }
}

}  // namespace tarn::pipeline
