#include "pipeline/freshness.h"

#include "base/text.h"

namespace tarn::pipeline {
namespace {

std::optional<FreshnessLimit> ReadLimit(const YamlNode& node, std::string_view key,
                                        std::optional<FreshnessLimit> otherwise) {
    if (!node.Has(key)) return otherwise;
    const auto limit = node.Find(key);
    if (!limit) return std::nullopt;
    limit->OnlyKeys({"count", "period"});
    return FreshnessLimit{limit->At("count").AsInt(),
                          limit->At("period").AsOneOf({"minute", "hour", "day"})};
}

}  // namespace

int64_t FreshnessLimit::Seconds() const {
    constexpr int64_t kMinute = 60;
    if (period == "day") return count * kMinute * 60 * 24;
    return period == "hour" ? count * kMinute * 60 : count * kMinute;
}

std::string Freshness::Verdict(double age_s) const {
    const auto is_beyond = [&](const std::optional<FreshnessLimit>& limit) {
        return limit && age_s > static_cast<double>(limit->Seconds());
    };
    if (is_beyond(error_after)) return "error";
    return is_beyond(warn_after) ? "warn" : "pass";
}

std::optional<int64_t> ParseSpanSeconds(std::string_view text) {
    constexpr int64_t kMinute = 60;
    constexpr int64_t kHour = 60 * kMinute;
    constexpr int64_t kMostCount = 1'000'000;
    const std::string_view span = Trim(text);
    const size_t end = span.find_first_not_of("0123456789");
    if (end == 0 || end == std::string_view::npos) return std::nullopt;
    const auto count = ParseInt(span.substr(0, end));
    if (!count || *count > kMostCount) return std::nullopt;
    std::string unit = AsciiLower(Trim(span.substr(end)));
    if (unit.size() > 1 && unit.ends_with('s')) unit.pop_back();
    if (unit == "s" || unit == "sec" || unit == "second") return *count;
    if (unit == "m" || unit == "min" || unit == "minute") return *count * kMinute;
    if (unit == "h" || unit == "hour") return *count * kHour;
    if (unit == "d" || unit == "day") return *count * kHour * 24;
    return std::nullopt;
}

void LayFreshness(const YamlNode& node, Freshness& freshness) {
    freshness.loaded_at_field = node.StringOr("loaded_at_field", freshness.loaded_at_field);
    freshness.loaded_at_query = node.StringOr("loaded_at_query", freshness.loaded_at_query);
    if (node.Has("freshness")) {
        if (const auto said = node.Find("freshness")) {
            said->OnlyKeys({"warn_after", "error_after", "filter"});
            freshness.warn_after = ReadLimit(*said, "warn_after", freshness.warn_after);
            freshness.error_after = ReadLimit(*said, "error_after", freshness.error_after);
            freshness.filter = said->StringOr("filter", freshness.filter);
        } else {
            freshness.warn_after = freshness.error_after = std::nullopt;
        }
    }
    if (const auto config = node.Find("config")) LayFreshness(*config, freshness);
}

}  // namespace tarn::pipeline
