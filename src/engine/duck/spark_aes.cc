#include "engine/duck/spark_aes.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/text.h"
#include "engine/duck/scalar_adapter.h"

namespace tarn::engine::duck {
namespace {

using std::string;
using std::string_view;

constexpr size_t kTagBytes = 16;

enum class Mode { kGcm, kCbc, kEcb };

struct Cipher {
    Mode mode;
    const EVP_CIPHER* algorithm;
    size_t vector_bytes;
};

[[noreturn]] void Fail(string_view why) { throw Error(ErrorKind::kInvalidInput, "aes: {}", why); }

const EVP_CIPHER* AlgorithmOf(Mode mode, size_t key_bytes) {
    switch (key_bytes) {
        case 16:
            return mode == Mode::kGcm   ? EVP_aes_128_gcm()
                   : mode == Mode::kCbc ? EVP_aes_128_cbc()
                                        : EVP_aes_128_ecb();
        case 24:
            return mode == Mode::kGcm   ? EVP_aes_192_gcm()
                   : mode == Mode::kCbc ? EVP_aes_192_cbc()
                                        : EVP_aes_192_ecb();
        case 32:
            return mode == Mode::kGcm   ? EVP_aes_256_gcm()
                   : mode == Mode::kCbc ? EVP_aes_256_cbc()
                                        : EVP_aes_256_ecb();
        default:
            throw Error(ErrorKind::kInvalidInput,
                        "aes: a key has 16, 24 or 32 bytes, and this one {}", key_bytes);
    }
}

Cipher CipherOf(string_view mode, string_view padding, size_t key_bytes) {
    const bool is_default = EqualsIgnoreCase(padding, "DEFAULT");
    const bool pads = is_default || EqualsIgnoreCase(padding, "PKCS");
    const bool never_pads = is_default || EqualsIgnoreCase(padding, "NONE");
    constexpr size_t kGcmVectorBytes = 12;
    constexpr size_t kCbcVectorBytes = 16;
    if (EqualsIgnoreCase(mode, "GCM") && never_pads)
        return {Mode::kGcm, AlgorithmOf(Mode::kGcm, key_bytes), kGcmVectorBytes};
    if (EqualsIgnoreCase(mode, "CBC") && pads)
        return {Mode::kCbc, AlgorithmOf(Mode::kCbc, key_bytes), kCbcVectorBytes};
    if (EqualsIgnoreCase(mode, "ECB") && pads)
        return {Mode::kEcb, AlgorithmOf(Mode::kEcb, key_bytes), 0};
    throw Error(
        ErrorKind::kInvalidInput,
        "aes: the mode {} with the padding {} is none: GCM with NONE, CBC and ECB with PKCS "
        "are",
        mode, padding);
}

const unsigned char* Raw(const string& bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* Raw(string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }
int Size(const string& bytes) { return static_cast<int>(bytes.size()); }

class Run {
public:
    Run(const Cipher& cipher, const string& key, const string& vector, bool encrypts)
        : context_(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free) {
        const bool is_ready =
            context_ && EVP_CipherInit_ex(context_.get(), cipher.algorithm, nullptr, Raw(key),
                                          Raw(vector), encrypts ? 1 : 0) == 1;
        if (!is_ready) throw Error(ErrorKind::kInternal, "aes cannot be set up");
    }

    void Authenticate(const string& data) {
        int size = 0;
        if (!data.empty()) EVP_CipherUpdate(context_.get(), nullptr, &size, Raw(data), Size(data));
    }
    void ExpectTag(string tag) {
        EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, Size(tag), tag.data());
    }
    string Tag() {
        string tag(kTagBytes, '\0');
        EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, Size(tag), tag.data());
        return tag;
    }
    // Nothing where what was encrypted was encrypted otherwise.
    std::optional<string> Finish(const string& input) {
        string output(input.size() + 2 * EVP_MAX_BLOCK_LENGTH, '\0');
        int size = 0;
        int rest = 0;
        const bool is_right =
            EVP_CipherUpdate(context_.get(), Raw(output), &size, Raw(input), Size(input)) == 1 &&
            EVP_CipherFinal_ex(context_.get(), Raw(output) + size, &rest) == 1;
        if (!is_right) return std::nullopt;
        output.resize(static_cast<size_t>(size + rest));
        return output;
    }

private:
    std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context_;
};

string InitialVector(const Cipher& cipher, const string& given) {
    if (given.size() == cipher.vector_bytes) return given;
    if (!given.empty()) {
        throw Error(ErrorKind::kInvalidInput,
                    "aes: the initial vector of this mode has {} bytes, and this one {}",
                    cipher.vector_bytes, given.size());
    }
    string vector(cipher.vector_bytes, '\0');
    if (RAND_bytes(Raw(vector), Size(vector)) != 1)
        throw Error(ErrorKind::kUnavailable, "aes: there are no random bytes");
    return vector;
}

Bytes Encrypt(Bytes plain, Bytes key, string_view mode, string_view padding, Bytes vector,
              Bytes more) {
    const Cipher cipher = CipherOf(mode, padding, key.data.size());
    const string used = InitialVector(cipher, vector.data);
    if (cipher.mode != Mode::kGcm && !more.data.empty()) Fail("only GCM authenticates more data");
    Run run(cipher, key.data, used, true);
    run.Authenticate(more.data);
    const auto encrypted = run.Finish(plain.data);
    if (!encrypted) throw Error(ErrorKind::kInternal, "aes cannot encrypt");
    return {used + *encrypted + (cipher.mode == Mode::kGcm ? run.Tag() : "")};
}

std::optional<Bytes> TryDecrypt(Bytes encrypted, Bytes key, string_view mode, string_view padding,
                                Bytes more) {
    const Cipher cipher = CipherOf(mode, padding, key.data.size());
    const bool has_tag = cipher.mode == Mode::kGcm;
    if (!has_tag && !more.data.empty()) Fail("only GCM authenticates more data");
    const size_t tag_bytes = has_tag ? kTagBytes : 0;
    const string& all = encrypted.data;
    if (all.size() < cipher.vector_bytes + tag_bytes) return std::nullopt;
    Run run(cipher, key.data, all.substr(0, cipher.vector_bytes), false);
    if (has_tag) run.ExpectTag(all.substr(all.size() - kTagBytes));
    run.Authenticate(more.data);
    auto plain =
        run.Finish(all.substr(cipher.vector_bytes, all.size() - cipher.vector_bytes - tag_bytes));
    if (!plain) return std::nullopt;
    return Bytes{std::move(*plain)};
}

Bytes Decrypt(Bytes encrypted, Bytes key, string_view mode, string_view padding, Bytes more) {
    auto plain = TryDecrypt(std::move(encrypted), std::move(key), mode, padding, std::move(more));
    if (plain) return std::move(*plain);
    Fail(
        "this key does not decrypt it, or it was changed; use try_aes_decrypt to get NULL instead");
}

}  // namespace

void RegisterSparkAes(duckdb::ExtensionLoader& loader) {
    duckdb::ScalarFunction encrypt = Adapted<Encrypt>("spark_aes_encrypt");
    encrypt.SetVolatile();  // another initial vector each time
    loader.RegisterFunction(encrypt);
    loader.RegisterFunction(Adapted<Decrypt>("spark_aes_decrypt"));
    loader.RegisterFunction(Adapted<TryDecrypt>("spark_try_aes_decrypt"));
}

}  // namespace tarn::engine::duck
