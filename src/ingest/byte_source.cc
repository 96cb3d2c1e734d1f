#include "ingest/byte_source.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <zlib.h>

#include "base/check.h"
#include "base/error.h"

namespace tarn::ingest {

namespace {

constexpr size_t kBlockBytes = 256 * 1024;
constexpr std::string_view kGzipMagic = "\x1f\x8b";
// More than the bytes that zlib may hold back when its output is full: one match (RFC 1951, 258).
constexpr uint64_t kNearBytes = 1024;
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

// zlib's state for gzip, with its end.
class Inflater {
public:
    explicit Inflater(const std::string& location) {
        if (inflateInit2(&stream_, kGzipWindowBits) != Z_OK)
            throw Error(ErrorKind::kLimitExceeded, "no memory to decompress {}", location);
    }
    ~Inflater() { inflateEnd(&stream_); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    z_stream* operator->() { return &stream_; }
    z_stream* Get() { return &stream_; }

private:
    z_stream stream_{};
};

class GunzipBytes final : public ByteSource {
public:
    explicit GunzipBytes(StoredBytes& stored)
        : stored_(stored), input_(kBlockBytes), stream_(stored.Info().location) {}

    size_t Read(char* buffer, size_t size) override {
        if (at_end_) return 0;
        stream_->next_out = reinterpret_cast<Bytef*>(buffer);
        stream_->avail_out = static_cast<uInt>(std::min(size, kBlockBytes));
        const uInt wanted = stream_->avail_out;
        while (!at_end_ && stream_->avail_out == wanted) Step();
        return wanted - stream_->avail_out;
    }

    const std::optional<Damage>& GetDamage() const override { return damage_; }

    size_t ReadUndecoded(char* buffer, size_t size) override {
        if (!damage_) return 0;
        size_t count = stored_.ReadAgain(next_undecoded_, buffer, size);
        if (count == 0) count = stored_.Read(buffer, size);
        next_undecoded_ += count;
        return count;
    }

private:
    void Refill() {
        const size_t count = stored_.Read(input_.data(), input_.size());
        stream_->next_in = reinterpret_cast<Bytef*>(input_.data());
        stream_->avail_in = static_cast<uInt>(count);
    }

    void Step() {
        if (stream_->avail_in == 0) Refill();
        const bool is_dry = stream_->avail_in == 0;
        if (!inside_member_ && is_dry) {
            at_end_ = true;
            return;
        }
        if (!inside_member_ && !BeginMember()) return;
        const uInt room = stream_->avail_out;
        const int answer = inflate(stream_.Get(), Z_NO_FLUSH);
        if (answer == Z_STREAM_END) {
            inside_member_ = false;
        } else if (answer != Z_OK && answer != Z_BUF_ERROR) {
            Fail(ErrorClass::kCorruptGzip,
                 stream_->msg != nullptr ? stream_->msg : "the gzip stream is damaged",
                 FirstUndecoded());
        } else if (is_dry && stream_->avail_out == room) {
            Fail(ErrorClass::kTruncatedGzip, "the gzip stream ends too early", FirstUndecoded());
        }
    }

    // Zeros after a member are padding (RFC 1952 leaves them to the archiver; gzip ignores them).
    bool BeginMember() {
        if (is_first_) {
            is_first_ = false;
        } else {
            while (stream_->avail_in > 0 && *stream_->next_in == 0) {
                ++stream_->next_in;
                --stream_->avail_in;
            }
            if (stream_->avail_in == 0) return false;
            if (*stream_->next_in != static_cast<Bytef>(kGzipMagic[0])) {
                Fail(ErrorClass::kCorruptGzip, "bytes that are not gzip follow the gzip stream",
                     stored_.Position() - stream_->avail_in);
                return false;
            }
            Check(inflateReset(stream_.Get()) == Z_OK, "inflateReset of an open stream");
        }
        member_begin_ = stored_.Position() - stream_->avail_in;
        inside_member_ = true;
        return true;
    }

    // The stored byte in which the last decoded byte ends. zlib has taken in more than that, so the
    // member is decoded once more, byte by byte where its end is near.
    uint64_t FirstUndecoded() {
        const uint64_t given = stream_->total_out;
        if (given == 0) return member_begin_;
        Inflater again(stored_.Info().location);
        std::vector<char> output(kBlockBytes);
        while (again->total_out < given) {
            const uint64_t left = given - again->total_out;
            const bool is_near = left <= kNearBytes;
            const uint64_t taken = again->total_in;
            again->next_in = reinterpret_cast<Bytef*>(input_.data());
            again->avail_in = static_cast<uInt>(stored_.ReadAgain(
                member_begin_ + taken, input_.data(), is_near ? 1 : input_.size()));
            again->next_out = reinterpret_cast<Bytef*>(output.data());
            again->avail_out = static_cast<uInt>(
                is_near ? output.size() : std::min<uint64_t>(left - kNearBytes, output.size()));
            inflate(again.Get(), Z_NO_FLUSH);
            Check(again->total_in > taken || given - again->total_out < left,
                  "what was decoded decodes again");
        }
        return member_begin_ + again->total_in - 1;
    }

    void Fail(ErrorClass error, std::string what, uint64_t position) {
        at_end_ = true;
        damage_ = Damage{error, std::move(what), position};
        next_undecoded_ = position;
    }

    StoredBytes& stored_;
    std::vector<char> input_;
    Inflater stream_;
    uint64_t member_begin_ = 0;
    bool is_first_ = true;
    bool inside_member_ = false;
    bool at_end_ = false;
    std::optional<Damage> damage_;
    uint64_t next_undecoded_ = 0;
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

size_t StoredBytes::ReadAgain(uint64_t position, char* buffer, size_t size) {
    const size_t count = static_cast<size_t>(std::min<uint64_t>(position_ - position, size));
    if (count > 0) reader_->ReadAt(position, buffer, count);
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
