#include "delta/action_parse.h"

#include <algorithm>
#include <array>

#include <simdjson.h>

#include "base/check.h"
#include "base/error.h"

namespace tarn::delta {
namespace {

namespace json = simdjson::ondemand;

// A field that is null is as good as one that is not there.
bool IsAbsent(json::value& value) { return value.is_null(); }

// What stands between the quotes of a string, escapes and all.
std::string_view EscapedText(json::value& value) {
    const std::string_view token = value.raw_json_token();
    (void)value.get_raw_json_string().value();  // throws where it is no string
    return token.substr(1, token.rfind('"') - 1);
}

// Valid until the next object is read.
std::string_view TextView(json::value& value) {
    if (value.raw_json_token().find('\\') != std::string_view::npos) return value.get_string();
    return EscapedText(value);
}

std::string Text(json::value& value) { return std::string(TextView(value)); }

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

// Valid until the next object is read.
std::string_view Key(json::field& field) {
    constexpr size_t kUsualKey = 32;
    const char* const raw = field.key().raw();
    for (size_t size = 0; size < kUsualKey && raw[size] != '\\'; ++size) {
        if (raw[size] == '"') return {raw, size};
    }
    return field.unescaped_key();
}

template <typename Take>
void ForEachField(json::object object, Take take) {
    for (auto&& item : object) {
        json::field field = std::move(item).take_value();
        const std::string_view key = Key(field);
        take(key, field.value());
    }
}

std::map<std::string, std::string> TextMap(json::value& value) {
    std::map<std::string, std::string> map;
    if (IsAbsent(value)) return map;
    ForEachField(value.get_object(), [&](std::string_view key, json::value& item) {
        if (!IsAbsent(item)) map[std::string(key)] = LooseText(item);
    });
    return map;
}

std::vector<std::string> TextList(json::value& value) {
    std::vector<std::string> list;
    for (auto item : value.get_array()) list.emplace_back(std::string_view(item.get_string()));
    return list;
}

// Into `texts`, whose room is used again.
void ReadPartitionTexts(json::value& value, PartitionTexts& texts) {
    size_t count = 0;
    if (!IsAbsent(value)) {
        ForEachField(value.get_object(), [&](std::string_view key, json::value& item) {
            if (count == texts.size()) texts.emplace_back();
            auto& [name, text] = texts[count++];
            name = key;
            text.reset();
            if (!IsAbsent(item)) text = LooseText(item);
        });
    }
    texts.resize(count);
}

// Remembers which required fields of an action were seen.
class Required {
public:
    Required(std::string_view action, std::initializer_list<std::string_view> names)
        : action_(action), count_(names.size()) {
        Check(count_ <= missing_.size(), "an action requires at most four fields");
        std::copy(names.begin(), names.end(), missing_.begin());
    }
    void Saw(std::string_view name) {
        for (size_t i = 0; i < count_; ++i) {
            if (missing_[i] == name) missing_[i] = missing_[--count_];
        }
    }
    void Finish() const {
        if (count_ == 0) return;
        throw Error(ErrorKind::kCorrupt, "the action '{}' lacks its field '{}'", action_,
                    missing_.front());
    }

private:
    std::string_view action_;
    std::array<std::string_view, 4> missing_;
    size_t count_;
};

DeletionVector ReadDeletionVector(json::object object) {
    DeletionVector vector;
    Required required("deletionVector",
                      {"storageType", "pathOrInlineDv", "sizeInBytes", "cardinality"});
    ForEachField(object, [&](std::string_view key, json::value& value) {
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

// false: the field is none of what adds and removes have both.
bool ReadExtra(FileExtras& extras, std::string_view key, json::value& value) {
    if (key == "tags") {
        extras.tags = TextMap(value);
    } else if (key == "baseRowId") {
        extras.base_row_id = OptionalInt(value);
    } else if (key == "defaultRowCommitVersion") {
        extras.default_row_commit_version = OptionalInt(value);
    } else if (key == "clusteringProvider") {
        extras.clustering_provider = OptionalText(value);
    } else {
        return false;
    }
    return true;
}

Remove ReadRemove(json::object object) {
    Remove remove;
    Required required("remove", {"path"});
    bool has_size = false;
    bool has_partition_values = false;
    ForEachField(object, [&](std::string_view key, json::value& value) {
        required.Saw(key);
        if (key == "path") {
            remove.path = Text(value);
        } else if (key == "partitionValues") {
            has_partition_values = !IsAbsent(value);
            if (has_partition_values) ReadPartitionTexts(value, remove.partition_values);
        } else if (key == "size") {
            has_size = !IsAbsent(value);
            if (has_size) remove.size_bytes = value.get_int64();
        } else if (key == "dataChange") {
            remove.data_change = value.get_bool();
        } else if (key == "deletionTimestamp") {
            remove.deletion_timestamp_ms = OptionalInt(value);
        } else if (key == "deletionVector") {
            if (!IsAbsent(value)) remove.deletion_vector = ReadDeletionVector(value.get_object());
        } else {
            ReadExtra(remove.extras, key, value);
        }
    });
    required.Finish();
    remove.has_file_metadata = has_size && has_partition_values;
    return remove;
}

ChangeDataFile ReadChangeDataFile(json::object object) {
    ChangeDataFile file;
    Required required("cdc", {"path"});
    ForEachField(object, [&](std::string_view key, json::value& value) {
        required.Saw(key);
        if (key == "path") {
            file.path = Text(value);
        } else if (key == "partitionValues") {
            ReadPartitionTexts(value, file.partition_values);
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
    ForEachField(object, [&](std::string_view key, json::value& value) {
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
    ForEachField(object, [&](std::string_view key, json::value& value) {
        required.Saw(key);
        if (key == "id") {
            metadata.id = Text(value);
        } else if (key == "name") {
            metadata.name = OptionalText(value);
        } else if (key == "description") {
            metadata.description = OptionalText(value);
        } else if (key == "format") {
            if (IsAbsent(value)) return;
            ForEachField(value.get_object(), [&](std::string_view part, json::value& item) {
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
    ForEachField(object, [&](std::string_view key, json::value& value) {
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
    ForEachField(object, [&](std::string_view key, json::value& value) {
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
    ForEachField(object, [&](std::string_view key, json::value& value) {
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
            ForEachField(value.get_object(), [&](std::string_view name, json::value& item) {
                info.parameters[std::string(name)] =
                    std::string(std::string_view(simdjson::to_json_string(item)));
            });
        } else if (key == "operationMetrics" && type == json::json_type::object) {
            info.metrics = TextMap(value);
        } else {
            info.others[std::string(key)] = LooseText(value);
        }
    });
    return info;
}

Sidecar ReadSidecar(json::object object) {
    Sidecar sidecar;
    Required required("sidecar", {"path"});
    ForEachField(object, [&](std::string_view key, json::value& value) {
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
    ForEachField(object, [&](std::string_view key, json::value& value) {
        if (key == "version") metadata.version = value.get_int64();
    });
    return metadata;
}

// Nothing for an add, and for what is unknown.
std::optional<Action> ReadAction(std::string_view key, json::value& value) {
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

}  // namespace

struct ActionReader::State {
    json::parser parser;
    std::string padded;
    // What the last object said; its room is used again.
    std::optional<ParsedAdd> add;
    PartitionTexts partition_values;
    std::optional<DeletionVector> vector;
    FileExtras extras;
    std::vector<Action> others;

    void ReadAdd(json::object object);
    void Read(simdjson::padded_string_view text);
};

void ActionReader::State::ReadAdd(json::object object) {
    ParsedAdd& read = add.emplace();
    partition_values.clear();
    vector.reset();
    if (!extras.IsEmpty()) extras = {};
    Required required("add", {"path", "size"});
    ForEachField(object, [&](std::string_view key, json::value& value) {
        required.Saw(key);
        if (key == "path") {
            read.file.path = TextView(value);
        } else if (key == "partitionValues") {
            ReadPartitionTexts(value, partition_values);
        } else if (key == "size") {
            read.file.size_bytes = OptionalInt(value).value_or(0);
        } else if (key == "modificationTime") {
            read.file.modification_time_ms = OptionalInt(value).value_or(0);
        } else if (key == "dataChange") {
            read.data_change = value.get_bool();
        } else if (key == "stats") {
            if (!IsAbsent(value)) read.escaped_stats = EscapedText(value);
        } else if (key == "deletionVector") {
            if (!IsAbsent(value)) vector = ReadDeletionVector(value.get_object());
        } else {
            ReadExtra(extras, key, value);
        }
    });
    required.Finish();
    read.file.partition_values = &partition_values;
    if (vector) read.file.deletion_vector = &*vector;
    if (!extras.IsEmpty()) read.file.extras = &extras;
}

void ActionReader::State::Read(simdjson::padded_string_view text) {
    add.reset();
    others.clear();
    json::document document = parser.iterate(text);
    ForEachField(document.get_object(), [&](std::string_view key, json::value& value) {
        if (IsAbsent(value)) return;
        if (key == "add") return ReadAdd(value.get_object());
        if (auto action = ReadAction(key, value)) others.push_back(*std::move(action));
    });
    const char* after = nullptr;
    if (document.current_location().get(after) == simdjson::SUCCESS) {
        throw Error(ErrorKind::kCorrupt, "text follows after the action");
    }
}

ActionReader::ActionReader() : state_(std::make_unique<State>()) {}

ActionReader::~ActionReader() = default;

void ActionReader::Parse(std::string_view text, size_t at, size_t size) {
    std::string_view object = text.substr(at, size);
    // A text may end where its memory does.
    if (text.size() - at - size < simdjson::SIMDJSON_PADDING) {
        state_->padded.assign(object).append(simdjson::SIMDJSON_PADDING, '\0');
        object = std::string_view(state_->padded).substr(0, size);
    }
    try {
        state_->Read(
            simdjson::padded_string_view(object.data(), size, size + simdjson::SIMDJSON_PADDING));
    } catch (const simdjson::simdjson_error& error) {
        throw Error(ErrorKind::kCorrupt, "{}", error.what());
    }
}

void ActionReader::Give(ActionSink& sink) {
    if (state_->add) sink.TakeAdd(*state_->add);
    for (Action& action : state_->others) sink.Take(std::move(action));
}

}  // namespace tarn::delta
