// Small text work: ASCII only unless said; nothing here depends on a locale.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tarn {

std::string AsciiLower(std::string_view text);
std::string AsciiUpper(std::string_view text);
bool EqualsIgnoreCase(std::string_view a, std::string_view b);
std::string_view Trim(std::string_view text);
std::vector<std::string> Split(std::string_view text, char separator);
std::string Join(const std::vector<std::string>& parts, std::string_view separator);

// The whole text as a number in base 10, else nothing.
std::optional<int64_t> ParseInt(std::string_view text);

// Byte offset of the first ill-formed UTF-8 sequence (RFC 3629), or nothing when all is well.
std::optional<size_t> FirstInvalidUtf8(std::string_view text);
// Its beginning of at most so many bytes that does not end within a character of UTF-8. Where so
// few bytes hold no character, and of ill-formed text: just so many.
std::string_view CutText(std::string_view text, size_t most_bytes);

// The candidate nearest to the word by edit distance, if near enough to be a typing error.
std::optional<std::string> NearestWord(std::string_view word,
                                       const std::vector<std::string>& candidates);

// "1.5 MiB", "12 B"; "1,234,567"
std::string HumanBytes(uint64_t bytes);
std::string HumanCount(int64_t count);

// Lower-case hexadecimal of the bytes.
std::string Hex(std::string_view bytes);

}  // namespace tarn
