// The ids that dbt gives to what a project has. Pure.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "pipeline/model.h"

namespace tarn::pipeline {

// "model.shop.orders"
std::string UniqueId(const std::string& type, const std::string& package, const std::string& name);
// "test.shop.unique_orders_id.5c9bf9911d": the last part tells tests of one name apart by what they
// are given.
std::string TestUniqueId(const std::string& package, const SingularTest& test);
// "unit_test.shop.orders.adds_up"
std::string UnitTestUniqueId(const Model& model, const UnitTest& test);
// What a declared test is, as dbt keeps it: {"kwargs": {"column_name": "id", "model": "{{ ... }}"},
// "name": "unique", "namespace": null}.
nlohmann::ordered_json TestMetadata(const SingularTest& test);

// How artifacts say that there is no text.
nlohmann::ordered_json Nullable(const std::string& text);

// A model's version as dbt has it: a number where it is one, null where there is none.
nlohmann::ordered_json VersionJson(const std::string& version);

}  // namespace tarn::pipeline
