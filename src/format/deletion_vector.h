// Bytes of Delta's deletion vectors (PROTOCOL.md, "Deletion Vector Format"): a magic number and a
// 64-bit Roaring bitmap; in files with a size before and a CRC-32 after it. Knows nothing of where
// they lie.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "format/roaring_bitmap.h"

namespace tarn::format {

// One vector without size and checksum, as it stands inline. Corrupt; Unsupported for another
// magic.
RoaringBitmap64 ParseDeletionVector(std::string_view bytes);
std::string SerializeDeletionVector(const RoaringBitmap64& rows);

// One vector in a file, from its size to its checksum: `bytes` is exactly that block, `size_bytes`
// the size that the table's log gives. Corrupt when sizes or checksum disagree.
RoaringBitmap64 ParseDeletionVectorBlock(std::string_view bytes, uint64_t size_bytes);
// Of the block around so many bytes.
constexpr uint64_t DeletionVectorBlockSize(uint64_t size_bytes) { return size_bytes + 8; }

// A whole file of vectors.
class DeletionVectorFile {
public:
    // Takes a serialized vector; gives the offset of its block. LimitExceeded when it is too large.
    uint64_t Append(std::string_view vector);
    const std::string& Bytes() const { return bytes_; }

private:
    std::string bytes_ = std::string(1, '\1');  // the version of the layout
};

// The canonical UUID text of a vector file's name from the 20 characters at the end of its
// reference, and back.
std::string DecodeVectorUuid(std::string_view base85);
std::string EncodeVectorUuid(std::string_view uuid);

}  // namespace tarn::format
