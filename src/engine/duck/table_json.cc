#include "engine/duck/table_json.h"

#include <nlohmann/json.hpp>

#include "duckdb/catalog/catalog.hpp"
#include "engine/duck/column_comment.h"
#include "engine/duck/spark_calls.h"
#include "engine/duck/table_lines.h"
#include "engine/duck/table_texts.h"
#include "engine/duck/text_limits.h"
#include "engine/duck/types.h"
#include "engine/duck/view_definition.h"

namespace tarn::engine::duck {
namespace {

using Json = nlohmann::ordered_json;
using table::TypeKind;

Json FieldJson(const table::Field& field);

// {"name": "decimal", "precision": 10, "scale": 2}; what is within a type under names of its own.
Json TypeJson(const table::Type& type) {
    const auto& children = type.children();
    Json json;
    switch (type.kind()) {
        case TypeKind::kArray:
            json["name"] = "array";
            json["element_type"] = TypeJson(children[0].type);
            json["element_nullable"] = children[0].nullable;
            return json;
        case TypeKind::kMap:
            json["name"] = "map";
            json["key_type"] = TypeJson(children[0].type);
            json["value_type"] = TypeJson(children[1].type);
            json["value_nullable"] = children[1].nullable;
            return json;
        case TypeKind::kStruct:
            json["name"] = "struct";
            json["fields"] = Json::array();
            for (const table::Field& field : children) json["fields"].push_back(FieldJson(field));
            return json;
        case TypeKind::kDecimal:
            json["name"] = "decimal";
            json["precision"] = type.precision();
            json["scale"] = type.scale();
            return json;
        // Which of the two TIMESTAMP means is a setting.
        case TypeKind::kTimestamp:
            json["name"] = "timestamp_ltz";
            return json;
        default:
            json["name"] = SparkTypeName(ToLogicalType(type));
            return json;
    }
}

Json FieldJson(const table::Field& field) {
    Json json;
    json["name"] = field.name;
    json["type"] = TypeJson(LimitedType(field));
    json["nullable"] = field.nullable;
    if (const auto comment = CommentOf(field)) json["comment"] = *comment;
    if (field.rules.default_value) json["default"] = *field.rules.default_value;
    return json;
}

Json NameJson(const TableName& name, const std::string& catalog, sql::Dialect dialect) {
    const std::string schema = ShownSchema(name.schema, dialect);
    Json json;
    json["table_name"] = name.name;
    json["catalog_name"] = catalog;
    json["namespace"] = std::vector<std::string>{schema};
    json["schema_name"] = schema;
    return json;
}

}  // namespace

std::string TableJson(const TableEntry& table, sql::Dialect dialect) {
    const table::TableMetadata& metadata = table.metadata();
    Json json = NameJson(table.row().name, table.ParentCatalog().GetName(), dialect);
    json["columns"] = Json::array();
    for (const table::Field& field : metadata.schema.fields)
        json["columns"].push_back(FieldJson(field));
    if (!metadata.partition_columns.empty()) json["partition_columns"] = metadata.partition_columns;
    if (!metadata.clustering_columns.empty())
        json["clustering_columns"] = metadata.clustering_columns;
    if (!metadata.description.empty()) json["comment"] = metadata.description;
    json["location"] = table.row().location;
    json["provider"] = table.row().format;
    json["type"] = table.row().managed ? "MANAGED" : "EXTERNAL";
    const auto owner = table.row().properties.find("owner");
    if (owner != table.row().properties.end()) json["owner"] = owner->second;
    json["table_properties"] = PropertiesOf(table);
    return json.dump();
}

std::string ViewJson(const std::string& catalog, const DirectoryEntry& view,
                     const duckdb::vector<std::string>& names,
                     const duckdb::vector<duckdb::LogicalType>& types, sql::Dialect dialect) {
    Json json = NameJson(view.name, catalog, dialect);
    json["columns"] = Json::array();
    for (size_t i = 0; i < names.size(); i++) {
        std::vector<std::string> notices;
        Json type;
        try {
            type = TypeJson(ToTableType(types[i], names[i], notices));
        } catch (const Error&) {  // one that no table holds
            type["name"] = SparkTypeName(types[i]);
        }
        Json column;
        column["name"] = names[i];
        column["type"] = std::move(type);
        column["nullable"] = true;
        json["columns"].push_back(std::move(column));
    }
    if (!view.comment.empty()) json["comment"] = view.comment;
    json["type"] = "VIEW";
    json["view_text"] = QueryText(view);
    json["table_properties"] = PropertiesOf(view);
    return json.dump();
}

}  // namespace tarn::engine::duck
