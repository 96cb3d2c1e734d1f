// The bytes of a landing file in order: as they are stored, or decoded from gzip. Damage is an
// outcome, not a failure: what could be decoded is given, then the damage is told, then the stored
// bytes that were not decoded, so that no bit of the file is in neither. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/hash.h"
#include "ingest/record.h"
#include "storage/object_store.h"

namespace tarn::ingest {

struct Damage {
    ErrorClass error = ErrorClass::kCorruptGzip;
    std::string what;
    // Of the first stored byte that was not decoded, or not wholly: that byte may hold the last
    // bits of what was.
    uint64_t position = 0;
};

class ByteSource {
public:
    virtual ~ByteSource() = default;
    // Fills at most `size` bytes, at least one; 0 at the end. Throws what the store throws.
    virtual size_t Read(char* buffer, size_t size) = 0;
    // After the end: what is wrong with the file, if anything.
    virtual const std::optional<Damage>& GetDamage() const = 0;
    // After the end of a damaged file: its stored bytes from the damage's position on, as Read
    // gives them.
    virtual size_t ReadUndecoded(char* buffer, size_t size) = 0;
};

// The stored bytes, hashed as they pass.
class StoredBytes final : public ByteSource {
public:
    explicit StoredBytes(std::unique_ptr<storage::ObjectReader> reader);

    size_t Read(char* buffer, size_t size) override;
    const std::optional<Damage>& GetDamage() const override { return damage_; }
    size_t ReadUndecoded(char*, size_t) override { return 0; }

    const storage::ObjectInfo& Info() const { return reader_->Info(); }
    // The first bytes, without reading past them.
    bool StartsWith(std::string_view bytes);
    uint64_t Position() const { return position_; }
    // Bytes that were read before, from `position` on; 0 where reading stands.
    size_t ReadAgain(uint64_t position, char* buffer, size_t size);
    // SHA-256 of all stored bytes, reading what was not read yet. Once.
    std::string FinishHash();

private:
    std::unique_ptr<storage::ObjectReader> reader_;
    uint64_t position_ = 0;
    Sha256 hash_;
    std::optional<Damage> damage_;
};

// Gzip (RFC 1952), any number of members one after another. `stored` outlives it.
std::unique_ptr<ByteSource> Gunzip(StoredBytes& stored);

// Gunzip when the bytes begin as gzip does, whatever the file is called; else a view of `stored`
// itself.
std::unique_ptr<ByteSource> Decode(StoredBytes& stored);

}  // namespace tarn::ingest
