// Per-file statistics as the JSON text that add actions carry (PROTOCOL.md, "Per-file Statistics"),
// as Spark spells them. What cannot be understood is unknown, never an error: statistics only spare
// work.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "delta/actions.h"
#include "table/data_file.h"
#include "table/type.h"

namespace tarn::delta {

// A leaf of the schema: its physical names from the top, and its type.
struct LeafColumn {
    std::vector<std::string> path;
    table::Type type;
    // A double that was a float before: old bounds have the float's shortest digits.
    bool was_float = false;
};

// Leaves (fields of structs inside included; arrays and maps count as one) of the columns that
// statistics are kept for: all but partition columns, in schema order, at most `limit`.
std::vector<LeafColumn> LeafColumns(const table::Schema& schema,
                                    const std::vector<std::string>& partition_columns,
                                    size_t limit);

// Of "delta.dataSkippingNumIndexedCols" (default 32, negative: all) and
// "delta.dataSkippingStatsColumns".
std::vector<LeafColumn> IndexedColumns(const table::Schema& schema, const Metadata& metadata);

// Reads texts for a fixed set of columns. Bounds are widened to what they surely hold: Spark cuts
// timestamps down to milliseconds and strings to a prefix, others write decimals as doubles.
// Not thread-safe.
class StatisticsReader {
public:
    explicit StatisticsReader(const std::vector<LeafColumn>& wanted);
    ~StatisticsReader();
    StatisticsReader(const StatisticsReader&) = delete;
    StatisticsReader& operator=(const StatisticsReader&) = delete;

    // Columns without any fact are left out.
    table::FileStatistics Read(std::string_view json);
    // All wanted columns in their order, those without any fact too. Valid until the next call.
    const table::FileStatistics& ReadAll(std::string_view json);
    // The row count alone; nothing when the text does not say.
    std::optional<uint64_t> ReadCount(std::string_view json);

private:
    struct State;
    std::unique_ptr<State> state_;
};

// The columns among `indexed` only; strings are cut to 32 characters, timestamps to milliseconds,
// so that bounds stay bounds. Empty text when not even the count is known.
std::string SerializeStatistics(const table::FileStatistics& statistics,
                                const std::vector<LeafColumn>& indexed);

// The same text for a file that has lost rows since: its bounds are no longer tight. All else stays
// as it is, to the letter; a text that cannot be read leaves the count only.
std::string WithLooseBounds(std::string_view text, uint64_t record_count);

// At most 32 characters (code points) of a lower or an upper bound; nothing when no upper bound of
// that length exists.
std::string CutLowerBound(std::string_view text);
std::optional<std::string> CutUpperBound(std::string_view text);

}  // namespace tarn::delta
