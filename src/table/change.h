// What a writer wants done to a table: the one input of every commit. A format turns it into its
// log.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "table/data_file.h"
#include "table/feature_drop.h"
#include "table/predicate.h"
#include "table/version.h"

namespace tarn::table {

class Snapshot;
struct TableMetadata;

// An idempotent writer's mark: app_id has committed everything up to version.
struct AppTransaction {
    std::string app_id;
    int64_t version = 0;
};

// What the writer read to decide on its change; conflicts are judged by it.
struct ReadSet {
    bool whole_table = false;
    std::vector<Predicate> predicates;  // rows it looked for
    // All rows that it found in live files are those it deletes or whose file it removes (DELETE,
    // UPDATE; a MERGE unless rows that it found and left decide on what it inserts). Then others
    // may go meanwhile.
    bool only_rows_it_deletes = false;
    bool IsBlind() const { return !whole_table && predicates.empty(); }
};

// Rows of one live file that go without the file being written again; the format hides them.
struct RowDeletion {
    DataFile file;  // as the base has it; its record count told, if the base knows none
    std::vector<uint64_t> rows;  // positions, ascending, each once; none is hidden yet
};

// A file that records what this change did to rows, for readers of the change feed: the table's
// columns and _change_type ("insert", "delete", "update_preimage", "update_postimage").
struct ChangeDataFile {
    std::string location;
    uint64_t size_bytes = 0;
    std::vector<Value> partition_values;
};

struct Change {
    std::string operation;  // "WRITE", "DELETE", "MERGE", ... for the history
    std::map<std::string, std::string> parameters;   // operationParameters, values as JSON text
    std::map<std::string, std::string> metrics;      // operationMetrics
    std::map<std::string, std::string> commit_info;  // further provenance (run, source), plain text
    std::vector<DataFile> add;
    std::vector<DataFile> remove;
    std::vector<RowDeletion> delete_rows;     // of files that are neither added nor removed here
    std::vector<ChangeDataFile> change_data;  // empty: readers derive it from the files themselves
    std::shared_ptr<const TableMetadata> metadata;  // set: the table's new metadata
    // Set: the version, of this or another table, in which the added files are live (RESTORE,
    // CLONE). The format takes over all that it says of them. Of another table, each file's
    // location says where its bytes are for this one: where they were, or where a copy lies; its
    // deletion vector lies where CopiedLocation puts it then (copied_location.h).
    std::shared_ptr<const Snapshot> origin;
    std::optional<FeatureDrop> drop;  // a feature that the table demands no more
    std::vector<AppTransaction> transactions;
    ReadSet reads;

    bool IsEmpty() const {
        return add.empty() && remove.empty() && delete_rows.empty() && !metadata && !drop &&
               transactions.empty();
    }
};

// The three outcomes of a commit. Unknown deletes nothing: read back, decide by the id, then go on.
struct Committed {
    Version version;
    int attempts = 1;
};
enum class ConflictReason {
    kMetadataChanged,
    kProtocolChanged,
    kConcurrentAppend,      // files were added that this change would have read
    kConcurrentDeleteRead,  // a file this change read is gone
    kConcurrentDelete,      // a file this change removes is gone
    kTransaction,           // the same app_id committed this or a later version
    kLogCleanedUp,          // what came after the base cannot be read any more
    kTooManyAttempts,
    kTableExists,
};
struct Conflict {
    ConflictReason reason;
    Version version;  // of the commit that won
    std::string detail;
};
struct Unknown {
    std::string commit_id;
    std::string detail;
};
using CommitOutcome = std::variant<Committed, Conflict, Unknown>;

}  // namespace tarn::table
