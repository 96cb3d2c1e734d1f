// Tests of a table as templates: SQL with Jinja in it, of the rows that break them.
#pragma once

#include <string>
#include <utility>

#include "pipeline/model.h"
#include "quality/data_tests.h"

namespace tarn::pipeline {

// `relation` is the tested table as a Jinja expression: "ref('orders')"; `check` is null for a test
// by a macro.
std::string TestTemplate(const quality::DataTest& test, const std::string& relation,
                         const quality::SetCheck* check);
// The rows that it tests, as what a FROM may name.
std::string TestedRowsTemplate(const quality::DataTest& test, const std::string& relation);

// The model's table as a Jinja expression.
std::string RefTo(const Model& model);

// The declared test of a table, as a SELECT of its own.
SingularTest TestOf(const quality::DataTest& test, const std::string& relation,
                    const std::string& package, const quality::SetCheck* check = nullptr);

// The macro that a test's word names, with its package, which is empty where none is said: ("",
// "test_even").
std::pair<std::string, std::string> MacroOf(const quality::DataTest& test);

}  // namespace tarn::pipeline
