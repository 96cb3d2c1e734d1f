#include "base/hash.h"

#include <array>

#include <fmt/core.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <xxhash.h>

#include "base/check.h"
#include "base/text.h"

namespace tarn {

uint64_t Hash64(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

Digest128 Hash128(std::string_view bytes) {
    const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
    return {hash.high64, hash.low64};
}

std::string Hash128Hex(std::string_view bytes) {
    const Digest128 hash = Hash128(bytes);
    return fmt::format("{:016x}{:016x}", hash.high, hash.low);
}

struct Sha256::State {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
    Check(EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) == 1, "SHA-256 starts");
}

Sha256::~Sha256() = default;

void Sha256::Update(std::string_view bytes) {
    Check(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1,
          "SHA-256 takes bytes");
}

std::string Sha256::FinishHex() {
    std::array<unsigned char, 32> digest{};
    unsigned int size = 0;
    Check(EVP_DigestFinal_ex(state_->context, digest.data(), &size) == 1 && size == digest.size(),
          "SHA-256 ends");
    return Hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string Sha256Hex(std::string_view bytes) {
    Sha256 hash;
    hash.Update(bytes);
    return hash.FinishHex();
}

std::string HmacSha256(std::string_view key, std::string_view bytes) {
    std::array<unsigned char, 32> digest{};
    unsigned int size = 0;
    const unsigned char* made = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     bytes.size(), digest.data(), &size);
    Check(made != nullptr && size == digest.size(), "HMAC-SHA-256");
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace tarn
