// A row engine in memory: data files are small texts in the simulated store, one row a line. Reads
// snapshots and change feeds, and turns operations into changes as an engine does: it writes the
// files first, says what it has read, hides rows where the table lets it and records what it did to
// them where the table asks for that.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/operation.h"
#include "simulation/world.h"
#include "storage/object_store.h"
#include "table/snapshot.h"
#include "table/table_format.h"

namespace tarn::simulation {

// Rows in the order of the file.
std::string ToText(const Rows& rows);
Rows ParseRows(std::string_view text);

// What one version did to rows, as its change feed tells it; ascending.
struct RowChanges {
    Rows gone;  // deleted, or as they were before an update
    Rows come;
};

class RowEngine {
public:
    RowEngine(World& world, storage::ObjectStore& store) : world_(world), store_(store) {}

    struct Result {
        table::Change change;
        Rows read;  // what the operation saw of the rows that it looks at, ascending
    };
    Result Execute(const table::Snapshot& base, const Operation& operation);
    // Every row of the files that a reader of the snapshot sees, in new files.
    std::vector<table::DataFile> Copy(const table::Snapshot& snapshot,
                                      const std::vector<table::DataFile>& files);
    // All rows that a reader sees, ascending.
    Rows ReadAll(const table::Snapshot& snapshot);
    // What a change feed says, by version.
    std::map<int64_t, RowChanges> ReadFeed(const std::vector<table::ChangedFile>& feed);

private:
    struct Seen {
        table::DataFile file;
        Rows rows;  // by position, hidden ones included
        std::vector<bool> is_hidden;
    };

    Seen Read(const table::Snapshot& snapshot, const table::DataFile& file);
    void Rewrite(const table::Snapshot& base, const Operation& operation, Result& result);
    void Compact(const table::Snapshot& base, table::Change& change);
    void CountUp(const table::Snapshot& base, const Operation& operation, table::Change& change);
    // Writes a file of the change feed.
    void Record(const table::Snapshot& base, const RowChanges& changes, table::Change& change);
    void Write(const std::string& location, std::string_view text);
    // Writes the rows in one or two files and adds them; none for no rows.
    void AddFiles(const table::Snapshot& base, Rows rows, bool data_change, table::Change& change);

    World& world_;
    storage::ObjectStore& store_;
};

inline constexpr const char* kCounterProperty = "simulation.counter";
int64_t CounterOf(const std::map<std::string, std::string>& properties);

}  // namespace tarn::simulation
