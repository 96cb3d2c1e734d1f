// Checks of Parquet's delta encodings (Parquet format, Encodings.md: DELTA_BINARY_PACKED,
// DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY), for a decoder that believes what a page says of
// itself: what passes here can be decoded without a write beyond a buffer. Nothing is decoded for
// its values.
//
// Each takes the values of a data page, without its levels and decompressed; what is damaged is
// Corrupt. A page that ends too early is left to the decoder, which finds it by itself.
#pragma once

#include <cstdint>
#include <string_view>

namespace tarn::format {

// The most bytes that the values of one page of DELTA_BYTE_ARRAY may have together: prefixes are
// written once and repeated in reading, so that a small page could ask for any amount of memory.
// More is Unsupported.
inline constexpr uint64_t kMaxDeltaPageBytes = uint64_t{1} << 30;

// The sizes of blocks and miniblocks.
void CheckDeltaBinaryPacked(std::string_view page);

// The sizes of blocks, and no more lengths than the page has values.
void CheckDeltaLengthByteArray(std::string_view page, uint64_t max_values);

// The same of prefixes and suffixes; every prefix lies within the value before it, every suffix
// within the page.
void CheckDeltaByteArray(std::string_view page, uint64_t max_values);

}  // namespace tarn::format
