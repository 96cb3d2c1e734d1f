#include "quality/anomaly.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

namespace tarn::quality {
namespace {

// A normal distribution's deviation, from the median of distances and from their mean.
constexpr double kOfMedianDistance = 1.4826;
constexpr double kOfMeanDistance = 1.2533;

double Median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

// Where more than half of the values are the same, their mean distance tells.
double Deviation(const std::vector<double>& values, double median) {
    std::vector<double> distances;
    double sum = 0;
    for (const double value : values) {
        distances.push_back(std::abs(value - median));
        sum += distances.back();
    }
    const double mean = sum / static_cast<double>(values.size());
    const double middle = Median(std::move(distances));
    return middle > 0 ? middle * kOfMedianDistance : mean * kOfMeanDistance;
}

unsigned Weekday(TimestampUs at) {
    return std::chrono::weekday(std::chrono::floor<std::chrono::days>(at)).c_encoding();
}

std::vector<double> Relevant(TimestampUs now, const std::vector<HistoryPoint>& history,
                             const AnomalyRule& rule) {
    constexpr double kSecondsADay = 86'400;
    std::vector<double> values;
    for (const HistoryPoint& point : history) {
        const double age_s = std::chrono::duration<double>(now - point.at).count();
        if (age_s < 0 || age_s > rule.training_days * kSecondsADay) continue;
        if (rule.by_weekday && Weekday(point.at) != Weekday(now)) continue;
        values.push_back(point.value);
    }
    return values;
}

std::string Number(double value) {
    return std::abs(value) >= 1e6 ? fmt::format("{:.0f}", value) : fmt::format("{:.6g}", value);
}

}  // namespace

AnomalyVerdict JudgeAnomaly(std::optional<double> value, TimestampUs now,
                            const std::vector<HistoryPoint>& history, const AnomalyRule& rule) {
    AnomalyVerdict verdict;
    verdict.value = value;
    verdict.min_points = std::max<size_t>(rule.min_points, 1);
    const std::vector<double> values = Relevant(now, history, rule);
    verdict.points = values.size();
    if (values.size() < verdict.min_points) return verdict;
    verdict.is_judged = true;
    verdict.median = Median(values);
    verdict.deviation = Deviation(values, verdict.median);
    const double usual = std::max(rule.sensitivity * verdict.deviation,
                                  std::abs(verdict.median) * rule.min_change_percent / 100);
    verdict.low = verdict.median - usual;
    verdict.high = verdict.median + usual;
    const bool is_drop = value && *value < verdict.low;
    const bool is_spike = value && *value > verdict.high;
    verdict.is_anomaly = !value || (is_drop && rule.direction != AnomalyDirection::kSpike) ||
                         (is_spike && rule.direction != AnomalyDirection::kDrop);
    return verdict;
}

std::string WordsOf(const AnomalyVerdict& verdict) {
    const std::string value = verdict.value ? Number(*verdict.value) : "nothing to measure";
    if (!verdict.is_judged) {
        return fmt::format("{}; {} of {} earlier runs are there that it is judged by: it passes",
                           value, verdict.points, verdict.min_points);
    }
    const bool is_within =
        verdict.value && *verdict.value >= verdict.low && *verdict.value <= verdict.high;
    return fmt::format(
        "{} is {}within {} to {}: {} earlier runs have the median {} and the deviation {}{}", value,
        is_within ? "" : "not ", Number(verdict.low), Number(verdict.high), verdict.points,
        Number(verdict.median), Number(verdict.deviation),
        is_within || verdict.is_anomaly ? "" : "; this direction is not asked for");
}

}  // namespace tarn::quality
