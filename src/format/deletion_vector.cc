#include "format/deletion_vector.h"

#include "base/error.h"
#include "base/text.h"
#include "format/byte_reader.h"
#include "format/crc32.h"
#include "format/z85.h"

namespace tarn::format {
namespace {

constexpr uint32_t kMagic = 1681511377;
constexpr size_t kUuidCharacters = 20;
constexpr size_t kMaxVectorBytes = INT32_MAX;  // readers take the size as signed

void AppendBigEndian32(std::string& bytes, uint64_t value) {
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes += static_cast<char>((value >> shift) & 0xFF);
}

}  // namespace

RoaringBitmap64 ParseDeletionVector(std::string_view bytes) {
    ByteReader reader(bytes, "a deletion vector");
    const auto magic = reader.LittleEndian<uint32_t>();
    if (magic != kMagic) {
        throw Error(ErrorKind::kUnsupported,
                    "a deletion vector has the format number {}; only {} can be read", magic,
                    kMagic);
    }
    return RoaringBitmap64::Parse(reader.Take(reader.Left()));
}

std::string SerializeDeletionVector(const RoaringBitmap64& rows) {
    std::string bytes;
    for (int shift = 0; shift < 32; shift += 8)
        bytes += static_cast<char>((kMagic >> shift) & 0xFF);
    return bytes + rows.Serialize();
}

RoaringBitmap64 ParseDeletionVectorBlock(std::string_view bytes, uint64_t size_bytes) {
    ByteReader reader(bytes, "a deletion vector file");
    const auto stored_size = reader.BigEndian<uint32_t>();
    if (stored_size != size_bytes) {
        throw Error(ErrorKind::kCorrupt, "a deletion vector has {} bytes, its log says {}",
                    stored_size, size_bytes);
    }
    const std::string_view data = reader.Take(stored_size);
    if (reader.BigEndian<uint32_t>() != Crc32(data)) {
        throw Error(ErrorKind::kCorrupt, "a deletion vector does not match its checksum");
    }
    return ParseDeletionVector(data);
}

uint64_t DeletionVectorFile::Append(std::string_view vector) {
    if (vector.size() > kMaxVectorBytes) {
        throw Error(ErrorKind::kLimitExceeded, "a deletion vector has {} bytes; at most {} fit",
                    vector.size(), kMaxVectorBytes);
    }
    const uint64_t offset = bytes_.size();
    AppendBigEndian32(bytes_, vector.size());
    bytes_ += vector;
    AppendBigEndian32(bytes_, Crc32(vector));
    return offset;
}

std::string DecodeVectorUuid(std::string_view base85) {
    if (base85.size() != kUuidCharacters) {
        throw Error(ErrorKind::kCorrupt, "a deletion vector's name has {} characters, not {}",
                    base85.size(), kUuidCharacters);
    }
    std::string uuid = Hex(DecodeZ85(base85));
    for (const size_t dash : {8U, 13U, 18U, 23U}) uuid.insert(dash, "-");
    return uuid;
}

std::string EncodeVectorUuid(std::string_view uuid) {
    std::string digits(uuid);
    std::erase(digits, '-');
    std::string bytes;
    for (size_t at = 0; at + 1 < digits.size(); at += 2) {
        bytes += static_cast<char>(std::stoi(digits.substr(at, 2), nullptr, 16));
    }
    return EncodeZ85(bytes);
}

}  // namespace tarn::format
