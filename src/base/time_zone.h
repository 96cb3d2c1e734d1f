// Time zones by their IANA names: what the clocks of a place show at an instant, and which instant
// a time of theirs means. Read from the machine's time zone files (TZif, RFC 8536), with the rule
// behind them for the years to come. Values are immutable; reading touches no other file.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace tarn {

// What the clocks of a place show, to the second.
using LocalSeconds = std::chrono::local_seconds;

class TimeZone {
public:
    static constexpr size_t kMostFileBytes = 1 << 20;
    static constexpr size_t kMostTransitions = 20'000;

    static TimeZone Utc();
    // Of the bytes of a TZif file of version 1 to 4. Corrupt: they are none. Leap seconds are
    // refused as Unsupported: Tarn's instants count none.
    static TimeZone Parse(std::string name, std::string_view bytes);

    const std::string& name() const { return name_; }
    std::chrono::seconds OffsetAt(std::chrono::sys_seconds instant) const;
    LocalSeconds ToLocal(TimestampUs instant) const;
    // The instant at which the clocks show `local`. A time that is shown twice (clocks went back)
    // means the first one; one that is never shown (clocks went forward) the moment at which they
    // went.
    std::chrono::sys_seconds ToInstant(LocalSeconds local) const;

private:
    // The rule of a year: RFC 8536, section 3.3.
    struct Change {
        enum class Kind { kMonthWeekDay, kJulian, kZeroBased };
        Kind kind = Kind::kMonthWeekDay;
        int month = 0;
        int week = 0;
        int day = 0;
        std::chrono::seconds time{7200};

        std::chrono::local_seconds In(std::chrono::year year) const;
    };
    struct Rule {
        std::chrono::seconds standard{};
        std::chrono::seconds daylight{};
        bool has_daylight = false;
        Change begins{};
        Change ends{};

        std::chrono::seconds OffsetAt(std::chrono::sys_seconds instant) const;
    };
    class RuleReader;
    struct Transition {
        int64_t at = 0;  // seconds since 1970
        std::chrono::seconds offset{};
    };

    void ReadTransitions(std::string_view block, std::string_view header, size_t time_bytes);

    std::string name_;
    std::chrono::seconds first_{};         // before the first transition
    std::vector<Transition> transitions_;  // ascending
    bool has_rule_ = false;
    Rule rule_{};  // behind the last transition
};

// The zone of that name in the machine's folder of time zones (TZDIR, else /usr/share/zoneinfo).
// InvalidInput for a name that it does not have, with the nearest one.
TimeZone FindTimeZone(const std::string& name);

}  // namespace tarn
