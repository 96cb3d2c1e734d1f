#include "delta/checkpoint_actions.h"

#include "base/error.h"

namespace tarn::delta {
namespace {

std::string Required(const std::optional<std::string>& text, std::string_view what) {
    if (!text) throw Error(ErrorKind::kCorrupt, "a checkpoint has an action without its {}", what);
    return *text;
}

int64_t Required(const std::optional<int64_t>& number, std::string_view what) {
    if (!number)
        throw Error(ErrorKind::kCorrupt, "a checkpoint has an action without its {}", what);
    return *number;
}

std::map<std::string, std::string> TextMap(const ArrowCell& cell) {
    std::map<std::string, std::string> map;
    for (auto& [key, value] : cell.TextMap()) {
        if (value) map.emplace(key, std::move(*value));
    }
    return map;
}

std::vector<std::string> TextList(const ArrowCell& cell) {
    std::vector<std::string> list;
    for (const ArrowCell& item : cell.Items()) list.push_back(item.Text().value_or(""));
    return list;
}

template <typename FileAction>
void ReadFileParts(const ArrowCell& cell, FileAction& file) {
    file.path = Required(cell["path"].Text(), "path");
    file.partition_values = cell["partitionValues"].TextMap();
    file.size_bytes = cell["size"].Int().value_or(0);
    file.data_change = cell["dataChange"].Bool().value_or(false);
    file.deletion_vector = ReadDeletionVector(cell["deletionVector"]);
    file.extras = ReadExtras(cell);
}

Add ReadAdd(const ArrowCell& cell) {
    Add add;
    ReadFileParts(cell, add);
    add.modification_time_ms = cell["modificationTime"].Int().value_or(0);
    add.stats = ReadStatistics(cell["stats"], cell["stats_parsed"]).value_or("");
    return add;
}

Remove ReadRemove(const ArrowCell& cell) {
    Remove remove;
    ReadFileParts(cell, remove);
    remove.deletion_timestamp_ms = cell["deletionTimestamp"].Int();
    remove.has_file_metadata = cell["extendedFileMetadata"].Bool().value_or(false) &&
                               !cell["size"].IsNull() && !cell["partitionValues"].IsNull();
    return remove;
}

Metadata ReadMetadata(const ArrowCell& cell) {
    Metadata metadata;
    metadata.id = Required(cell["id"].Text(), "id");
    metadata.name = cell["name"].Text();
    metadata.description = cell["description"].Text();
    metadata.format_provider = cell["format"]["provider"].Text().value_or("parquet");
    metadata.format_options = TextMap(cell["format"]["options"]);
    metadata.schema_string = cell["schemaString"].Text().value_or(kEmptySchema);
    metadata.partition_columns = TextList(cell["partitionColumns"]);
    metadata.created_time_ms = cell["createdTime"].Int();
    metadata.configuration = TextMap(cell["configuration"]);
    return metadata;
}

Protocol ReadProtocol(const ArrowCell& cell) {
    const auto version = [&](const char* name) {
        const int64_t number = Required(cell[name].Int(), name);
        if (number < 0 || number > 1000) {
            throw Error(ErrorKind::kUnsupported, "protocol version {} is unknown", number);
        }
        return static_cast<int>(number);
    };
    Protocol protocol;
    protocol.min_reader_version = version("minReaderVersion");
    protocol.min_writer_version = version("minWriterVersion");
    // Absent and empty lists are the same in Parquet; only these versions have them.
    if (protocol.min_reader_version >= 3)
        protocol.reader_features = TextList(cell["readerFeatures"]);
    if (protocol.min_writer_version >= 7)
        protocol.writer_features = TextList(cell["writerFeatures"]);
    return protocol;
}

}  // namespace

std::optional<DeletionVector> ReadDeletionVector(const ArrowCell& cell) {
    const auto type = cell["storageType"].Text();
    if (!type) return std::nullopt;  // some writers give a struct of nulls
    if (*type != "u" && *type != "p" && *type != "i") {
        throw Error(ErrorKind::kUnsupported, "a deletion vector has the storage type '{}'", *type);
    }
    DeletionVector vector;
    vector.storage_type = type->front();
    vector.path_or_inline = Required(cell["pathOrInlineDv"].Text(), "pathOrInlineDv");
    vector.offset = cell["offset"].Int();
    vector.size_bytes = Required(cell["sizeInBytes"].Int(), "sizeInBytes");
    vector.cardinality = Required(cell["cardinality"].Int(), "cardinality");
    return vector;
}

std::optional<std::string> ReadStatistics(const ArrowCell& stats, const ArrowCell& parsed) {
    if (auto text = stats.Text()) return text;
    return parsed.Json();
}

FileExtras ReadExtras(const ArrowCell& cell) {
    FileExtras extras;
    extras.tags = TextMap(cell["tags"]);
    extras.base_row_id = cell["baseRowId"].Int();
    extras.default_row_commit_version = cell["defaultRowCommitVersion"].Int();
    extras.clustering_provider = cell["clusteringProvider"].Text();
    return extras;
}

std::vector<std::string> OtherActionColumns(bool with_removes) {
    std::vector<std::string> names = {"txn", "metaData", "protocol", "domainMetadata", "sidecar"};
    if (with_removes) names.emplace_back("remove");
    return names;
}

void TakeCheckpointRow(const ArrowCell& row, const std::function<void(Action&&)>& take) {
    if (const ArrowCell add = row["add"]; !add["path"].IsNull()) take(ReadAdd(add));
    if (const ArrowCell remove = row["remove"]; !remove["path"].IsNull()) take(ReadRemove(remove));
    if (const ArrowCell txn = row["txn"]; !txn["appId"].IsNull()) {
        take(Transaction{*txn["appId"].Text(), Required(txn["version"].Int(), "version"),
                         txn["lastUpdated"].Int()});
    }
    if (const ArrowCell metadata = row["metaData"]; !metadata["id"].IsNull()) {
        take(ReadMetadata(metadata));
    }
    if (const ArrowCell protocol = row["protocol"]; !protocol["minReaderVersion"].IsNull()) {
        take(ReadProtocol(protocol));
    }
    if (const ArrowCell domain = row["domainMetadata"]; !domain["domain"].IsNull()) {
        take(DomainMetadata{*domain["domain"].Text(), domain["configuration"].Text().value_or(""),
                            domain["removed"].Bool().value_or(false)});
    }
    if (const ArrowCell sidecar = row["sidecar"]; !sidecar["path"].IsNull()) {
        take(Sidecar{*sidecar["path"].Text(), sidecar["sizeInBytes"].Int().value_or(0),
                     sidecar["modificationTime"].Int().value_or(0)});
    }
}

}  // namespace tarn::delta
