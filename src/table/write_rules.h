// What a table asks of those who write rows into it, beyond its schema. Values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tarn::table {

// Columns of data files that hold the identity of rows that were moved into them.
struct RowTracking {
    std::string row_id_column;          // physical name; int64, NULL: base id + position
    std::string commit_version_column;  // physical name; int64, NULL: the file's own version
    bool is_complete = false;  // every row has its identity, so that readers may ask for it
};

// A condition that is TRUE of every row (NULL is not TRUE), in Spark's spelling.
struct RowCheck {
    std::string name;
    std::string expression;
    bool operator==(const RowCheck&) const = default;
};

// What a table asks of its data files.
struct FileRules {
    std::optional<uint64_t> bytes;  // how large they grow
    bool shreds_variants = false;   // parts of variants have columns of their own
    bool holds_partitions = false;  // the columns that the table is partitioned by stand in them
};

struct WriteRules {
    bool hides_rows = false;       // deleted rows go by Change::delete_rows, else files are copied
    bool records_changes = false;  // DML gives Change::change_data
    std::optional<RowTracking> row_tracking;  // set: moved rows take their identity along
    bool widens_types = false;    // wider values widen their columns where the schema evolves
    bool tells_of_vacuum = true;  // VACUUM commits that it begins and that it ends
    // Small files are put together behind the commit that makes them too many; nothing: as the
    // session says.
    std::optional<bool> compacts_itself;
};

}  // namespace tarn::table
