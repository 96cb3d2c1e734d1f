#include "format/roaring_bitmap.h"

#include <algorithm>
#include <bit>
#include <vector>

#include <roaring/roaring.h>

#include "base/error.h"
#include "format/byte_reader.h"

namespace tarn::format {
namespace {

// RoaringFormatSpec, "cookie header" and "containers".
constexpr uint32_t kCookieNoRuns = 12346;
constexpr uint32_t kCookieRuns = 12347;
constexpr uint32_t kOffsetsFrom = 4;  // with runs, offsets are stored from so many containers on
constexpr uint32_t kMaxArray = 4096;
constexpr uint64_t kMaxBuckets = 1ULL << 31;

[[noreturn]] void Malformed(std::string_view why) {
    throw Error(ErrorKind::kCorrupt, "a Roaring bitmap is malformed: {}", why);
}

struct Container {
    uint32_t base = 0;  // of its values: the upper 16 bits of 32
    uint32_t cardinality = 0;
    bool is_runs = false;
};

void ReadRuns(ByteReader& reader, const Container& container, roaring_bitmap_t* into) {
    const uint32_t runs = reader.LittleEndian<uint16_t>();
    uint32_t next_free = 0;
    uint32_t total = 0;
    for (uint32_t i = 0; i < runs; ++i) {
        const uint32_t start = reader.LittleEndian<uint16_t>();
        const uint32_t last = start + reader.LittleEndian<uint16_t>();
        if (start < next_free || last > 0xFFFF) Malformed("its runs overlap or overflow");
        roaring_bitmap_add_range_closed(into, container.base + start, container.base + last);
        total += last - start + 1;
        next_free = last + 1;
    }
    if (total != container.cardinality) Malformed("a container's count is wrong");
}

void ReadBits(ByteReader& reader, const Container& container, roaring_bitmap_t* into) {
    std::vector<uint32_t> values;
    values.reserve(container.cardinality);
    for (uint32_t word_at = 0; word_at < 1024; ++word_at) {
        for (auto word = reader.LittleEndian<uint64_t>(); word != 0; word &= word - 1) {
            const auto bit = static_cast<uint32_t>(std::countr_zero(word));
            values.push_back(container.base + word_at * 64 + bit);
        }
    }
    if (values.size() != container.cardinality) Malformed("a container's count is wrong");
    roaring_bitmap_add_many(into, values.size(), values.data());
}

void ReadArray(ByteReader& reader, const Container& container, roaring_bitmap_t* into) {
    std::vector<uint32_t> values;
    values.reserve(container.cardinality);
    for (uint32_t i = 0; i < container.cardinality; ++i) {
        values.push_back(container.base + reader.LittleEndian<uint16_t>());
        if (i > 0 && values[i] <= values[i - 1]) Malformed("an array container is out of order");
    }
    roaring_bitmap_add_many(into, values.size(), values.data());
}

void ReadBucket(ByteReader& reader, roaring_bitmap_t* into) {
    const auto cookie = reader.LittleEndian<uint32_t>();
    const bool has_runs = (cookie & 0xFFFF) == kCookieRuns;
    if (!has_runs && cookie != kCookieNoRuns) Malformed("it has an unknown cookie");
    const uint32_t count = has_runs ? (cookie >> 16) + 1 : reader.LittleEndian<uint32_t>();
    if (count > 0x10000) Malformed("it has too many containers");
    const std::string_view run_flags = reader.Take(has_runs ? (count + 7) / 8 : 0);
    std::vector<Container> containers(count);
    for (uint32_t i = 0; i < count; ++i) {
        Container& container = containers[i];
        container.base = static_cast<uint32_t>(reader.LittleEndian<uint16_t>()) << 16;
        container.cardinality = reader.LittleEndian<uint16_t>() + 1U;
        container.is_runs =
            has_runs && ((static_cast<uint8_t>(run_flags[i / 8]) >> (i % 8)) & 1) != 0;
        if (i > 0 && container.base <= containers[i - 1].base) {
            Malformed("its containers are out of order");
        }
    }
    // Containers follow one another, so the offsets tell nothing new.
    if (!has_runs || count >= kOffsetsFrom) reader.Take(4ULL * count);
    for (const Container& container : containers) {
        if (container.is_runs) {
            ReadRuns(reader, container, into);
        } else if (container.cardinality > kMaxArray) {
            ReadBits(reader, container, into);
        } else {
            ReadArray(reader, container, into);
        }
    }
}

void AppendLittleEndian(std::string& bytes, uint64_t value, int size) {
    for (int i = 0; i < size; ++i) bytes += static_cast<char>((value >> (8 * i)) & 0xFF);
}

}  // namespace

void RoaringBitmap64::Release::operator()(roaring_bitmap_s* bitmap) const {
    roaring_bitmap_free(bitmap);
}

roaring_bitmap_s* RoaringBitmap64::BucketOf(uint32_t key) {
    Bucket& bucket = buckets_[key];
    if (!bucket) bucket.reset(roaring_bitmap_create());
    return bucket.get();
}

RoaringBitmap64 RoaringBitmap64::Parse(std::string_view bytes) {
    ByteReader reader(bytes, "a Roaring bitmap");
    const auto count = reader.LittleEndian<uint64_t>();
    if (count > kMaxBuckets) Malformed("it has too many buckets");
    RoaringBitmap64 parsed;
    for (uint64_t i = 0; i < count; ++i) {
        const auto key = reader.LittleEndian<uint32_t>();
        if (!parsed.buckets_.empty() && key <= parsed.buckets_.rbegin()->first) {
            Malformed("its buckets are out of order");
        }
        ReadBucket(reader, parsed.BucketOf(key));
    }
    if (reader.Left() != 0) Malformed("bytes follow after its end");
    return parsed;
}

std::string RoaringBitmap64::Serialize() const {
    std::string bytes;
    AppendLittleEndian(bytes, buckets_.size(), 8);
    for (const auto& [key, bucket] : buckets_) {
        AppendLittleEndian(bytes, key, 4);
        const size_t at = bytes.size();
        bytes.resize(at + roaring_bitmap_portable_size_in_bytes(bucket.get()));
        roaring_bitmap_portable_serialize(bucket.get(), bytes.data() + at);
    }
    return bytes;
}

void RoaringBitmap64::Add(uint64_t value) {
    roaring_bitmap_add(BucketOf(static_cast<uint32_t>(value >> 32)), static_cast<uint32_t>(value));
}

void RoaringBitmap64::Unite(const RoaringBitmap64& other) {
    for (const auto& [key, bucket] : other.buckets_) {
        roaring_bitmap_or_inplace(BucketOf(key), bucket.get());
    }
}

bool RoaringBitmap64::Intersects(const RoaringBitmap64& other) const {
    return std::any_of(buckets_.begin(), buckets_.end(), [&](const auto& entry) {
        const auto found = other.buckets_.find(entry.first);
        return found != other.buckets_.end() &&
               roaring_bitmap_intersect(entry.second.get(), found->second.get());
    });
}

void RoaringBitmap64::Shrink() {
    for (const auto& [key, bucket] : buckets_) roaring_bitmap_run_optimize(bucket.get());
}

uint64_t RoaringBitmap64::Cardinality() const {
    uint64_t total = 0;
    for (const auto& [key, bucket] : buckets_)
        total += roaring_bitmap_get_cardinality(bucket.get());
    return total;
}

bool RoaringBitmap64::Contains(uint64_t value) const {
    const auto found = buckets_.find(static_cast<uint32_t>(value >> 32));
    return found != buckets_.end() &&
           roaring_bitmap_contains(found->second.get(), static_cast<uint32_t>(value));
}

bool RoaringBitmap64::MarkIn(uint64_t first, std::span<bool> marks) const {
    if (marks.empty()) return false;
    const uint64_t last = first + std::min<uint64_t>(marks.size() - 1, UINT64_MAX - first);
    bool is_any = false;
    for (auto at = buckets_.lower_bound(static_cast<uint32_t>(first >> 32)); at != buckets_.end();
         ++at) {
        const uint64_t base = static_cast<uint64_t>(at->first) << 32;
        if (base > last) break;
        roaring_uint32_iterator_t values;
        roaring_init_iterator(at->second.get(), &values);
        roaring_move_uint32_iterator_equalorlarger(
            &values, static_cast<uint32_t>(std::max(first, base) - base));
        for (; values.has_value && base + values.current_value <= last;
             roaring_advance_uint32_iterator(&values)) {
            marks[base + values.current_value - first] = true;
            is_any = true;
        }
    }
    return is_any;
}

}  // namespace tarn::format
