#include "pipeline/syntax_check.h"

#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "sql/parser.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

struct SyntaxError {
    std::string message;
    sql::TextPosition position;
};

// The engine's own parser, asked through SQL: json_serialize_sql parses a SELECT and binds nothing.
std::optional<SyntaxError> FindSyntaxError(engine::Session& session, const std::string& text) {
    sql::Statement statement;
    statement.text = text;
    std::optional<sql::ParsedStatement> any;
    try {
        any = sql::Parse(statement);
    } catch (const Error& error) {
        return SyntaxError{error.message(),
                           {0, std::max(error.spot().line, 1), std::max(error.spot().column, 1)}};
    }
    const auto* parsed = std::get_if<sql::EngineStatement>(&*any);
    if (parsed == nullptr || parsed->statement_class != sql::StatementClass::kQuery) {
        return SyntaxError{"expected one SELECT here", {}};
    }
    const auto answer =
        session.Query("SELECT json_serialize_sql(" + sql::QuoteLiteral(parsed->text) + ")");
    const auto json = nlohmann::json::parse(answer.at(0).at(0).value_or("{}"));
    if (!json.value("error", false) || json.value("error_type", "") != "parser")
        return std::nullopt;
    size_t offset = 0;
    if (json.contains("position")) {
        offset = static_cast<size_t>(ParseInt(json["position"].get<std::string>()).value_or(0));
    }
    return SyntaxError{json.value("error_message", "syntax error"),
                       parsed->source_map.Locate(offset)};
}

void CheckNode(engine::Session& session, const Node& node, NodeCompiler& compiler) {
    for (const bool incremental : {false, true}) {
        // What asks the lake is known only when what it asks for is there.
        const auto sql = compiler.CompileUnasked(node, incremental);
        if (!sql) break;
        if (const auto error = FindSyntaxError(session, sql->text)) {
            throw Error(ErrorKind::kInvalidInput, error->message)
                .At(sql->SpotOf(error->position.line, error->position.column));
        }
        if (!IsIncremental(node.config.materialized)) break;
    }
    if (node.model == nullptr) return;
    for (const quality::Expectation& rule : node.model->expectations) {
        // On a line of its own, so that a comment at its end closes nothing.
        if (const auto error =
                FindSyntaxError(session, "SELECT (\n" + rule.condition + "\n) IS TRUE")) {
            throw Error(ErrorKind::kInvalidInput, error->message)
                .At(rule.spot)
                .With("expectation", rule.name);
        }
    }
}

}  // namespace

void CheckSyntax(engine::Session& session, const Graph& graph, NodeCompiler& compiler,
                 const std::vector<size_t>& nodes) {
    for (const size_t index : nodes) {
        const Node& node = graph.Nodes()[index];
        const bool is_seed = node.model != nullptr && node.model->resource == Resource::kSeed;
        // The SQL of a declared test is ours, or its macro's; that of a unit test is its model's.
        const bool is_other = node.unit != nullptr || (node.test != nullptr && node.test->declared);
        // Whatever a materialization of the project's own makes of its text, it knows.
        const bool is_custom = node.config.materialized == Materialized::kCustom;
        if (!is_seed && !is_other && !is_custom) CheckNode(session, node, compiler);
    }
}

}  // namespace tarn::pipeline
