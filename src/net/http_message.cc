#include "net/http_message.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/text.h"

namespace tarn::net {

namespace {

const std::string* FindIn(const std::vector<HttpHeader>& headers, std::string_view name) {
    for (const HttpHeader& header : headers) {
        if (EqualsIgnoreCase(header.name, name)) return &header.value;
    }
    return nullptr;
}

}  // namespace

const std::string* HttpRequest::Find(std::string_view name) const { return FindIn(headers, name); }

size_t HttpRequest::Count(std::string_view name) const {
    return static_cast<size_t>(std::count_if(
        headers.begin(), headers.end(),
        [&](const HttpHeader& header) { return EqualsIgnoreCase(header.name, name); }));
}

const std::string* HttpResponse::Find(std::string_view name) const { return FindIn(headers, name); }

void HttpResponse::Set(std::string name, std::string value) {
    for (HttpHeader& header : headers) {
        if (!EqualsIgnoreCase(header.name, name)) continue;
        header.value = std::move(value);
        return;
    }
    headers.push_back({std::move(name), std::move(value)});
}

std::string FormatHttpDate(TimestampUs time) {
    static constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed",
                                                           "Thu", "Fri", "Sat"};
    static constexpr std::array<std::string_view, 12> kMonths{
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time) - day);
    return fmt::format(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        kDays.at(std::chrono::weekday(day).c_encoding()), static_cast<unsigned>(date.day()),
        kMonths.at(static_cast<unsigned>(date.month()) - 1), static_cast<int>(date.year()),
        clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

}  // namespace tarn::net
