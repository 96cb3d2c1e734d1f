// The actions of the Delta log (PROTOCOL.md, "Actions"), as values; how they are read from and
// written to the lines of a commit. Unknown actions and unknown fields are ignored, as the protocol
// asks.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tarn::delta {

struct Protocol {
    int min_reader_version = 1;
    int min_writer_version = 2;
    // Present exactly when the versions are 3 and 7.
    std::optional<std::vector<std::string>> reader_features;
    std::optional<std::vector<std::string>> writer_features;
    bool operator==(const Protocol&) const = default;
};

// What a metaData action without schemaString means, as Spark has it.
inline constexpr const char* kEmptySchema = R"({"type":"struct","fields":[]})";

struct Metadata {
    std::string id;
    std::optional<std::string> name;
    std::optional<std::string> description;
    std::string format_provider = "parquet";
    std::map<std::string, std::string> format_options;
    std::string schema_string = kEmptySchema;
    std::vector<std::string> partition_columns;
    std::optional<int64_t> created_time_ms;
    std::map<std::string, std::string> configuration;
    bool operator==(const Metadata&) const = default;
};

struct DeletionVector {
    char storage_type = 'u';  // 'u' relative by UUID, 'p' absolute path, 'i' inline
    std::string path_or_inline;
    std::optional<int64_t> offset;
    int64_t size_bytes = 0;
    int64_t cardinality = 0;

    std::string UniqueId() const;
    bool operator==(const DeletionVector&) const = default;
};

// By physical column name; nothing is NULL.
using PartitionTexts = std::vector<std::pair<std::string, std::optional<std::string>>>;

// What only some tables have on their file actions; kept so that rewriting the log loses nothing.
struct FileExtras {
    std::map<std::string, std::string> tags;
    std::optional<int64_t> base_row_id;
    std::optional<int64_t> default_row_commit_version;
    std::optional<std::string> clustering_provider;
    bool IsEmpty() const {
        return tags.empty() && !base_row_id && !default_row_commit_version && !clustering_provider;
    }
    bool operator==(const FileExtras&) const = default;
};

struct Add {
    std::string path;  // as the log has it, percent-encoded
    PartitionTexts partition_values;
    int64_t size_bytes = 0;
    int64_t modification_time_ms = 0;
    bool data_change = true;
    std::string stats;  // JSON, empty when there is none
    std::optional<DeletionVector> deletion_vector;
    FileExtras extras;
    bool operator==(const Add&) const = default;
};

struct Remove {
    std::string path;
    std::optional<int64_t> deletion_timestamp_ms;
    bool data_change = true;
    // partition_values and size_bytes are there.
    bool has_file_metadata = false;
    PartitionTexts partition_values;
    int64_t size_bytes = 0;
    std::optional<DeletionVector> deletion_vector;
    FileExtras extras;
    bool operator==(const Remove&) const = default;
};

struct ChangeDataFile {
    std::string path;
    PartitionTexts partition_values;
    int64_t size_bytes = 0;
    bool operator==(const ChangeDataFile&) const = default;
};

struct Transaction {
    std::string app_id;
    int64_t version = 0;
    std::optional<int64_t> last_updated_ms;
    bool operator==(const Transaction&) const = default;
};

struct DomainMetadata {
    std::string domain;
    std::string configuration;
    bool removed = false;
    bool operator==(const DomainMetadata&) const = default;
};

// Who did what. Values of parameters are JSON text, those of metrics and `others` plain text where
// the log has a string, else JSON text; of `others` only "tags" is written as the JSON that it is.
struct CommitInfo {
    std::optional<int64_t> timestamp_ms;
    std::optional<int64_t> in_commit_timestamp_ms;
    std::string operation;
    std::map<std::string, std::string> parameters;
    std::map<std::string, std::string> metrics;
    std::string transaction_id;  // "txnId": the writer's own id of this commit
    std::optional<bool> is_blind_append;
    std::map<std::string, std::string> others;
    bool operator==(const CommitInfo&) const = default;
};

struct Sidecar {
    std::string path;
    int64_t size_bytes = 0;
    int64_t modification_time_ms = 0;
    bool operator==(const Sidecar&) const = default;
};

struct CheckpointMetadata {
    int64_t version = 0;
    bool operator==(const CheckpointMetadata&) const = default;
};

using Action = std::variant<CommitInfo, Protocol, Metadata, Add, Remove, ChangeDataFile,
                            Transaction, DomainMetadata, Sidecar, CheckpointMetadata>;

// Calls `take` for each known action of a commit (or JSON checkpoint), in their order there: JSON
// objects, usually one a line, else with any white space between and inside. Corrupt when there is
// anything else, an object is not whole, or a required field is missing or of another type.
// `name` is the file's, for messages.
void ParseActions(std::string_view bytes, std::string_view name,
                  const std::function<void(Action&&)>& take);

// One line, without its line break.
std::string SerializeAction(const Action& action);

}  // namespace tarn::delta
