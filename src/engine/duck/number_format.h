// Patterns of to_char and to_number: [MI|S] [$] digits (0 or 9, with , or G between) [. or D
// digits]
// [$] [PR|MI|S]. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::engine::duck {

class NumberFormat {
public:
    // InvalidInput for what is no pattern.
    static NumberFormat Parse(std::string_view pattern);

    int digits() const { return whole_digits() + static_cast<int>(behind_.size()); }
    int scale() const { return static_cast<int>(behind_.size()); }

    // Of a number as digits with a point and a minus sign: -12454.8. Signs # where it has too many.
    std::string Write(std::string_view number) const;
    // The number, written like that; nothing for a text that is none of the pattern.
    std::optional<std::string> Read(std::string_view text) const;

private:
    enum class Sign { kNone, kBefore, kBehind, kMinusBefore, kMinusBehind, kBrackets };

    int whole_digits() const;
    bool Fits(std::string_view whole, std::string_view behind) const;
    std::string Whole(std::string_view digits) const;
    std::optional<std::string> ReadWhole(std::string_view text) const;
    std::optional<bool> TakeSign(std::string_view& text) const;

    std::string whole_;   // 0, 9 and commas
    std::string behind_;  // 0 and 9
    bool has_point_ = false;
    bool has_currency_ = false;
    Sign sign_ = Sign::kNone;
};

}  // namespace tarn::engine::duck
