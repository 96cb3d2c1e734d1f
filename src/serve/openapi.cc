#include "serve/openapi.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "serve/problem.h"
#include "serve/request.h"

namespace tarn::serve {

namespace {

using Json = nlohmann::ordered_json;

Json SchemaOf(ApiType type) {
    switch (type) {
        case ApiType::kBoolean:
            return {{"type", "boolean"}};
        case ApiType::kInteger:
            return {{"type", "integer"}, {"format", "int64"}};
        case ApiType::kBigint:
            return {{"type", "string"}, {"format", "int64"}, {"pattern", "^-?[0-9]+$"}};
        case ApiType::kNumber:
            return {{"type", "number"}, {"format", "double"}};
        case ApiType::kDecimal:
            return {
                {"type", "string"}, {"format", "decimal"}, {"pattern", "^-?[0-9]+(\\.[0-9]+)?$"}};
        case ApiType::kString:
            return {{"type", "string"}};
        case ApiType::kDate:
            return {{"type", "string"}, {"format", "date"}};
        case ApiType::kTimestamp:
            return {{"type", "string"}, {"format", "date-time"}};
        case ApiType::kLocalTimestamp:
            return {{"type", "string"}, {"format", "local-date-time"}};
    }
    return Json::object();
}

// A value of the file as JSON of the parameter's type.
Json Literal(ApiType type, const std::string& text) {
    const bool typed =
        type == ApiType::kBoolean || type == ApiType::kInteger || type == ApiType::kNumber;
    return typed ? Json::parse(text, nullptr, false) : Json(text);
}

Json RowSchema(const Endpoint& endpoint) {
    Json properties = Json::object();
    Json required = Json::array();
    for (const EndpointColumn& column : endpoint.columns) {
        Json schema = SchemaOf(column.type);
        schema["type"] = Json::array({schema["type"], "null"});
        if (!column.description.empty()) schema["description"] = column.description;
        properties[column.name] = std::move(schema);
        required.push_back(column.name);
    }
    return {{"type", "object"},
            {"properties", std::move(properties)},
            {"required", std::move(required)},
            {"additionalProperties", false}};
}

Json PageSchema(const Endpoint& endpoint) {
    const Json page{{"type", "object"},
                    {"properties",
                     {{"limit", {{"type", "integer"}}},
                      {"next_cursor", {{"type", Json::array({"string", "null"})}}}}},
                    {"required", Json::array({"limit", "next_cursor"})}};
    return {{"type", "object"},
            {"properties",
             {{"data",
               {{"type", "array"},
                {"items", RowSchema(endpoint)},
                {"maxItems", endpoint.page_largest}}},
              {"page", page},
              {"meta", {{"$ref", "#/components/schemas/Meta"}}}}},
            {"required", Json::array({"data", "page", "meta"})}};
}

Json ParameterOf(const EndpointParameter& parameter) {
    Json schema = SchemaOf(parameter.type);
    if (!parameter.allowed.empty()) {
        schema["enum"] = Json::array();
        for (const std::string& value : parameter.allowed)
            schema["enum"].push_back(Literal(parameter.type, value));
    }
    const bool list = parameter.filter == FilterOperator::kIn;
    if (list)
        schema = {{"type", "array"},
                  {"items", std::move(schema)},
                  {"minItems", 1},
                  {"maxItems", kMaxListValues}};
    if (parameter.fallback) {
        Json value = Literal(parameter.type, *parameter.fallback);
        if (list) {
            value = Json::array();
            for (const std::string& one : Split(*parameter.fallback, ','))
                value.push_back(Literal(parameter.type, one));
        }
        schema["default"] = std::move(value);
    }
    Json json{{"name", parameter.name}, {"in", "query"}, {"required", parameter.required}};
    std::string description = parameter.description;
    if (!parameter.column.empty()) {
        if (!description.empty()) description += description.ends_with('.') ? " " : ". ";
        description += fmt::format("Keeps rows whose {} is {} the value.", parameter.column,
                                   list ? "in" : SqlOf(parameter.filter));
    }
    if (!description.empty()) json["description"] = description;
    if (list) {
        json["style"] = "form";
        json["explode"] = false;
    }
    json["schema"] = std::move(schema);
    return json;
}

Json ParametersOf(const Endpoint& endpoint) {
    Json parameters = Json::array();
    for (const EndpointParameter& parameter : endpoint.parameters)
        parameters.push_back(ParameterOf(parameter));
    parameters.push_back({{"name", "limit"},
                          {"in", "query"},
                          {"required", false},
                          {"description", "Most rows of one page."},
                          {"schema",
                           {{"type", "integer"},
                            {"minimum", 1},
                            {"maximum", endpoint.page_largest},
                            {"default", endpoint.page_default}}}});
    parameters.push_back(
        {{"name", "cursor"},
         {"in", "query"},
         {"required", false},
         {"description",
          "`page.next_cursor` of the page before; the other parameters stay the same."},
         {"schema", {{"type", "string"}, {"maxLength", kMaxCursorBytes}}}});
    return parameters;
}

Json ProblemResponseOf(std::string_view description) {
    return {{"description", description},
            {"content",
             {{std::string(kProblemMediaType),
               {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}};
}

Json ResponsesOf(const Endpoint& endpoint) {
    return {
        {"200",
         {{"description",
           "One page, in the endpoint's order, all pages of a walk of one version of the tables."},
          {"headers",
           {{"ETag", {{"schema", {{"type", "string"}}}}},
            {"Link", {{"schema", {{"type", "string"}}}}}}},
          {"content", {{"application/json", {{"schema", PageSchema(endpoint)}}}}}}},
        {"304", {{"description", "Nothing changed since the answer that If-None-Match names."}}},
        {"400",
         ProblemResponseOf("A parameter is unknown, repeated, missing or of the wrong type.")},
        {"405", ProblemResponseOf("Only GET and HEAD.")},
        {"410",
         ProblemResponseOf("The walk's version of the tables is no longer kept: begin again.")},
        {"503",
         ProblemResponseOf("Too many queries at once: try again after Retry-After seconds.")},
        {"504", ProblemResponseOf("The query passed its time limit.")},
        {"default", ProblemResponseOf("Any other failure.")}};
}

Json OperationOf(const Endpoint& endpoint) {
    Json operation{{"operationId", endpoint.name + "_" + endpoint.version},
                   {"tags", Json::array({endpoint.version})},
                   {"summary", endpoint.description.empty() ? endpoint.name : endpoint.description},
                   {"x-tarn-owner", endpoint.owner}};
    if (!endpoint.consumers.empty()) operation["x-tarn-consumers"] = endpoint.consumers;
    if (endpoint.max_age_s) operation["x-tarn-max-age-seconds"] = *endpoint.max_age_s;
    operation["parameters"] = ParametersOf(endpoint);
    operation["responses"] = ResponsesOf(endpoint);
    return operation;
}

Json MetaSchema() {
    const Json table{{"type", "object"},
                     {"properties",
                      {{"name", {{"type", "string"}}},
                       {"version", {{"type", "integer"}}},
                       {"refreshed_at", {{"type", "string"}, {"format", "date-time"}}}}},
                     {"required", Json::array({"name", "version", "refreshed_at"})}};
    return {
        {"type", "object"},
        {"properties",
         {{"tables", {{"type", "array"}, {"items", table}}},
          {"stale", {{"type", "boolean"}, {"description", "Older than the endpoint promises."}}},
          {"bytes_scanned", {{"type", "integer"}}},
          {"rows", {{"type", "integer"}}}}},
        {"required", Json::array({"tables", "bytes_scanned", "rows"})}};
}

Json ProblemSchema() {
    const Json text{{"type", "string"}};
    const Json mistake{{"type", "object"},
                       {"properties", {{"parameter", text}, {"pointer", text}, {"detail", text}}}};
    return {{"type", "object"},
            {"description", "RFC 9457"},
            {"properties",
             {{"type", text},
              {"title", text},
              {"status", {{"type", "integer"}}},
              {"detail", text},
              {"instance", text},
              {"errors", {{"type", "array"}, {"items", mistake}}}}},
            {"required", Json::array({"type", "title", "status", "detail"})}};
}

}  // namespace

std::string BuildOpenApi(const OpenApiInfo& info, const std::vector<Endpoint>& endpoints) {
    Json paths = Json::object();
    for (const Endpoint& endpoint : endpoints)
        paths[endpoint.path] = {{"get", OperationOf(endpoint)}};
    const Json document{
        {"openapi", "3.1.0"},
        {"info",
         {{"title", info.lake},
          {"version", info.version},
          {"description", "Data APIs of this lakehouse."}}},
        {"paths", std::move(paths)},
        {"components", {{"schemas", {{"Meta", MetaSchema()}, {"Problem", ProblemSchema()}}}}}};
    return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tarn::serve
