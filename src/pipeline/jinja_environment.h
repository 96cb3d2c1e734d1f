// Jinja for models, tests and macros: a RAII face over the bridge in jinja/. Not thread-safe: one
// thread at a time; cheap enough to have one a thread. Never touches tables.
#pragma once

#include <exception>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "pipeline/template_lake.h"

struct TarnJinja;

namespace tarn::pipeline {

// Answers what templates call: ref(...), config.get(...).
class TemplateHost {
public:
    virtual ~TemplateHost() = default;
    // object.member(...), or object(...) with an empty member. What it throws ends the render, and
    // Render throws it again with the call's place in the template. The answer may hold the
    // values below.
    virtual nlohmann::ordered_json Call(const std::string& object, const std::string& member,
                                        const nlohmann::ordered_json& positional,
                                        const nlohmann::ordered_json& named) = 0;
};

// A table as an answer: {database, schema, identifier, type, model}, and `text`, what stands in SQL
// for it where that is not its name.
nlohmann::ordered_json RelationValue(nlohmann::ordered_json relation);
// What a query answered, its values as texts.
nlohmann::ordered_json TableValue(const LakeAnswer& answer);
// An instant, in microseconds since 1970.
nlohmann::ordered_json TimeValue(int64_t microseconds);
// A map that the host is asked for, by a call of this name, when a template looks into it.
nlohmann::ordered_json AskedValue(const std::string& name);
// A macro as an answer, for dispatch.
nlohmann::ordered_json MacroValue(const std::string& package, const std::string& name);

class JinjaEnvironment {
public:
    // `host` outlives the environment; `names` are the objects that it answers for.
    JinjaEnvironment(TemplateHost& host, const std::vector<std::string>& names);
    ~JinjaEnvironment();
    JinjaEnvironment(const JinjaEnvironment&) = delete;
    JinjaEnvironment& operator=(const JinjaEnvironment&) = delete;

    // The source of what dbt gives to every project, as its package `dbt`.
    static std::string DbtMacros();
    // The macros of one file. InvalidInput with the place of a mistake. The last definition of a
    // name wins as the plain global; `package.name` reaches each package's own. Without `global`
    // only what has a name that is free is called by it alone.
    void AddMacros(const std::string& package, const std::string& file, const std::string& source,
                   bool global = true);
    bool HasMacro(const std::string& package, const std::string& name) const;
    std::vector<std::string> MacroNames(const std::string& package) const;

    // Renders a text; `file` is its name in errors, `context` an object of further globals.
    // InvalidInput with file, line, column, and the chain of macro calls as context "called".
    std::string Render(const std::string& file, const std::string& source,
                       const nlohmann::ordered_json& context);

private:
    struct Deleter {
        void operator()(TarnJinja* jinja) const;
    };
    struct Bridge;

    TemplateHost& host_;
    std::exception_ptr thrown_;  // by the host, in the render that runs
    std::unique_ptr<TarnJinja, Deleter> jinja_;
    std::set<std::pair<std::string, std::string>> macros_;
};

}  // namespace tarn::pipeline
