#include "delta/arrow_view.h"

#include <cmath>
#include <cstring>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "delta/time_text.h"
#include "delta/value_text.h"

namespace tarn::delta {
namespace {

bool IsString(ArrowType type) {
    return type == NANOARROW_TYPE_STRING || type == NANOARROW_TYPE_LARGE_STRING ||
           type == NANOARROW_TYPE_STRING_VIEW;
}

bool IsInt(ArrowType type) {
    switch (type) {
        case NANOARROW_TYPE_INT8:
        case NANOARROW_TYPE_INT16:
        case NANOARROW_TYPE_INT32:
        case NANOARROW_TYPE_INT64:
        case NANOARROW_TYPE_UINT8:
        case NANOARROW_TYPE_UINT16:
        case NANOARROW_TYPE_UINT32:
            return true;
        default:
            return false;
    }
}

[[noreturn]] void WrongType(const ArrowSchema* schema, std::string_view wanted) {
    throw Error(ErrorKind::kCorrupt, "the column '{}' of a checkpoint is no {}",
                schema->name == nullptr ? "" : schema->name, wanted);
}

std::string TextJson(std::string_view text) {
    return nlohmann::json(std::string(text))
        .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

__int128 DecimalAt(const ArrowArrayView* view, int64_t row) {
    const uint64_t at = static_cast<uint64_t>(view->offset + row);
    __int128 value = 0;
    std::memcpy(&value, view->buffer_views[1].data.as_uint8 + at * sizeof(value), sizeof(value));
    return value;
}

int64_t InMicros(int64_t value, ArrowTimeUnit unit) {
    switch (unit) {
        case NANOARROW_TIME_UNIT_SECOND:
            return value * 1'000'000;
        case NANOARROW_TIME_UNIT_MILLI:
            return value * 1000;
        case NANOARROW_TIME_UNIT_MICRO:
            return value;
        case NANOARROW_TIME_UNIT_NANO:
            return value / 1000 - (value % 1000 < 0 ? 1 : 0);
    }
    return value;
}

}  // namespace

bool ArrowCell::IsNull() const {
    return view_ == nullptr || view_->storage_type == NANOARROW_TYPE_NA ||
           ArrowArrayViewIsNull(view_, row_) != 0;
}

ArrowCell ArrowCell::operator[](std::string_view name) const {
    if (IsNull()) return {};
    return Column(name);
}

ArrowCell ArrowCell::Column(std::string_view name) const {
    if (IsMissing()) return {};
    if (view_->storage_type != NANOARROW_TYPE_STRUCT) WrongType(schema_, "struct");
    for (int64_t i = 0; i < schema_->n_children; ++i) {
        const ArrowSchema* child = schema_->children[i];
        if (child->name == nullptr || name != child->name) continue;
        return {child, view_->children[i], row_ + view_->offset};
    }
    return {};
}

std::optional<std::string_view> ArrowCell::TextView() const {
    if (IsNull()) return std::nullopt;
    if (!IsString(view_->storage_type)) WrongType(schema_, "string");
    const ArrowStringView text = ArrowArrayViewGetStringUnsafe(view_, row_);
    return std::string_view(text.data, static_cast<size_t>(text.size_bytes));
}

std::optional<std::string> ArrowCell::Text() const {
    const auto text = TextView();
    if (!text) return std::nullopt;
    return std::string(*text);
}

std::optional<int64_t> ArrowCell::Int() const {
    if (IsNull()) return std::nullopt;
    if (!IsInt(view_->storage_type)) WrongType(schema_, "integer");
    return ArrowArrayViewGetIntUnsafe(view_, row_);
}

std::optional<bool> ArrowCell::Bool() const {
    if (IsNull()) return std::nullopt;
    if (view_->storage_type != NANOARROW_TYPE_BOOL) WrongType(schema_, "boolean");
    return ArrowArrayViewGetIntUnsafe(view_, row_) != 0;
}

std::vector<ArrowCell> ArrowCell::Items() const {
    std::vector<ArrowCell> items;
    if (IsNull()) return items;
    const bool is_map = view_->storage_type == NANOARROW_TYPE_MAP;
    if (!is_map && view_->storage_type != NANOARROW_TYPE_LIST &&
        view_->storage_type != NANOARROW_TYPE_LARGE_LIST) {
        WrongType(schema_, "list or map");
    }
    const ArrowArrayView* child = view_->children[0];
    const ArrowSchema* child_schema = schema_->children[0];
    const int64_t at = row_ + view_->offset;
    const int64_t first = ArrowArrayViewListChildOffset(view_, at);
    const int64_t last = ArrowArrayViewListChildOffset(view_, at + 1);
    for (int64_t i = first; i < last; ++i) {
        if (!is_map) {
            items.emplace_back(child_schema, child, i);
            continue;
        }
        for (int part = 0; part < 2; ++part) {
            items.emplace_back(child_schema->children[part], child->children[part],
                               i + child->offset);
        }
    }
    return items;
}

std::vector<std::pair<std::string, std::optional<std::string>>> ArrowCell::TextMap() const {
    std::vector<std::pair<std::string, std::optional<std::string>>> map;
    const std::vector<ArrowCell> items = Items();
    for (size_t i = 0; i + 1 < items.size(); i += 2) {
        map.emplace_back(items[i].Text().value_or(""), items[i + 1].Text());
    }
    return map;
}

std::optional<std::string> ArrowCell::ScalarJson() const {
    ArrowSchemaView type;
    ArrowError error;
    if (ArrowSchemaViewInit(&type, schema_, &error) != NANOARROW_OK) return std::nullopt;
    switch (type.type) {
        case NANOARROW_TYPE_BOOL:
            return *Bool() ? "true" : "false";
        case NANOARROW_TYPE_FLOAT:
        case NANOARROW_TYPE_DOUBLE: {
            const double value = ArrowArrayViewGetDoubleUnsafe(view_, row_);
            if (!std::isfinite(value)) return std::nullopt;
            return FormatFloating(type.type == NANOARROW_TYPE_FLOAT ? table::TypeKind::kFloat
                                                                    : table::TypeKind::kDouble,
                                  value);
        }
        case NANOARROW_TYPE_DECIMAL128:
            return FormatDecimal({DecimalAt(view_, row_), type.decimal_scale});
        case NANOARROW_TYPE_DATE32:
            return TextJson(FormatDate(static_cast<int32_t>(*Int())));
        case NANOARROW_TYPE_TIMESTAMP: {
            const int64_t micros = InMicros(*Int(), type.time_unit);
            if (!HasFourDigitYear(micros)) return std::nullopt;
            const bool is_instant = type.timezone != nullptr && *type.timezone != '\0';
            return TextJson(FormatTimestamp(micros, 'T', 3) + (is_instant ? "Z" : ""));
        }
        default:
            break;
    }
    if (IsString(view_->storage_type)) return TextJson(*Text());
    if (IsInt(view_->storage_type)) return std::to_string(*Int());
    return std::nullopt;
}

std::optional<std::string> ArrowCell::Json() const {
    if (IsNull()) return std::nullopt;
    if (view_->storage_type != NANOARROW_TYPE_STRUCT) return ScalarJson();
    std::vector<std::string> parts;
    for (int64_t i = 0; i < schema_->n_children; ++i) {
        const ArrowSchema* child = schema_->children[i];
        const auto json = ArrowCell(child, view_->children[i], row_ + view_->offset).Json();
        if (json)
            parts.push_back(TextJson(child->name == nullptr ? "" : child->name) + ":" + *json);
    }
    return "{" + Join(parts, ",") + "}";
}

ArrowBatch::ArrowBatch(const ArrowSchema& schema, const ArrowArray& batch, std::string_view what)
    : schema_(schema) {
    ArrowError error;
    if (ArrowArrayViewInitFromSchema(&view_, &schema, &error) != NANOARROW_OK ||
        ArrowArrayViewSetArray(&view_, &batch, &error) != NANOARROW_OK) {
        ArrowArrayViewReset(&view_);
        throw Error(ErrorKind::kCorrupt, "{} cannot be read: {}", what, error.message);
    }
}

}  // namespace tarn::delta
