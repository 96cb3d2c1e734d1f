// Parses the SQL of models, tests and expectations before anything runs, so that a mistake in the
// last model is found before the first is written.
#pragma once

#include <vector>

#include "engine/session.h"
#include "pipeline/graph.h"
#include "pipeline/node_compiler.h"

namespace tarn::pipeline {

// InvalidInput with file, line and column: a syntax error, or a model that is no SELECT. Names of
// tables and columns are not looked up: they may come into being in this very build.
void CheckSyntax(engine::Session& session, const Graph& graph, NodeCompiler& compiler,
                 const std::vector<size_t>& nodes);

}  // namespace tarn::pipeline
