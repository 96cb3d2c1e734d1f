#include "pipeline/data_test_sql.h"

#include <vector>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "sql/quote.h"

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

// The expression of a text that is one, `{{ x }}`; empty where it is none.
std::string_view ExpressionIn(std::string_view text) {
    text = Trim(text);
    if (!text.starts_with("{{") || !text.ends_with("}}")) return {};
    const std::string_view inside = text.substr(2, text.size() - 4);
    return inside.find("}}") == inside.npos ? inside : std::string_view();
}

// JSON as a Jinja expression; a text that holds Jinja is rendered where the test is.
std::string Literal(const Json& value) {
    if (value.is_null()) return "none";
    if (value.is_string()) {
        const auto text = value.get<std::string>();
        if (const auto expression = ExpressionIn(text); !expression.empty())
            return std::string(expression);
        if (text.find("{{") != text.npos || text.find("{%") != text.npos)
            return "render(" + value.dump() + ")";
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

// A text as a literal of SQL; the value of one that is an expression.
std::string LiteralOf(const std::string& text) {
    const std::string_view expression = ExpressionIn(text);
    if (expression.empty()) return sql::QuoteLiteral(text);
    return fmt::format("'{{{{ ({}) | string | replace(\"'\", \"''\") }}}}'", expression);
}

std::string TableOf(const std::string& text) {
    const std::string_view expression = ExpressionIn(text);
    if (!expression.empty()) return "{{ " + std::string(expression) + " }}";
    if (text.find('(') != text.npos) return "{{ " + text + " }}";
    throw Error(ErrorKind::kInvalidInput,
                "`{}` names no table: expected ref('name') or source('schema', 'name')", text);
}

}  // namespace

std::string RefTo(const Model& model) {
    return fmt::format("ref({}, {})", Json(model.schema).dump(), Json(model.name).dump());
}

std::pair<std::string, std::string> MacroOf(const quality::DataTest& test) {
    const size_t dot = test.word.find('.');
    if (dot == std::string::npos) return {"", "test_" + test.word};
    return {test.word.substr(0, dot), "test_" + test.word.substr(dot + 1)};
}

SingularTest TestOf(const quality::DataTest& test, const std::string& relation,
                    const std::string& package, const quality::SetCheck* check) {
    return {test.name,    test.spot.file, TestTemplate(test, relation, check),
            test.options, package,        test,
            relation,     check};
}

std::string TestedRowsTemplate(const quality::DataTest& test, const std::string& relation) {
    return quality::TestedRows(test, "{{ " + relation + " }}");
}

std::string TestTemplate(const quality::DataTest& test, const std::string& relation,
                         const quality::SetCheck* check) {
    if (check != nullptr) {
        const quality::TestWriting writing{LiteralOf, TableOf};
        return quality::FailingRows(*check, test, "{{ " + relation + " }}", writing);
    }
    std::string model = relation;
    if (!test.options.where.empty()) {
        model = fmt::format("(\"(select * from \" ~ {} ~ {})", relation,
                            Literal(" where " + test.options.where + "\n)"));
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
