// A lake's folder and its `tarn.yml`: what the lake is called and where its state and tables lie.
// Reading changes nothing on disk. Values are immutable once loaded.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/setting.h"
#include "sql/dialect.h"

namespace tarn::catalog {

// Who is told of builds, as OpenLineage events. Both empty: nobody is.
struct OpenLineageConfig {
    std::string url;                          // of a server: "http://localhost:5000"
    std::string endpoint = "api/v1/lineage";  // below it
    std::string file;                         // events are appended to; absolute
    std::string job_namespace;                // of jobs; empty: the lake's name
    // The environment variable that holds the server's key.
    std::string api_key_env = "OPENLINEAGE_API_KEY";
};

struct LakeConfig {
    static constexpr int kDefaultPort = 8787;
    static constexpr const char* kFileName = "tarn.yml";
    static constexpr const char* kStateFolder = ".tarn";

    std::string name = "lake";         // also the catalog's name in SQL; matches [a-z_][a-z0-9_]*
    std::vector<std::string> aliases;  // further names of the catalog
    std::string root;                  // the lake's folder: absolute, no trailing "/"
    std::string state;                 // catalog.db, catalog.yml, token, cache: <root>/.tarn
    std::string warehouse;             // location of managed tables: default <state>/warehouse
    std::map<std::string, std::string> table_defaults;  // properties of every new table
    std::vector<std::string> strict_layers;             // whose models cast nothing unasked
    sql::Dialect dialect = sql::Dialect::kTarn;         // of `tarn sql`
    int port = kDefaultPort;                            // of `tarn serve`
    uint64_t memory_limit_bytes = 0;                    // 0: three quarters of the machine's
    int threads = 0;                                    // 0: all cores
    int keep_runs_days = 90;                            // ops.runs and ops.quality
    int keep_queries_days = 30;                         // ops.queries
    int keep_lineage_days = 90;                         // ops.lineage
    int keep_dropped_days = 7;                          // files of dropped managed tables
    // When `tarn serve` maintains the tables: a minute of the day, UTC; nothing: never.
    std::optional<int> maintenance_minute = 120;
    uint64_t maintenance_bytes = uint64_t{10} << 30;  // that one night writes again
    bool lineage_of_queries = false;                  // behind a door, of what only reads too
    OpenLineageConfig openlineage;
    bool has_file = false;  // false: an anonymous lake, a folder without tarn.yml

    // Reads <folder>/tarn.yml, or gives an anonymous lake when the folder has none. NotFound: no
    // such folder. InvalidInput at file, line and column: bad YAML, an unknown key (the nearest is
    // named), a bad value.
    static LakeConfig Load(const std::string& folder);
    // The same from the file's text; `folder` is absolute.
    static LakeConfig Parse(std::string_view text, const std::string& folder);
};

// The nearest folder, from `start` upward, that has a tarn.yml.
std::optional<std::string> FindLakeFolder(const std::string& start);

// "my-lake" -> "my_lake"; InvalidInput unless the result matches [a-z_][a-z0-9_]*.
std::string LakeName(std::string_view text);

// The keys of tarn.yml: Parse knows exactly these.
const std::vector<Setting>& LakeSettings();

}  // namespace tarn::catalog
