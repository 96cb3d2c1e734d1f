// Places of rows along the Hilbert curve through some of their columns. Values of any type that has
// an order are first ranked against a sample, so that each rank has about as many rows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "duckdb/common/types/data_chunk.hpp"
#include "table/type.h"

namespace tarn::engine::duck {

// A column, or a field within structs.
struct CurveColumn {
    std::vector<size_t> path;  // the column's index, then those of fields
    duckdb::LogicalType type;  // of what it leads to
};

// The columns by their names, fields behind dots. InvalidInput, naming `table`: one that is
// missing, or has no order.
std::vector<CurveColumn> FindCurveColumns(const table::Schema& schema,
                                          const std::vector<std::string>& names,
                                          const std::string& table);

// What the column leads to in these rows, flat; NULL where a struct on the way is NULL. `column` is
// the place of the top column in the chunk.
void ReadCurveColumn(const CurveColumn& curve, duckdb::DataChunk& rows, size_t column,
                     duckdb::Vector& values);

class CurveOrder {
public:
    // Sort keys of a row, a column each.
    using KeyRow = std::vector<std::string>;

    // Of a sample of rows; of none, every row has one place.
    explicit CurveOrder(const std::vector<KeyRow>& sample, size_t dimensions);

    // The rows' places (UBIGINT); `values` are those of the curve's columns.
    void PlacesOf(std::vector<duckdb::Vector>& values, duckdb::idx_t count,
                  duckdb::Vector& places) const;
    // Places that cut the curve into `pieces` of about as many rows: ascending, one fewer than
    // pieces.
    std::vector<uint64_t> CutsFor(size_t pieces) const;

    // Bytes that compare as the values do, NULL first.
    static void SortKeysOf(duckdb::Vector& values, duckdb::idx_t count, duckdb::Vector& keys);

private:
    // The sample's values that bound ranks, ascending and distinct; a value's rank is how many are
    // not above it.
    struct Ranks {
        std::vector<uint64_t> heads;  // the first eight bytes of each
        std::vector<std::string> keys;
        uint32_t RankOf(const duckdb::string_t& key) const;
    };
    uint64_t PlaceOf(std::vector<uint32_t>& ranks) const;

    const int bits_;
    std::vector<Ranks> ranks_;
    std::vector<uint64_t> places_;  // of the sample, ascending
};

}  // namespace tarn::engine::duck
