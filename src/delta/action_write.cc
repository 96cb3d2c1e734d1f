#include <nlohmann/json.hpp>

#include "delta/actions.h"

namespace tarn::delta {
namespace {

// Keeps the order in which fields are set, so that lines read like those of other writers.
using Json = nlohmann::ordered_json;

Json TextMapJson(const std::map<std::string, std::string>& map) {
    Json json = Json::object();
    for (const auto& [key, value] : map) json[key] = value;
    return json;
}

Json PartitionJson(const PartitionTexts& texts) {
    Json json = Json::object();
    for (const auto& [key, value] : texts) json[key] = value ? Json(*value) : Json(nullptr);
    return json;
}

// JSON text becomes JSON; what is none becomes a string.
Json Embedded(const std::string& text) {
    Json json = Json::parse(text, nullptr, false);
    return json.is_discarded() ? Json(text) : json;
}

template <typename T>
void SetIf(Json& json, const char* key, const std::optional<T>& value) {
    if (value) json[key] = *value;
}

void SetFileParts(Json& json, const std::optional<DeletionVector>& vector,
                  const FileExtras& extras) {
    if (!extras.tags.empty()) json["tags"] = TextMapJson(extras.tags);
    if (vector) {
        Json descriptor = Json::object();
        descriptor["storageType"] = std::string(1, vector->storage_type);
        descriptor["pathOrInlineDv"] = vector->path_or_inline;
        SetIf(descriptor, "offset", vector->offset);
        descriptor["sizeInBytes"] = vector->size_bytes;
        descriptor["cardinality"] = vector->cardinality;
        json["deletionVector"] = std::move(descriptor);
    }
    SetIf(json, "baseRowId", extras.base_row_id);
    SetIf(json, "defaultRowCommitVersion", extras.default_row_commit_version);
    SetIf(json, "clusteringProvider", extras.clustering_provider);
}

struct Writer {
    std::pair<const char*, Json> operator()(const CommitInfo& info) const {
        Json json = Json::object();
        // In-commit timestamps want to be found first.
        SetIf(json, "inCommitTimestamp", info.in_commit_timestamp_ms);
        SetIf(json, "timestamp", info.timestamp_ms);
        json["operation"] = info.operation;
        json["operationParameters"] = Json::object();
        for (const auto& [key, value] : info.parameters) {
            json["operationParameters"][key] = Embedded(value);
        }
        SetIf(json, "isBlindAppend", info.is_blind_append);
        if (!info.metrics.empty()) json["operationMetrics"] = TextMapJson(info.metrics);
        for (const auto& [key, value] : info.others) {
            json[key] = key == "tags" ? Embedded(value) : Json(value);
        }
        if (!info.transaction_id.empty()) json["txnId"] = info.transaction_id;
        return {"commitInfo", std::move(json)};
    }

    std::pair<const char*, Json> operator()(const Protocol& protocol) const {
        Json json = Json::object();
        json["minReaderVersion"] = protocol.min_reader_version;
        json["minWriterVersion"] = protocol.min_writer_version;
        SetIf(json, "readerFeatures", protocol.reader_features);
        SetIf(json, "writerFeatures", protocol.writer_features);
        return {"protocol", std::move(json)};
    }

    std::pair<const char*, Json> operator()(const Metadata& metadata) const {
        Json json = Json::object();
        json["id"] = metadata.id;
        SetIf(json, "name", metadata.name);
        SetIf(json, "description", metadata.description);
        json["format"] = {{"provider", metadata.format_provider},
                          {"options", TextMapJson(metadata.format_options)}};
        json["schemaString"] = metadata.schema_string;
        json["partitionColumns"] = metadata.partition_columns;
        SetIf(json, "createdTime", metadata.created_time_ms);
        json["configuration"] = TextMapJson(metadata.configuration);
        return {"metaData", std::move(json)};
    }

    std::pair<const char*, Json> operator()(const Add& add) const {
        Json json = Json::object();
        json["path"] = add.path;
        json["partitionValues"] = PartitionJson(add.partition_values);
        json["size"] = add.size_bytes;
        json["modificationTime"] = add.modification_time_ms;
        json["dataChange"] = add.data_change;
        if (!add.stats.empty()) json["stats"] = add.stats;
        SetFileParts(json, add.deletion_vector, add.extras);
        return {"add", std::move(json)};
    }

    std::pair<const char*, Json> operator()(const Remove& remove) const {
        Json json = Json::object();
        json["path"] = remove.path;
        SetIf(json, "deletionTimestamp", remove.deletion_timestamp_ms);
        json["dataChange"] = remove.data_change;
        if (remove.has_file_metadata) {
            json["extendedFileMetadata"] = true;
            json["partitionValues"] = PartitionJson(remove.partition_values);
            json["size"] = remove.size_bytes;
        }
        SetFileParts(json, remove.deletion_vector, remove.extras);
        return {"remove", std::move(json)};
    }

    std::pair<const char*, Json> operator()(const ChangeDataFile& file) const {
        Json json = Json::object();
        json["path"] = file.path;
        json["partitionValues"] = PartitionJson(file.partition_values);
        json["size"] = file.size_bytes;
        json["dataChange"] = false;
        return {"cdc", std::move(json)};
    }

    std::pair<const char*, Json> operator()(const Transaction& transaction) const {
        Json json = Json::object();
        json["appId"] = transaction.app_id;
        json["version"] = transaction.version;
        SetIf(json, "lastUpdated", transaction.last_updated_ms);
        return {"txn", std::move(json)};
    }

    std::pair<const char*, Json> operator()(const DomainMetadata& domain) const {
        Json json = Json::object();
        json["domain"] = domain.domain;
        json["configuration"] = domain.configuration;
        json["removed"] = domain.removed;
        return {"domainMetadata", std::move(json)};
    }

    std::pair<const char*, Json> operator()(const Sidecar& sidecar) const {
        Json json = Json::object();
        json["path"] = sidecar.path;
        json["sizeInBytes"] = sidecar.size_bytes;
        json["modificationTime"] = sidecar.modification_time_ms;
        return {"sidecar", std::move(json)};
    }

    std::pair<const char*, Json> operator()(const CheckpointMetadata& metadata) const {
        Json json = Json::object();
        json["version"] = metadata.version;
        return {"checkpointMetadata", std::move(json)};
    }
};

}  // namespace

std::string DeletionVector::UniqueId() const {
    std::string id = storage_type + path_or_inline;
    if (offset) id += "@" + std::to_string(*offset);
    return id;
}

std::string SerializeAction(const Action& action) {
    auto [name, body] = std::visit(Writer{}, action);
    Json line = Json::object();
    line[name] = std::move(body);
    // A name that is not UTF-8 is replaced rather than losing the commit; readers see U+FFFD.
    return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tarn::delta
