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
// What a declared test is given, as dbt keeps it: {"column_name": "id", "model": "{{ ... }}"}.
nlohmann::ordered_json TestArguments(const SingularTest& test);

}  // namespace tarn::pipeline
