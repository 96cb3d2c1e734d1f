#include "base/time_zone.h"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/testing/kind_of.h"

namespace tarn {
namespace {

using namespace std::chrono;

sys_seconds At(int y, unsigned m, unsigned d, int hour, int minute = 0, int second = 0) {
    return sys_days(year(y) / m / d) + hours(hour) + minutes(minute) + seconds(second);
}
LocalSeconds Shown(int y, unsigned m, unsigned d, int hour, int minute = 0) {
    return local_days(year(y) / m / d) + hours(hour) + minutes(minute);
}

TEST(TimeZone, ClocksShowWhatThePlaceDecided) {
    const TimeZone berlin = FindTimeZone("Europe/Berlin");
    EXPECT_EQ(berlin.ToLocal(At(2026, 1, 15, 12)), Shown(2026, 1, 15, 13));
    EXPECT_EQ(berlin.ToLocal(At(2026, 7, 15, 12)), Shown(2026, 7, 15, 14));
    EXPECT_EQ(berlin.OffsetAt(At(2026, 3, 29, 0, 59, 59)), hours(1));
    EXPECT_EQ(berlin.OffsetAt(At(2026, 3, 29, 1)), hours(2));
    EXPECT_EQ(berlin.OffsetAt(At(2026, 10, 25, 0, 59, 59)), hours(2));
    EXPECT_EQ(berlin.OffsetAt(At(2026, 10, 25, 1)), hours(1));
    const TimeZone kolkata = FindTimeZone("Asia/Kolkata");
    EXPECT_EQ(kolkata.ToLocal(At(2026, 7, 15, 12)), Shown(2026, 7, 15, 17, 30));
    EXPECT_EQ(FindTimeZone("UTC").ToLocal(At(2026, 7, 15, 12)), Shown(2026, 7, 15, 12));
    EXPECT_EQ(FindTimeZone("America/New_York").OffsetAt(At(1965, 7, 1, 0)), hours(-4));
}

TEST(TimeZone, YearsBehindTheTableFollowTheRule) {
    EXPECT_EQ(FindTimeZone("Europe/Berlin").OffsetAt(At(2099, 7, 1, 0)), hours(2));
    EXPECT_EQ(FindTimeZone("Europe/Berlin").OffsetAt(At(2099, 12, 1, 0)), hours(1));
    EXPECT_EQ(FindTimeZone("America/New_York").OffsetAt(At(2099, 7, 1, 0)), hours(-4));
    // South of the equator summer spans the turn of the year; here it is half an hour.
    EXPECT_EQ(FindTimeZone("Australia/Lord_Howe").OffsetAt(At(2099, 1, 1, 0)), hours(11));
    EXPECT_EQ(FindTimeZone("Australia/Lord_Howe").OffsetAt(At(2099, 7, 1, 0)), minutes(630));
    EXPECT_EQ(FindTimeZone("Asia/Kolkata").OffsetAt(At(2099, 7, 1, 0)), minutes(330));
}

TEST(TimeZone, ATimeThatIsShownTwiceIsTheFirstAndOneThatIsNotIsTheChange) {
    const TimeZone berlin = FindTimeZone("Europe/Berlin");
    EXPECT_EQ(berlin.ToInstant(Shown(2026, 10, 25, 2, 30)), At(2026, 10, 25, 0, 30));
    EXPECT_EQ(berlin.ToInstant(Shown(2026, 10, 25, 3)), At(2026, 10, 25, 2));
    EXPECT_EQ(berlin.ToInstant(Shown(2026, 3, 29, 2)), At(2026, 3, 29, 1));
    EXPECT_EQ(berlin.ToInstant(Shown(2026, 3, 29, 2, 30)), At(2026, 3, 29, 1));
    EXPECT_EQ(berlin.ToInstant(Shown(2026, 3, 29, 3)), At(2026, 3, 29, 1));
    EXPECT_EQ(berlin.ToInstant(Shown(2026, 3, 29, 1, 59)), At(2026, 3, 29, 0, 59));
    const TimeZone york = FindTimeZone("America/New_York");
    EXPECT_EQ(york.ToInstant(Shown(2026, 3, 8, 2, 30)), At(2026, 3, 8, 7));
    EXPECT_EQ(york.ToInstant(Shown(2026, 11, 1, 1, 30)), At(2026, 11, 1, 5, 30));
    const TimeZone howe = FindTimeZone("Australia/Lord_Howe");
    EXPECT_EQ(howe.ToInstant(Shown(2026, 10, 4, 2, 15)), At(2026, 10, 3, 15, 30));
    EXPECT_EQ(howe.ToInstant(Shown(2026, 4, 5, 1, 45)), At(2026, 4, 4, 14, 45));
    EXPECT_EQ(howe.ToInstant(Shown(2026, 4, 5, 2)), At(2026, 4, 4, 15, 30));
}

TEST(TimeZone, AnInstantIsFoundAgainByWhatClocksShowAtIt) {
    for (const char* name : {"Europe/Berlin", "America/New_York", "Asia/Kolkata",
                             "Australia/Lord_Howe", "Africa/Casablanca"}) {
        const TimeZone zone = FindTimeZone(name);
        for (sys_seconds at = At(2026, 1, 1, 0); at < At(2027, 1, 1, 0); at += minutes(15)) {
            const sys_seconds found = zone.ToInstant(zone.ToLocal(at));
            ASSERT_EQ(zone.ToLocal(found), zone.ToLocal(at))
                << name << " " << at.time_since_epoch();
            ASSERT_LE(found, at) << name;
        }
    }
}

TEST(TimeZone, AnUnknownNameIsRefusedWithTheNearest) {
    try {
        FindTimeZone("Europe/Berlni");
        FAIL() << "it was found";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput);
        EXPECT_NE(error.message().find("Europe/Berlin"), std::string::npos) << error.message();
    }
    for (const char* name : {"", "../etc/passwd", "/etc/passwd", "Europe", "zone.tab\n", "a b"})
        EXPECT_EQ(KindOf([&] { FindTimeZone(name); }), ErrorKind::kInvalidInput) << name;
    EXPECT_EQ(KindOf([] { FindTimeZone("zone.tab"); }), ErrorKind::kInvalidInput);
}

std::string Header(char version, const std::vector<uint32_t>& counts) {
    std::string text = std::string("TZif") + version + std::string(15, '\0');
    for (const uint32_t count : counts) {
        for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(count >> shift);
    }
    return text;
}

std::string WithRule(const std::string& rule) {
    const std::string type(6, '\0');
    return Header('2', {0, 0, 0, 0, 1, 0}) + type + Header('2', {0, 0, 0, 0, 1, 0}) + type + "\n" +
           rule + "\n";
}

TEST(TimeZone, RulesOfEveryKindAreRead) {
    const TimeZone julian = TimeZone::Parse("x", WithRule("AAA3BBB,J60/0,J300/0"));
    EXPECT_EQ(julian.OffsetAt(At(2024, 2, 29, 23)), hours(-3));
    EXPECT_EQ(julian.OffsetAt(At(2024, 3, 1, 4)), hours(-2));
    const TimeZone zero = TimeZone::Parse("x", WithRule("AAA3BBB2,59/0,300/0"));
    EXPECT_EQ(zero.OffsetAt(At(2024, 2, 29, 4)), hours(-2));
    EXPECT_EQ(zero.OffsetAt(At(2023, 2, 28, 4)), hours(-3));
    const TimeZone far = TimeZone::Parse("x", WithRule("<-02>2<-01>,M3.5.0/-1,M10.5.0/0"));
    EXPECT_EQ(far.OffsetAt(At(2026, 3, 29, 1)), hours(-1));
    EXPECT_EQ(far.OffsetAt(At(2026, 3, 29, 0)), hours(-2));
}

TEST(TimeZone, BrokenFilesAreRefused) {
    const std::string good = WithRule("CET-1CEST,M3.5.0,M10.5.0/3");
    for (size_t size = 0; size < good.size(); ++size) {
        EXPECT_EQ(KindOf([&] { TimeZone::Parse("x", std::string_view(good).substr(0, size)); }),
                  ErrorKind::kCorrupt)
            << size;
    }
    for (const char* rule : {"CET", "CET-1CEST", "CET-1CEST,M13.1.0,M1.1.0", "1", "CET-999",
                             "<CET-1", "CET-1CEST,M3.5.0,M10.5.0/3x", "CET-1CEST,J400,J1"})
        EXPECT_EQ(KindOf([&] { TimeZone::Parse("x", WithRule(rule)); }), ErrorKind::kCorrupt)
            << rule;
    EXPECT_EQ(KindOf([] { TimeZone::Parse("x", Header('2', {0, 0, 0, ~0U, 1, 0})); }),
              ErrorKind::kCorrupt);
}

// Whatever bytes come: they are a zone that answers, or they are refused.
TEST(TimeZone, AnyBytesAreAZoneOrRefused) {
    std::ifstream file("/usr/share/zoneinfo/Europe/Berlin", std::ios::binary);
    const std::string good{std::istreambuf_iterator<char>(file), {}};
    ASSERT_FALSE(good.empty());
    SeededRandom random(3);
    int refused = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string bytes = good;
        const auto at = [&] { return random.Below(bytes.size()); };
        for (uint64_t n = 0; n <= random.Below(4); ++n) bytes[at()] = static_cast<char>(at());
        if (i % 5 == 0) bytes.resize(1 + at() / 2);
        // The headers and the rule are where it matters.
        if (i % 3 == 0) bytes[random.Below(50) % bytes.size()] = static_cast<char>(i);
        if (i % 3 == 1) bytes[bytes.size() - 1 - random.Below(30) % bytes.size()] = '9';
        try {
            const TimeZone zone = TimeZone::Parse("x", bytes);
            for (const int64_t second : {int64_t{0}, int64_t{1} << 31, -(int64_t{1} << 40)})
                zone.ToInstant(zone.ToLocal(sys_seconds(seconds(second))));
        } catch (const Error& error) {
            ++refused;
            ASSERT_TRUE(error.kind() == ErrorKind::kCorrupt ||
                        error.kind() == ErrorKind::kUnsupported)
                << error.what();
        }
    }
    EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace tarn
