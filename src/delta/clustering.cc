#include "delta/clustering.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "table/schema_edit.h"

namespace tarn::delta {
namespace {

using table::Field;

constexpr const char* kDomain = "delta.clustering";
constexpr const char* kProvider = "liquid";
constexpr const char* kRunTag = "ZCUBE_ID";
constexpr const char* kColumnsTag = "ZCUBE_ZORDER_BY";
constexpr const char* kCurveTag = "ZCUBE_ZORDER_CURVE";

// The logical names of a path of physical ones; as it stands when a part is not found.
std::string LogicalName(const nlohmann::json& path, const table::Schema& schema) {
    std::vector<std::string> parts;
    const std::vector<Field>* fields = &schema.fields;
    for (const auto& part : path) {
        if (!part.is_string()) return {};
        parts.push_back(part.get<std::string>());
        if (fields == nullptr) continue;
        const Field* found = nullptr;
        for (const Field& field : *fields) {
            if (field.physical_name == parts.back()) found = &field;
        }
        if (found != nullptr) parts.back() = found->name;
        fields = found == nullptr ? nullptr : &found->type.children();
    }
    return Join(parts, ".");
}

nlohmann::json PhysicalPath(const std::string& name, const table::Schema& schema) {
    nlohmann::json path = nlohmann::json::array();
    const std::vector<Field>* fields = &schema.fields;
    const std::vector<std::string> parts = table::PathNamed(schema, name);
    for (const std::string& part : parts) {
        const int at = table::FindField(*fields, part);
        if (at < 0) throw table::NoColumn(name, part, *fields);
        const Field& field = (*fields)[static_cast<size_t>(at)];
        path.push_back(field.physical_name.empty() ? field.name : field.physical_name);
        fields = &field.type.children();
        const bool is_end = path.size() == parts.size();
        if (field.type.kind() == table::TypeKind::kVariant ||
            (field.type.IsNested() && (is_end || field.type.kind() != table::TypeKind::kStruct))) {
            throw Error(ErrorKind::kInvalidInput,
                        "CLUSTER BY: {} is of type {}, which has no order", name,
                        field.type.ToString());
        }
    }
    return path;
}

}  // namespace

std::vector<std::string> ClusteringColumns(const Domains& domains, const table::Schema& schema) {
    std::vector<std::string> columns;
    const auto found = domains.find(kDomain);
    if (found == domains.end()) return columns;
    const auto json = nlohmann::json::parse(found->second.configuration, nullptr, false);
    if (!json.is_object() || !json.contains("clusteringColumns")) return columns;
    for (const auto& path : json["clusteringColumns"]) {
        if (path.is_array()) columns.push_back(LogicalName(path, schema));
    }
    return columns;
}

std::optional<DomainMetadata> ClusteringChange(const Domains& domains,
                                               const table::TableMetadata& description) {
    const auto& wanted = description.clustering_columns;
    if (wanted == ClusteringColumns(domains, description.schema)) return std::nullopt;
    if (!description.partition_columns.empty() && !wanted.empty()) {
        throw Error(ErrorKind::kInvalidInput,
                    "CLUSTER BY and PARTITIONED BY exclude each other: choose one");
    }
    nlohmann::json paths = nlohmann::json::array();
    for (const std::string& name : wanted) paths.push_back(PhysicalPath(name, description.schema));
    const nlohmann::json json = {{"clusteringColumns", std::move(paths)}, {"domainName", kDomain}};
    return DomainMetadata{kDomain, json.dump(), false};
}

std::shared_ptr<const table::FileClustering> ReadClustering(const FileExtras& extras) {
    const auto run = extras.tags.find(kRunTag);
    const auto columns = extras.tags.find(kColumnsTag);
    if (run == extras.tags.end() || columns == extras.tags.end()) return nullptr;
    const auto json = nlohmann::json::parse(columns->second, nullptr, false);
    if (!json.is_array()) return nullptr;
    auto clustering = std::make_shared<table::FileClustering>();
    clustering->run = run->second;
    for (const auto& column : json) {
        if (!column.is_string()) return nullptr;
        clustering->columns.push_back(column.get<std::string>());
    }
    return clustering;
}

void WriteClustering(const table::FileClustering& clustering, FileExtras& extras) {
    extras.tags[kRunTag] = clustering.run;
    extras.tags[kColumnsTag] = nlohmann::json(clustering.columns).dump();
    extras.tags[kCurveTag] = "hilbert";
    extras.clustering_provider = kProvider;
}

}  // namespace tarn::delta
