#include "pipeline/microbatch.h"

#include <regex>

#include "base/error.h"
#include "base/text.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr size_t kMaxBatches = 100'000;

std::string Text(const Json& settings, const char* key) {
    const Json value = settings.value(key, Json());
    if (value.is_string() && !value.get<std::string>().empty()) return value.get<std::string>();
    throw Error(ErrorKind::kInvalidInput, "`incremental_strategy: microbatch` needs `{}`", key);
}

TimestampUs StartOf(BatchSize size, TimestampUs time) {
    const sys_days day = floor<days>(time);
    const year_month_day date(day);
    switch (size) {
        case BatchSize::kHour:
            return floor<hours>(time);
        case BatchSize::kDay:
            return day;
        case BatchSize::kMonth:
            return sys_days(date.year() / date.month() / 1);
        case BatchSize::kYear:
            return sys_days(date.year() / 1 / 1);
    }
    return time;
}

// The start of the batch that lies `count` batches from the one of `start`.
TimestampUs Moved(BatchSize size, TimestampUs start, int64_t count) {
    const auto months = [&](int64_t by) {
        const year_month_day date(floor<days>(start));
        return TimestampUs(
            sys_days((date.year() / date.month() + std::chrono::months(by)) / std::chrono::day(1)));
    };
    switch (size) {
        case BatchSize::kHour:
            return start + hours(count);
        case BatchSize::kDay:
            return start + days(count);
        case BatchSize::kMonth:
            return months(count);
        case BatchSize::kYear:
            return months(count * 12);
    }
    return start;
}

std::string Shown(TimestampUs time) {
    std::string text = FormatTimestamp(time).substr(0, 19);
    text[10] = ' ';
    return text;
}

}  // namespace

MicrobatchConfig ParseMicrobatch(const Json& settings) {
    MicrobatchConfig config;
    config.event_time = Text(settings, "event_time");
    config.begin = Text(settings, "begin");
    ParseInstant(config.begin);
    const std::string size = Text(settings, "batch_size");
    if (size == "hour") {
        config.size = BatchSize::kHour;
    } else if (size == "day") {
        config.size = BatchSize::kDay;
    } else if (size == "month") {
        config.size = BatchSize::kMonth;
    } else if (size == "year") {
        config.size = BatchSize::kYear;
    } else {
        throw Error(ErrorKind::kInvalidInput,
                    "`batch_size: {}` is not one of hour, day, month, year", size);
    }
    const Json lookback = settings.value("lookback", Json(1));
    if (!lookback.is_number_integer() || lookback.get<int64_t>() < 0)
        throw Error(ErrorKind::kInvalidInput, "`lookback` is a number of batches");
    config.lookback = lookback.get<int64_t>();
    return config;
}

TimestampUs ParseInstant(const std::string& text) {
    static const std::regex form(
        R"((\d{4})-(\d{1,2})-(\d{1,2}))"
        R"((?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?(?:Z|\+00:?00)?)");
    std::smatch found;
    const auto part = [&](size_t at) {
        return found[at].matched ? static_cast<int>(ParseInt(found[at].str()).value_or(0)) : 0;
    };
    if (std::regex_match(text, found, form)) {
        const year_month_day date(std::chrono::year(part(1)),
                                  std::chrono::month(static_cast<unsigned>(part(2))),
                                  std::chrono::day(static_cast<unsigned>(part(3))));
        if (date.ok()) {
            return sys_days(date) + hours(part(4)) + std::chrono::minutes(part(5)) +
                   std::chrono::seconds(part(6));
        }
    }
    throw Error(ErrorKind::kInvalidInput, "`{}` is no date or time, such as 2024-01-31", text);
}

std::vector<Batch> BatchesOf(const MicrobatchConfig& config, const BatchWish& wish) {
    const TimestampUs begin = StartOf(config.size, ParseInstant(config.begin));
    TimestampUs start = begin;
    if (wish.from) {
        start = StartOf(config.size, *wish.from);
    } else if (wish.done) {
        const TimestampUs last = StartOf(config.size, std::min(*wish.done, wish.now));
        start = std::max(begin, Moved(config.size, last, -config.lookback));
    }
    const TimestampUs end = wish.to.value_or(wish.now);
    if (wish.from && wish.to && *wish.to <= *wish.from) {
        throw Error(ErrorKind::kInvalidInput, "the batches end at {}, before they begin at {}",
                    Shown(*wish.to), Shown(*wish.from));
    }
    std::vector<Batch> batches;
    while (start < end) {
        const TimestampUs next = Moved(config.size, start, 1);
        batches.push_back({start, next});
        if (batches.size() > kMaxBatches) {
            throw Error(ErrorKind::kInvalidInput,
                        "more than {} batches from {} on: they begin too far back for their "
                        "`batch_size`",
                        kMaxBatches, Shown(batches.front().start));
        }
        start = next;
    }
    return batches;
}

std::string InBatch(const std::string& column, const Batch& batch) {
    return fmt::format("{0} >= TIMESTAMP '{1}' AND {0} < TIMESTAMP '{2}'",
                       sql::QuoteIdentifier(column), Shown(batch.start), Shown(batch.end));
}

std::string HeldToBatch(const std::string& select, const std::string& in_batch) {
    return fmt::format(
        "SELECT * FROM (\n{}\n) WHERE CASE WHEN {} THEN TRUE ELSE error({}) END", select, in_batch,
        sql::QuoteLiteral("a row lies outside of its batch (" + in_batch +
                          "): the model's SELECT is filtered to it by none of its inputs"));
}

Json BatchJson(const MicrobatchConfig& config, const Batch& batch) {
    std::string id = Shown(batch.start).substr(0, config.size == BatchSize::kHour ? 13 : 10);
    std::erase_if(id, [](char letter) { return letter == '-' || letter == ' '; });
    return {{"id", id},
            {"event_time_start", Json{{"__time__", ToUnixUs(batch.start)}}},
            {"event_time_end", Json{{"__time__", ToUnixUs(batch.end)}}}};
}

}  // namespace tarn::pipeline
