// A predicate held against many files at once: what MayMatch says of one, in columns. It may keep
// more files than MayMatch (bounds are rounded to keys), never fewer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "table/predicate.h"
#include "table/type.h"

namespace tarn::table {

// What is known of one column in each of many files. Immutable once filled.
struct FileBounds {
    explicit FileBounds(Type of_type) : type(std::move(of_type)) {}

    Type type;
    std::vector<int64_t> floors;    // keys of the least values; kBelowAllKeys: unknown
    std::vector<int64_t> ceilings;  // of the greatest; kAboveAllKeys: unknown
    std::vector<uint8_t> holds;     // bits below
    static constexpr uint8_t kMayHoldNull = 1;
    static constexpr uint8_t kMayHoldValue = 2;
    // NaN, which lies above all numbers, may be outside the bounds: many writers leave it out.
    static constexpr uint8_t kMayHideNan = 4;

    size_t Size() const { return holds.size(); }
    // Every file as one of which nothing is known.
    void Resize(size_t files);
    // By a column's statistics, or by what a partition's value is. The null count of a field in a
    // struct says nothing: a null struct counts or not, by writer.
    void Set(size_t file, const ColumnStatistics& known, std::optional<uint64_t> record_count);
    void SetConstant(size_t file, const Value& value);
};

// Immutable and thread-safe.
class BlockPredicate {
public:
    // Which of the columns given to Narrow speaks of a path, and its type; nothing where none does.
    struct Place {
        size_t column = 0;
        Type type;
    };
    using FindPlace = std::function<std::optional<Place>(const std::vector<std::string>& path)>;
    BlockPredicate(const Predicate& predicate, const FindPlace& find);
    ~BlockPredicate();

    struct Column {
        const FileBounds* bounds = nullptr;
        // Where each file stands in the bounds; null: file i at i. Partitions are kept once each.
        const uint32_t* place_of_file = nullptr;
    };
    // Sets keep[i] to 0 for the files that cannot match; what is 0 already stays so.
    void Narrow(const std::vector<Column>& columns, std::vector<uint8_t>& keep) const;

private:
    struct Node;
    std::unique_ptr<const Node> root_;
};

}  // namespace tarn::table
