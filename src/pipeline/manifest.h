// dbt's manifest.json (version 12) and the parts that other artifacts share: what a project has, as
// other tools read it. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "pipeline/loaded_project.h"

namespace tarn::pipeline {

// One run of a command, as artifacts tell of it.
struct Invocation {
    std::string id;       // a UUID
    std::string command;  // "build"
    TimestampUs started{};
    TimestampUs now{};  // when the artifact is made
    nlohmann::ordered_json arguments = nlohmann::ordered_json::object();
};

// `metadata` of an artifact: "manifest", 12.
nlohmann::ordered_json ArtifactMetadata(const Invocation& invocation, const std::string& artifact,
                                        int version);

// The table or view that stands for it; nothing where none does, as for tests.
std::optional<engine::TableName> TableOf(const LoadedProject& loaded, const Item& item);
// The same as "lake"."main"."orders"; empty for nothing.
std::string RelationName(const LoadedProject& loaded, const Item& item);
// Where a node's SQL lies below target/compiled and target/run: "shop/models/staging/orders.sql".
std::string SqlPath(const Item& item);

// `compiled`: the SQL of items by unique id, as far as it was made.
nlohmann::ordered_json Manifest(const LoadedProject& loaded, const Invocation& invocation,
                                const std::map<std::string, std::string>& compiled);

}  // namespace tarn::pipeline
