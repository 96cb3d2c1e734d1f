// What uses the tables of a project from outside: dashboards, notebooks, applications.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/yaml.h"

namespace tarn::pipeline {

struct Exposure {
    std::string name;
    std::string file;
    std::string package = {};  // whose files say it
    TextSpot spot{};
    std::string type;  // "dashboard"
    std::string label;
    std::string url;
    std::string maturity;  // "high", or empty
    std::string description;
    std::string owner_name;
    std::string owner_email;
    std::vector<std::string> tags;
    nlohmann::ordered_json meta = nlohmann::ordered_json::object();
    bool enabled = true;
    // Jinja calls and where they stand: "ref('orders')".
    std::vector<std::pair<std::string, TextSpot>> depends_on;
};

// An entry below `exposures:`, but its description, which may hold doc blocks. InvalidInput with
// its place: an unknown key, a type or maturity that is none, an owner without a name and an
// address.
Exposure ReadExposure(const YamlNode& node, const std::string& file);

}  // namespace tarn::pipeline
