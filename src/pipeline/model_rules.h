// What a model's settings come to, and which of them go together. Pure.
#pragma once

#include <string>

#include "pipeline/graph.h"
#include "pipeline/table_writer.h"

namespace tarn::pipeline {

// The input whose rows are counted as in for the law of rows; empty where the law does not hold for
// the model. InvalidInput at the model's YAML when there are several inputs and none is named.
std::string RowsFrom(const Graph& graph, const Node& node);
// How new rows of an incremental model meet those that are there, where it does not say so itself.
IncrementalStrategy StrategyOf(const Node& node);
// Does the model set rows aside, in QuarantineOf.
bool HasQuarantine(const Model& model);
engine::TableName QuarantineOf(const Model& model);
// What becomes of columns that an incremental model's SELECT has and its table has not.
SchemaChange SchemaChangeOf(const Node& node, const Project& project);
// What the node's settings say of how its table is written: of `write`, but the rows and marks.
void FillSettings(const Node& node, const Project& project, TableWrite& write);
// Refuses settings that do not go together, before anything runs. InvalidInput, Unsupported.
void CheckModel(const Graph& graph, const Node& node);
// Is what the model selects held to its own `contract`. Of seeds and snapshots, and of what has no
// rows of its own, none is asked.
bool HasContract(const Node& node);

}  // namespace tarn::pipeline
