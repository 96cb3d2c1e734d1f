// Unit tests of models, as dbt has them: the model's SQL over rows that the test gives, held
// against rows that it expects. They run before the model; no table is read but for its columns.
#pragma once

#include <string>
#include <vector>

#include "base/yaml.h"
#include "pipeline/build.h"
#include "pipeline/model.h"
#include "pipeline/node_compiler.h"

namespace tarn::pipeline {

// One entry of `unit_tests:`. InvalidInput at the mistake.
UnitTest ParseUnitTest(const YamlNode& node);

// What unit tests run with.
struct UnitTestParts {
    engine::Session& session;
    NodeCompiler& compiler;
    TemplateLake& lake;
    std::string root;                        // of the project, for fixtures
    std::vector<std::string> fixture_paths;  // "tests/fixtures"
};

// The difference between what the model makes and what is expected, a line a row; empty when there
// is none. InvalidInput: the test gives an input that the model does not read, or columns that are
// not there.
std::vector<std::string> RunUnitTest(const UnitTestParts& parts, const Model& model,
                                     const UnitTest& test);

}  // namespace tarn::pipeline
