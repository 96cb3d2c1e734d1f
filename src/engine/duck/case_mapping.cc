#include "engine/duck/case_mapping.h"

#include <algorithm>
#include <unordered_map>

namespace tarn::engine::duck {
namespace {

// The letter, and what it is in capitals.
constexpr std::string_view kCapitals =
    "ß=SS ŉ=ʼN ǰ=J̌ ΐ=Ϊ́ ΰ=Ϋ́ և=ԵՒ ẖ=H̱ ẗ=T̈ ẘ=W̊ ẙ=Y̊ "
    "ẚ=Aʾ ὐ=Υ̓ ὒ=Υ̓̀ ὔ=Υ̓́ ὖ=Υ̓͂ ᾀ=ἈΙ ᾁ=ἉΙ ᾂ=ἊΙ "
    "ᾃ=ἋΙ ᾄ=ἌΙ ᾅ=ἍΙ ᾆ=ἎΙ ᾇ=ἏΙ ᾈ=ἈΙ ᾉ=ἉΙ ᾊ=ἊΙ "
    "ᾋ=ἋΙ ᾌ=ἌΙ ᾍ=ἍΙ ᾎ=ἎΙ ᾏ=ἏΙ ᾐ=ἨΙ ᾑ=ἩΙ ᾒ=ἪΙ "
    "ᾓ=ἫΙ ᾔ=ἬΙ ᾕ=ἭΙ ᾖ=ἮΙ ᾗ=ἯΙ ᾘ=ἨΙ ᾙ=ἩΙ ᾚ=ἪΙ "
    "ᾛ=ἫΙ ᾜ=ἬΙ ᾝ=ἭΙ ᾞ=ἮΙ ᾟ=ἯΙ ᾠ=ὨΙ ᾡ=ὩΙ ᾢ=ὪΙ "
    "ᾣ=ὫΙ ᾤ=ὬΙ ᾥ=ὭΙ ᾦ=ὮΙ ᾧ=ὯΙ ᾨ=ὨΙ ᾩ=ὩΙ ᾪ=ὪΙ "
    "ᾫ=ὫΙ ᾬ=ὬΙ ᾭ=ὭΙ ᾮ=ὮΙ ᾯ=ὯΙ ᾲ=ᾺΙ ᾳ=ΑΙ ᾴ=ΆΙ "
    "ᾶ=Α͂ ᾷ=Α͂Ι ᾼ=ΑΙ ῂ=ῊΙ ῃ=ΗΙ ῄ=ΉΙ ῆ=Η͂ ῇ=Η͂Ι "
    "ῌ=ΗΙ ῒ=Ϊ̀ ΐ=Ϊ́ ῖ=Ι͂ ῗ=Ϊ͂ ῢ=Ϋ̀ ΰ=Ϋ́ ῤ=Ρ̓ "
    "ῦ=Υ͂ ῧ=Ϋ͂ ῲ=ῺΙ ῳ=ΩΙ ῴ=ΏΙ ῶ=Ω͂ ῷ=Ω͂Ι ῼ=ΩΙ ﬀ=FF "
    "ﬁ=FI ﬂ=FL ﬃ=FFI ﬄ=FFL ﬅ=ST ﬆ=ST ﬓ=ՄՆ ﬔ=ՄԵ ﬕ=ՄԻ ﬖ=ՎՆ "
    "ﬗ=ՄԽ ";

constexpr std::string_view kSigma = "Σ";
constexpr std::string_view kFinalSigma = "ς";
constexpr std::string_view kDottedCapital = "İ";
constexpr std::string_view kDottedSmall = "i\xcc\x87";

size_t BytesOf(char first) {
    const auto byte = static_cast<unsigned char>(first);
    return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

bool IsAscii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Roughly: what is not of ASCII, or is a letter of it.
bool IsLetter(std::string_view text, size_t at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    return byte >= 0x80 || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

}  // namespace

std::string SpecialCapitals(std::string_view text) {
    if (IsAscii(text)) return std::string(text);
    static const auto known = [] {
        std::unordered_map<std::string_view, std::string_view> all;
        for (size_t at = 0; at < kCapitals.size();) {
            const size_t equals = kCapitals.find('=', at);
            const size_t end = kCapitals.find(' ', at);
            all.emplace(kCapitals.substr(at, equals - at),
                        kCapitals.substr(equals + 1, end - equals - 1));
            at = end + 1;
        }
        return all;
    }();
    std::string capitals;
    for (size_t at = 0; at < text.size();) {
        const std::string_view letter = text.substr(at, BytesOf(text[at]));
        const auto found = known.find(letter);
        capitals += found == known.end() ? letter : found->second;
        at += letter.size();
    }
    return capitals;
}

std::string SpecialSmallLetters(std::string_view text) {
    if (IsAscii(text)) return std::string(text);
    std::string small;
    for (size_t at = 0; at < text.size();) {
        const std::string_view letter = text.substr(at, BytesOf(text[at]));
        const size_t next = at + letter.size();
        const bool follows = at > 0 && IsLetter(text, at - 1);
        const bool goes_on = next < text.size() && IsLetter(text, next);
        if (letter == kSigma && follows && !goes_on) {
            small += kFinalSigma;
        } else {
            small += letter == kDottedCapital ? kDottedSmall : letter;
        }
        at = next;
    }
    return small;
}

}  // namespace tarn::engine::duck
