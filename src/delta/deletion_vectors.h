// The deletion vectors of a table (PROTOCOL.md, "Deletion Vectors") as rows, out of the log or the
// files that hold them and into those.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "delta/actions.h"
#include "format/roaring_bitmap.h"
#include "storage/object_store.h"

namespace tarn::delta {

// Vectors that take no more bytes together stand in the log itself.
inline constexpr uint64_t kMaxInlineVectorBytes = 1024;

// Where the file lies that holds the vector; nothing when it stands in the log. Corrupt.
std::optional<std::string> VectorLocation(const std::string& root, const DeletionVector& vector);

// NotFound, Corrupt (checksum, size, another number of rows than the log says). `path` is the data
// file's, for messages.
format::RoaringBitmap64 ReadVector(storage::ObjectStore& store, const std::string& root,
                                   std::string_view path, const DeletionVector& vector);

// A vector that stands in its own descriptor, whatever its size.
DeletionVector InlineVector(const format::RoaringBitmap64& rows);

// Stores vectors for one commit and describes them in their order: inline when they are small, else
// in one file whose name is made of `uuid`, which must be a new one; durable when this returns.
// Unavailable when the store does not tell that the file was written: it may be there, and nothing
// refers to it.
std::vector<DeletionVector> StoreVectors(storage::ObjectStore& store, const std::string& root,
                                         const std::string& uuid,
                                         const std::vector<const format::RoaringBitmap64*>& rows);

}  // namespace tarn::delta
