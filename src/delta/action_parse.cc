#include <simdjson.h>

#include "base/error.h"
#include "delta/actions.h"

namespace tarn::delta {
namespace {

namespace json = simdjson::ondemand;

// A field that is null is as good as one that is not there.
bool IsAbsent(json::value& value) { return value.is_null(); }

std::string Text(json::value& value) { return std::string(std::string_view(value.get_string())); }

std::optional<std::string> OptionalText(json::value& value) {
    if (IsAbsent(value)) return std::nullopt;
    return Text(value);
}

std::optional<int64_t> OptionalInt(json::value& value) {
    if (IsAbsent(value)) return std::nullopt;
    return int64_t(value.get_int64());
}

// Strings as they are, everything else as its JSON text.
std::string LooseText(json::value& value) {
    if (value.type() == json::json_type::string) return Text(value);
    return std::string(std::string_view(simdjson::to_json_string(value)));
}

std::string Key(json::field& field) { return std::string(std::string_view(field.unescaped_key())); }

template <typename Take>
void ForEachField(json::object object, Take take) {
    for (auto&& item : object) {
        json::field field = std::move(item).take_value();
        const std::string key = Key(field);
        json::value value = field.value();
        take(key, value);
    }
}

std::map<std::string, std::string> TextMap(json::value& value) {
    std::map<std::string, std::string> map;
    if (IsAbsent(value)) return map;
    ForEachField(value.get_object(), [&](const std::string& key, json::value& item) {
        if (!IsAbsent(item)) map[key] = LooseText(item);
    });
    return map;
}

std::vector<std::string> TextList(json::value& value) {
    std::vector<std::string> list;
    for (auto item : value.get_array()) list.emplace_back(std::string_view(item.get_string()));
    return list;
}

PartitionTexts ReadPartitionTexts(json::value& value) {
    PartitionTexts texts;
    if (IsAbsent(value)) return texts;
    ForEachField(value.get_object(), [&](const std::string& key, json::value& item) {
        texts.emplace_back(
            key, IsAbsent(item) ? std::nullopt : std::optional<std::string>(LooseText(item)));
    });
    return texts;
}

// Remembers which required fields of an action were seen.
class Required {
public:
    Required(std::string_view action, std::initializer_list<std::string_view> names)
        : action_(action), missing_(names) {}
    void Saw(std::string_view name) { std::erase(missing_, name); }
    void Finish() const {
        if (missing_.empty()) return;
        throw Error(ErrorKind::kCorrupt, "the action '{}' lacks its field '{}'", action_,
                    missing_.front());
    }

private:
    std::string_view action_;
    std::vector<std::string_view> missing_;
};

DeletionVector ReadDeletionVector(json::object object) {
    DeletionVector vector;
    Required required("deletionVector",
                      {"storageType", "pathOrInlineDv", "sizeInBytes", "cardinality"});
    ForEachField(object, [&](const std::string& key, json::value& value) {
        required.Saw(key);
        if (key == "storageType") {
            const std::string type = Text(value);
            if (type != "u" && type != "p" && type != "i") {
                throw Error(ErrorKind::kUnsupported, "a deletion vector has the storage type '{}'",
                            type);
            }
            vector.storage_type = type[0];
        } else if (key == "pathOrInlineDv") {
            vector.path_or_inline = Text(value);
        } else if (key == "offset") {
            vector.offset = OptionalInt(value);
        } else if (key == "sizeInBytes") {
            vector.size_bytes = value.get_int64();
        } else if (key == "cardinality") {
            vector.cardinality = value.get_int64();
        }
    });
    required.Finish();
    return vector;
}

// Fields that adds and removes share. false: the field is none of them.
template <typename FileAction>
bool ReadFileField(FileAction& file, const std::string& key, json::value& value) {
    if (key == "path") {
        file.path = Text(value);
    } else if (key == "partitionValues") {
        file.partition_values = ReadPartitionTexts(value);
    } else if (key == "size") {
        file.size_bytes = OptionalInt(value).value_or(0);
    } else if (key == "dataChange") {
        file.data_change = value.get_bool();
    } else if (key == "deletionVector") {
        if (!IsAbsent(value)) file.deletion_vector = ReadDeletionVector(value.get_object());
    } else if (key == "tags") {
        file.extras.tags = TextMap(value);
    } else if (key == "baseRowId") {
        file.extras.base_row_id = OptionalInt(value);
    } else if (key == "defaultRowCommitVersion") {
        file.extras.default_row_commit_version = OptionalInt(value);
    } else if (key == "clusteringProvider") {
        file.extras.clustering_provider = OptionalText(value);
    } else {
        return false;
    }
    return true;
}

Add ReadAdd(json::object object) {
    Add add;
    Required required("add", {"path", "size"});
    ForEachField(object, [&](const std::string& key, json::value& value) {
        required.Saw(key);
        if (ReadFileField(add, key, value)) return;
        if (key == "modificationTime") {
            add.modification_time_ms = OptionalInt(value).value_or(0);
        } else if (key == "stats") {
            add.stats = OptionalText(value).value_or("");
        }
    });
    required.Finish();
    return add;
}

Remove ReadRemove(json::object object) {
    Remove remove;
    Required required("remove", {"path"});
    bool has_size = false;
    bool has_partition_values = false;
    ForEachField(object, [&](const std::string& key, json::value& value) {
        required.Saw(key);
        has_size = has_size || (key == "size" && !IsAbsent(value));
        has_partition_values =
            has_partition_values || (key == "partitionValues" && !IsAbsent(value));
        if (ReadFileField(remove, key, value)) return;
        if (key == "deletionTimestamp") remove.deletion_timestamp_ms = OptionalInt(value);
    });
    required.Finish();
    remove.has_file_metadata = has_size && has_partition_values;
    return remove;
}

ChangeDataFile ReadChangeDataFile(json::object object) {
    ChangeDataFile file;
    Required required("cdc", {"path"});
    ForEachField(object, [&](const std::string& key, json::value& value) {
        required.Saw(key);
        if (key == "path") {
            file.path = Text(value);
        } else if (key == "partitionValues") {
            file.partition_values = ReadPartitionTexts(value);
        } else if (key == "size") {
            file.size_bytes = OptionalInt(value).value_or(0);
        }
    });
    required.Finish();
    return file;
}

Protocol ReadProtocol(json::object object) {
    Protocol protocol;
    Required required("protocol", {"minReaderVersion", "minWriterVersion"});
    const auto version = [](json::value& value) {
        const int64_t number = value.get_int64();
        if (number < 0 || number > 1000) {
            throw Error(ErrorKind::kUnsupported, "protocol version {} is unknown", number);
        }
        return static_cast<int>(number);
    };
    ForEachField(object, [&](const std::string& key, json::value& value) {
        required.Saw(key);
        if (key == "minReaderVersion") {
            protocol.min_reader_version = version(value);
        } else if (key == "minWriterVersion") {
            protocol.min_writer_version = version(value);
        } else if (key == "readerFeatures") {
            if (!IsAbsent(value)) protocol.reader_features = TextList(value);
        } else if (key == "writerFeatures") {
            if (!IsAbsent(value)) protocol.writer_features = TextList(value);
        }
    });
    required.Finish();
    return protocol;
}

Metadata ReadMetadata(json::object object) {
    Metadata metadata;
    Required required("metaData", {"id"});
    ForEachField(object, [&](const std::string& key, json::value& value) {
        required.Saw(key);
        if (key == "id") {
            metadata.id = Text(value);
        } else if (key == "name") {
            metadata.name = OptionalText(value);
        } else if (key == "description") {
            metadata.description = OptionalText(value);
        } else if (key == "format") {
            if (IsAbsent(value)) return;
            ForEachField(value.get_object(), [&](const std::string& part, json::value& item) {
                if (part == "provider") metadata.format_provider = Text(item);
                if (part == "options") metadata.format_options = TextMap(item);
            });
        } else if (key == "schemaString") {
            metadata.schema_string = OptionalText(value).value_or(kEmptySchema);
        } else if (key == "partitionColumns") {
            if (!IsAbsent(value)) metadata.partition_columns = TextList(value);
        } else if (key == "createdTime") {
            metadata.created_time_ms = OptionalInt(value);
        } else if (key == "configuration") {
            metadata.configuration = TextMap(value);
        }
    });
    required.Finish();
    return metadata;
}

Transaction ReadTransaction(json::object object) {
    Transaction transaction;
    Required required("txn", {"appId", "version"});
    ForEachField(object, [&](const std::string& key, json::value& value) {
        required.Saw(key);
        if (key == "appId") {
            transaction.app_id = Text(value);
        } else if (key == "version") {
            transaction.version = value.get_int64();
        } else if (key == "lastUpdated") {
            transaction.last_updated_ms = OptionalInt(value);
        }
    });
    required.Finish();
    return transaction;
}

DomainMetadata ReadDomainMetadata(json::object object) {
    DomainMetadata domain;
    Required required("domainMetadata", {"domain"});
    ForEachField(object, [&](const std::string& key, json::value& value) {
        required.Saw(key);
        if (key == "domain") {
            domain.domain = Text(value);
        } else if (key == "configuration") {
            domain.configuration = OptionalText(value).value_or("");
        } else if (key == "removed") {
            domain.removed = value.get_bool();
        }
    });
    required.Finish();
    return domain;
}

// "Implementations are free to store any valid JSON": what has another type than expected is kept
// as text.
CommitInfo ReadCommitInfo(json::object object) {
    CommitInfo info;
    ForEachField(object, [&](const std::string& key, json::value& value) {
        const auto type = json::json_type(value.type());
        const bool is_number = type == json::json_type::number && value.is_integer();
        if (type == json::json_type::null) return;
        if (key == "timestamp" && is_number) {
            info.timestamp_ms = value.get_int64();
        } else if (key == "inCommitTimestamp" && is_number) {
            info.in_commit_timestamp_ms = value.get_int64();
        } else if (key == "operation" && type == json::json_type::string) {
            info.operation = Text(value);
        } else if (key == "txnId" && type == json::json_type::string) {
            info.transaction_id = Text(value);
        } else if (key == "isBlindAppend" && type == json::json_type::boolean) {
            info.is_blind_append = value.get_bool();
        } else if (key == "operationParameters" && type == json::json_type::object) {
            ForEachField(value.get_object(), [&](const std::string& name, json::value& item) {
                info.parameters[name] =
                    std::string(std::string_view(simdjson::to_json_string(item)));
            });
        } else if (key == "operationMetrics" && type == json::json_type::object) {
            info.metrics = TextMap(value);
        } else {
            info.others[key] = LooseText(value);
        }
    });
    return info;
}

Sidecar ReadSidecar(json::object object) {
    Sidecar sidecar;
    Required required("sidecar", {"path"});
    ForEachField(object, [&](const std::string& key, json::value& value) {
        required.Saw(key);
        if (key == "path") {
            sidecar.path = Text(value);
        } else if (key == "sizeInBytes") {
            sidecar.size_bytes = OptionalInt(value).value_or(0);
        } else if (key == "modificationTime") {
            sidecar.modification_time_ms = OptionalInt(value).value_or(0);
        }
    });
    required.Finish();
    return sidecar;
}

CheckpointMetadata ReadCheckpointMetadata(json::object object) {
    CheckpointMetadata metadata;
    ForEachField(object, [&](const std::string& key, json::value& value) {
        if (key == "version") metadata.version = value.get_int64();
    });
    return metadata;
}

std::optional<Action> ReadAction(const std::string& key, json::value& value) {
    if (IsAbsent(value)) return std::nullopt;
    if (key == "add") return ReadAdd(value.get_object());
    if (key == "remove") return ReadRemove(value.get_object());
    if (key == "commitInfo") return ReadCommitInfo(value.get_object());
    if (key == "txn") return ReadTransaction(value.get_object());
    if (key == "metaData") return ReadMetadata(value.get_object());
    if (key == "protocol") return ReadProtocol(value.get_object());
    if (key == "cdc") return ReadChangeDataFile(value.get_object());
    if (key == "domainMetadata") return ReadDomainMetadata(value.get_object());
    if (key == "sidecar") return ReadSidecar(value.get_object());
    if (key == "checkpointMetadata") return ReadCheckpointMetadata(value.get_object());
    return std::nullopt;
}

void ParseLine(json::parser& parser, simdjson::padded_string_view line,
               const std::function<void(Action&&)>& take) {
    json::document document = parser.iterate(line);
    ForEachField(document.get_object(), [&](const std::string& key, json::value& value) {
        if (auto action = ReadAction(key, value)) take(std::move(*action));
    });
    const char* after = nullptr;
    if (document.current_location().get(after) == simdjson::SUCCESS)
        throw Error(ErrorKind::kCorrupt, "text follows after the action");
}

}  // namespace

void ParseActions(std::string_view bytes, std::string_view name,
                  const std::function<void(Action&&)>& take) {
    const simdjson::padded_string padded(bytes);
    json::parser parser;
    size_t line_number = 0;
    for (size_t at = 0; at < bytes.size(); ++line_number) {
        size_t end = bytes.find('\n', at);
        if (end == std::string_view::npos) end = bytes.size();
        size_t length = end - at;
        if (length > 0 && bytes[end - 1] == '\r') --length;
        const size_t room = bytes.size() - at + simdjson::SIMDJSON_PADDING;
        const simdjson::padded_string_view line(padded.data() + at, length, room);
        at = end + 1;
        if (length == 0) continue;
        try {
            ParseLine(parser, line, take);
        } catch (const simdjson::simdjson_error& error) {
            throw Error(ErrorKind::kCorrupt, "{}, line {}: {}", name, line_number + 1,
                        error.what());
        } catch (const Error& error) {
            throw Error(error.kind(), "{}, line {}: {}", name, line_number + 1, error.message());
        }
    }
}

}  // namespace tarn::delta
