#include "delta/arrow_append.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace tarn::delta {
namespace {

// nanoarrow makes room for one when it appends several empty booleans.
void MakeRoomForBooleans(ArrowArray& array, int64_t count) {
    const auto* own = static_cast<const ArrowArrayPrivateData*>(array.private_data);
    if (own->storage_type == NANOARROW_TYPE_BOOL) {
        ArrowBuffer* const bits = ArrowArrayBuffer(&array, 1);
        const int64_t missing = (array.length + count + 7) / 8 - bits->size_bytes;
        if (missing > 0) CheckArrow(ArrowBufferAppendFill(bits, 0, missing));
    }
    for (int64_t i = 0; i < array.n_children; ++i) MakeRoomForBooleans(*array.children[i], count);
}

}  // namespace

void CheckArrow(int code) {
    if (code == NANOARROW_OK) return;
    throw Error(code == ENOMEM ? ErrorKind::kLimitExceeded : ErrorKind::kInternal,
                "an Arrow batch cannot be built (error {})", code);
}

void SetPrimitive(ArrowSchema* schema, const char* name, ArrowType type) {
    CheckArrow(ArrowSchemaSetType(schema, type));
    CheckArrow(ArrowSchemaSetName(schema, name));
}

void SetStruct(ArrowSchema* schema, const char* name, int64_t children) {
    CheckArrow(ArrowSchemaSetTypeStruct(schema, children));
    CheckArrow(ArrowSchemaSetName(schema, name));
}

void SetTextMap(ArrowSchema* schema, const char* name) {
    SetPrimitive(schema, name, NANOARROW_TYPE_MAP);
    CheckArrow(ArrowSchemaSetType(schema->children[0]->children[0], NANOARROW_TYPE_STRING));
    CheckArrow(ArrowSchemaSetType(schema->children[0]->children[1], NANOARROW_TYPE_STRING));
}

void SetTextList(ArrowSchema* schema, const char* name) {
    SetPrimitive(schema, name, NANOARROW_TYPE_LIST);
    CheckArrow(ArrowSchemaSetType(schema->children[0], NANOARROW_TYPE_STRING));
}

void ArrowColumn::Null() const { CheckArrow(ArrowArrayAppendNull(array_, 1)); }

void ArrowColumn::Nulls(int64_t count) const {
    MakeRoomForBooleans(*array_, count);
    CheckArrow(ArrowArrayAppendNull(array_, count));
}

void ArrowColumn::Bytes(std::string_view value) const {
    ArrowBufferView view;
    view.data.data = value.data();
    view.size_bytes = static_cast<int64_t>(value.size());
    CheckArrow(ArrowArrayAppendBytes(array_, view));
}

void ArrowColumn::Real(double value) const { CheckArrow(ArrowArrayAppendDouble(array_, value)); }

void ArrowColumn::Decimal(__int128 unscaled) const {
    ArrowDecimal decimal;
    ArrowDecimalInit(&decimal, 128, 38, 0);
    std::memcpy(decimal.words, &unscaled, sizeof(unscaled));
    CheckArrow(ArrowArrayAppendDecimal(array_, &decimal));
}

void ArrowColumn::Text(std::string_view value) const {
    const ArrowStringView view = {value.data(), static_cast<int64_t>(value.size())};
    CheckArrow(ArrowArrayAppendString(array_, view));
}

void ArrowColumn::Int(int64_t value) const { CheckArrow(ArrowArrayAppendInt(array_, value)); }

void ArrowColumn::Bool(bool value) const { CheckArrow(ArrowArrayAppendInt(array_, value ? 1 : 0)); }

void ArrowColumn::Text(const std::optional<std::string>& value) const {
    if (value) {
        Text(std::string_view(*value));
    } else {
        Null();
    }
}

void ArrowColumn::Int(const std::optional<int64_t>& value) const {
    if (value) {
        Int(*value);
    } else {
        Null();
    }
}

void ArrowColumn::TextMap(
    const std::vector<std::pair<std::string, std::optional<std::string>>>& map) const {
    const ArrowColumn entries = Child(0);
    for (const auto& [key, value] : map) {
        entries.Child(0).Text(std::string_view(key));
        entries.Child(1).Text(value);
        entries.Finish();
    }
    Finish();
}

void ArrowColumn::TextMap(const std::map<std::string, std::string>& map) const {
    TextMap(
        std::vector<std::pair<std::string, std::optional<std::string>>>(map.begin(), map.end()));
}

void ArrowColumn::TextList(const std::vector<std::string>& list) const {
    for (const std::string& item : list) Child(0).Text(std::string_view(item));
    Finish();
}

void ArrowColumn::Finish() const { CheckArrow(ArrowArrayFinishElement(array_)); }

}  // namespace tarn::delta
