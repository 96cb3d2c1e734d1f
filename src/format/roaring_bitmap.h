// A set of 64-bit numbers in Roaring's portable 64-bit serialization (RoaringFormatSpec, "extension
// for 64-bit implementations"): buckets by the upper 32 bits, each a 32-bit Roaring bitmap. Foreign
// bytes are parsed and checked here, value by value; CRoaring holds the set.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct roaring_bitmap_s;

namespace tarn::format {

class RoaringBitmap64 {
public:
    RoaringBitmap64() = default;

    // The whole text must be one bitmap. Corrupt when it is not well-formed.
    static RoaringBitmap64 Parse(std::string_view bytes);
    std::string Serialize() const;

    void Add(uint64_t value);
    void Unite(const RoaringBitmap64& other);
    bool Intersects(const RoaringBitmap64& other) const;
    // Gives it the form that takes the fewest bytes (runs, where there are any).
    void Shrink();
    uint64_t Cardinality() const;
    bool Contains(uint64_t value) const;
    // Sets marks[i] where first + i is in the set and leaves the others; is any.
    bool MarkIn(uint64_t first, std::span<bool> marks) const;

private:
    struct Release {
        void operator()(roaring_bitmap_s* bitmap) const;
    };
    using Bucket = std::unique_ptr<roaring_bitmap_s, Release>;

    roaring_bitmap_s* BucketOf(uint32_t key);

    std::map<uint32_t, Bucket> buckets_;
};

}  // namespace tarn::format
