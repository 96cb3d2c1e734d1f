// Java's patterns of dates and times (java.time.format.DateTimeFormatter), as far as Spark has
// them: the letters G y M L d D Q q E a h K k H m s S F V z x X O Z, texts in quotes, and parts in
// [ ] that may be left out. Names are English. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::engine::duck {

// A moment on the wall clock, and where that clock hangs.
struct ClockTime {
    int64_t micros = 0;  // since 1970 of the wall clock
    int64_t offset_seconds = 0;
    std::string_view zone = "UTC";
};

class TimePattern {
public:
    // InvalidInput for what is no pattern of Spark's.
    static TimePattern Parse(std::string_view pattern);

    std::string Format(const ClockTime& time) const;
    // The wall clock's micros since 1970, or with a zone in the pattern those of UTC; nothing when
    // the text is none of the pattern.
    std::optional<int64_t> Read(std::string_view text) const;
    bool HasZone() const { return has_zone_; }

private:
    struct Item {
        char letter = 0;  // 0: a text
        int count = 0;
        std::string text;
        int depth = 0;  // of brackets around it
    };
    struct Fields;

    bool ReadItems(size_t item, std::string_view text, Fields& fields) const;
    // What an item is in the text is taken from its front; `reserved`: digits of the items behind.
    static bool ReadItem(const Item& item, int reserved, std::string_view& text, Fields& fields);
    static bool ReadDate(const Item& item, int reserved, std::string_view& text, Fields& fields);
    static bool ReadNumber(const Item& item, int reserved, std::string_view& text, int64_t& field);
    // The digits that the numbers of fixed width directly behind this item take.
    int ReservedBehind(size_t item) const;

    std::vector<Item> items_;
    bool has_zone_ = false;
};

}  // namespace tarn::engine::duck
