// What flows in: the files sources/*.yml of a lake. Reading them changes nothing; every mistake is
// InvalidInput at file, line and column.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/setting.h"
#include "storage/object_store.h"

namespace tarn::ingest {

enum class FileFormat { kNdjson, kCsv };

// What to do with a file whose path is known and whose content is not.
enum class ReloadPolicy {
    kError,   // refuse the file, say so, land the others
    kNever,   // keep what was landed first
    kAppend,  // land it as a further file
};
// What to do with a batch that breaks the contract of its table in force.
enum class ContractPolicy {
    kRefuse,      // land nothing of it, and say so
    kQuarantine,  // its rows that break a promise go to the quarantine, the others land
    kWarn,        // land all, and say so
};
// What to do with a field that the table has no column for, and a value that is not of its column's
// type.
enum class SchemaPolicy {
    kRescue,  // it lands in _rescued_data
    kAccept,  // a field gets a column; what still does not fit is rescued
    kReject,  // its file does not land, and is told
};
std::string_view NameOf(FileFormat format);
std::string_view NameOf(ReloadPolicy policy);

struct CsvOptions {
    char delimiter = ',';
    char quote = '"';  // '\0': no quoting
    bool has_header = true;
};

// The most that one commit takes; a file is never split between commits.
struct BatchLimits {
    static constexpr int64_t kMaxFiles = 10'000;
    static constexpr int64_t kMaxBytes = int64_t{1} << 30;
    int64_t max_files = kMaxFiles;
    int64_t max_bytes = kMaxBytes;
};

struct TableConfig {
    std::string table;  // "bronze.flights"
    std::vector<std::string>
        patterns;  // relative to the source's root: `*` and `?` in a name, `**` across folders
    FileFormat format = FileFormat::kNdjson;
    CsvOptions csv;
    ReloadPolicy reload = ReloadPolicy::kError;
    ContractPolicy on_broken_contract = ContractPolicy::kRefuse;
    SchemaPolicy schema_policy = SchemaPolicy::kRescue;
    bool infer_types = false;
    std::vector<std::string> fields;  // empty: found in the first batch
    std::string source_system;
    int32_t schema_version = 1;
    BatchLimits batch;
};

struct SourceConfig {
    std::string name;  // matches [a-z_][a-z0-9_]*
    std::string root;  // the whole location of the folder that files are named from
    std::vector<TableConfig> tables;
    std::string file;  // "sources/nyc.yml"

    // The writer's id in the table's log: "tarn:ingest:nyc.bronze.flights".
    std::string AppId(const TableConfig& table) const;

    // `file` names the text in messages; `lake_root` is a whole location.
    static SourceConfig Parse(std::string_view text, const std::string& file,
                              const std::string& lake_root);
};

// The keys of sources/*.yml: LoadSources knows exactly these.
const std::vector<Setting>& SourceSettings();

// All sources/*.yml and *.yaml of the lake, by name of the file; none is fine. InvalidInput: a
// mistake in any of them, or two sources of one name.
std::vector<SourceConfig> LoadSources(storage::ObjectStore& store, const std::string& lake_root);

}  // namespace tarn::ingest
