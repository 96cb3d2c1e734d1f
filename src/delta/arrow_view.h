// Reads nested Arrow batches by field name. What a batch lacks reads as null; a column of another
// type than expected is Corrupt. Views are valid as long as the batch.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nanoarrow/nanoarrow.h>

namespace tarn::delta {

// One value of a column, at a row; a missing column is a null view.
class ArrowCell {
public:
    ArrowCell() = default;
    ArrowCell(const ArrowSchema* schema, const ArrowArrayView* view, int64_t row)
        : schema_(schema), view_(view), row_(row) {}

    bool IsNull() const;
    // Of a struct: the field of that name.
    ArrowCell operator[](std::string_view name) const;

    std::optional<std::string> Text() const;  // strings
    std::optional<int64_t> Int() const;       // integers of every width, dates and timestamps
    std::optional<bool> Bool() const;
    // Of a list: its values. Of a map: key, value, key, value...
    std::vector<ArrowCell> Items() const;
    // Of a map of strings; null values are nothing.
    std::vector<std::pair<std::string, std::optional<std::string>>> TextMap() const;

    // The value as JSON text: structs as objects without their nulls, dates and timestamps as
    // Delta's statistics spell them. Nothing for null and for what statistics cannot hold.
    std::optional<std::string> Json() const;

private:
    std::optional<std::string> ScalarJson() const;

    const ArrowSchema* schema_ = nullptr;
    const ArrowArrayView* view_ = nullptr;
    int64_t row_ = 0;
};

}  // namespace tarn::delta
