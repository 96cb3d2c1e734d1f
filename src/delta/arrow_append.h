// Builds Arrow batches of nested columns: a column is appended to value by value; a struct's
// children first, then Finish. Running out of memory throws LimitExceeded.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nanoarrow/nanoarrow.h>

namespace tarn::delta {

// Throws when nanoarrow answers with a failure.
void CheckArrow(int code);

// Names a schema's child and gives it a type; for structs the number of children.
void SetPrimitive(ArrowSchema* schema, const char* name, ArrowType type);
void SetStruct(ArrowSchema* schema, const char* name, int64_t children);
void SetTextMap(ArrowSchema* schema, const char* name);   // map<string, string>
void SetTextList(ArrowSchema* schema, const char* name);  // list<string>

// One column under construction.
class ArrowColumn {
public:
    explicit ArrowColumn(ArrowArray* array) : array_(array) {}

    ArrowColumn Child(int64_t i) const { return ArrowColumn(array_->children[i]); }
    void Null() const;
    void Nulls(int64_t count) const;
    void Text(std::string_view value) const;
    void Bytes(std::string_view value) const;
    void Int(int64_t value) const;  // integers of every width, dates, timestamps
    void Real(double value) const;
    void Decimal(__int128 unscaled) const;
    void Bool(bool value) const;
    void Text(const std::optional<std::string>& value) const;
    void Int(const std::optional<int64_t>& value) const;
    void TextMap(const std::vector<std::pair<std::string, std::optional<std::string>>>& map) const;
    void TextMap(const std::map<std::string, std::string>& map) const;
    void TextList(const std::vector<std::string>& list) const;
    // One value of a struct, list or map is whole.
    void Finish() const;

private:
    ArrowArray* array_;
};

}  // namespace tarn::delta
