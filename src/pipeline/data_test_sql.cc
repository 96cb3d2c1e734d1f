#include "pipeline/data_test_sql.h"

#include <vector>

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

// A text that calls a function is the call, as dbt has it: "ref('orders')".
bool IsCall(const std::string& text) {
    for (const char* function : {"ref(", "source(", "var(", "env_var("}) {
        if (text.starts_with(function) && text.ends_with(')')) return true;
    }
    return false;
}

// JSON as a Jinja expression.
std::string Literal(const Json& value) {
    if (value.is_null()) return "none";
    if (value.is_string()) {
        const auto text = value.get<std::string>();
        const std::string_view trimmed = Trim(text);
        if (trimmed.starts_with("{{") && trimmed.ends_with("}}"))
            return std::string(trimmed.substr(2, trimmed.size() - 4));
        return IsCall(text) ? text : value.dump();
    }
    if (!value.is_structured()) return value.dump();
    std::vector<std::string> items;
    for (const auto& [key, item] : value.items()) {
        items.push_back(value.is_object() ? Json(key).dump() + ": " + Literal(item)
                                          : Literal(item));
    }
    return value.is_object() ? "{" + Join(items, ", ") + "}" : "[" + Join(items, ", ") + "]";
}

}  // namespace

std::string RefTo(const Model& model) {
    return fmt::format("ref({}, {})", Json(model.schema).dump(), Json(model.name).dump());
}

std::pair<std::string, std::string> MacroOf(const quality::DataTest& test) {
    const size_t dot = test.macro.find('.');
    if (dot == std::string::npos) return {"", "test_" + test.macro};
    return {test.macro.substr(0, dot), "test_" + test.macro.substr(dot + 1)};
}

SingularTest TestOf(const quality::DataTest& test, const std::string& relation,
                    const std::string& package) {
    return {test.name, test.spot.file, TestTemplate(test, relation), test.options, package,
            test,      relation};
}

std::string TestTemplate(const quality::DataTest& test, const std::string& relation) {
    if (test.kind != quality::DataTestKind::kMacro) {
        return quality::FailingRows(test, "{{ " + relation + " }}", "{{ " + test.to + " }}");
    }
    std::string model = relation;
    if (!test.options.where.empty()) {
        model = fmt::format("\"(select * from \" ~ {} ~ {})", relation,
                            Json(" where " + test.options.where + "\n)").dump());
        model = "(" + model;
    }
    std::vector<std::string> arguments = {"model=" + model};
    if (!test.column.empty()) arguments.push_back("column_name=" + Json(test.column).dump());
    const Json given = Json::parse(test.arguments);
    for (const auto& [name, value] : given.items())
        arguments.push_back(name + "=" + Literal(value));
    const auto [package, macro] = MacroOf(test);
    return fmt::format("{{{{ {}{}({}) }}}}", package.empty() ? "" : package + ".", macro,
                       Join(arguments, ", "));
}

}  // namespace tarn::pipeline
