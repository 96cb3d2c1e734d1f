#include "engine/duck/parquet_field_ids.h"

#include <nlohmann/json.hpp>

namespace tarn::engine::duck {
namespace {

using Ids = duckdb::child_list_t<duckdb::Value>;

constexpr const char* kOwnId = "__duckdb_field_id";
// PROTOCOL.md, "Writer Requirements for IcebergCompatV2": {"tags.element": 7}.
constexpr const char* kNestedIds = "delta.columnMapping.nested.ids";

nlohmann::json NestedIdsOf(const table::Field& field) {
    for (const auto& [key, value] : field.metadata) {
        if (key == kNestedIds) return nlohmann::json::parse(value, nullptr, false);
    }
    return {};
}

// The ids within a type at the path, next to its own.
void AddWithin(const table::Type& type, const std::string& path, const nlohmann::json& nested,
               Ids& own) {
    if (type.kind() == table::TypeKind::kStruct) {
        for (auto& [name, ids] : FieldIdsOf(type.children()))
            own.emplace_back(name, std::move(ids));
        return;
    }
    for (const table::Field& part : type.children()) {
        const std::string inner = path + "." + part.name;
        Ids ids;
        const auto found = nested.find(inner);
        if (found != nested.end() && found->is_number_integer())
            ids.emplace_back(kOwnId, duckdb::Value::INTEGER(found->get<int32_t>()));
        AddWithin(part.type, inner, nested, ids);
        if (!ids.empty()) own.emplace_back(part.name, duckdb::Value::STRUCT(std::move(ids)));
    }
}

}  // namespace

const std::string& FileNameOf(const table::Field& field) {
    return field.physical_name.empty() ? field.name : field.physical_name;
}

Ids FieldIdsOf(const std::vector<table::Field>& fields) {
    Ids ids;
    for (const table::Field& field : fields) {
        Ids own;
        if (field.field_id > 0) own.emplace_back(kOwnId, duckdb::Value::INTEGER(field.field_id));
        AddWithin(field.type, FileNameOf(field), NestedIdsOf(field), own);
        if (!own.empty())
            ids.emplace_back(FileNameOf(field), duckdb::Value::STRUCT(std::move(own)));
    }
    return ids;
}

}  // namespace tarn::engine::duck
