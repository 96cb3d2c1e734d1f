// Hashes of bytes: XXH3 for speed inside a process or a file, SHA-256 where an adversary may choose
// the bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tarn {

struct Digest128 {
    uint64_t high = 0;
    uint64_t low = 0;
    bool operator==(const Digest128&) const = default;
};

uint64_t Hash64(std::string_view bytes);                               // XXH3, 64 bits
Digest128 Hash128(std::string_view bytes);                             // XXH3, 128 bits
std::string Hash128Hex(std::string_view bytes);                        // the same as 32 hex digits
std::string Sha256Hex(std::string_view bytes);                         // 64 hex digits
std::string HmacSha256(std::string_view key, std::string_view bytes);  // 32 raw bytes

// SHA-256 over bytes that arrive in pieces.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    void Update(std::string_view bytes);
    std::string FinishHex();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tarn
