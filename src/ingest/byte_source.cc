#include "ingest/byte_source.h"

#include <algorithm>
#include <array>
#include <vector>

#include <zlib.h>

#include "base/check.h"
#include "base/error.h"

namespace tarn::ingest {

namespace {

constexpr size_t kBlockBytes = 256 * 1024;
constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr int kGzipWindowBits = 15 + 16;  // zlib: the widest window, gzip framing

// Bytes that pass straight through.
class PlainBytes final : public ByteSource {
public:
    explicit PlainBytes(StoredBytes& stored) : stored_(stored) {}
    size_t Read(char* buffer, size_t size) override { return stored_.Read(buffer, size); }
    const std::optional<Damage>& GetDamage() const override { return stored_.GetDamage(); }
    size_t ReadUndecoded(char*, size_t) override { return 0; }

private:
    StoredBytes& stored_;
};

class GunzipBytes final : public ByteSource {
public:
    explicit GunzipBytes(StoredBytes& stored) : stored_(stored), input_(kBlockBytes) {
        if (inflateInit2(&stream_, kGzipWindowBits) != Z_OK) {
            throw Error(ErrorKind::kLimitExceeded, "no memory to decompress {}",
                        stored.Info().location);
        }
    }
    ~GunzipBytes() override { inflateEnd(&stream_); }
    GunzipBytes(const GunzipBytes&) = delete;
    GunzipBytes& operator=(const GunzipBytes&) = delete;

    size_t Read(char* buffer, size_t size) override {
        if (at_end_) return 0;
        stream_.next_out = reinterpret_cast<Bytef*>(buffer);
        stream_.avail_out = static_cast<uInt>(std::min(size, kBlockBytes));
        const uInt wanted = stream_.avail_out;
        while (!at_end_ && stream_.avail_out == wanted) Step();
        return wanted - stream_.avail_out;
    }

    const std::optional<Damage>& GetDamage() const override { return damage_; }

    size_t ReadUndecoded(char* buffer, size_t size) override {
        if (!damage_) return 0;
        if (stream_.avail_in == 0) return stored_.Read(buffer, size);
        const size_t count = std::min<size_t>(size, stream_.avail_in);
        std::copy_n(reinterpret_cast<const char*>(stream_.next_in), count, buffer);
        stream_.next_in += count;
        stream_.avail_in -= static_cast<uInt>(count);
        return count;
    }

private:
    void Refill() {
        const size_t count = stored_.Read(input_.data(), input_.size());
        stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
        stream_.avail_in = static_cast<uInt>(count);
    }

    void Step() {
        if (stream_.avail_in == 0) Refill();
        if (stream_.avail_in == 0) {
            at_end_ = true;
            if (inside_member_) Fail(ErrorClass::kTruncatedGzip, "the gzip stream ends too early");
            return;
        }
        if (!inside_member_ && !BeginMember()) return;
        const int answer = inflate(&stream_, Z_NO_FLUSH);
        if (answer == Z_STREAM_END) {
            inside_member_ = false;
        } else if (answer != Z_OK && answer != Z_BUF_ERROR) {
            Fail(ErrorClass::kCorruptGzip,
                 stream_.msg != nullptr ? stream_.msg : "the gzip stream is damaged");
        }
    }

    // Zeros after a member are padding (RFC 1952 leaves them to the archiver; gzip ignores them).
    bool BeginMember() {
        if (is_first_) {
            is_first_ = false;
        } else {
            while (stream_.avail_in > 0 && *stream_.next_in == 0) {
                ++stream_.next_in;
                --stream_.avail_in;
            }
            if (stream_.avail_in == 0) return false;
            if (*stream_.next_in != static_cast<Bytef>(kGzipMagic[0])) {
                Fail(ErrorClass::kCorruptGzip, "bytes that are not gzip follow the gzip stream");
                return false;
            }
            Check(inflateReset(&stream_) == Z_OK, "inflateReset of an open stream");
        }
        inside_member_ = true;
        return true;
    }

    void Fail(ErrorClass error, std::string_view what) {
        at_end_ = true;
        damage_ = Damage{error, fmt::format("{} at compressed byte {} of {}", what,
                                            stored_.Position() - stream_.avail_in + 1,
                                            stored_.Info().size_bytes)};
    }

    StoredBytes& stored_;
    std::vector<char> input_;
    z_stream stream_{};
    bool is_first_ = true;
    bool inside_member_ = false;
    bool at_end_ = false;
    std::optional<Damage> damage_;
};

}  // namespace

StoredBytes::StoredBytes(std::unique_ptr<storage::ObjectReader> reader)
    : reader_(std::move(reader)) {}

size_t StoredBytes::Read(char* buffer, size_t size) {
    const uint64_t left = Info().size_bytes - position_;
    const size_t count = static_cast<size_t>(std::min<uint64_t>(left, size));
    if (count == 0) return 0;
    reader_->ReadAt(position_, buffer, count);
    hash_.Update({buffer, count});
    position_ += count;
    return count;
}

bool StoredBytes::StartsWith(std::string_view bytes) {
    std::array<char, 8> head{};
    Check(bytes.size() <= head.size(), "StartsWith looks at a few bytes");
    if (Info().size_bytes < bytes.size()) return false;
    reader_->ReadAt(0, head.data(), bytes.size());
    return std::string_view(head.data(), bytes.size()) == bytes;
}

std::string StoredBytes::FinishHash() {
    std::vector<char> block(kBlockBytes);
    while (Read(block.data(), block.size()) > 0) {
    }
    return hash_.FinishHex();
}

std::unique_ptr<ByteSource> Gunzip(StoredBytes& stored) {
    return std::make_unique<GunzipBytes>(stored);
}

std::unique_ptr<ByteSource> Decode(StoredBytes& stored) {
    if (stored.StartsWith(kGzipMagic)) return Gunzip(stored);
    return std::make_unique<PlainBytes>(stored);
}

}  // namespace tarn::ingest
