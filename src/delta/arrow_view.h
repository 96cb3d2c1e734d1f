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
    std::optional<std::string_view> TextView() const;
    std::optional<int64_t> Int() const;  // integers of every width, dates and timestamps
    std::optional<bool> Bool() const;
    // Of a list: its values. Of a map: key, value, key, value...
    std::vector<ArrowCell> Items() const;
    // Of a map of strings; null values are nothing.
    std::vector<std::pair<std::string, std::optional<std::string>>> TextMap() const;

    // The value as JSON text: structs as objects without their nulls, dates and timestamps as
    // Delta's statistics spell them. Nothing for null and for what statistics cannot hold.
    std::optional<std::string> Json() const;

    // The same column at another row of the batch (of the outermost struct only).
    ArrowCell At(int64_t row) const { return {schema_, view_, row}; }
    bool IsMissing() const { return view_ == nullptr; }
    // Of a struct column: the column of that field, whatever this row holds.
    ArrowCell Column(std::string_view name) const;

private:
    std::optional<std::string> ScalarJson() const;

    const ArrowSchema* schema_ = nullptr;
    const ArrowArrayView* view_ = nullptr;
    int64_t row_ = 0;
};

// A batch of rows as cells; `what` names it in the message of Corrupt. Borrows both.
class ArrowBatch {
public:
    ArrowBatch(const ArrowSchema& schema, const ArrowArray& batch, std::string_view what);
    ~ArrowBatch() { ArrowArrayViewReset(&view_); }
    ArrowBatch(const ArrowBatch&) = delete;
    ArrowBatch& operator=(const ArrowBatch&) = delete;

    int64_t Rows() const { return view_.length; }
    ArrowCell Row(int64_t row) const { return {&schema_, &view_, row}; }
    // A top-level column, at row 0.
    ArrowCell Column(std::string_view name) const { return Row(0).Column(name); }

private:
    const ArrowSchema& schema_;
    ArrowArrayView view_{};
};

}  // namespace tarn::delta
