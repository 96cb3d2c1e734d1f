#include "base/time_zone.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

#include "base/error.h"
#include "base/text.h"

namespace tarn {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::local_days;
using std::chrono::seconds;
using std::chrono::sys_seconds;
using std::chrono::year;

constexpr size_t kHeaderBytes = 44;
constexpr size_t kTypeBytes = 6;
constexpr int64_t kMostOffset = 26LL * 3600;
// Beyond these no calendar of the standard library counts years.
constexpr int64_t kFarthest = int64_t{1} << 39;

Error Broken(const std::string& name, std::string_view what) {
    return Error(ErrorKind::kCorrupt, "the time zone file of {} is broken: {}", name, what);
}

int64_t BigEndian(std::string_view bytes) {
    uint64_t value = 0;
    for (const char c : bytes) value = (value << 8) | static_cast<unsigned char>(c);
    if (bytes.size() == 4) return static_cast<int32_t>(static_cast<uint32_t>(value));
    return static_cast<int64_t>(value);
}

// The counts of a header, in its order (RFC 8536, section 3.1).
struct Counts {
    explicit Counts(std::string_view header)
        : ut(At(header, 0)),
          standard(At(header, 1)),
          leap(At(header, 2)),
          times(At(header, 3)),
          types(At(header, 4)),
          letters(At(header, 5)) {}

    static size_t At(std::string_view header, size_t place) {
        constexpr size_t kFirst = 20;
        return static_cast<uint32_t>(BigEndian(header.substr(kFirst + 4 * place, 4)));
    }
    size_t Bytes(size_t time_bytes) const {
        return times * time_bytes + times + types * kTypeBytes + letters + leap * (time_bytes + 4) +
               standard + ut;
    }

    size_t ut, standard, leap, times, types, letters;
};

std::string_view HeaderAt(std::string_view bytes, const std::string& name) {
    if (bytes.size() < kHeaderBytes || !bytes.starts_with("TZif"))
        throw Broken(name, "it has no header");
    const Counts counts(bytes);
    for (const size_t count :
         {counts.ut, counts.standard, counts.leap, counts.times, counts.types, counts.letters}) {
        if (count > TimeZone::kMostTransitions) throw Broken(name, "it counts too much");
    }
    return bytes.substr(0, kHeaderBytes);
}

}  // namespace

// Reads the text behind the transitions: POSIX's TZ, with what RFC 8536 adds.
class TimeZone::RuleReader {
public:
    RuleReader(std::string_view text, const std::string& name) : text_(text), name_(name) {}

    Rule Read() {
        Rule rule;
        Name();
        rule.standard = -Time();
        if (at_ == text_.size()) return rule;
        Name();
        rule.has_daylight = true;
        rule.daylight = rule.standard + hours(1);
        if (Peek() != ',') rule.daylight = -Time();
        rule.begins = ReadChange();
        rule.ends = ReadChange();
        if (at_ != text_.size()) throw Broken(name_, "its rule goes on");
        return rule;
    }

private:
    char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool Take(char c) {
        if (Peek() != c) return false;
        ++at_;
        return true;
    }
    void Need(char c) {
        if (!Take(c)) throw Broken(name_, "its rule cannot be read");
    }

    void Name() {
        const size_t begin = at_;
        if (Take('<')) {
            while (at_ < text_.size() && Peek() != '>') ++at_;
            return Need('>');
        }
        while (std::isalpha(static_cast<unsigned char>(Peek())) != 0) ++at_;
        if (at_ == begin) throw Broken(name_, "its rule lacks a name");
    }
    int Number(int most) {
        const size_t begin = at_;
        int value = 0;
        while (Peek() >= '0' && Peek() <= '9' && at_ - begin < 4)
            value = value * 10 + (text_[at_++] - '0');
        if (at_ == begin || value > most) throw Broken(name_, "a number of its rule is wrong");
        return value;
    }
    seconds Time() {
        constexpr int kMostHours = 167;
        const bool is_negative = Take('-');
        if (!is_negative) Take('+');
        seconds time = hours(Number(kMostHours));
        if (Take(':')) time += std::chrono::minutes(Number(59));
        if (Take(':')) time += seconds(Number(59));
        return is_negative ? -time : time;
    }
    Change ReadChange() {
        Need(',');
        Change change;
        if (Take('M')) {
            change.month = Number(12);
            Need('.');
            change.week = Number(5);
            Need('.');
            change.day = Number(6);
            if (change.month < 1 || change.week < 1) throw Broken(name_, "its rule has no month");
        } else if (Take('J')) {
            change.kind = Change::Kind::kJulian;
            change.day = std::max(1, Number(365));
        } else {
            change.kind = Change::Kind::kZeroBased;
            change.day = Number(365);
        }
        if (Take('/')) change.time = Time();
        return change;
    }

    const std::string_view text_;
    const std::string& name_;
    size_t at_ = 0;
};

LocalSeconds TimeZone::Change::In(year in) const {
    using namespace std::chrono;
    if (kind == Kind::kMonthWeekDay) {
        const std::chrono::month of(static_cast<unsigned>(month));
        const weekday on(static_cast<unsigned>(day));
        constexpr int kLast = 5;
        const local_days date = week == kLast
                                    ? local_days(year_month_weekday_last(in, of, on[last]))
                                    : local_days(in / of / on[static_cast<unsigned>(week)]);
        return date + time;
    }
    const local_days first = local_days(in / January / 1);
    constexpr int kEndOfFebruary = 59;
    int shift = day;
    if (kind == Kind::kJulian) {  // 29 February has no number
        shift = day - 1;
        if (in.is_leap() && day > kEndOfFebruary) ++shift;
    }
    return first + days(shift) + time;
}

seconds TimeZone::Rule::OffsetAt(sys_seconds instant) const {
    if (!has_daylight) return standard;
    const LocalSeconds shown(instant.time_since_epoch() + standard);
    const year in = std::chrono::year_month_day(std::chrono::floor<days>(shown)).year();
    const sys_seconds from((begins.In(in).time_since_epoch()) - standard);
    const sys_seconds to((ends.In(in).time_since_epoch()) - daylight);
    const bool is_daylight =
        from < to ? from <= instant && instant < to : instant >= from || instant < to;
    return is_daylight ? daylight : standard;
}

TimeZone TimeZone::Utc() {
    TimeZone zone;
    zone.name_ = "UTC";
    return zone;
}

void TimeZone::ReadTransitions(std::string_view block, std::string_view header, size_t time_bytes) {
    const Counts counts(header);
    if (block.size() < counts.Bytes(time_bytes)) throw Broken(name_, "it is cut off");
    if (counts.leap != 0)
        throw Error(ErrorKind::kUnsupported, "the time zone {} counts leap seconds", name_);
    if (counts.types == 0) throw Broken(name_, "it has no offset");
    const std::string_view kinds = block.substr(counts.times * time_bytes, counts.times);
    const std::string_view types = block.substr(counts.times * (time_bytes + 1));
    const auto offset_of = [&](size_t type) {
        if (type >= counts.types) throw Broken(name_, "an offset is missing");
        const int64_t offset = BigEndian(types.substr(type * kTypeBytes, 4));
        if (std::abs(offset) > kMostOffset) throw Broken(name_, "an offset is too large");
        return seconds(offset);
    };
    first_ = offset_of(0);
    for (size_t i = 0; i < counts.times; ++i) {
        const int64_t at = BigEndian(block.substr(i * time_bytes, time_bytes));
        if (!transitions_.empty() && at <= transitions_.back().at)
            throw Broken(name_, "its transitions are out of order");
        transitions_.push_back({at, offset_of(static_cast<unsigned char>(kinds[i]))});
    }
}

TimeZone TimeZone::Parse(std::string name, std::string_view bytes) {
    TimeZone zone;
    zone.name_ = std::move(name);
    if (bytes.size() > kMostFileBytes) throw Broken(zone.name_, "it is too large");
    std::string_view header = HeaderAt(bytes, zone.name_);
    std::string_view rest = bytes.substr(kHeaderBytes);
    constexpr size_t kVersionAt = 4;
    if (header[kVersionAt] == '\0') {
        zone.ReadTransitions(rest, header, 4);
        return zone;
    }
    // A later version says all again in 64 bits, and then the rule.
    const size_t old_bytes = Counts(header).Bytes(4);
    if (rest.size() < old_bytes) throw Broken(zone.name_, "it is cut off");
    rest.remove_prefix(old_bytes);
    header = HeaderAt(rest, zone.name_);
    rest.remove_prefix(kHeaderBytes);
    constexpr size_t kLongBytes = 8;
    zone.ReadTransitions(rest, header, kLongBytes);
    rest.remove_prefix(Counts(header).Bytes(kLongBytes));
    const size_t end = rest.find('\n', 1);
    if (!rest.starts_with('\n') || end == std::string_view::npos)
        throw Broken(zone.name_, "its rule is missing");
    const std::string_view rule = rest.substr(1, end - 1);
    if (rule.empty()) return zone;
    zone.rule_ = RuleReader(rule, zone.name_).Read();
    zone.has_rule_ = true;
    return zone;
}

seconds TimeZone::OffsetAt(sys_seconds instant) const {
    const int64_t at = std::clamp(instant.time_since_epoch().count(), -kFarthest, kFarthest);
    const auto next =
        std::upper_bound(transitions_.begin(), transitions_.end(), at,
                         [](int64_t time, const Transition& one) { return time < one.at; });
    if (next == transitions_.end() && has_rule_) return rule_.OffsetAt(sys_seconds(seconds(at)));
    return next == transitions_.begin() ? first_ : std::prev(next)->offset;
}

LocalSeconds TimeZone::ToLocal(TimestampUs instant) const {
    const auto whole = std::chrono::floor<seconds>(instant);
    return LocalSeconds(whole.time_since_epoch() + OffsetAt(whole));
}

sys_seconds TimeZone::ToInstant(LocalSeconds local) const {
    // The offsets around it; clocks never changed twice within these hours.
    const sys_seconds guess(local.time_since_epoch());
    const seconds before = OffsetAt(guess - days(1));
    const seconds after = OffsetAt(guess + days(1));
    const sys_seconds early = guess - before;
    if (before == after || OffsetAt(early) == before) return early;
    const sys_seconds late = guess - after;
    if (OffsetAt(late) == after) return late;
    // Never shown: the change lies between the two readings of it.
    sys_seconds low = std::min(early, late) - seconds(1);
    sys_seconds high = std::max(early, late);
    while (high - low > seconds(1)) {
        const sys_seconds middle = low + (high - low) / 2;
        (OffsetAt(middle) == before ? low : high) = middle;
    }
    return high;
}

namespace {

bool IsZoneName(const std::string& name) {
    if (name.empty() || name.front() == '/' || name.front() == '.') return false;
    constexpr size_t kMostBytes = 64;
    return name.size() <= kMostBytes && name.find("..") == std::string::npos &&
           std::all_of(name.begin(), name.end(), [](unsigned char c) {
               return std::isalnum(c) != 0 || c == '/' || c == '_' || c == '-' || c == '+';
           });
}

std::optional<std::string> NearestZone(const std::string& folder, const std::string& name) {
    std::vector<std::string> names;
    std::error_code wrong;
    constexpr size_t kMostNames = 5000;
    for (auto file = std::filesystem::recursive_directory_iterator(folder, wrong);
         !wrong && file != std::filesystem::recursive_directory_iterator() &&
         names.size() < kMostNames;
         file.increment(wrong)) {
        std::string one = std::filesystem::relative(file->path(), folder, wrong).string();
        const bool is_copy = one.starts_with("posix") || one.starts_with("right");
        if (is_copy && file->is_directory(wrong)) file.disable_recursion_pending();
        if (!is_copy && file->is_regular_file(wrong)) names.push_back(std::move(one));
    }
    for (const std::string& one : names) {
        if (EqualsIgnoreCase(one, name) || EqualsIgnoreCase(one.substr(one.rfind('/') + 1), name))
            return one;
    }
    return NearestWord(name, names);
}

}  // namespace

TimeZone FindTimeZone(const std::string& name) {
    if (name == "UTC") return TimeZone::Utc();
    const char* told = std::getenv("TZDIR");
    const std::string folder = told != nullptr && *told != '\0' ? told : "/usr/share/zoneinfo";
    std::ifstream file;
    const std::string path = folder + "/" + name;
    if (IsZoneName(name) && std::filesystem::is_regular_file(path))
        file.open(path, std::ios::binary);
    if (!file.is_open()) {
        if (!std::filesystem::is_directory(folder)) {
            throw Error(ErrorKind::kInvalidInput,
                        "there is no time zone `{}`: the machine has no time zone files in {} "
                        "(Debian's package tzdata)",
                        name, folder);
        }
        const auto nearest = NearestZone(folder, name);
        throw Error(ErrorKind::kInvalidInput,
                    "there is no time zone `{}`{}: use an IANA name like `Europe/Berlin`", name,
                    nearest ? ", did you mean `" + *nearest + "`?" : "");
    }
    std::string bytes(TimeZone::kMostFileBytes + 1, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<size_t>(file.gcount()));
    return TimeZone::Parse(name, bytes);
}

}  // namespace tarn
