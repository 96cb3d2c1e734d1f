// Where one letter becomes several in capitals (ß, ŉ, ﬁ), and where a letter's place decides (the
// Greek final sigma): what the engine's upper and lower, which map letter by letter, leave as it is
// (Unicode, SpecialCasing). Pure.
#pragma once

#include <string>
#include <string_view>

namespace tarn::engine::duck {

// The text with the letters in capitals that become several; all others as they were.
std::string SpecialCapitals(std::string_view text);
// The text with the letters in small ones that need more than a letter for a letter.
std::string SpecialSmallLetters(std::string_view text);

}  // namespace tarn::engine::duck
