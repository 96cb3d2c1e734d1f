#include "format/z85.h"

#include <array>
#include <cstdint>

#include "base/error.h"

namespace tarn::format {
namespace {

constexpr std::string_view kAlphabet =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
constexpr uint8_t kNoDigit = 255;

constexpr std::array<uint8_t, 256> MakeDigits() {
    std::array<uint8_t, 256> digits{};
    for (uint8_t& digit : digits) digit = kNoDigit;
    for (size_t i = 0; i < kAlphabet.size(); ++i) {
        digits[static_cast<uint8_t>(kAlphabet[i])] = static_cast<uint8_t>(i);
    }
    return digits;
}

constexpr std::array<uint8_t, 256> kDigits = MakeDigits();

}  // namespace

std::string DecodeZ85(std::string_view text) {
    if (text.size() % 5 != 0) {
        throw Error(ErrorKind::kCorrupt, "base85 text has {} characters, no multiple of 5",
                    text.size());
    }
    std::string bytes;
    bytes.reserve(text.size() / 5 * 4);
    for (size_t at = 0; at < text.size(); at += 5) {
        uint64_t value = 0;
        for (size_t i = 0; i < 5; ++i) {
            const uint8_t digit = kDigits[static_cast<uint8_t>(text[at + i])];
            if (digit == kNoDigit) {
                throw Error(ErrorKind::kCorrupt, "base85 text has a foreign character at {}",
                            at + i);
            }
            value = value * 85 + digit;
        }
        if (value > 0xFFFFFFFFU) {
            throw Error(ErrorKind::kCorrupt, "base85 text overflows at {}", at);
        }
        for (int shift = 24; shift >= 0; shift -= 8) {
            bytes += static_cast<char>((value >> shift) & 0xFF);
        }
    }
    return bytes;
}

std::string EncodeZ85(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 3) / 4 * 5);
    for (size_t at = 0; at < bytes.size(); at += 4) {
        uint32_t value = 0;
        for (size_t i = 0; i < 4; ++i) {
            value = value << 8 | (at + i < bytes.size() ? static_cast<uint8_t>(bytes[at + i]) : 0U);
        }
        char digits[5];
        for (size_t i = 5; i-- > 0; value /= 85) digits[i] = kAlphabet[value % 85];
        text.append(digits, 5);
    }
    return text;
}

}  // namespace tarn::format
