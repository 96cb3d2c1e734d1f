#include "engine/duck/temp_lineage.h"

#include "base/text.h"

namespace tarn::engine::duck {

// Beyond the limit the session has forgotten its old tables: what is made now is read next.
void TempLineage::Made(const std::string& table, const StatementLineage& lineage) {
    if (tables_.size() >= kMostTables) tables_.clear();
    tables_[AsciiLower(table)] = {};
    Added(table, lineage);
}

void TempLineage::Added(const std::string& table, const StatementLineage& lineage) {
    const auto found = tables_.find(AsciiLower(table));
    if (found == tables_.end()) return;
    Table& known = found->second;
    size_t edges = known.rows.size();
    for (const auto& [name, of_column] : known.columns) edges += of_column.size();
    if (edges + lineage.edges.size() > StatementLineage::kMostEdges) return;
    const size_t first = known.datasets.size();
    known.datasets.insert(known.datasets.end(), lineage.inputs.begin(), lineage.inputs.end());
    for (const LineageEdge& edge : lineage.edges) {
        auto& edges_of = edge.output.empty() ? known.rows : known.columns[AsciiLower(edge.output)];
        edges_of.push_back({first + edge.input, edge.column, edge.effect, edge.masking});
    }
}

const TempLineage::Table* TempLineage::Find(const std::string& table) const {
    const auto found = tables_.find(AsciiLower(table));
    return found == tables_.end() ? nullptr : &found->second;
}

}  // namespace tarn::engine::duck
