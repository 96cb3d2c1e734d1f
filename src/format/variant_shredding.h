// Which parts of variants deserve columns of their own (Parquet, "Variant Shredding"), judged by a
// sample of the values that a file gets. Pure.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "format/variant.h"

namespace tarn::format {

// What of a variant, or of a part of it, stands in typed columns.
struct ShreddedType {
    Variant::Kind kind = Variant::Kind::kNull;  // kNull: nothing; whole numbers have eight bytes
    uint8_t size_bytes = 0;                     // of decimals
    uint8_t scale = 0;
    std::vector<std::string> names;   // of an object, sorted
    std::vector<ShreddedType> parts;  // each beside its name; the one of an array
};

// Can the value stand in a column of this type without any change but the width of a whole number.
bool Fits(const ShreddedType& type, const Variant& value);

class ShreddingSample {
public:
    static constexpr int kMaxDepth = 16;
    static constexpr size_t kMaxLeaves = 300;
    static constexpr size_t kMaxNodes = 4096;
    // A key that fewer of an object's siblings have is not worth a column.
    static constexpr double kLeastShare = 0.1;
    // Where fewer values are of one kind, the part stays in bytes.
    static constexpr double kLeastAgreement = 0.9;

    ShreddingSample();
    ShreddingSample(ShreddingSample&&) noexcept;
    ~ShreddingSample();

    void Add(const Variant& value);
    // A part gets the type of most of its values, nulls aside; of keys that differ only in case
    // none gets one, for readers that hold them for one.
    ShreddedType Decide() const;

private:
    struct Node;
    void Add(const Variant& value, Node& node, int depth);

    std::unique_ptr<Node> root_;
    size_t nodes_ = 1;
};

}  // namespace tarn::format
