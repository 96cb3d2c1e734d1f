// What templates ask of `adapter`: relations, columns, statements. Answered from the lake, and with
// nothing while the graph is made, as dbt has it. Dispatch of macros is not here. Pure but for what
// the lake does.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "pipeline/model.h"
#include "pipeline/template_lake.h"

namespace tarn::pipeline {

// The arguments of one call of a template.
struct CallArguments {
    const nlohmann::ordered_json& positional;
    const nlohmann::ordered_json& named;

    // By place or by name; null when it is not given.
    nlohmann::ordered_json At(size_t place, const char* name) const;
    // InvalidInput when it is no text.
    std::string TextAt(size_t place, const char* name) const;
    bool TruthAt(size_t place, const char* name, bool otherwise) const;
};

struct AdapterTask {
    const Target& target;
    TemplateLake* lake = nullptr;  // null: whoever asks is refused
    bool executing = false;        // false: the answers are empty
};

// InvalidInput: a member that the adapter has not (the nearest is named), or wrong arguments.
nlohmann::ordered_json CallAdapter(const AdapterTask& task, const std::string& member,
                                   const CallArguments& arguments);

// Does a call of the member ask the lake.
bool AsksTheLake(const std::string& member);

// A table as a template's value.
nlohmann::ordered_json RelationOf(const std::string& database, const engine::TableName& name,
                                  const std::string& type);

}  // namespace tarn::pipeline
