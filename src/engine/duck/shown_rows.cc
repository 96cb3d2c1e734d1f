#include "engine/duck/shown_rows.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.h"

namespace tarn::engine::duck {
namespace {

constexpr size_t kShownBytes = 60;

}  // namespace

std::string RowsBreak(const RowNumbers& broken, duckdb::idx_t chunk) {
    const bool may_go_on = chunk == STANDARD_VECTOR_SIZE;
    if (broken.size() == 1 && !may_go_on) return "1 row breaks";
    return fmt::format("{}{} rows break", may_go_on ? "at least " : "", broken.size());
}

std::string ShownRows(const std::vector<std::string>& columns, const RowNumbers& broken,
                      const ValueAt& value_at) {
    std::vector<std::string> shown;
    for (size_t i = 0; i < std::min(broken.size(), kShownRows); i++) {
        std::vector<std::string> values;
        for (size_t column = 0; column < columns.size(); column++) {
            values.push_back(
                fmt::format("{}={}", columns[column], ShownValue(value_at(column, broken[i]))));
        }
        shown.push_back("(" + Join(values, ", ") + ")");
    }
    return Join(shown, ", ") + (broken.size() > kShownRows ? ", ..." : "");
}

std::string ShownValue(const duckdb::Value& value) {
    const std::string text = value.ToSQLString();
    if (text.size() <= kShownBytes) return text;
    return std::string(CutText(text, kShownBytes)) + "...";
}

}  // namespace tarn::engine::duck
