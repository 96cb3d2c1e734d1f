#include "delta/deletion_vectors.h"

#include <algorithm>

#include "base/error.h"
#include "delta/file_path.h"
#include "format/deletion_vector.h"
#include "format/z85.h"

namespace tarn::delta {
namespace {

constexpr size_t kUuidCharacters = 20;
constexpr int64_t kMaxVectorBytes = 1LL << 30;
// A file that is put again has the same bytes, so late answers do no harm.
constexpr int kMaxPuts = 5;

std::string FileLocation(const std::string& folder, const std::string& uuid) {
    return folder + "/deletion_vector_" + uuid + ".bin";
}

format::RoaringBitmap64 ReadInline(const DeletionVector& vector) {
    const std::string bytes = format::DecodeZ85(vector.path_or_inline);
    if (bytes.size() < static_cast<size_t>(vector.size_bytes)) {
        throw Error(ErrorKind::kCorrupt, "an inline deletion vector has {} bytes, not {}",
                    bytes.size(), vector.size_bytes);
    }
    // What follows is the padding of the encoding.
    return format::ParseDeletionVector(
        std::string_view(bytes).substr(0, static_cast<size_t>(vector.size_bytes)));
}

format::RoaringBitmap64 ReadStored(storage::ObjectStore& store, const std::string& root,
                                   const DeletionVector& vector) {
    const auto reader = store.OpenReader(*VectorLocation(root, vector));
    const auto size = static_cast<uint64_t>(vector.size_bytes);
    const auto offset = static_cast<uint64_t>(vector.offset.value_or(0));
    const uint64_t block_size = format::DeletionVectorBlockSize(size);
    if (offset > reader->Info().size_bytes || block_size > reader->Info().size_bytes - offset) {
        throw Error(ErrorKind::kCorrupt, "the deletion vector file {} ends early",
                    reader->Info().location);
    }
    std::string block(block_size, '\0');
    reader->ReadAt(offset, block.data(), block_size);
    return format::ParseDeletionVectorBlock(block, size);
}

DeletionVector Describe(std::string_view serialized, uint64_t cardinality) {
    DeletionVector vector;
    vector.size_bytes = static_cast<int64_t>(serialized.size());
    vector.cardinality = static_cast<int64_t>(cardinality);
    return vector;
}

void SetInline(DeletionVector& vector, std::string_view serialized) {
    vector.storage_type = 'i';
    vector.path_or_inline = format::EncodeZ85(serialized);
}

void PutFile(storage::ObjectStore& store, const std::string& location, const std::string& bytes) {
    for (int put = 1; put <= kMaxPuts; ++put) {
        if (store.Put(location, bytes) == storage::PutOutcome::kDone) return;
    }
    throw Error(ErrorKind::kUnavailable,
                "the store did not tell whether the deletion vector file {} was written", location);
}

}  // namespace

// PROTOCOL.md, "Derived Fields".
std::optional<std::string> VectorLocation(const std::string& root, const DeletionVector& vector) {
    if (vector.storage_type == 'i') return std::nullopt;
    if (vector.storage_type == 'p') return ResolveLocation(root, vector.path_or_inline);
    const std::string& text = vector.path_or_inline;
    if (text.size() < kUuidCharacters) {
        throw Error(ErrorKind::kCorrupt, "the deletion vector name '{}' is too short", text);
    }
    const std::string prefix = text.substr(0, text.size() - kUuidCharacters);
    const std::string uuid = format::DecodeVectorUuid(std::string_view(text).substr(prefix.size()));
    return FileLocation(prefix.empty() ? root : root + "/" + prefix, uuid);
}

format::RoaringBitmap64 ReadVector(storage::ObjectStore& store, const std::string& root,
                                   std::string_view path, const DeletionVector& vector) {
    if (vector.size_bytes < 0 || vector.size_bytes > kMaxVectorBytes) {
        throw Error(ErrorKind::kCorrupt, "a deletion vector cannot have {} bytes",
                    vector.size_bytes);
    }
    auto rows = vector.storage_type == 'i' ? ReadInline(vector) : ReadStored(store, root, vector);
    const auto told = static_cast<uint64_t>(std::max<int64_t>(vector.cardinality, 0));
    if (rows.Cardinality() != told) {
        throw Error(ErrorKind::kCorrupt, "the deletion vector of {} holds {} rows, the log says {}",
                    path, rows.Cardinality(), told);
    }
    return rows;
}

DeletionVector InlineVector(const format::RoaringBitmap64& rows) {
    const std::string serialized = format::SerializeDeletionVector(rows);
    DeletionVector vector = Describe(serialized, rows.Cardinality());
    SetInline(vector, serialized);
    return vector;
}

std::vector<DeletionVector> StoreVectors(storage::ObjectStore& store, const std::string& root,
                                         const std::string& uuid,
                                         const std::vector<const format::RoaringBitmap64*>& rows) {
    std::vector<std::string> serialized;
    std::vector<DeletionVector> vectors;
    uint64_t total_bytes = 0;
    for (const format::RoaringBitmap64* each : rows) {
        serialized.push_back(format::SerializeDeletionVector(*each));
        vectors.push_back(Describe(serialized.back(), each->Cardinality()));
        total_bytes += serialized.back().size();
    }
    if (total_bytes <= kMaxInlineVectorBytes) {
        for (size_t i = 0; i < vectors.size(); ++i) SetInline(vectors[i], serialized[i]);
        return vectors;
    }
    format::DeletionVectorFile file;
    for (size_t i = 0; i < vectors.size(); ++i) {
        vectors[i].path_or_inline = format::EncodeVectorUuid(uuid);
        vectors[i].offset = static_cast<int64_t>(file.Append(serialized[i]));
    }
    PutFile(store, FileLocation(root, uuid), file.Bytes());
    return vectors;
}

}  // namespace tarn::delta
